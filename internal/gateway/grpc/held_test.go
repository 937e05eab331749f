package grpc

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// gated is a back end whose statements wait at a gate once it is shut.
type gated struct {
	backend.Backend
	gate    chan struct{}
	waiting chan struct{} // one for each that came to the gate
}

func (g *gated) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	g.waiting <- struct{}{}
	select {
	case <-g.gate:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return g.Backend.Execute(ctx, p, q)
}

// onGated is onEngine with a gate that is shut.
func onGated(t *testing.T) (*site, *gated) {
	t.Helper()
	g := &gated{Backend: openEngine(t), gate: make(chan struct{}), waiting: make(chan struct{}, 16)}
	return serve(t, g), g
}

func await(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(steady.Timeout):
		t.Fatal("waited in vain for ", what)
	}
}

// large is a query that is so many bytes long at least.
func large(bytes int) *proto.Query {
	return &proto.Query{Cql: "SELECT key FROM system.local /* " + strings.Repeat("x", bytes) + " */"}
}

// TestHeldMessages: what all clients together may have the door hold is bounded.
// What finds no room waits for it; what could never have any is refused.
func TestHeldMessages(t *testing.T) {
	s, g := onGated(t)
	s.server.bytes = inflight.New(1 << 20)
	ctx, cancel := context.WithTimeout(as(t.Context(), "admin"), steady.Timeout)
	defer cancel()
	answers := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := s.client.ExecuteQuery(ctx, large(700<<10))
			answers <- err
		}()
	}
	await(t, "a query", g.waiting)
	if _, err := s.client.ExecuteQuery(ctx, large(2<<20)); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("too large for all: %v", err)
	}
	stream := openStream(ctx, t, s)
	if err := stream.Send(large(2 << 20)); err != nil {
		t.Fatal(err)
	}
	if m, err := stream.Recv(); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("too large for all, of a stream: %v %v", m, err)
	}
	if used := s.server.bytes.Used(); used < 700<<10 || used > 1<<20 {
		t.Errorf("%d bytes are held", used)
	}
	close(g.gate)
	for range 2 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
}

// TestOversized: a message larger than the door takes is refused, and the
// connection goes on.
func TestOversized(t *testing.T) {
	s := onEngine(t)
	ctx, cancel := context.WithTimeout(as(t.Context(), "admin"), steady.Timeout)
	defer cancel()
	if _, err := s.client.ExecuteQuery(ctx, large(maxMessage)); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("%v", err)
	}
	if _, err := s.client.ExecuteQuery(ctx, large(0)); err != nil {
		t.Error(err)
	}
}

// TestManyMessages: specification, case 53.
func TestManyMessages(t *testing.T) {
	const count = 10_000
	s := onEngine(t)
	ctx, cancel := context.WithTimeout(as(t.Context(), "admin"), 3*steady.Timeout)
	defer cancel()
	stream, err := s.client.ExecuteQueryStream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for range count {
			if stream.Send(large(0)) != nil {
				return // Recv says why
			}
		}
		_ = stream.CloseSend() // never fails
	}()
	for i := range count {
		if m, err := stream.Recv(); err != nil || len(m.GetResponse().GetResultSet().GetRows()) != 1 {
			t.Fatalf("answer %d: %v %v", i, m, err)
		}
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// TestDrain: a server that shuts down answers what a stream has in flight, ends
// it, and one without anything in flight at once.
func TestDrain(t *testing.T) {
	s, g := onGated(t)
	ctx, cancel := context.WithTimeout(as(t.Context(), "admin"), steady.Timeout)
	defer cancel()
	busy, idle := openStream(ctx, t, s), openStream(ctx, t, s)
	if err := busy.Send(large(0)); err != nil {
		t.Fatal(err)
	}
	await(t, "the query", g.waiting)
	// Another answered error tells that the door has the idle stream.
	if err := idle.Send(&proto.Query{Cql: "no CQL"}); err != nil {
		t.Fatal(err)
	}
	if _, err := idle.Recv(); err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- s.server.Close(ctx) }()
	if _, err := idle.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("the idle stream: %v", err)
	}
	close(g.gate)
	if m, err := busy.Recv(); err != nil || m.GetResponse().GetResultSet() == nil {
		t.Errorf("in flight: %v %v", m, err)
	}
	if _, err := busy.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("the busy stream: %v", err)
	}
	if err := <-closed; err != nil || ctx.Err() != nil {
		t.Error(err, ctx.Err())
	}
}

// TestDrainIsBounded: what is not answered when the time to drain is over is cut.
func TestDrainIsBounded(t *testing.T) {
	s, g := onGated(t)
	ctx, cancel := context.WithTimeout(as(t.Context(), "admin"), steady.Timeout)
	defer cancel()
	stuck := openStream(ctx, t, s)
	if err := stuck.Send(large(0)); err != nil {
		t.Fatal(err)
	}
	await(t, "the query", g.waiting)
	over, end := context.WithCancel(ctx)
	closed := make(chan error, 1)
	go func() { closed <- s.server.Close(over) }()
	end()
	select {
	case <-closed:
	case <-ctx.Done():
		t.Fatal("the server does not end")
	}
	if _, err := stuck.Recv(); err == nil {
		t.Error("the stream goes on")
	}
}

// TestCancelledStream: a client that goes away takes its statements with it.
func TestCancelledStream(t *testing.T) {
	s, g := onGated(t)
	ctx, cancel := context.WithCancel(as(t.Context(), "admin"))
	stream := openStream(ctx, t, s)
	if err := stream.Send(large(0)); err != nil {
		t.Fatal(err)
	}
	await(t, "the query", g.waiting)
	cancel()
	for deadline := time.Now().Add(steady.Timeout); s.server.bytes.Used() != 0 || len(s.server.running) != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the statement goes on")
		}
	}
}

func openStream(ctx context.Context, t *testing.T, s *site) proto.Stargate_ExecuteQueryStreamClient {
	t.Helper()
	stream, err := s.client.ExecuteQueryStream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}
