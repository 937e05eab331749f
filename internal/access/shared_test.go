package access_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// cluster is an engine that passes for a cluster, which several servers share.
type cluster struct {
	backend.Backend
	// lost: nothing can be executed.
	lost *atomic.Bool
}

// Datacenter implements backend.Topology.
func (cluster) Datacenter() string { return "datacenter1" }

// Nodes implements backend.Topology.
func (cluster) Nodes() int { return 1 }

// Execute implements backend.Backend.
func (c cluster) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	if c.lost.Load() {
		return nil, cqlerr.New(cqlerr.Unavailable, "Cannot achieve consistency level LOCAL_QUORUM")
	}
	return c.Backend.Execute(ctx, p, q)
}

func newCluster(t *testing.T) cluster {
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
	return cluster{e, &atomic.Bool{}}
}

func follow(t *testing.T, c cluster) *access.Store {
	t.Helper()
	s, err := access.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	s.Follow(slog.New(slog.DiscardHandler))
	t.Cleanup(s.Close)
	return s
}

// TestSharedChanges: what one server changes the others see soon, by themselves.
func TestSharedChanges(t *testing.T) {
	c := newCluster(t)
	one, two := follow(t, c), follow(t, c)
	ctx := t.Context()
	secret, err := one.CreateToken(ctx, "R/W User", "")
	if err != nil {
		t.Fatal(err)
	}
	known := func(s *access.Store) func() bool {
		return func() bool { _, err := s.Token(ctx, secret.Token); return err == nil }
	}
	steady.Until(t, "a new token is seen", known(two))
	if err := one.CreateRole(ctx, access.KeyspaceRole("reader", "k")); err != nil {
		t.Fatal(err)
	}
	// Two builds on what one did without waiting.
	if err := two.CreateRole(ctx, access.KeyspaceRole("reader", "k")); !errors.Is(err, access.ErrInvalid) {
		t.Errorf("a second role of the name: %v", err)
	}
	if _, err := two.CreateToken(ctx, "reader", ""); err != nil {
		t.Errorf("a token of the new role: %v", err)
	}
	steady.Until(t, "the other server's token is seen", func() bool { return len(one.Tokens()) == 2 })
	if err := two.RevokeToken(ctx, secret.ClientID); err != nil {
		t.Fatal(err)
	}
	if known(two)() {
		t.Error("a revoked token is good where it was revoked")
	}
	steady.Until(t, "a revocation is seen", func() bool { return !known(one)() })
}

// TestSharedBootstrap: of servers that start together one makes the first
// database and the token; the others know where it is.
func TestSharedBootstrap(t *testing.T) {
	c := newCluster(t)
	var made atomic.Int32
	var starting sync.WaitGroup
	for range 6 {
		starting.Go(func() {
			s, err := access.Open(t.Context(), c)
			if err != nil {
				t.Error(err)
				return
			}
			first, err := s.Bootstrap(t.Context(), "db", "here", "a file", func(access.Secret) error { return nil })
			if err != nil {
				t.Error(err)
				return
			}
			if first != nil {
				made.Add(1)
			}
			if s.Database().Name != "db" || len(s.Tokens()) != 1 || s.TokenPlace(t.Context()) != "a file" {
				t.Errorf("database %v, %d tokens, kept in %q", s.Database(), len(s.Tokens()), s.TokenPlace(t.Context()))
			}
		})
	}
	starting.Wait()
	if made.Load() != 1 {
		t.Errorf("%d servers made the first database", made.Load())
	}
}

// TestSharedLost: while the cluster is lost known tokens are good, and changes
// fail with its error.
func TestSharedLost(t *testing.T) {
	c := newCluster(t)
	s := follow(t, c)
	secret, err := s.CreateToken(t.Context(), "R/W User", "")
	if err != nil {
		t.Fatal(err)
	}
	c.lost.Store(true)
	time.Sleep(time.Second) // several looks
	if _, err := s.Token(t.Context(), secret.Token); err != nil {
		t.Errorf("a known token: %v", err)
	}
	var refused *cqlerr.Error
	if err := s.RevokeToken(t.Context(), secret.ClientID); !errors.As(err, &refused) || refused.Code != cqlerr.Unavailable {
		t.Errorf("revoking: %v", err)
	}
	c.lost.Store(false)
	if err := s.RevokeToken(t.Context(), secret.ClientID); err != nil {
		t.Errorf("revoking when the cluster is back: %v", err)
	}
}
