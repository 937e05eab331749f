package grpc

import (
	"context"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// call is one message being answered, with the memory that it needs. Calls are
// used again for later messages.
type call struct {
	door *Server
	ctx  context.Context
	who  Session

	request request
	entries []batchEntry
	batch   []backend.BatchEntry
	values  []backend.Value
	// scratch holds values that are not in the request as the back end takes them.
	scratch []byte
	query   backend.Query
	trace   *backend.Trace
	// rows is where a ResultSet is built, out where the Response is.
	rows, out []byte
	// repeatable: what was run only reads.
	repeatable bool
	// hold is the room of a large answer, sending what it is for; nil before that.
	hold    outbound.Hold
	sending *sending
}

var calls = sync.Pool{New: func() any { return new(call) }}

func newCall(s *Server, ctx context.Context) *call {
	c := calls.Get().(*call)
	c.door, c.ctx, c.hold.Room = s, ctx, s.answers
	return c
}

// end lets go of everything that belongs to the message.
func (c *call) end() {
	c.again()
	c.hold.Reset()
	c.door, c.ctx, c.who, c.sending = nil, nil, nil, nil
	calls.Put(c)
}

// again lets go of what was made of the message, to make it anew.
func (c *call) again() {
	c.trace, c.query, c.repeatable = nil, backend.Query{}, false
	c.request.reset()
	clear(c.entries)
	clear(c.batch)
	clear(c.values)
	c.entries, c.batch, c.values = kept(c.entries), kept(c.batch), kept(c.values)
	for _, b := range []*[]byte{&c.scratch, &c.rows, &c.out} {
		if cap(*b) > maxPooled {
			*b = nil
		}
		*b = (*b)[:0]
	}
}

func kept[T any](s []T) []T {
	if cap(s) > keptValues {
		return nil
	}
	return s[:0]
}
