package upstream

import (
	"errors"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// tick is how exact deadlines are.
const tick = 100 * time.Millisecond

// maxAbandoned streams of a connection may wait for answers that nobody wants
// any more; then a new connection is better.
const maxAbandoned = 256

var (
	errSilent    = errors.New("the node does not answer")
	errAbandoned = errors.New("too many requests were not answered in time")
)

// watch ends calls that take too long and connections that are dead.
func (c *Cluster) watch() {
	ticker := time.NewTicker(min(tick, c.opts.HeartbeatTimeout/2, c.opts.RequestTimeout/2))
	defer ticker.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case now := <-ticker.C:
			c.clock.Store(now.UnixNano())
			for _, n := range c.topology.Load().nodes() {
				for i := range n.pools {
					for _, conn := range n.pools[i].list() {
						conn.expire(now.UnixNano())
						conn.beat(now.UnixNano())
					}
				}
			}
		}
	}
}

// expire ends the calls whose deadline is over. Their streams stay taken until
// the node answers.
func (c *conn) expire(now int64) {
	if c.inFlight.Load() == 0 {
		return
	}
	var late []*call
	c.mu.Lock()
	for i, k := range c.calls {
		if k != nil && k != abandoned && k.deadline < now {
			late = append(late, k)
			c.calls[i] = abandoned
			c.orphans++
		}
	}
	tooMany := c.orphans > min(maxAbandoned, c.cluster.opts.MaxInFlight/2)
	c.mu.Unlock()
	for _, k := range late {
		c.cluster.metrics.timeouts.Inc()
		err := k.unknown("Node %s did not answer in %s", c.node.addr, c.cluster.timeout(k.f))
		if f := k.answer(backend.Answer{Err: err}); f != nil {
			f.Flush()
		}
	}
	if tooMany {
		c.close(errAbandoned)
	}
}

// beat asks a node that has been silent for a sign of life (OPTIONS) and closes
// the connection when there is none.
func (c *conn) beat(now int64) {
	o := &c.cluster.opts
	asked := c.asked.Load()
	switch {
	case asked != 0 && now-asked > int64(o.HeartbeatTimeout) && c.heard.Load() < asked:
		c.close(errSilent)
	case asked != 0 && c.heard.Load() >= asked:
		c.asked.Store(0)
	case asked == 0 && now-c.heard.Load() > int64(o.HeartbeatInterval):
		c.asked.Store(now)
		f := &backend.Forward{Version: c.version, Opcode: wire.OpOptions, To: receiver(func(backend.Answer) backend.Flusher { return nil })}
		own := newCall(f, forever)
		own.pinned = true
		if _, flush := c.send(own); flush != nil {
			flush.Flush()
		}
	}
}
