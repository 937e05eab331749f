// Package grpc is the gRPC door: the service stargate.Stargate, CQL as protobuf
// messages over HTTP/2, as Stargate and Astra had it.
//
//	message bytes --walked in place--> CQL text, values, parameters
//	  text --parsed and prepared once--> backend.Prepared
//	  values --by the type of their bind marker--> wire bytes
//	  Execute --> rows as raw cells --appended as protobuf bytes--> the answer
//
// The two hot messages, requests and results, are read and written as bytes; the
// generated code of the sub-package proto serves the rest: error details,
// traces, reflection. Errors become a status and its trailer in errors.go.
//
// A client is known by its token in the metadata x-cassandra-token.
package grpc

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/netutil"
	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/prepared"
)

// Options say what a Server stands on.
type Options struct {
	Backend backend.Backend
	Auth    Authenticator
	// Client, if not nil, tells Auth within the context where a client is.
	Client func(ctx context.Context, address net.Addr) context.Context
	// TLS is what connections speak; nil for plain text.
	TLS *tls.Config
	Log *slog.Logger
	// Metrics is where the door registers its metrics.
	Metrics prometheus.Registerer
	// Bytes bounds the memory held by large messages, in bytes; other doors may
	// share it. nil is a bound of the door's own.
	Bytes *inflight.Limit
	// Answers bounds the memory of large answers that clients have not read; other
	// doors may share it. nil is a bound of the door's own.
	Answers *outbound.Room
}

// Server is the door. Make it with New, then call Serve.
type Server struct {
	backend backend.Backend
	auth    Authenticator
	client  func(ctx context.Context, address net.Addr) context.Context
	log     *slog.Logger
	metrics *metrics
	// traces is set when the back end leaves keeping traces to its doors.
	traces   backend.Traces
	prepared *prepared.Cache[textKey, *statement]
	cancel   func() // of the subscription to schema changes
	bytes    *inflight.Limit
	answers  *outbound.Room
	// running holds a place for each request that is being executed.
	running chan struct{}
	rpc     *rpc.Server
	health  *health.Server
	// closing is closed when the server begins to drain.
	closing chan struct{}
	once    sync.Once
	aside   sync.WaitGroup
}

// New returns a door that serves nothing yet. The error is about metrics that
// are registered already.
func New(o Options) (*Server, error) {
	m, err := newMetrics(o.Metrics)
	if err != nil {
		return nil, err
	}
	s := &Server{
		backend: o.Backend, auth: o.Auth, client: o.Client, log: o.Log, metrics: m, closing: make(chan struct{}),
		answers: outbound.OrNew(o.Answers), running: make(chan struct{}, maxRunning), health: health.NewServer(),
		prepared: prepared.New[textKey, *statement](maxPreparedBytes, prepared.Metrics{Held: m.prepared, Evicted: m.evicted}),
	}
	if s.bytes = o.Bytes; s.bytes == nil {
		s.bytes = inflight.New(maxBytes)
	}
	s.traces, _ = backend.As[backend.Traces](o.Backend)
	secure := insecure.NewCredentials()
	if o.TLS != nil {
		secure = credentials.NewTLS(o.TLS)
	}
	s.rpc = rpc.NewServer(
		rpc.Creds(known{secure}),
		rpc.ForceServerCodecV2(codec{}),
		rpc.MaxRecvMsgSize(maxMessage),
		rpc.MaxConcurrentStreams(maxStreams),
		rpc.MaxHeaderListSize(maxHeaders),
		rpc.StaticStreamWindowSize(streamWindow),
		rpc.StaticConnWindowSize(connectionWindow),
		rpc.ConnectionTimeout(handshakeTimeout),
		rpc.NumStreamWorkers(streamWorkers),
		rpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: maxIdle, Time: pingAfter, Timeout: pingTimeout}),
		rpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minPing, PermitWithoutStream: true}),
		rpc.ChainStreamInterceptor(s.endWhenClosing),
	)
	s.rpc.RegisterService(&serviceDesc, s)
	healthpb.RegisterHealthServer(s.rpc, s.health)
	reflection.Register(s.rpc)
	s.cancel = o.Backend.Subscribe(s.prepared.Invalidate)
	s.aside.Go(s.watchBackend)
	return s, nil
}

// Serve answers connections of l until Close is called or l fails. It may be
// called for several listeners, which it closes.
func (s *Server) Serve(l net.Listener) error {
	if err := s.rpc.Serve(netutil.LimitListener(l, maxConnections)); err != nil {
		return fmt.Errorf("gRPC: %w", err)
	}
	return nil
}

// Close drains: it takes no new calls, lets those that run finish, ends streams
// when what they have in flight is answered, and cuts what is left when ctx
// ends.
func (s *Server) Close(ctx context.Context) error {
	s.once.Do(func() {
		s.health.Shutdown()
		close(s.closing)
		s.cancel()
	})
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		s.rpc.GracefulStop()
	}()
	select {
	case <-drained:
	case <-ctx.Done():
		s.rpc.Stop()
		<-drained
	}
	s.aside.Wait()
	return nil
}

// serviceName is what the health service and the reflection know the API as.
var serviceName = proto.Stargate_ServiceDesc.ServiceName
