package native

import (
	"errors"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// A large answer holds room of what all doors share (package outbound) from before
// it is collected until the socket has taken it, or the connection has ended.

// errAside is what serving a request of the reader ends with for which there is no
// room: a worker waits for it.
var errAside = errors.New("to be run by a worker")

// Client implements outbound.Owner.
func (r *request) Client() outbound.Client { return r.c }

// Patience implements outbound.Owner.
func (r *request) Patience() (time.Duration, <-chan struct{}) {
	if r.c.throw {
		return 0, nil
	}
	return r.c.s.opts.OverloadTimeout, r.c.ctx.Done()
}

// AwaitRoom implements outbound.Owner. The request does not count as in flight at
// the server meanwhile: however many wait, others are served.
func (r *request) AwaitRoom() error {
	c := r.c
	if r == c.inline {
		if len(r.warnings) > 0 { // the worker is to tell them
			c.warned.Store(false)
		}
		return errAside
	}
	if c.throw {
		return overloaded(c.s.answers)
	}
	c.s.inFlight.Release(1)
	ok := r.hold.Await(r)
	c.s.inFlight.Force(1)
	if !ok {
		return overloaded(c.s.answers)
	}
	return nil
}

// Stalled implements outbound.Client.
func (c *conn) Stalled() int64 { return c.w.since.Load() }

// CutOff implements outbound.Client.
func (c *conn) CutOff() { c.cutOff(c.w.since.Load()) }

// cutOff cuts the connection off for the write that began at since.
func (c *conn) cutOff(since int64) {
	if since != 0 && c.w.since.CompareAndSwap(since, 0) { // once, however long the write takes to notice
		c.s.metrics.slow.Inc()
		c.s.log.Warn("native protocol: client does not read, cut off", "client", c.nc.RemoteAddr())
		c.abort()
	}
}
