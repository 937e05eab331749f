package server

import (
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

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/gateway/native"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// StandbyOptions are the options of StartStandby. All but TLS and CQLTLS are
// required.
type StandbyOptions struct {
	// Backend is asked for its schema alone.
	Backend backend.Backend
	// HTTP, one or more, and CQL are open *net.TCPListeners, and stay open.
	HTTP []net.Listener
	CQL  net.Listener
	// TLS and CQLTLS are as in Options.
	TLS, CQLTLS *tls.Config
	// Reason says why there is no service yet.
	Reason func() error
	Log    *slog.Logger
}

// Standby stands at the doors while the server waits for what it needs, a
// cluster that can't be reached: HTTP requests are answered 503, CQL logins
// Overloaded, both with the reason, and the health endpoints tell it too.
type Standby struct {
	http    []*http.Server
	native  *native.Server
	lent    []*lentListener
	running sync.WaitGroup
}

// StartStandby serves on the listeners until Close.
func StartStandby(o StandbyOptions) (*Standby, error) {
	s := &Standby{}
	for _, l := range append([]net.Listener{o.CQL}, o.HTTP...) {
		tcp, ok := l.(*net.TCPListener)
		if !ok {
			return nil, fmt.Errorf("%s is no TCP port", l.Addr())
		}
		s.lent = append(s.lent, &lentListener{tcp})
	}
	mux := standbyRoutes(o.Reason)
	var err error
	if s.native, err = native.New(native.Options{
		Listener: s.lent[0], TLS: o.CQLTLS, Backend: o.Backend, Auth: closedAuth{o.Reason}, Logger: o.Log, Registerer: prometheus.NewRegistry(),
	}); err != nil {
		return nil, err
	}
	s.running.Go(func() { _ = s.native.Serve() }) // ends with Close, as the others
	for _, l := range s.lent[1:] {
		one := &http.Server{Handler: mux, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
			IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug)}
		one.SetKeepAlivesEnabled(false) // clients are to meet the server itself next
		s.http = append(s.http, one)
		s.running.Go(func() { _ = serveHTTP(one, l, o.TLS) })
	}
	return s, nil
}

// standbyRoutes are what is served meanwhile.
func standbyRoutes(reason func() error) *httpapi.Routes {
	mux := httpapi.NewRoutes()
	for _, prefix := range []string{"/health", "/stargate/health"} {
		mux.Public("GET "+prefix, reasonedHealth(reason))
		mux.Public("GET "+prefix+"/ready", reasonedHealth(reason))
		mux.Public("GET "+prefix+"/live", http.HandlerFunc(live))
	}
	mux.Refusal("/", unavailable(reason))
	return mux
}

// Close ends the standby; its listeners can be served again.
func (s *Standby) Close(ctx context.Context) error {
	err := s.native.Close(ctx)
	for _, one := range s.http {
		stopped := one.Shutdown(ctx)
		if errors.Is(stopped, context.DeadlineExceeded) {
			stopped = one.Close()
		}
		err = errors.Join(err, stopped)
	}
	s.running.Wait()
	for _, l := range s.lent {
		err = errors.Join(err, l.giveBack())
	}
	return err
}

// closedAuth lets nobody in.
type closedAuth struct{ reason func() error }

// Login implements native.Authenticator.
func (a closedAuth) Login(context.Context, string, string) (native.Session, error) {
	return nil, cqlerr.New(cqlerr.Overloaded, "Not in service yet: "+a.reason().Error())
}

// retryAfter is what clients are told to wait, in seconds.
const retryAfter = "2"

func unavailable(reason func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		writeJSON(w, http.StatusServiceUnavailable, map[string]any{
			"description": "Not in service yet: " + reason().Error(), "code": http.StatusServiceUnavailable,
		})
	}
}

func reasonedHealth(reason func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		writeHealth(w, []check{{Name: "backend", Status: "DOWN", Data: map[string]string{"reason": reason().Error()}}})
	}
}

// lentListener is a listener that can be used again once who it was lent to has
// closed it: closing stops its accepting alone.
type lentListener struct{ *net.TCPListener }

// Close implements net.Listener.
func (l *lentListener) Close() error { return l.SetDeadline(time.Unix(1, 0)) }

// Accept implements net.Listener.
func (l *lentListener) Accept() (net.Conn, error) {
	c, err := l.TCPListener.Accept()
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return nil, net.ErrClosed
	}
	return c, err
}

func (l *lentListener) giveBack() error { return l.SetDeadline(time.Time{}) }
