// Package inflight bounds what requests hold at a time: their number, or the
// bytes of their bodies. All doors take large bodies from one such bound, so that
// the memory of the process has one.
package inflight

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Limit bounds an amount in use. Taking and giving back are one atomic operation
// as long as nobody waits. Those who wait get room in the order in which they
// came, so that small takers don't keep a large one waiting. It is safe for
// concurrent use.
type Limit struct {
	size    int64
	used    atomic.Int64
	waiting atomic.Int32 // the length of queue
	wanted  atomic.Int64 // what queue waits for

	mu    sync.Mutex
	queue []*waiter
}

// waiter waits for room for n.
type waiter struct {
	n       int64
	granted chan struct{}
}

// New returns a limit of size.
func New(size int64) *Limit { return &Limit{size: size} }

// Size is how much there is.
func (l *Limit) Size() int64 { return l.size }

// Used is how much is taken.
func (l *Limit) Used() int64 { return l.used.Load() }

// Waiting is how many wait for room.
func (l *Limit) Waiting() int { return int(l.waiting.Load()) }

// Wanted is how much those who wait want together.
func (l *Limit) Wanted() int64 { return l.wanted.Load() }

// Force takes n whether there is room for it or not: for what is there already and
// must not be lost. Others wait until it is given back.
func (l *Limit) Force(n int64) { l.used.Add(n) }

// TryAcquire takes n if there is room for it, before those who wait.
func (l *Limit) TryAcquire(n int64) bool {
	for {
		used := l.used.Load()
		if used+n > l.size {
			return false
		}
		if l.used.CompareAndSwap(used, used+n) {
			return true
		}
	}
}

// Acquire takes n, and waits for room, until timeout or until done is closed. It
// reports whether it took it.
func (l *Limit) Acquire(n int64, timeout time.Duration, done <-chan struct{}) bool {
	if l.waiting.Load() == 0 && l.TryAcquire(n) {
		return true
	}
	if n > l.size {
		return false
	}
	w := l.enqueue(n)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-w.granted:
		return true
	case <-timer.C:
	case <-done:
	}
	return !l.dequeue(w)
}

// Release gives back n.
func (l *Limit) Release(n int64) {
	l.used.Add(-n)
	if l.waiting.Load() > 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.grant()
	}
}

func (l *Limit) enqueue(n int64) *waiter {
	w := &waiter{n: n, granted: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, w)
	l.wanted.Add(n)
	l.waiting.Add(1)
	l.grant() // of what was released before anybody could know that w waits
	return w
}

// dequeue ends w's waiting. It reports false when w had been granted its room.
func (l *Limit) dequeue(w *waiter) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.Index(l.queue, w)
	if at < 0 {
		return false
	}
	l.queue = slices.Delete(l.queue, at, at+1)
	l.wanted.Add(-w.n)
	l.waiting.Add(-1)
	l.grant() // for whom there is room behind w
	return true
}

// grant gives room to those who wait first; l.mu is held.
func (l *Limit) grant() {
	for len(l.queue) > 0 && l.TryAcquire(l.queue[0].n) {
		close(l.queue[0].granted)
		l.wanted.Add(-l.queue[0].n)
		l.queue[0] = nil
		l.queue = l.queue[1:]
		l.waiting.Add(-1)
	}
}
