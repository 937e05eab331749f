package native

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// statementOpcodes are the requests that run or prepare statements.
var statementOpcodes = []wire.Opcode{wire.OpQuery, wire.OpPrepare, wire.OpExecute, wire.OpBatch}

// Operations names the requests that a client makes once it is logged in.
func Operations() []string {
	var names []string
	for _, op := range statementOpcodes {
		names = append(names, op.String())
	}
	return names
}

// dispatch handles a request of a ready connection: at once, or in a goroutine
// of its own. false closes the connection.
func (c *conn) dispatch(e *wire.Envelope) bool {
	switch {
	case e.Opcode == wire.OpAuthResponse:
		return c.authenticate(e, c.header(wire.OpError, e.Stream))
	case slices.Contains(statementOpcodes, e.Opcode):
		return c.start(e)
	default:
		return c.answer(e)
	}
}

// answer handles the requests that need nothing but the connection.
func (c *conn) answer(e *wire.Envelope) bool {
	r := c.inline
	defer r.reset()
	if !r.open(e) {
		return false
	}
	if r.err != nil {
		return c.reject(e.Stream, r.err)
	}
	var err *cqlerr.Error
	switch e.Opcode {
	case wire.OpOptions:
		c.put(c.header(wire.OpSupported, e.Stream), &wire.Extras{}, c.s.supportedNow())
	case wire.OpRegister:
		err = c.register(e.Stream, r.body)
	case wire.OpStartup:
		err = cqlerr.New(cqlerr.Protocol, "Unexpected message STARTUP, the connection is already initialized")
	default: // CREDENTIALS of version 1
		return c.reject(e.Stream, cqlerr.New(cqlerr.Protocol, "Unsupported message"))
	}
	if err != nil {
		c.putError(c.header(wire.OpError, e.Stream), err)
	}
	c.in.Accept()
	return true
}

// reject answers a request whose body could not be read. false closes the
// connection: there were too many of them.
func (c *conn) reject(stream int16, err *cqlerr.Error) bool {
	c.putError(c.header(wire.OpError, stream), err)
	return !c.in.Reject()
}

// start decodes a request and runs it. The body stays in the stream's buffer
// for those that the reader runs itself; all others get a copy.
func (c *conn) start(e *wire.Envelope) bool {
	r := c.inline
	if !r.open(e) {
		return false
	}
	var st *statement
	if e.Opcode == wire.OpExecute && r.err == nil {
		st = c.s.prepared.get(wire.ExecuteID(r.body))
	}
	if st == nil || !c.s.immediate || !st.inline() {
		r = c.detach(e)
	}
	if r.err == nil {
		r.decode(st)
	}
	switch {
	case r.err != nil:
		err := r.err
		c.finished(r)
		return c.reject(e.Stream, err)
	case r == c.inline:
		c.in.Accept()
		if r.run() {
			r = c.detach(e)
			r.decode(st)
			c.spawn(r)
			return true
		}
		c.finished(r)
	case st != nil && st.route != nil && c.forwards():
		c.in.Accept()
		c.forwardExecute(r)
	default:
		c.in.Accept()
		c.spawn(r)
	}
	return true
}

// detach moves what the inline request was opened with to a request with its
// own memory.
func (c *conn) detach(e *wire.Envelope) *request {
	in, r := c.inline, newPooledRequest(c)
	r.header, r.payload, r.err, r.cuts = in.header, in.payload, in.err, in.cuts
	switch {
	case in.inflated: // the body is in the inline request's buffer: swap
		r.buf, in.buf = in.buf, r.buf
		r.body, r.held = in.body, in.held
		in.held = 0
	case e.Detached:
		r.body, r.held = in.body, heldBy(e)
		c.reserved -= r.held
		e.Detached = false
	default:
		r.copyBody(in.body)
	}
	in.reset()
	return r
}

// heldBy is what a detached envelope holds of the server's limit.
func heldBy(e *wire.Envelope) int64 { return int64(e.Size) }

// spawn runs r beside the reader, or answers Overloaded.
func (c *conn) spawn(r *request) {
	c.awaitRoom()
	if c.begin(r) {
		c.s.workers.run(r)
	}
}

// begin counts r as in flight, or answers Overloaded and lets go of r.
func (c *conn) begin(r *request) bool {
	if !c.acquire() {
		c.putError(c.header(wire.OpError, r.header.Stream), cqlerr.Newf(cqlerr.Overloaded,
			"Request breached limit on requests in flight. (Connection: %d, Global: %d.) Server is currently in an "+
				"overloaded state and cannot accept more requests.", c.inFlight.Size(), c.s.inFlight.Size()))
		c.finished(r)
		return false
	}
	r.counted = true
	c.workers.Add(1)
	c.s.metrics.inFlight.Inc()
	return true
}

// acquire takes a place for one more request in flight. It waits for one,
// which stops the reading and so slows the client down, unless the client asked
// for an error (THROW_ON_OVERLOAD).
func (c *conn) acquire() bool {
	if c.inFlight.TryAcquire(1) {
		if c.s.inFlight.TryAcquire(1) {
			return true
		}
		c.inFlight.Release(1)
	}
	if c.throw {
		return false
	}
	c.flushForwarded() // what is collected has to leave to make room
	c.flush()
	timeout := c.s.opts.OverloadTimeout
	if !c.inFlight.Acquire(1, timeout, c.ctx.Done()) {
		return false
	}
	if !c.s.inFlight.Acquire(1, timeout, c.ctx.Done()) {
		c.inFlight.Release(1)
		return false
	}
	return true
}

// register subscribes the connection to events (REGISTER).
func (c *conn) register(stream int16, body []byte) *cqlerr.Error {
	m, err := wire.DecodeRegister(body, c.version)
	if err != nil {
		return err
	}
	c.put(c.header(wire.OpReady, stream), &wire.Extras{}, wire.Empty{})
	c.events.Or(uint32(m.Types))
	return nil
}
