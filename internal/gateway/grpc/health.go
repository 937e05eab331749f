package grpc

import (
	"context"
	"time"

	rpc "google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// watchBackend keeps the health service's word true until the server closes.
func (s *Server) watchBackend() {
	tick := time.NewTicker(healthPeriod)
	defer tick.Stop()
	for {
		s.checkBackend()
		select {
		case <-tick.C:
		case <-s.closing:
			return
		}
	}
}

func (s *Server) checkBackend() {
	ctx, cancel := context.WithTimeout(context.Background(), healthTimeout)
	defer cancel()
	status := healthpb.HealthCheckResponse_SERVING
	if s.backend.Ready(ctx) != nil {
		status = healthpb.HealthCheckResponse_NOT_SERVING
	}
	// After Shutdown these change nothing.
	s.health.SetServingStatus("", status)
	s.health.SetServingStatus(serviceName, status)
}

// endWhenClosing ends the context of streams of other services when the server
// drains: a client that watches its health would hold it up.
func (s *Server) endWhenClosing(srv any, stream rpc.ServerStream, _ *rpc.StreamServerInfo, handler rpc.StreamHandler) error {
	if srv == any(s) {
		return handler(srv, stream) // it sees to that itself
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-s.closing:
			cancel()
		case <-done:
		}
	}()
	return handler(srv, &endingStream{stream, ctx})
}

type endingStream struct {
	rpc.ServerStream
	ctx context.Context
}

// Context implements grpc.ServerStream.
func (s *endingStream) Context() context.Context { return s.ctx }
