package native

import (
	"github.com/astrolabe-db/astrolabe/internal/nonblock"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// collectForwarded collects a forwarded answer, body untouched. Unlike collect
// it never waits: the goroutine that calls it serves other clients too. It is not
// ok when there is no room for the answer, and then collects nothing, unless it
// must; a client for whom too much waits already is cut off. flush says whether the
// caller has to see to a Flush.
func (c *conn) collectForwarded(h wire.Header, body []byte, must bool) (flush, ok bool) {
	w := &c.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false, true
	}
	switch held, ok := c.holdForwarded(len(body)); {
	case ok:
		w.held += held
	case w.out.Len() <= maxPending && !must:
		return false, false
	case w.out.Len() <= maxPending:
		c.s.answers.Force(c, held)
		w.held += held
	default:
		w.closed = true
		c.s.metrics.slow.Inc()
		c.s.log.Warn("native protocol: client does not read its answers, cut off", "client", c.nc.RemoteAddr())
		c.abort()
		return false, true
	}
	w.out.PutRaw(h, body)
	if w.writing || w.queued {
		return false, true
	}
	w.queued = true
	return true, true
}

// holdForwarded takes room for n more bytes that wait, if they need any, and reports
// whether there was. The caller has the lock.
func (c *conn) holdForwarded(n int) (held int64, ok bool) {
	waiting := c.w.out.Len()
	if n <= outbound.Small && waiting+n <= maxPending {
		return 0, true
	}
	held = c.s.answers.Fit(int64(n))
	behind := waiting > 0 && waiting+n > maxForwarded
	return held, !behind && c.s.answers.TakeNow(c, held)
}

// Flush writes what is collected, as much as the socket takes at once. The rest
// is left to a goroutine, for the caller serves other clients too.
func (c *conn) Flush() {
	w := &c.w
	w.mu.Lock()
	w.queued = false
	if w.now == nil {
		w.now = nonblock.NewWriter(c.nc)
	}
	for !w.writing && !w.closed && w.out.Len() > 0 {
		w.writing = true
		b, held := w.take()
		w.mu.Unlock()
		n, err := w.now.Write(b)
		c.s.metrics.sent.Add(float64(n))
		if err == nil && n < len(b) {
			go c.writeRest(b, n, held) // stopWriting waits for it
			return
		}
		c.written(b, held, err)
		w.mu.Lock()
		w.writing = false
		w.room.Broadcast()
	}
	w.mu.Unlock()
}

// writeRest writes b from the nth byte on, and then what has come meanwhile.
func (c *conn) writeRest(b []byte, n int, held int64) {
	err := c.writeAll(b[n:])
	c.written(b, held, err)
	c.write()
}

// awaitRoom waits while the client has too much to read already, before more is
// asked for it. What was asked leaves first: it may be what the client waits for.
func (c *conn) awaitRoom() {
	w := &c.w
	w.mu.Lock()
	full := w.full()
	w.mu.Unlock()
	if !full {
		return
	}
	c.flushForwarded()
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.full() {
		w.room.Wait()
	}
}

// full reports whether more waits to be written than may. The caller has the lock.
func (w *writer) full() bool { return w.writing && !w.closed && w.out.Len() > maxPending }
