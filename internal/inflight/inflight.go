// Package inflight bounds what requests hold at a time: their number, or the
// bytes of their bodies. All doors take large bodies from one such bound, so that
// the memory of the process has one.
package inflight

import (
	"sync/atomic"
	"time"
)

// Limit bounds an amount in use. Taking and giving back are one atomic operation
// as long as nobody waits. It is safe for concurrent use.
type Limit struct {
	size    int64
	used    atomic.Int64
	waiters atomic.Int32
	// room is signalled when something was given back while somebody waited. One
	// signal may wake one waiter; it passes it on if there is room for more.
	room chan struct{}
}

// New returns a limit of size.
func New(size int64) *Limit {
	return &Limit{size: size, room: make(chan struct{}, 1)}
}

// Size is how much there is.
func (l *Limit) Size() int64 { return l.size }

// Used is how much is taken.
func (l *Limit) Used() int64 { return l.used.Load() }

// TryAcquire takes n if there is room for it.
func (l *Limit) TryAcquire(n int64) bool {
	if l.used.Add(n) <= l.size {
		return true
	}
	l.Release(n)
	return false
}

// Acquire is TryAcquire that waits for room, until timeout or until done is
// closed.
func (l *Limit) Acquire(n int64, timeout time.Duration, done <-chan struct{}) bool {
	if l.TryAcquire(n) {
		return true
	}
	if n > l.size {
		return false
	}
	l.waiters.Add(1)
	defer l.waiters.Add(-1)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		if l.TryAcquire(n) {
			l.signal()
			return true
		}
		select {
		case <-l.room:
		case <-timer.C:
			return false
		case <-done:
			return false
		}
	}
}

// Release gives back n.
func (l *Limit) Release(n int64) {
	l.used.Add(-n)
	l.signal()
}

func (l *Limit) signal() {
	if l.waiters.Load() > 0 && l.used.Load() < l.size {
		select {
		case l.room <- struct{}{}:
		default:
		}
	}
}
