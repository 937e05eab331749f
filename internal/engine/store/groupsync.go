package store

import (
	"sync"
	"time"
)

// groupSync makes commits share fsyncs of the log. A commit that finds no sync
// under way leads one; those that come meanwhile wait for the next, which one of
// them leads.
//
// Clients that wait for their answer before they write again would fall into
// two halves: one is being synced while the other waits, and each sync serves
// half of them. So a leader that has just woken others lets most of them come
// back first, for at most the time of two syncs. It does so only while that pays:
// when they did not come it was wrong, and does not wait for a number of syncs
// that doubles each time. A lone writer never waits, and its commit is itself what
// is synced (Store.apply): one passage through Pebble instead of two.
type groupSync struct {
	// sync makes everything durable that was written before it was called.
	sync func() error

	mu      sync.Mutex
	group   *syncGroup // what a commit joins
	syncing bool
	// enough is how many commits in group let its leader stop waiting; 0 while
	// nobody waits.
	enough int
	// woken is how many commits the last sync served, took how long a sync takes.
	woken int
	took  time.Duration
	// patience: while positive, so many syncs are not waited for; penalty is
	// what it is set to next.
	patience, penalty int
}

// syncGroup is the commits that share one sync.
type syncGroup struct {
	n    int
	err  error
	done chan struct{} // closed when the sync has ended
	lead chan struct{} // one of the group is told to lead it
	full chan struct{} // the leader is told that enough have come
}

// The bounds of a leader's wait. It is a little longer than it seems when the
// process is idle, for timers are then late by up to a millisecond.
const (
	maxGather  = time.Millisecond
	minGather  = 30 * time.Microsecond
	maxPenalty = 1024
)

func newGroupSync(sync func() error) *groupSync {
	return &groupSync{sync: sync, group: newSyncGroup(), penalty: 1}
}

func newSyncGroup() *syncGroup {
	return &syncGroup{done: make(chan struct{}), lead: make(chan struct{}, 1), full: make(chan struct{}, 1)}
}

// claim reports whether no sync is under way. The caller's is from then on, and
// others wait for it until done.
func (s *groupSync) claim() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.syncing {
		return false
	}
	s.syncing = true
	return true
}

// wait returns when what the caller has written before is durable, or why it
// may not be.
func (s *groupSync) wait() error {
	s.mu.Lock()
	if !s.syncing {
		s.syncing = true
		s.mu.Unlock()
		began := time.Now()
		err := s.sync()
		s.done(1, time.Since(began))
		return err
	}
	g := s.group
	g.n++
	if g.n == s.enough {
		s.enough = 0
		g.full <- struct{}{}
	}
	s.mu.Unlock()
	select {
	case <-g.done:
	case <-g.lead:
		s.gather(g)
		s.run(g)
	}
	return g.err
}

// gather waits for more commits to join g, if they are expected to.
func (s *groupSync) gather(g *syncGroup) {
	s.mu.Lock()
	expected := s.woken + g.n
	expected -= expected / 4 // the slowest are not waited for
	delay := min(2*s.took, maxGather)
	switch {
	case s.patience > 0:
		s.patience--
		fallthrough
	case g.n >= expected || delay < minGather:
		s.mu.Unlock()
		return
	}
	s.enough = expected
	s.mu.Unlock()

	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-g.full:
		s.mu.Lock()
		s.penalty = max(1, s.penalty/2)
		s.mu.Unlock()
	case <-timer.C:
		s.mu.Lock()
		s.enough = 0
		s.patience, s.penalty = s.penalty, min(s.penalty*2, maxPenalty)
		s.mu.Unlock()
	}
}

// run syncs for g and lets the next group begin.
func (s *groupSync) run(g *syncGroup) {
	s.mu.Lock()
	s.group = newSyncGroup()
	s.mu.Unlock()
	began := time.Now()
	g.err = s.sync()
	took := time.Since(began)
	close(g.done)
	s.done(g.n, took)
}

// done ends a sync that took so long and served n commits.
func (s *groupSync) done(n int, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.woken = n
	s.took += (took - s.took) / 8
	if s.group.n > 0 {
		s.group.lead <- struct{}{}
		return
	}
	s.syncing = false
}
