package userprofile

import (
	"sync"
	"time"
)

// The limits on failed logins: so many within the window, per account and per
// address.
const (
	failureWindow      = 15 * time.Minute
	failuresPerAccount = 5
	failuresPerAddress = 20
	// maxTracked bounds the accounts and addresses remembered; past it the one
	// that is soonest forgotten makes room.
	maxTracked = 10_000
)

// limiter counts failed logins by key (an account or an address) in fixed
// windows that begin with the first failure.
type limiter struct {
	mu      sync.Mutex
	windows map[string]*window
	now     func() time.Time
}

type window struct {
	failures int
	ends     time.Time
}

func newLimiter() *limiter { return &limiter{windows: map[string]*window{}, now: time.Now} }

// take counts one attempt against each key before it is made, so that attempts
// sent at once can't all pass; forgive undoes it when the attempt succeeds. limits
// maps each key to its limit; when one is reached nothing is counted, and wait
// is how long until the last of them is free again.
func (l *limiter) take(limits map[string]int) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for key, limit := range limits {
		if w := l.windows[key]; w != nil && w.failures >= limit {
			wait = max(wait, w.ends.Sub(now))
		}
	}
	if wait > 0 {
		return wait
	}
	for key := range limits {
		l.open(key, now).failures++
	}
	return 0
}

// open returns key's current window.
func (l *limiter) open(key string, now time.Time) *window {
	w := l.windows[key]
	if w != nil && now.Before(w.ends) {
		return w
	}
	if w == nil && len(l.windows) >= maxTracked {
		l.evict(now)
	}
	w = &window{ends: now.Add(failureWindow)}
	l.windows[key] = w
	return w
}

// forgive takes one attempt of each key back.
func (l *limiter) forgive(limits map[string]int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key := range limits {
		if w := l.windows[key]; w != nil && w.failures > 0 {
			w.failures--
		}
	}
}

// evict drops windows that are over, or else the one that ends first.
func (l *limiter) evict(now time.Time) {
	var first string
	for key, w := range l.windows {
		if now.After(w.ends) {
			delete(l.windows, key)
		} else if first == "" || w.ends.Before(l.windows[first].ends) {
			first = key
		}
	}
	if len(l.windows) >= maxTracked {
		delete(l.windows, first)
	}
}
