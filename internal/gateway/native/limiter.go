package native

import (
	"sync/atomic"
	"time"
)

// limiter bounds an amount in use: requests in flight, or bytes. Taking and
// giving back are one atomic operation as long as nobody waits.
type limiter struct {
	limit   int64
	used    atomic.Int64
	waiters atomic.Int32
	// room is signalled when something was given back while somebody waited. One
	// signal may wake one waiter; it passes it on if there is room for more.
	room chan struct{}
}

func newLimiter(limit int64) *limiter {
	return &limiter{limit: limit, room: make(chan struct{}, 1)}
}

// tryAcquire takes n if there is room for it.
func (l *limiter) tryAcquire(n int64) bool {
	if l.used.Add(n) <= l.limit {
		return true
	}
	l.release(n)
	return false
}

// acquire is tryAcquire that waits for room, until timeout or until done is
// closed.
func (l *limiter) acquire(n int64, timeout time.Duration, done <-chan struct{}) bool {
	if l.tryAcquire(n) {
		return true
	}
	l.waiters.Add(1)
	defer l.waiters.Add(-1)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		if l.tryAcquire(n) {
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

// release gives back n.
func (l *limiter) release(n int64) {
	l.used.Add(-n)
	l.signal()
}

func (l *limiter) signal() {
	if l.waiters.Load() > 0 && l.used.Load() < l.limit {
		select {
		case l.room <- struct{}{}:
		default:
		}
	}
}
