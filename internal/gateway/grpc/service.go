package grpc

import (
	"context"
	"runtime/debug"
	"time"

	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// executor runs one message and leaves the encoded Response in c.out.
type executor func(c *call, m []byte) error

// serviceDesc is the generated one with handlers that take messages undecoded.
var serviceDesc = rpc.ServiceDesc{
	ServiceName: "stargate.Stargate",
	HandlerType: (*any)(nil),
	Methods: []rpc.MethodDesc{
		{MethodName: "ExecuteQuery", Handler: unary((*call).executeQuery, func(m *metrics) *methodMetrics { return m.query })},
		{MethodName: "ExecuteBatch", Handler: unary((*call).executeBatch, func(m *metrics) *methodMetrics { return m.batch })},
	},
	Streams: []rpc.StreamDesc{
		{StreamName: "ExecuteQueryStream", ServerStreams: true, ClientStreams: true,
			Handler: streaming((*call).executeQuery, func(m *metrics) *methodMetrics { return m.queryStream })},
		{StreamName: "ExecuteBatchStream", ServerStreams: true, ClientStreams: true,
			Handler: streaming((*call).executeBatch, func(m *metrics) *methodMetrics { return m.batchStream })},
	},
	Metadata: "stargate.proto",
}

// unary makes the handler of a method with one request and one answer.
func unary(execute executor, counted func(*metrics) *methodMetrics) rpc.MethodHandler {
	return func(srv any, ctx context.Context, decode func(any) error, _ rpc.UnaryServerInterceptor) (any, error) {
		s := srv.(*Server)
		// Before the message is read: who has no token can't have us hold one.
		who, err := s.authenticate(ctx)
		var m message
		if err == nil {
			if err := decode(&m); err != nil {
				return nil, err
			}
			defer m.free()
		}
		began := time.Now()
		var a answer
		if err == nil {
			if err := m.hold(ctx, s.bytes); err != nil {
				counted(s.metrics).observe(codes.ResourceExhausted, time.Since(began))
				return nil, err
			}
			a, err = s.answer(ctx, who, m.bytes(), execute)
		}
		if err == nil {
			counted(s.metrics).observe(codes.OK, time.Since(began))
			return a, nil
		}
		o := outcomeOf(err)
		counted(s.metrics).observe(o.code, time.Since(began))
		if trailer := o.trailer(); trailer != nil {
			if err := rpc.SetTrailer(ctx, trailer); err != nil {
				return nil, err
			}
		}
		return nil, status.Error(o.code, o.text)
	}
}

// answer runs one message, and again where there was no room for its answer, if it
// only reads.
func (s *Server) answer(ctx context.Context, who Session, m []byte, execute executor) (a answer, err error) {
	c := newCall(s, ctx)
	c.who = who
	defer func() {
		if p := recover(); p != nil {
			err = s.panicked(ctx, p)
			c.hold.Reset()
			return // the call's memory is left to the garbage collector
		}
		if err != nil {
			c.end()
		}
	}()
	for {
		if err := s.run(c, m, execute); err != nil {
			return a, err
		}
		n := int64(len(c.out))
		switch {
		case n <= outbound.Small || c.hold.Keep(c.Client(), n):
			return answer{call: c}, nil
		case !c.repeatable:
			c.hold.Insist(c, n)
			return answer{call: c}, nil
		}
		c.again()
		if err := c.AwaitRoom(); err != nil {
			return a, err
		}
	}
}

// run executes a message when there is a place for it.
func (s *Server) run(c *call, m []byte, execute executor) error {
	if err := s.enter(c.ctx); err != nil {
		return err
	}
	defer s.leave()
	return execute(c, m)
}

// enter takes a place among the requests that run.
func (s *Server) enter(ctx context.Context) error {
	select {
	case s.running <- struct{}{}:
		s.metrics.running.Inc()
		return nil
	default:
	}
	timer := time.NewTimer(runTimeout)
	defer timer.Stop()
	select {
	case s.running <- struct{}{}:
		s.metrics.running.Inc()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return &failure{codes.ResourceExhausted, "The server has too many requests; try again later"}
	}
}

func (s *Server) leave() {
	<-s.running
	s.metrics.running.Dec()
}

// panicked notes a panic and returns the error for the client.
func (s *Server) panicked(ctx context.Context, p any) error {
	s.metrics.panics.Inc()
	client := ""
	if from, ok := peer.FromContext(ctx); ok {
		client = from.Addr.String()
	}
	s.log.Error("gRPC: panic in a request", "client", client, "panic", p, "stack", string(debug.Stack()))
	return errPanic
}

var errPanic = cqlerr.New(cqlerr.ServerError, "Internal error, see the server's log")

// Operations names the methods.
func Operations() []string {
	var names []string
	for _, m := range serviceDesc.Methods {
		names = append(names, m.MethodName)
	}
	for _, s := range serviceDesc.Streams {
		names = append(names, s.StreamName)
	}
	return names
}
