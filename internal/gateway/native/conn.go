package native

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// connState is where a connection is in the handshake (ServerConnection's
// ConnectionStage).
type connState uint8

const (
	established connState = iota
	authenticating
	ready
)

// conn is one connection. The fields of the first group belong to the
// goroutine that reads; the others are safe to use from any.
type conn struct {
	state      connState
	negotiated bool // a STARTUP was answered, be it with an error
	in         wire.Stream
	comp       wire.Compression
	throw      bool  // THROW_ON_OVERLOAD
	reserved   int64 // bytes of the large envelope under assembly
	arriving   bool  // a large envelope, until a deadline
	inline     *request
	forwarded  []backend.Flusher // what has requests of ours collected

	s        *Server
	nc       net.Conn
	name     string // in errors and logs
	version  wire.Version
	ctx      context.Context
	cancel   context.CancelFunc
	inFlight *inflight.Limit
	workers  sync.WaitGroup
	session  atomic.Pointer[Session]
	keyspace atomic.Pointer[string] // of USE, nil before
	warned   atomic.Bool            // of USE with prepared statements
	events   atomic.Uint32          // wire.EventTypes registered for
	stage    atomic.Uint32          // connState
	requests atomic.Int64
	started  atomic.Pointer[started] // nil before STARTUP
	w        writer
}

func newConn(s *Server, nc net.Conn) *conn {
	id := s.nextConn.Add(1)
	c := &conn{
		s: s, nc: nc, name: fmt.Sprintf("%08x", id), version: wire.Current,
		inFlight: inflight.New(int64(s.opts.MaxInFlight)),
	}
	c.w.init()
	ctx := context.Background()
	if s.opts.ConnContext != nil {
		ctx = s.opts.ConnContext(ctx, nc)
	}
	c.ctx, c.cancel = context.WithCancel(ctx)
	c.in = wire.Stream{Name: c.name, Handshake: true, Admit: c.admitRead, Elide: c.elider}
	c.inline = newRequest(c)
	return c
}

// serve is the goroutine of the connection.
func (c *conn) serve() {
	defer c.s.remove(c)
	defer c.finish(c.read())
}

// ending is why reading stopped.
type ending uint8

const (
	gone    ending = iota // the client left: nobody waits for answers
	drained               // the server stops: answer what was asked
	refused               // a fatal mistake was answered
)

// read reads requests until the connection is to be closed.
func (c *conn) read() (end ending) {
	defer func() {
		if p := recover(); p != nil { // a defect of the decoder must end this connection only
			c.s.metrics.panics.Inc()
			c.s.log.Error("native protocol: panic while reading", "client", c.nc.RemoteAddr(), "panic", p, "stack", string(debug.Stack()))
			end = refused
		}
	}()
	if err := c.nc.SetReadDeadline(time.Now().Add(c.s.opts.HandshakeTimeout)); err != nil {
		return gone
	}
	if c.s.isDraining() { // drain's deadline may have come before this one
		return drained
	}
	for {
		if !c.handleBuffered() {
			return refused
		}
		c.arrived()
		c.flushForwarded()
		c.flush()
		n, err := c.nc.Read(c.in.Space())
		c.in.Filled(n)
		c.s.metrics.received.Add(float64(n))
		if err != nil && n == 0 {
			if errors.Is(err, os.ErrDeadlineExceeded) && c.s.isDraining() {
				return drained
			}
			return gone
		}
	}
}

// handleBuffered handles all envelopes that have arrived. It returns false
// when the connection has to be closed.
func (c *conn) handleBuffered() bool {
	for {
		e, ok, fault := c.in.Next()
		switch {
		case fault != nil:
			c.putFault(fault)
			if fault.Fatal {
				return false
			}
		case !ok:
			return true
		default:
			c.s.metrics.requests[e.Opcode].Inc()
			c.requests.Add(1)
			goOn := c.handle(&e)
			if e.Detached { // nobody took the body over
				c.s.bytes.Release(heldBy(&e))
				c.reserved -= heldBy(&e)
			}
			if !goOn {
				return false
			}
		}
	}
}

// handle handles one envelope; false closes the connection.
func (c *conn) handle(e *wire.Envelope) bool {
	if c.state == ready {
		return c.dispatch(e)
	}
	return c.handshake(e)
}

// header is the header of an answer.
func (c *conn) header(op wire.Opcode, stream int16) wire.Header {
	return responseHeader(c.version, op, stream)
}

func responseHeader(v wire.Version, op wire.Opcode, stream int16) wire.Header {
	h := wire.Header{Version: v, Response: true, Opcode: op, Stream: stream}
	if v.Beta() {
		h.Flags = wire.FlagUseBeta
	}
	return h
}

// putFault collects the answer to a mistake in the stream.
func (c *conn) putFault(f *wire.Fault) {
	v := c.version
	if f.Version != 0 {
		v = f.Version
	}
	c.putError(responseHeader(v, wire.OpError, f.Stream), f.Err)
}

// putError collects an ERROR.
func (c *conn) putError(h wire.Header, err *cqlerr.Error) {
	h.Opcode = wire.OpError
	c.s.metrics.failed(err.Code)
	c.put(h, &wire.Extras{}, wire.Error{Err: err})
}

// admitRead is asked before a large envelope is collected. What holds bytes that
// others wait for has to arrive in LargeTimeout.
func (c *conn) admitRead(size int) *cqlerr.Error {
	err := c.admit(size)
	if err == nil {
		c.arriving = true
		c.setReadDeadline(time.Now().Add(c.s.opts.LargeTimeout))
	}
	return err
}

// arrived ends what admitRead began, when nothing large is being collected.
func (c *conn) arrived() {
	if c.arriving && !c.in.Collecting() {
		c.arriving = false
		c.setReadDeadline(time.Time{})
	}
}

// setReadDeadline sets until when something has to come from the client.
func (c *conn) setReadDeadline(at time.Time) {
	_ = c.nc.SetReadDeadline(at)
	if c.s.isDraining() { // the deadline just changed may have been drain's
		c.drain()
	}
}

// admit takes the bytes of a large request. It waits for room, as acquire does.
func (c *conn) admit(size int) *cqlerr.Error {
	ok := c.s.bytes.TryAcquire(int64(size))
	if !ok && !c.throw {
		c.flushForwarded() // what is collected has to leave to make room
		c.flush()
		ok = c.s.bytes.Acquire(int64(size), c.s.opts.OverloadTimeout, c.ctx.Done())
	}
	if ok {
		c.reserved += int64(size)
		return nil
	}
	return overloaded(c.s.bytes)
}

// overloaded is the error of what finds no room.
func overloaded(in interface {
	Used() int64
	Size() int64
}) *cqlerr.Error {
	return cqlerr.Newf(cqlerr.Overloaded, "Request breached limit on bytes in flight. (Global: %d/%d bytes.) "+
		"Server is currently in an overloaded state and cannot accept more requests.", in.Used(), in.Size())
}

// lingerTime and lingerBytes bound how long a client that was refused may take
// to read why: closing at once, with bytes of it unread, would reset the
// connection and take the answer along.
const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 1 << 20
)

// finish closes the connection when nothing of it runs any more.
func (c *conn) finish(end ending) {
	if end == gone {
		c.cancel()
	}
	c.flushForwarded()
	c.workers.Wait()
	c.flush()
	c.stopWriting()
	if half, ok := c.nc.(interface{ CloseWrite() error }); ok && end == refused && half.CloseWrite() == nil {
		_ = c.nc.SetReadDeadline(time.Now().Add(lingerTime))
		_, _ = io.CopyN(io.Discard, c.nc, lingerBytes)
	}
	c.cancel()
	c.inline.reset()
	c.s.bytes.Release(c.reserved)
	_ = c.nc.Close()
}

// drain makes the connection finish what it was asked and close.
func (c *conn) drain() { _ = c.nc.SetReadDeadline(time.Unix(1, 0)) }

// abort cuts the connection off.
func (c *conn) abort() {
	c.cancel()
	_ = c.nc.Close()
}

// reap cuts the connection off when its client has left an answer in its
// socket for too long.
func (c *conn) reap(now time.Time) {
	since := c.w.since.Load()
	if since == 0 || now.Sub(time.Unix(0, since)) <= c.s.opts.WriteTimeout {
		return
	}
	c.cutOff(since)
}
