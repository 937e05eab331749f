package outbound

import (
	"context"
	"errors"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// attempts is how often an answer is made that does not find room: more has been
// written to what it reads meanwhile.
const attempts = 3

// ErrNoRoom says that an answer has found no room: what was made of it is to be let
// go of, and then Await has room for it to be made again.
var ErrNoRoom = errors.New("no room for a large answer")

// Owner is a request whose answer takes room.
type Owner interface {
	// Client is who reads the answer.
	Client() Client
	// AwaitRoom waits, by the request's Hold, until there is room, as long as the
	// request may. The error is the request's answer where there was none.
	AwaitRoom() error
	// Patience is how long the request may wait for room, and what ends it before.
	Patience() (time.Duration, <-chan struct{})
}

// Hold is the room of one answer. The zero value, with a Room, holds nothing. One
// goroutine at a time may use it.
type Hold struct {
	Room   *Room
	client Client
	n      int64 // bytes taken
	wanted int64 // bytes that an answer found no room for
	tries  int
}

// Held is how many bytes it holds.
func (h *Hold) Held() int64 { return h.n }

// Keep has the hold be n bytes, for an answer of so many that is there. It reports
// whether there was room.
func (h *Hold) Keep(c Client, n int64) bool {
	if n = h.Room.Fit(n); n <= Small || n <= h.n {
		return true
	}
	h.Release()
	if !h.Room.TryTake(c, n) {
		h.wanted = n
		return false
	}
	h.client, h.n = c, n
	return true
}

// Insist is Keep for an answer that can't be made again, that of a write: it waits
// with the answer in hand, and then takes its room whether it is there or not.
func (h *Hold) Insist(o Owner, n int64) {
	if n <= Small || h.Keep(o.Client(), n) {
		return
	}
	timeout, done := o.Patience()
	if !h.Room.Take(o.Client(), h.wanted, timeout, done) {
		h.Room.Force(o.Client(), h.wanted)
	}
	h.client, h.n = o.Client(), h.wanted
}

// Await waits for the room that Keep did not find, as long as o may. Whoever calls
// it has let go of the answer. It reports whether there is room now, for the answer
// to be made again.
func (h *Hold) Await(o Owner) bool {
	h.Release()
	timeout, done := o.Patience()
	if h.tries++; h.tries >= attempts || !h.Room.Take(o.Client(), h.wanted, timeout, done) {
		return false
	}
	h.client, h.n = o.Client(), h.wanted
	return true
}

// Release gives back what is held.
func (h *Hold) Release() {
	if h.n > 0 {
		h.Room.Give(h.client, h.n)
		h.n, h.client = 0, nil
	}
}

// Detach leaves what is held, which it returns, to who gives it back by Room.Give.
func (h *Hold) Detach() int64 {
	n := h.n
	h.n, h.client, h.tries = 0, nil, 0
	return n
}

// Reset is Release, for another answer.
func (h *Hold) Reset() {
	h.Release()
	h.tries, h.wanted = 0, 0
}

// Execute runs p and holds room for its rows, in place of what was held before. A
// statement that only reads is run again if there was none.
func (h *Hold) Execute(ctx context.Context, b backend.Backend, p *backend.Prepared, q *backend.Query, o Owner) (*backend.Result, error) {
	h.Reset()
	for {
		result, err := b.Execute(ctx, p, q)
		if err != nil || result == nil || len(result.Data) <= Small {
			return result, err
		}
		n := int64(len(result.Data))
		switch {
		case h.Keep(o.Client(), n):
			return result, nil
		case !Repeatable(p.Statement):
			h.Insist(o, n)
			return result, nil
		}
		if result.Recycle != nil {
			result.Recycle(result.Data)
		}
		result = nil
		if err := o.AwaitRoom(); err != nil {
			return nil, err
		}
	}
}

// Repeatable reports whether a statement only reads, so that it may be run again.
func Repeatable(s cql.Statement) bool {
	switch s.(type) {
	case *cql.Select, *cql.Describe, *cql.ListRoles, *cql.ListPermissions:
		return true
	}
	return false
}
