package upstream

import (
	"fmt"
	"runtime/debug"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// eventStream is the stream id of events, for which these connections do not
// register.
const eventStream = -1

// flushers are the clients that have answers collected.
type flushers []backend.Flusher

func (f *flushers) add(x backend.Flusher) {
	if x != nil {
		*f = append(*f, x)
	}
}

func (f *flushers) flush() {
	for i, x := range *f {
		x.Flush()
		(*f)[i] = nil
	}
	*f = (*f)[:0]
}

// serve is the goroutine of the connection.
func (c *conn) serve() {
	c.close(c.read())
	c.release(c.held.Load())
	c.fail()
	c.pool.remove(c)
}

// read reads answers until the connection ends, and says why it did. What came
// with one read is handed out before any of it is sent.
func (c *conn) read() (err error) {
	defer func() {
		if p := recover(); p != nil { // a defect of the decoder must end this connection only
			c.cluster.opts.Log.Error("cluster: panic while reading", "node", c.node.addr, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic while reading: %v", p)
		}
	}()
	var dirty flushers
	for {
		err := c.handleBuffered(&dirty)
		dirty.flush()
		if err != nil {
			return err
		}
		n, err := c.nc.Read(c.in.Space())
		c.in.Filled(n)
		if n == 0 && err != nil {
			return err
		}
		c.heard.Store(c.cluster.clock.Load())
		c.cluster.metrics.received.Add(float64(n))
	}
}

// handleBuffered hands out the answers that have arrived. An error ends the
// connection.
func (c *conn) handleBuffered(dirty *flushers) error {
	for {
		e, ok, fault := c.in.Next()
		switch {
		case fault != nil && fault.Fatal:
			return fmt.Errorf("what the node sends can't be read: %w", fault.Err)
		case fault != nil:
			if err := c.refused(fault, dirty); err != nil {
				return err
			}
		case !ok:
			return nil
		default:
			if err := c.receive(&e, dirty); err != nil {
				return err
			}
		}
	}
}

// refused ends the call whose answer is too large.
func (c *conn) refused(fault *wire.Fault, dirty *flushers) error {
	if fault.Err.Code == cqlerr.Protocol {
		return fmt.Errorf("what the node sends can't be read: %w", fault.Err)
	}
	k, known := c.take(fault.Stream)
	if !known {
		return fmt.Errorf("the node answered on stream %d, where nothing was asked: %w", fault.Stream, fault.Err)
	}
	if k != nil {
		dirty.add(k.answer(backend.Answer{Err: cqlerr.Newf(cqlerr.Overloaded,
			"The answer of node %s is too large to be passed on: %s", c.node.addr, fault.Err.Message)}))
	}
	return nil
}

// receive hands an answer to its call.
func (c *conn) receive(e *wire.Envelope, dirty *flushers) error {
	if e.Detached {
		defer c.release(int64(wire.HeaderSize + len(e.Body)))
	}
	if e.Stream == eventStream && e.Opcode == wire.OpEvent {
		return nil
	}
	k, known := c.take(e.Stream)
	switch {
	case !known:
		return fmt.Errorf("the node answered on stream %d, where nothing was asked", e.Stream)
	case k == nil:
		return nil // too late
	}
	body := e.Body
	if e.Flags&wire.FlagCompressed != 0 && c.comp != wire.NoCompression && !c.version.Segmented() {
		var err *cqlerr.Error
		if body, err = c.comp.DecompressBody(body, c.scratch[:0]); err != nil {
			dirty.add(k.answer(backend.Answer{Err: err}))
			return err
		}
		if cap(body) <= keptBuffer {
			c.scratch = body
		}
	}
	a := backend.Answer{Opcode: e.Opcode, Flags: e.Flags &^ (wire.FlagCompressed | wire.FlagUseBeta), Body: body}
	if a.Opcode == wire.OpError {
		dirty.add(c.answerError(k, a))
		return nil
	}
	if k.f.Opcode == wire.OpPrepare {
		k.remember(a, c.version)
	}
	dirty.add(k.answer(a))
	return nil
}

// admit is asked before a large answer is collected.
func (c *conn) admit(size int) *cqlerr.Error {
	limit := c.cluster.opts.MaxAnswerBytes
	if c.cluster.held.Add(int64(size)) > limit {
		c.cluster.held.Add(int64(-size))
		return cqlerr.Newf(cqlerr.Overloaded, "large answers hold %d bytes already", limit)
	}
	c.held.Add(int64(size))
	return nil
}

// release gives back what admit took.
func (c *conn) release(size int64) {
	c.held.Add(-size)
	c.cluster.held.Add(-size)
}
