package native

import (
	"github.com/astrolabe-db/astrolabe/internal/nonblock"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// collectForwarded collects a forwarded answer, body untouched. Unlike collect
// it never waits: the goroutine that calls it serves other clients too. A client
// for whom too much waits already is cut off. It reports whether the caller has
// to see to a Flush.
func (c *conn) collectForwarded(h wire.Header, body []byte) (flush bool) {
	w := &c.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	if !c.hold(len(body)) {
		w.closed = true
		c.s.metrics.slow.Inc()
		c.s.log.Warn("native protocol: client does not read its answers, cut off", "client", c.nc.RemoteAddr())
		c.abort()
		return false
	}
	w.out.PutRaw(h, body)
	if w.writing || w.queued {
		return false
	}
	w.queued = true
	return true
}

// hold counts n more bytes that wait, if they may.
func (c *conn) hold(n int) bool {
	w := &c.w
	after := w.out.Len() + n
	if after <= maxPending {
		return true
	}
	more := int64(after-maxPending) - w.over
	if after > maxForwarded || !c.s.answers.TryAcquire(more) {
		return false
	}
	w.over += more
	return true
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
