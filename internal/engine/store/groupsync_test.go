package store

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// TestGroupSyncCovers: whoever waits is served by a sync that began after the
// call, and commits that come together share syncs.
func TestGroupSyncCovers(t *testing.T) {
	const writers, writes = 16, 200
	var written, durable, syncs atomic.Int64
	s := newGroupSync(func() error {
		n := written.Load()
		time.Sleep(100 * time.Microsecond)
		durable.Store(n)
		syncs.Add(1)
		return nil
	})
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range writes {
				mine := written.Add(1)
				if err := s.wait(); err != nil || durable.Load() < mine {
					t.Errorf("%v, durable %d, written %d", err, durable.Load(), mine)
					return
				}
			}
		})
	}
	wg.Wait()
	if n := syncs.Load(); n > writers*writes/2 {
		t.Errorf("%d syncs for %d commits", n, writers*writes)
	}
	if s.syncing || s.group.n != 0 || s.enough != 0 {
		t.Errorf("left behind: %+v", s)
	}
}

// TestGroupSyncAlone: a lone writer's sync begins at once, also when there were
// many before it.
func TestGroupSyncAlone(t *testing.T) {
	s := newGroupSync(func() error { return nil })
	s.woken, s.took = 64, time.Hour
	if err := s.wait(); err != nil || s.woken != 1 {
		t.Errorf("%v, a group of %d", err, s.woken)
	}
}

// TestGroupSyncClaim: a commit that is synced by itself keeps others waiting until
// it is done, and one of them leads the next sync.
func TestGroupSyncClaim(t *testing.T) {
	var syncs atomic.Int64
	s := newGroupSync(func() error { syncs.Add(1); return nil })
	if !s.claim() || s.claim() {
		t.Fatal("not one claim at a time")
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := s.wait(); err != nil {
				t.Error(err)
			}
		})
	}
	steady.Until(t, "both wait", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.group.n == 2
	})
	if n := syncs.Load(); n != 0 {
		t.Errorf("%d syncs beside the one claimed", n)
	}
	s.done(1, 0)
	wg.Wait()
	if n := syncs.Load(); n != 1 || !s.claim() {
		t.Errorf("%d syncs for both", n)
	}
}

// TestGroupSyncGivesUp: commits that are expected and do not come are waited for
// less and less often.
func TestGroupSyncGivesUp(t *testing.T) {
	s := newGroupSync(func() error { return nil })
	waited := 0
	for range 100 {
		s.woken, s.took = 64, time.Millisecond
		g := newSyncGroup()
		g.n = 1
		before := s.penalty
		if s.gather(g); s.penalty != before {
			waited++
		}
	}
	if waited < 2 || waited > 8 {
		t.Errorf("waited for %d of 100 syncs", waited)
	}
}

// TestGroupSyncFails: all commits of a sync that failed learn why.
func TestGroupSyncFails(t *testing.T) {
	bad := errors.New("bad disk")
	s := newGroupSync(func() error { time.Sleep(time.Millisecond); return bad })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := s.wait(); !errors.Is(err, bad) {
				t.Errorf("wait gives %v", err)
			}
		})
	}
	wg.Wait()
}
