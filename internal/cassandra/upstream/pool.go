package upstream

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// pool holds the connections to a node in one version of the protocol. The
// goroutine that keeps it runs from the first use on.
type pool struct {
	node    *node
	version wire.Version
	conns   atomic.Pointer[[]*conn]
	started atomic.Bool
	wake    chan struct{}

	mu      sync.Mutex
	failure error // why there is no connection, nil before the first attempt
}

// crowd is how many requests in flight on a connection make a second one worth
// its while. With fewer they share one, and so the system calls that send them
// and receive their answers.
const crowd = 64

// pick returns the first connection without a crowd, and without a large answer
// on it, which the others would come behind; else the one with the least in
// flight, nil if there is none. The first use of a pool starts it.
func (p *pool) pick() *conn {
	list := p.conns.Load()
	if list == nil {
		p.start()
		return nil
	}
	var best *conn
	least := int32(0)
	for _, c := range *list {
		n := c.inFlight.Load()
		if n < crowd && c.held.Load() == 0 {
			return c
		}
		if best == nil || n < least {
			best, least = c, n
		}
	}
	return best
}

// start starts the goroutine that keeps the pool.
func (p *pool) start() {
	if p.started.Load() || p.started.Swap(true) {
		return
	}
	c := p.node.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.running.Go(p.keep)
	}
}

// poke makes keep look at once.
func (p *pool) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// keep opens connections until there are enough, again when one was lost, with
// growing pauses while that fails, until the node is removed or the cluster
// closed.
func (p *pool) keep() {
	c := p.node.cluster
	var pause time.Duration
	for c.ctx.Err() == nil && !p.node.removed.Load() {
		if len(p.list()) >= c.opts.Connections {
			pause = 0
			p.sleep(c.ctx, time.Hour)
			continue
		}
		conn, err := p.dial(c.ctx)
		if err == nil {
			pause = 0
			p.add(conn)
			continue
		}
		pause = min(max(2*pause, c.opts.ReconnectMin), c.opts.ReconnectMax)
		p.failed(err, pause)
		p.sleep(c.ctx, pause/2+rand.N(pause))
	}
	p.retire()
}

// sleep waits for d, or until it is poked.
func (p *pool) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.wake:
	case <-ctx.Done():
	}
}

func (p *pool) list() []*conn {
	if list := p.conns.Load(); list != nil {
		return *list
	}
	return nil
}

// add puts an open connection into use.
func (p *pool) add(conn *conn) {
	c := p.node.cluster
	p.mu.Lock()
	list := append(slices.Clone(p.list()), conn)
	p.conns.Store(&list)
	p.failure = nil
	p.mu.Unlock()
	c.metrics.connections.Inc()
	if len(list) == 1 {
		c.opts.Log.Debug("cluster: connected", "node", p.node.addr, "protocol", p.version.String())
	}
	c.running.Go(conn.serve)
	c.changed()
}

// failed notes why there is no connection.
func (p *pool) failed(err error, pause time.Duration) {
	c := p.node.cluster
	if c.ctx.Err() != nil {
		return
	}
	p.mu.Lock()
	p.failure = err
	p.mu.Unlock()
	c.metrics.failures.Inc()
	c.opts.Log.Warn("cluster: can't connect to node", "node", p.node.addr, "protocol", p.version.String(), "error", err, "retry_in", pause)
	c.changed()
}

// remove takes a closed connection out of use.
func (p *pool) remove(conn *conn) {
	c := p.node.cluster
	p.mu.Lock()
	list := slices.DeleteFunc(slices.Clone(p.list()), conn.same)
	p.conns.Store(&list)
	p.mu.Unlock()
	c.metrics.connections.Dec()
	if c.ctx.Err() == nil && !p.node.removed.Load() && !errors.Is(conn.cause, errRetired) {
		c.opts.Log.Warn("cluster: connection lost", "node", p.node.addr, "error", conn.cause)
	}
	p.poke()
}

// errRetired closes the connections to a node that left the cluster.
var errRetired = errors.New("the node left the cluster")

// retirement is how long the requests in flight at a node that leaves may take.
const retirement = 10 * time.Second

// retire closes all connections, when nothing is in flight any more.
func (p *pool) retire() {
	c := p.node.cluster
	all := p.list()
	deadline := time.Now().Add(retirement)
	for _, conn := range all {
		for c.ctx.Err() == nil && conn.inFlight.Load() > 0 && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
		}
		conn.close(errRetired)
	}
}

// why is the last failure to connect, nil while there are connections or before
// the first attempt.
func (p *pool) why() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failure
}
