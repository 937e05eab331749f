package grpc

import (
	"context"
	"log/slog"
	"net"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// site is a door with a client.
type site struct {
	server *Server
	client proto.StargateClient
	conn   *rpc.ClientConn
}

// fakeAuth knows three tokens: admin may do everything, reader only SELECT,
// broken finds the store of tokens away.
type fakeAuth struct{}

func (fakeAuth) Token(_ context.Context, token string) (Session, error) {
	switch token {
	case "admin", "reader":
		return fakeSession(token), nil
	case "broken":
		return nil, cqlerr.New(cqlerr.Unavailable, "Cannot achieve consistency level LOCAL_QUORUM")
	}
	return nil, cqlerr.New(cqlerr.BadCredentials, "Invalid credentials")
}

type fakeSession string

func (s fakeSession) Caller() backend.Caller { return backend.Caller{Name: string(s)} }

func (s fakeSession) Authorize(stmt cql.Statement, _ string) error {
	if _, ok := stmt.(*cql.Select); !ok && s == "reader" {
		return cqlerr.Unauthorizedf("User reader has no MODIFY permission on <table ks.t> or any of its parents")
	}
	return nil
}

func (s fakeSession) Sees(cql.Statement, string) error { return nil }

// onEngine opens the embedded engine on an empty directory behind a door.
func onEngine(t testing.TB) *site {
	t.Helper()
	return serve(t, openEngine(t))
}

// openEngine opens the embedded engine on an empty directory.
func openEngine(t testing.TB) *engine.Engine {
	t.Helper()
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// serve puts a door on a back end, and a client before it.
func serve(t testing.TB, back backend.Backend) *site {
	t.Helper()
	s, err := New(Options{Backend: back, Auth: fakeAuth{}, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	conn, err := rpc.NewClient(l.Addr().String(), rpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		ctx, cancel := context.WithTimeout(context.Background(), steady.Timeout)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return &site{server: s, client: proto.NewStargateClient(conn), conn: conn}
}

// as is a context with a token.
func as(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, tokenKey, token)
}
