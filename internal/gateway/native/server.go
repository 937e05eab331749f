package native

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// Server is the native protocol door.
type Server struct {
	opts      Options
	backend   backend.Backend
	immediate bool              // the back end's point reads may run on the reader
	forwarder backend.Forwarder // nil unless the back end is one
	traces    backend.Traces    // nil when the back end keeps none
	log       *slog.Logger
	metrics   *metrics
	listener  net.Listener
	prepared  preparedCache
	supported supportedMessage
	inFlight  *inflight.Limit
	workers   *workers
	bytes     *inflight.Limit
	answers   *outbound.Room
	logins    chan struct{} // a place for each login that may run
	nextConn  atomic.Uint32

	mu       sync.Mutex
	conns    map[*conn]struct{}
	draining bool

	events      chan event
	unsubscribe []func()
	stop        chan struct{} // ends the reaper and the event goroutine
	wg          sync.WaitGroup
}

// New listens and prepares everything that Serve needs. The error names the
// address when it can't be listened on.
func New(opts Options) (*Server, error) {
	opts = opts.withDefaults()
	m, err := newMetrics(opts.Registerer)
	if err != nil {
		return nil, err
	}
	if opts.Listener == nil {
		lc := net.ListenConfig{KeepAlive: keepAlivePeriod}
		if opts.Listener, err = lc.Listen(context.Background(), "tcp", opts.Addr); err != nil {
			return nil, fmt.Errorf("native protocol: %w", err)
		}
	}
	s := &Server{
		opts: opts, backend: opts.Backend, log: opts.Logger, metrics: m, listener: opts.Listener,
		prepared:  newPreparedCache(opts.PreparedBytes, m),
		supported: newSupported(opts.CQLVersion, opts.ProductType),
		inFlight:  inflight.New(int64(opts.MaxInFlightTotal)),
		workers:   newWorkers(),
		bytes:     opts.Bytes,
		answers:   opts.Answers,
		logins:    make(chan struct{}, defaultMaxLogins),
		conns:     map[*conn]struct{}{},
		events:    make(chan event, maxQueuedEvents),
		stop:      make(chan struct{}),
	}
	_, s.immediate = backend.As[backend.Immediate](s.backend)
	s.forwarder, _ = backend.As[backend.Forwarder](s.backend)
	s.traces, _ = backend.As[backend.Traces](s.backend)
	s.unsubscribe = append(s.unsubscribe, s.backend.Subscribe(s.schemaChanged))
	if nodes, ok := backend.As[backend.Nodes](s.backend); ok {
		s.unsubscribe = append(s.unsubscribe, nodes.SubscribeNodes(s.nodeChanged))
	}
	s.wg.Add(2)
	go s.reap()
	go s.sendEvents()
	return s, nil
}

// Addr is the address that is listened on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// maxAcceptDelay bounds the pause after a failed accept (no file descriptors).
const maxAcceptDelay = time.Second

// Serve accepts connections until Close; it then returns nil.
func (s *Server) Serve() error {
	var delay time.Duration
	for {
		nc, err := s.listener.Accept()
		if err != nil {
			if s.isDraining() || errors.Is(err, net.ErrClosed) {
				return nil
			}
			delay = min(max(2*delay, 5*time.Millisecond), maxAcceptDelay)
			s.log.Error("native protocol: accept failed", "error", err, "retry_in", delay)
			time.Sleep(delay)
			continue
		}
		delay = 0
		s.accept(nc)
	}
}

func (s *Server) accept(nc net.Conn) {
	if s.opts.TLS != nil {
		nc = tls.Server(nc, s.opts.TLS) // the handshake is made when the connection is read
	}
	c := newConn(s, nc)
	s.mu.Lock()
	full := len(s.conns) >= s.opts.MaxConnections
	if !full && !s.draining {
		s.conns[c] = struct{}{}
		s.metrics.connections.Inc()
		s.wg.Add(1)
		go c.serve()
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	if full {
		s.metrics.refused.Inc()
		s.log.Warn("native protocol: too many connections", "limit", s.opts.MaxConnections, "client", nc.RemoteAddr())
	}
	c.cancel()
	_ = nc.Close()
}

// remove takes a finished connection out of the books.
func (s *Server) remove(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.metrics.connections.Dec()
	s.wg.Done()
}

// connections returns the open connections.
func (s *Server) connections() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	return all
}

func (s *Server) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// reap cuts off, once a period, the connections whose client does not read, and
// lets go of workers that have nothing to do.
func (s *Server) reap() {
	defer s.wg.Done()
	ticker := time.NewTicker(reapPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-s.stop:
			return
		case now := <-ticker.C:
			for _, c := range s.connections() {
				c.reap(now)
			}
			s.workers.trim()
		}
	}
}

// Close stops accepting, lets requests in flight finish, and closes the
// connections; when ctx ends first, what still runs is cut off. It returns
// ctx's error then.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	first := !s.draining
	s.draining = true
	s.mu.Unlock()
	if first {
		_ = s.listener.Close()
		for _, cancel := range s.unsubscribe {
			cancel()
		}
		close(s.stop)
	}
	for _, c := range s.connections() {
		c.drain()
	}
	done := make(chan struct{})
	go func() {
		s.wg.Wait()
		if first {
			s.workers.stop()
		}
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	for _, c := range s.connections() {
		c.abort()
	}
	select {
	case <-done:
	case <-time.After(reapPeriod): // a back end that does not heed its context
	}
	return ctx.Err()
}
