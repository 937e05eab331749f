// Package outbound bounds the memory of large answers that clients have not read
// yet. All doors take room for theirs from one bound.
//
// An answer of more than Small bytes takes its room before it is handed to the
// connection, and gives it back when the client has it. Where there is no room
// the door lets go of the rows, waits for as much, and reads them again: who waits
// holds nothing, and who holds never waits. Nothing that writes is run again.
//
// A client that reads nothing is cut off, and soon when others wait for its room.
package outbound

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/inflight"
)

const (
	// Small is what an answer may have without being counted, in bytes.
	Small = 64 << 10
	// DefaultBytes bounds all others together where nobody says, in bytes.
	DefaultBytes = 256 << 20
	// Wait is how long a request waits for room.
	Wait = 10 * time.Second
)

// The defaults of Patience.
const (
	defaultAlone   = time.Minute
	defaultCrowded = 2 * time.Second
	defaultPeriod  = 250 * time.Millisecond
)

// Client is who reads an answer. It must be comparable.
type Client interface {
	// Stalled is since when the client has read nothing of what is being written to
	// it, in Unix nanoseconds; 0 while nothing is being written.
	Stalled() int64
	// CutOff ends the connection, or what there is of it for the answer, soon: what
	// the client holds is given back by who took it. It may be called more than
	// once, and after the answer's end.
	CutOff()
}

// Patience is how long clients may read nothing of a large answer.
type Patience struct {
	// Alone is for when nobody waits for room, a minute if 0.
	Alone time.Duration
	// Crowded is for when somebody does, 2 s if 0.
	Crowded time.Duration
	// Period is how often that is looked at, 250 ms if 0.
	Period time.Duration
}

// Room is the bound that all doors share. It is safe for concurrent use.
type Room struct {
	limit    *inflight.Limit
	patience Patience

	mu      sync.Mutex
	held    map[Client]int64
	refused int64       // what was wanted, since the last look, by who does not wait
	look    *time.Timer // runs while something is held
	looking bool
}

// New returns a room as large as limit, or one of DefaultBytes if that is nil.
func New(limit *inflight.Limit, patience Patience) *Room {
	if limit == nil {
		limit = inflight.New(DefaultBytes)
	}
	patience.Alone = cmp.Or(patience.Alone, defaultAlone)
	patience.Crowded = cmp.Or(patience.Crowded, defaultCrowded)
	patience.Period = cmp.Or(patience.Period, defaultPeriod)
	return &Room{limit: limit, patience: patience, held: map[Client]int64{}}
}

// OrNew is r, or a room of one's own if r is nil.
func OrNew(r *Room) *Room {
	if r == nil {
		r = New(nil, Patience{})
	}
	return r
}

// Size is how many bytes there may be, Used how many there are.
func (r *Room) Size() int64 { return r.limit.Size() }

// Used is how many bytes are held.
func (r *Room) Used() int64 { return r.limit.Used() }

// Waiting is how many wait for room.
func (r *Room) Waiting() int { return r.limit.Waiting() }

// Alone is how long a client may read nothing when nobody waits for room.
func (r *Room) Alone() time.Duration { return r.patience.Alone }

// Fit is what an answer of n bytes takes: what is larger than the room takes all
// of it.
func (r *Room) Fit(n int64) int64 { return min(n, r.limit.Size()) }

// TryTake takes n bytes if there is room for them and nobody waits.
func (r *Room) TryTake(c Client, n int64) bool {
	if r.limit.Waiting() > 0 || !r.limit.TryAcquire(n) {
		return false
	}
	r.note(c, n)
	return true
}

// TakeNow is TryTake for who can't wait: before those who do.
func (r *Room) TakeNow(c Client, n int64) bool {
	if r.limit.TryAcquire(n) {
		r.note(c, n)
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused += n
	return false
}

// Take takes n bytes, and waits for room until timeout or until done is closed. It
// reports whether it took them.
func (r *Room) Take(c Client, n int64, timeout time.Duration, done <-chan struct{}) bool {
	if !r.limit.Acquire(n, timeout, done) {
		return false
	}
	r.note(c, n)
	return true
}

// Force takes n bytes whether there is room or not: of an answer that must not be
// lost. Others wait for as long as more than all is held.
func (r *Room) Force(c Client, n int64) {
	r.limit.Force(n)
	r.note(c, n)
}

// Give gives back n bytes that c holds.
func (r *Room) Give(c Client, n int64) {
	r.mu.Lock()
	if left := r.held[c] - n; left > 0 {
		r.held[c] = left
	} else {
		delete(r.held, c)
	}
	r.mu.Unlock()
	r.limit.Release(n)
}

// note notes that c has taken n bytes.
func (r *Room) note(c Client, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[c] += n
	if r.looking {
		return
	}
	r.looking = true
	if r.look == nil {
		r.look = time.AfterFunc(r.patience.Period, r.cutOff)
	} else {
		r.look.Reset(r.patience.Period)
	}
}

// cutOff cuts off those who read nothing, now and then while something is held.
func (r *Room) cutOff() {
	for _, c := range r.idle(time.Now()) {
		c.CutOff()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.looking = len(r.held) > 0; r.looking {
		r.look.Reset(r.patience.Period)
	}
}

// idle returns who is to be cut off: those who have read nothing for very long,
// and as many of those who have for some time as hold what others want.
func (r *Room) idle(now time.Time) []Client {
	type stalled struct {
		client Client
		since  int64
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	missing := r.limit.Wanted() + r.refused
	if r.refused = 0; missing > 0 {
		missing += r.limit.Used() - r.limit.Size()
	}
	var all []stalled
	for c := range r.held {
		if since := c.Stalled(); since != 0 {
			all = append(all, stalled{c, since})
		}
	}
	slices.SortFunc(all, func(a, b stalled) int { return cmp.Compare(a.since, b.since) })
	var cut []Client
	for _, s := range all {
		rested := now.Sub(time.Unix(0, s.since))
		if rested <= r.patience.Alone && (rested <= r.patience.Crowded || missing <= 0) {
			break // those behind it have read later
		}
		missing -= r.held[s.client]
		cut = append(cut, s.client)
	}
	return cut
}
