package upstream

import (
	"net"
	"sync"
	"sync/atomic"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/nonblock"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// The bounds of what waits to be written to one node.
const (
	// maxPending bytes may wait before the connection counts as full.
	maxPending = 4 << 20
	// keptBuffer is the largest buffer that a quiet connection keeps.
	keptBuffer = 64 << 10
)

// conn is a connection to a node, ready for requests.
type conn struct {
	cluster *Cluster
	node    *node
	pool    *pool
	version wire.Version
	comp    wire.Compression
	nc      net.Conn
	in      wire.Stream // of the goroutine that reads
	scratch []byte      // decompressed bodies

	inFlight atomic.Int32
	// held are bytes of the cluster's limit, for a large answer being received.
	held atomic.Int64
	// heard is when something was last received, asked when a heartbeat was sent
	// that is not answered yet (0 = none), in the cluster's clock.
	heard, asked atomic.Int64

	mu      sync.Mutex
	out     wire.Output
	spare   []byte // the buffer that out does not use
	now     *nonblock.Writer
	writing bool
	queued  bool // somebody is about to flush
	closed  bool
	writes  uint64 // how often out was taken to be written
	calls   []*call
	free    []int16 // stream ids, the last one is next
	orphans int     // streams whose answer nobody waits for any more
	cause   error   // why it was closed
}

// abandoned stands for calls that were given up; their streams can't be used
// before the node has answered.
var abandoned = new(call)

func newConn(p *pool, nc net.Conn, in wire.Stream, out wire.Output, comp wire.Compression) *conn {
	c := &conn{
		cluster: p.node.cluster, node: p.node, pool: p, version: p.version, comp: comp, nc: nc, in: in, out: out,
		now: nonblock.NewWriter(nc),
	}
	c.heard.Store(c.cluster.clock.Load())
	return c
}

// send gives k a stream and collects its request. It is false when the
// connection is closed or has no room.
func (c *conn) send(k *call) (sent bool, f backend.Flusher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.writing && c.out.Len() > maxPending {
		return false, nil
	}
	stream, ok := c.stream()
	if !ok {
		return false, nil
	}
	c.calls[stream] = k
	k.write = c.writes
	c.inFlight.Add(1)
	c.out.PutRaw(wire.Header{Version: c.version, Flags: k.f.Flags, Opcode: k.f.Opcode, Stream: stream}, k.f.Body)
	if c.writing || c.queued {
		return true, nil
	}
	c.queued = true
	return true, c
}

// stream takes a free stream id. The table grows to what is needed.
func (c *conn) stream() (id int16, ok bool) {
	if n := len(c.free); n > 0 {
		id = c.free[n-1]
		c.free = c.free[:n-1]
		return id, true
	}
	if len(c.calls) >= c.cluster.opts.MaxInFlight {
		return 0, false
	}
	c.calls = append(c.calls, nil)
	return int16(len(c.calls) - 1), true
}

// take ends the call of a stream: nil for one that was abandoned. known is
// false when there is no such call.
func (c *conn) take(stream int16) (k *call, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if stream < 0 || int(stream) >= len(c.calls) || c.calls[stream] == nil {
		return nil, false
	}
	k = c.calls[stream]
	c.calls[stream] = nil
	c.free = append(c.free, stream)
	c.inFlight.Add(-1)
	if k == abandoned {
		c.orphans--
		k = nil
	}
	return k, true
}

// close closes the connection. What was in flight is given to fail.
func (c *conn) close(cause error) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return
	}
	c.closed, c.cause = true, cause
	c.mu.Unlock()
	_ = c.nc.Close() // wakes the reader, which calls fail
}

// fail ends the calls in flight, when nothing is received any more: those that
// were surely not sent, and idempotent ones, go to other nodes.
func (c *conn) fail() {
	c.mu.Lock()
	cause, writes := c.cause, c.writes
	all := c.calls
	c.calls, c.free = nil, nil
	c.mu.Unlock()
	for _, k := range all {
		if k != nil && k != abandoned {
			c.cluster.lost(k, c, k.write == writes, cause)
		}
	}
}

// same reports whether c is x.
func (c *conn) same(x *conn) bool { return c == x }
