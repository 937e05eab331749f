package native

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/nonblock"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// The bounds of what waits to be written to one connection.
const (
	// maxPending bytes may wait; a request that would add to more waits itself.
	maxPending = 4 << 20
	// maxPendingEvents is where an event, which nobody can wait for, cuts the
	// client off instead.
	maxPendingEvents = 16 << 20
	// flushAt is what the reading goroutine collects at most before it writes.
	flushAt = 256 << 10
	// writeSize is the largest single write: the time it takes tells whether the
	// client reads.
	writeSize = 256 << 10
	// keptBuffer is the largest buffer that a quiet connection keeps.
	keptBuffer = 32 << 10
	// maxForwarded bytes of forwarded answers, which can't wait either, may wait
	// for one client. Past maxPending the small ones, too, take room of that for
	// large answers.
	maxForwarded = 128 << 20
)

// writer is the sending side of a connection. Answers are collected in out; at
// most one goroutine at a time writes them, and goes on until out is empty.
type writer struct {
	mu      sync.Mutex
	room    sync.Cond // broadcast when out was taken or the connection closed
	out     wire.Output
	spare   []byte // the buffer that out does not use
	writing bool
	closed  bool
	queued  bool             // somebody is about to flush a forwarded answer
	held    int64            // bytes of the room for large answers that out holds
	now     *nonblock.Writer // made when first used
	since   atomic.Int64     // when the write under way began, unix nanoseconds, 0 = none
}

func (w *writer) init() {
	w.out = wire.NewOutput()
	w.room.L = &w.mu
}

// put collects an answer of the reading goroutine, which writes at the end of
// what it has read, or here when much has come together.
func (c *conn) put(h wire.Header, x *wire.Extras, m wire.Body) {
	if pending, _ := c.w.collect(h, x, m, nil); pending >= flushAt {
		c.flush()
	}
}

// collect collects an answer, and what it holds of the room for large answers, if
// hold is not nil; it waits while a client that reads slowly has too much to read
// already. It returns how many bytes wait and whether somebody is writing, who will
// write these too: if not, the caller has to.
func (w *writer) collect(h wire.Header, x *wire.Extras, m wire.Body, hold *outbound.Hold) (pending int, writing bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.full() {
		w.room.Wait()
	}
	if !w.closed { // else the request gives back what it holds
		w.out.Put(h, x, m)
		if hold != nil {
			w.held += hold.Detach()
		}
	}
	return w.out.Len(), w.writing
}

// sendCollected sees to it that what a worker has collected is written.
func (c *conn) sendCollected(writing bool) {
	if writing {
		return
	}
	if c.inFlight.Used() > 0 {
		// Others of this connection are at work; those that are about to be ready
		// (a commit wakes many at once) get the chance to share this write.
		runtime.Gosched()
	}
	c.flush()
}

// flush writes what is collected, unless somebody else is writing.
func (c *conn) flush() {
	w := &c.w
	w.mu.Lock()
	if w.writing || w.closed || w.out.Len() == 0 {
		w.mu.Unlock()
		return
	}
	w.writing = true
	w.mu.Unlock()
	c.write()
}

// write writes until nothing is left. The caller has set writing.
func (c *conn) write() {
	w := &c.w
	for {
		w.mu.Lock()
		if w.closed || w.out.Len() == 0 {
			w.writing = false
			w.room.Broadcast()
			w.mu.Unlock()
			return
		}
		b, held := w.take()
		w.mu.Unlock()
		err := c.writeAll(b)
		c.written(b, held, err)
	}
}

// take takes what is collected, to be written by the caller alone, and the bytes
// of the room for large answers that it holds.
func (w *writer) take() (b []byte, held int64) {
	b, held = w.out.Take(w.spare), w.held
	w.spare, w.held = nil, 0
	w.room.Broadcast()
	return b, held
}

// giveRoom gives back what answers held that the client has, or that it will not get.
func (c *conn) giveRoom(held int64) {
	if held > 0 {
		c.s.answers.Give(c, held)
	}
}

// written ends the write of b.
func (c *conn) written(b []byte, held int64, err error) {
	w := &c.w
	c.giveRoom(held)
	w.mu.Lock()
	if cap(b) <= keptBuffer {
		w.spare = b
	}
	if err != nil {
		w.closed = true
	}
	w.mu.Unlock()
	if err != nil {
		c.abort() // wakes the reader, which finishes the connection
	}
}

func (c *conn) writeAll(b []byte) error {
	defer c.w.since.Store(0)
	for len(b) > 0 {
		c.w.since.Store(time.Now().UnixNano())
		n, err := c.nc.Write(b[:min(len(b), writeSize)])
		c.s.metrics.sent.Add(float64(n))
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// stopWriting ends all writing once nobody writes.
func (c *conn) stopWriting() {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	for c.w.writing { // ends soon when the connection is cut off
		c.w.room.Wait()
	}
	c.w.closed = true
	c.giveRoom(c.w.held)
	c.w.held = 0
}

// sendEvent collects an event and writes it beside the caller, who can't wait.
func (c *conn) sendEvent(m wire.Body) {
	w := &c.w
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return
	case w.out.Len() > maxPendingEvents:
		w.closed = true
		c.s.metrics.slow.Inc()
		c.s.log.Warn("native protocol: client does not read its events, cut off", "client", c.nc.RemoteAddr())
		c.abort()
		return
	}
	w.out.Put(c.header(wire.OpEvent, eventStream), &wire.Extras{}, m)
	c.s.metrics.events.Inc()
	if !w.writing {
		w.writing = true
		go c.write() // stopWriting waits for it
	}
}
