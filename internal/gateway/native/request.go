package native

import (
	"bytes"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// request is one QUERY, PREPARE, EXECUTE or BATCH from its bytes to its
// answer. Requests are pooled with the memory that they grew: serving one
// allocates nothing in this package once that is large enough.
type request struct {
	c       *conn
	header  wire.Header
	payload map[string][]byte
	body    []byte
	err     *cqlerr.Error
	// buf holds the body, unless it is in the stream's buffer or came detached.
	buf      []byte
	inflated bool        // the body was decompressed into buf
	held     int64       // bytes of the server's limit that the body holds
	counted  bool        // it holds a place among the requests in flight
	cuts     *elide.Cuts // what was left out of it, nil for nothing

	query   wire.Query
	prepare wire.Prepare
	execute wire.Execute
	batch   wire.Batch
	st      *statement // of EXECUTE, nil if not prepared

	trace    *backend.Trace // nil unless asked for
	q        backend.Query
	values   []backend.Value
	entries  []backend.BatchEntry
	columns  []wire.Column
	rows     wire.Rows
	recycle  func([]byte)  // takes rows.Data back, if not nil
	hold     outbound.Hold // of rows, until they are collected
	changed  wire.MetadataID
	extras   wire.Extras
	warnings []string

	// Of requests that are forwarded.
	forward   backend.Forward
	encoded   []byte // body, where it is not the client's
	key       []byte
	ids       []wire.StatementID // of a BATCH's entries, as the client knows them
	preparing *preparation
}

func newRequest(c *conn) *request { return &request{c: c, hold: outbound.Hold{Room: c.s.answers}} }

var requests sync.Pool

func newPooledRequest(c *conn) *request {
	r, ok := requests.Get().(*request)
	if !ok {
		return newRequest(c)
	}
	r.c, r.hold.Room = c, c.s.answers
	return r
}

// keptBody is the largest buffer that a pooled request keeps, keptValues the
// most values and columns.
const (
	keptBody   = 64 << 10
	keptValues = 4 << 10
)

// reset forgets everything but the memory.
func (r *request) reset() {
	if r.held > 0 {
		r.c.s.bytes.Release(r.held)
		r.held = 0
	}
	if cap(r.buf) > keptBody {
		r.buf = nil
	}
	switch r.header.Opcode {
	case wire.OpQuery:
		r.query.Reset()
	case wire.OpBatch:
		r.batch.Reset()
	case wire.OpExecute:
		r.execute.Reset()
	case wire.OpPrepare:
		r.prepare = wire.Prepare{}
	}
	r.header, r.payload, r.body, r.err, r.inflated, r.st, r.cuts = wire.Header{}, nil, nil, nil, false, nil, nil
	r.trace = nil
	r.hold.Reset()
	if r.recycle != nil {
		r.recycle(r.rows.Data) // the answer has been laid out
		r.recycle = nil
	}
	r.q, r.rows, r.extras = backend.Query{}, wire.Rows{}, wire.Extras{}
	r.warnings = r.warnings[:0]
	r.resetForward()
	clear(r.values)
	clear(r.entries)
	clear(r.columns)
	r.values, r.entries, r.columns = kept(r.values), kept(r.entries), kept(r.columns)
}

func kept[T any](s []T) []T {
	if cap(s) > keptValues {
		return nil
	}
	return s[:0]
}

// finished gives r back.
func (c *conn) finished(r *request) {
	r.reset()
	if r != c.inline {
		r.c = nil
		requests.Put(r)
	}
}

// open takes the envelope's body apart, decompressing it first. A body that
// can't be decompressed ends the connection, as it does with Cassandra: false.
// Other mistakes are left in err.
func (r *request) open(e *wire.Envelope) bool {
	r.header, r.cuts = e.Header, e.Cuts
	body := e.Body
	if e.Flags&wire.FlagCompressed != 0 && r.c.comp != wire.NoCompression && !e.Version.Segmented() {
		if body = r.inflate(body); r.err != nil {
			return r.err.Code != cqlerr.Protocol
		}
	}
	r.payload, r.body, r.err = wire.SplitRequest(e.Header, body)
	return true
}

// inflate decompresses a body into buf, holding bytes of the server's limit for
// a large one.
func (r *request) inflate(body []byte) []byte {
	comp := r.c.comp
	size, err := comp.DecompressedSize(body)
	if err == nil && size > keptBody {
		if err = r.c.admit(size); err == nil {
			r.c.reserved -= int64(size)
			r.held = int64(size)
		}
	}
	if err == nil {
		r.buf, err = comp.DecompressBody(body, r.buf[:0])
	}
	r.inflated, r.err = true, err
	return r.buf
}

// copyBody makes the body, and the custom payload that points into it, r's own.
func (r *request) copyBody(body []byte) {
	r.buf = append(r.buf[:0], body...)
	r.body = r.buf
	for name, value := range r.payload {
		r.payload[name] = bytes.Clone(value)
	}
}

// decode decodes the body; a mistake is left in err.
func (r *request) decode(st *statement) {
	v := r.header.Version
	switch r.header.Opcode {
	case wire.OpQuery:
		r.err = r.query.Decode(r.body, v)
	case wire.OpPrepare:
		r.err = r.prepare.Decode(r.body, v)
	case wire.OpBatch:
		r.err = r.batch.Decode(r.body, v)
	default:
		r.err = r.execute.Decode(r.body, v)
		r.st = st
	}
}

// runAside is run by a worker.
func (r *request) runAside() {
	c := r.c
	if r.run() {
		r.send()
		return
	}
	r.leave()
	c.finished(r)
	c.workers.Done()
}

// run serves the request and sends the answer, unless there is more to do: the
// request is to be forwarded, or, of the reader, to be run by a worker. A panic is
// answered with ServerError and goes no further.
func (r *request) run() (more bool) {
	defer r.recover()
	r.traced()
	m, err := r.serve()
	switch {
	case err == errForward, err == errAside:
		return true
	case err != nil:
		r.fail(err)
	default:
		r.keepTrace()
		r.respond(wire.OpResult, m)
	}
	return false
}

func (r *request) recover() {
	if p := recover(); p != nil {
		r.panicked(p)
	}
}

// panicked answers a request that ended in a panic.
func (r *request) panicked(p any) { r.fail(r.logPanic(p)) }

// logPanic notes a panic and returns the error for the client.
func (r *request) logPanic(p any) *cqlerr.Error {
	c := r.c
	c.s.metrics.panics.Inc()
	c.s.log.Error("native protocol: panic in a request", "opcode", r.header.Opcode.String(),
		"client", c.nc.RemoteAddr(), "panic", p, "stack", string(debug.Stack()))
	return cqlerr.New(cqlerr.ServerError, "Internal error, see the server's log")
}

func (r *request) fail(err error) {
	e := cqlerr.From(err)
	r.c.s.metrics.failed(e.Code)
	r.extras.TracingID, r.extras.Warnings = nil, e.Warnings
	r.keepTrace()
	r.respond(wire.OpError, wire.Error{Err: e})
}

// respond sends the answer: the reader's own requests are written when it has
// handled what it has read.
func (r *request) respond(op wire.Opcode, m wire.Body) {
	c := r.c
	h := c.header(op, r.header.Stream)
	if len(r.warnings) > 0 {
		r.extras.Warnings = append(slices.Clip(r.extras.Warnings), r.warnings...)
	}
	if r != c.inline {
		r.leave()
	}
	large := len(r.rows.Data) > outbound.Small || r.held > 0
	pending, writing := c.w.collect(h, &r.extras, m, &r.hold)
	if large { // writing may take as long as the client likes
		r.reset()
	}
	switch {
	case r != c.inline:
		c.sendCollected(writing)
	case pending >= flushAt:
		c.flush()
	}
}

// leave gives back the request's place among those in flight, before its
// answer is written: writing may take as long as the client likes.
func (r *request) leave() {
	if r.counted {
		r.counted = false
		r.c.inFlight.Release(1)
		r.c.s.inFlight.Release(1)
		r.c.s.metrics.inFlight.Dec()
	}
}

// serve does what the request asks for and returns the answer.
func (r *request) serve() (wire.Body, error) {
	switch r.header.Opcode {
	case wire.OpQuery:
		return r.serveQuery()
	case wire.OpPrepare:
		return r.servePrepare()
	case wire.OpBatch:
		return r.serveBatch()
	default:
		return r.serveExecute()
	}
}
