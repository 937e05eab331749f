package grpc

import (
	"context"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/backend"
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
}

var calls = sync.Pool{New: func() any { return new(call) }}

func newCall(s *Server, ctx context.Context) *call {
	c := calls.Get().(*call)
	c.door, c.ctx = s, ctx
	return c
}

// end lets go of everything that belongs to the message.
func (c *call) end() {
	c.door, c.ctx, c.who, c.trace, c.query = nil, nil, nil, nil, backend.Query{}
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
	calls.Put(c)
}

func kept[T any](s []T) []T {
	if cap(s) > keptValues {
		return nil
	}
	return s[:0]
}
