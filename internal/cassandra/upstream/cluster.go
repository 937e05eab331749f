package upstream

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// Cluster forwards requests to the nodes of a cluster.
type Cluster struct {
	opts    Options
	metrics *metrics
	ctx     context.Context
	cancel  context.CancelFunc
	// clock is the time in nanoseconds, a tick old at most.
	clock atomic.Int64
	// next spreads requests over nodes.
	next     atomic.Uint32
	held     atomic.Int64 // bytes of large answers being received
	topology atomic.Pointer[topology]
	change   atomic.Pointer[chan struct{}] // closed when connections come or fail

	mu      sync.Mutex
	nodes   map[string]*node // by id and address
	closed  bool
	running sync.WaitGroup
}

// New returns a Cluster without nodes; SetNodes gives it some.
func New(o Options) (*Cluster, error) {
	o = o.withDefaults()
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, err
	}
	c := &Cluster{opts: o, metrics: m, nodes: map[string]*node{}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.clock.Store(time.Now().UnixNano())
	c.topology.Store(newTopology(nil, nil, ""))
	first := make(chan struct{})
	c.change.Store(&first)
	c.running.Go(c.watch)
	return c, nil
}

// Close closes all connections; requests in flight fail.
func (c *Cluster) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.running.Wait()
}

// SetNodes replaces the topology. Connections to nodes that stay are kept, those
// to nodes that are gone are closed when nothing is in flight on them.
func (c *Cluster) SetNodes(members []Node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	before := c.nodes
	c.nodes = make(map[string]*node, len(members))
	nodes := make([]*node, len(members))
	for i, m := range members {
		key := m.ID + " " + m.Addr
		n := before[key]
		if n == nil {
			n = newNode(c, m.Addr)
		}
		nodes[i], c.nodes[key] = n, n
		delete(before, key)
	}
	c.topology.Store(newTopology(members, nodes, c.opts.Datacenter))
	for _, n := range before {
		n.remove()
	}
	c.changed()
}

// Up says that the node at addr (host:port) is up: attempts to connect to it
// need not wait any longer.
func (c *Cluster) Up(addr string) {
	for _, n := range c.topology.Load().nodes() {
		if n.addr == addr {
			n.up()
		}
	}
}

// changed wakes the requests that wait for a connection.
func (c *Cluster) changed() {
	next := make(chan struct{})
	close(*c.change.Swap(&next))
}

// Forward implements backend.Forwarder.
func (c *Cluster) Forward(f *backend.Forward) backend.Flusher {
	k := newCall(f, c.clock.Load()+int64(c.timeout(f)))
	c.metrics.requests.Inc()
	if sent, flush := c.dispatch(k); sent {
		return flush
	}
	return c.await(k)
}

// dispatch sends k to the best node that has room: replicas, then others of the
// preferred datacenter, then the rest. When there is none it is false and k
// still the caller's.
func (c *Cluster) dispatch(k *call) (sent bool, f backend.Flusher) {
	if k.attempts == maxAttempts {
		return false, nil
	}
	t, r := c.topology.Load(), k.route()
	replicas := t.replicas(k.f, r, c.opts.Schema)
	start := c.next.Add(1)
	if r != nil && r.Conditional {
		start = 0 // one coordinator per partition: fewer ballots collide
	}
	if sent, f = k.try(replicas, nil, start); sent {
		return true, f
	}
	start = c.next.Load()
	if sent, f = k.try(t.local, replicas, start); sent {
		return true, f
	}
	return k.try(t.remote, nil, start)
}

// try sends k to the first of nodes, from the one at start on, that is not in
// but, was not tried before, and has room.
func (k *call) try(nodes, but []*node, start uint32) (sent bool, f backend.Flusher) {
	for i := range nodes {
		n := nodes[(uint(start)+uint(i))%uint(len(nodes))]
		if k.was(n) || contains(but, n) {
			continue
		}
		conn := n.pool(version(k.f)).pick()
		if conn == nil {
			continue
		}
		k.tried[k.attempts] = n
		k.attempts++
		if sent, f = conn.send(k); sent {
			return true, f
		}
		k.attempts--
	}
	return false, nil
}

func contains(nodes []*node, n *node) bool {
	for _, x := range nodes {
		if x == n {
			return true
		}
	}
	return false
}

// version is the version of the connections that serve f: what is version 5 and
// 6 is laid out the same.
func version(f *backend.Forward) wire.Version { return min(f.Version, wire.V5) }

// roomPeriod is how often a request that waits looks for room on connections.
const roomPeriod = 5 * time.Millisecond

// await waits for a connection with room and sends k; at once, or after
// ConnectTimeout, it fails when no node can be reached.
func (c *Cluster) await(k *call) backend.Flusher {
	c.flush() // what the caller has collected may have to leave to make room
	deadline := time.NewTimer(c.opts.ConnectTimeout)
	defer deadline.Stop()
	for {
		change := *c.change.Load()
		if sent, f := c.dispatch(k); sent {
			return f
		}
		hope, err := c.outlook(version(k.f))
		if !hope {
			return k.answer(backend.Answer{Err: err})
		}
		select {
		case <-change:
		case <-time.After(roomPeriod):
		case <-deadline.C:
			return k.answer(backend.Answer{Err: err})
		case <-c.ctx.Done():
			return k.answer(backend.Answer{Err: cqlerr.New(cqlerr.Overloaded, "The server is shutting down")})
		}
	}
}

// maxReasons is how many nodes the error of an unreachable cluster names.
const maxReasons = 3

// outlook says whether waiting for a connection may help, and what to answer if
// it does not.
func (c *Cluster) outlook(v wire.Version) (hope bool, err *cqlerr.Error) {
	nodes := c.topology.Load().nodes()
	var reasons []string
	connected := false
	for _, n := range nodes {
		p := n.pool(v)
		switch why := p.why(); {
		case len(p.list()) > 0:
			connected, hope = true, true
		case why == nil:
			hope = true
		case len(reasons) < maxReasons:
			reasons = append(reasons, fmt.Sprintf("%s: %v", n.addr, why))
		}
	}
	switch {
	case len(nodes) == 0:
		return false, cqlerr.Unreachablef("The nodes of the cluster are not known yet")
	case connected:
		return true, cqlerr.New(cqlerr.Overloaded, "The connections to the nodes of the cluster have no room for more requests")
	case len(reasons) == 0:
		return hope, cqlerr.Unreachablef("No node of the cluster has answered yet")
	}
	return hope, cqlerr.Unreachablef("No node of the cluster can be reached (%s)", strings.Join(reasons, "; "))
}

// flush sends what is collected for any node.
func (c *Cluster) flush() {
	for _, n := range c.topology.Load().nodes() {
		for i := range n.pools {
			for _, conn := range n.pools[i].list() {
				conn.Flush()
			}
		}
	}
}
