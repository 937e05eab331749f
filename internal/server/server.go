// Package server puts the doors on a back end: one HTTP server for every HTTP
// API, the console and the health endpoints, and the CQL native protocol.
// It does not know which back end it serves.
package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc"
	"github.com/astrolabe-db/astrolabe/internal/gateway/native"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// Limits of the HTTP server: slow and silent clients are cut off.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 2 * time.Minute
	writeTimeout      = 5 * time.Minute // the statement and the slow reading of its answer
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// Options of Start. All but TLS, CQLTLS, Stargate and API are required.
type Options struct {
	Backend backend.Backend
	Access  *access.Store
	// HTTP and CQL are open; the server closes them.
	HTTP, CQL net.Listener
	// Guard holds the limits that Backend has; nil for none.
	Guard *guardrail.Guard
	// ProductType that the native protocol names, "" for none.
	ProductType string
	// TLS is spoken by all HTTP ports and the gRPC API, CQLTLS by the port of the native protocol;
	// nil means plain text.
	TLS, CQLTLS *tls.Config
	// GRPC are open listeners for the gRPC API, closed by the server.
	GRPC []net.Listener
	// Stargate are open listeners for some or all of StargatePorts, by port
	// number.
	Stargate map[int]net.Listener
	API      APIOptions
	// RequestBytes bounds, in bytes, the large requests that all doors together
	// read or work on at a time; 0 is DefaultRequestBytes.
	RequestBytes int64
	Log          *slog.Logger
	Registry     *prometheus.Registry
}

// DefaultRequestBytes is a tenth of what such requests then take at most: each
// is in memory several times on its way to the disk.
const DefaultRequestBytes = 64 << 20

// APIOptions are how the HTTP APIs behave. The zero value is the default.
type APIOptions struct {
	// OldProfile makes the REST API v2 and documents answer as Stargate v1 and old
	// Astra did, and GraphQL refuse whom it does not know as they did.
	OldProfile bool
	// CQL turns on POST /v2/cql.
	CQL bool
	// ArrayMaps makes maps arrays of {"key","value"} where a request does not
	// say.
	ArrayMaps bool
	// UsernameToken turns on /v1/admin/auth/usernametoken.
	UsernameToken bool
}

// Server is a running set of doors.
type Server struct {
	options Options
	http    []*http.Server
	native  *native.Server
	grpc    *grpc.Server
	failed  chan error
	running sync.WaitGroup
}

// Start serves on the listeners until Close.
func Start(o Options) (*Server, error) {
	memory := newBounds(o)
	shared, stargate, err := handlers(o, memory)
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, failed: make(chan error, 2+len(o.Stargate)+len(o.GRPC))}
	if s.native, err = native.New(native.Options{
		Listener: o.CQL, TLS: o.CQLTLS, Backend: o.Backend, ConnContext: access.WithClient, Auth: nativeAuth{o.Access.Door("native", access.CQL)}, Logger: o.Log, Registerer: o.Registry, ProductType: o.ProductType, Bytes: memory.requests, Answers: memory.answers, Guard: o.Guard,
	}); err != nil {
		return nil, err
	}
	if s.grpc, err = grpc.New(grpc.Options{
		Backend: o.Backend, Auth: grpcAuth{o.Access.Door("grpc", access.REST)}, Client: access.WithAddress, TLS: o.TLS, Log: o.Log, Metrics: o.Registry, Bytes: memory.requests, Answers: memory.answers,
	}); err != nil {
		return nil, err
	}
	s.serveHTTP("HTTP", o.HTTP, astraHost(shared, o.Access.Database))
	for port, listener := range o.Stargate {
		s.serveHTTP(fmt.Sprintf("port %d", port), listener, stargate[port])
	}
	s.serve("CQL", s.native.Serve)
	for _, listener := range o.GRPC {
		s.serve("gRPC", func() error { return s.grpc.Serve(listener) })
	}
	return s, nil
}

// bounds are those of memory that all doors share.
type bounds struct {
	requests *inflight.Limit
	answers  *outbound.Room
}

// answerShare is how much of large answers may be on the way to their clients, in
// sizes of the bound of large requests: they are in memory once.
const answerShare = 4

// newBounds makes the bounds, and their metrics.
func newBounds(o Options) bounds {
	return bounds{
		requests: bound(o, 1, "astrolabe_large_request_bytes", "Bytes of large requests that are read or worked on, at all doors."),
		answers: outbound.New(bound(o, answerShare, "astrolabe_large_answer_bytes",
			"Bytes of large answers that clients have not read yet, at all doors."), outbound.Patience{}),
	}
}

// bound makes a bound of so many times that of large requests, and the metrics of
// what is used of it and how much there is.
func bound(o Options, times int64, name, help string) *inflight.Limit {
	l := inflight.New(times * cmp.Or(o.RequestBytes, DefaultRequestBytes))
	o.Registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(l.Used()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name + "_limit", Help: "How many there may be at a time."},
			func() float64 { return float64(l.Size()) }))
	return l
}

// serveHTTP runs one HTTP server.
func (s *Server) serveHTTP(name string, listener net.Listener, handler http.Handler) {
	log := s.options.Log
	one := &http.Server{
		Handler: recovered(joined(handler), log), ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		ConnContext: access.WithClient, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	s.http = append(s.http, one)
	s.serve(name, func() error { return serveHTTP(one, listener, s.options.TLS) })
}

// serveHTTP serves on a listener, over TLS unless that is nil.
func serveHTTP(s *http.Server, l net.Listener, secure *tls.Config) error {
	l = lazyListener{l}
	if secure == nil {
		return s.Serve(l)
	}
	s.TLSConfig = secure.Clone() // ServeTLS adds HTTP/2 to it
	return s.ServeTLS(l, "", "")
}

// serve runs one door; what ends it before Close is reported by Failed.
func (s *Server) serve(door string, run func() error) {
	s.running.Go(func() {
		if err := run(); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("the %s door failed: %w", door, err)
		}
	})
}

// Failed yields the error of a door that ended by itself.
func (s *Server) Failed() <-chan error { return s.failed }

// HTTPAddr is host:port of the HTTP door.
func (s *Server) HTTPAddr() string { return s.options.HTTP.Addr().String() }

// CQLAddr is host:port of the native protocol.
func (s *Server) CQLAddr() string { return s.options.CQL.Addr().String() }

// Clients are the connections of the native protocol.
func (s *Server) Clients() []native.Client { return s.native.Clients() }

// Statistics are what the native protocol's door has done.
func (s *Server) Statistics() native.Statistics { return s.native.Statistics() }

// Close stops accepting, lets running requests finish until ctx ends, and cuts
// off the rest.
func (s *Server) Close(ctx context.Context) error {
	var closing sync.WaitGroup
	errs := make([]error, len(s.http)+2)
	closing.Go(func() { errs[len(s.http)] = s.native.Close(ctx) })
	closing.Go(func() { errs[len(s.http)+1] = s.grpc.Close(ctx) })
	for i, one := range s.http {
		closing.Go(func() {
			errs[i] = one.Shutdown(ctx)
			if errors.Is(errs[i], context.DeadlineExceeded) {
				errs[i] = one.Close()
			}
		})
	}
	closing.Wait()
	s.running.Wait()
	return errors.Join(errs...)
}
