// Package cassandra is the back end in front of a real Apache Cassandra
// cluster: statements go to its nodes, and nothing is kept here.
//
//	syntax tree --names qualified, printed--> CQL text --gocql--> node
//	bind values: wire bytes, untouched            rows: wire bytes, untouched
//	system_schema of the cluster --read, compared--> schema.Snapshot, changes
//
// gocql keeps the connections, knows the ring, routes by token and datacenter,
// reconnects, and prepares anew on a node that has forgotten a statement. Any
// number of gateways may stand in front of one cluster.
package cassandra

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cassandra/upstream"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Options of Open. Only Hosts is required.
type Options struct {
	// Hosts are the first contacts, each host or host:port (9042).
	Hosts []string
	// User and Password log in to the cluster; no login without a user.
	User, Password string
	// TLS of the connections to the nodes; nil for none.
	TLS *tls.Config
	// Datacenter whose nodes are used; "" takes that of the first contact.
	Datacenter string
	// Speculative: a read or other idempotent statement that has no answer after
	// this long is sent to a second node as well; 0 never does.
	Speculative time.Duration
	// Protocol is the highest version of the native protocol to speak to the
	// nodes; 0 takes the highest that both sides know.
	Protocol int
	// Timeout of a statement that reads or writes; 0 takes the default of 12 s,
	// which is longer than the nodes' own, so that their errors arrive. Schema
	// statements and TRUNCATE may take longer.
	Timeout time.Duration
	// Address is where drivers reach this gateway's CQL port. It must not be a
	// wildcard: drivers connect to it.
	Address netip.AddrPort
	// Peers are the CQL addresses of all gateways in front of the cluster, this
	// one among them or not. None: they find each other by Cluster.Join.
	Peers []netip.AddrPort
	// OpenLocal opens the back end that answers reads of the tables that
	// Cluster.SystemTables returns, and of those that reader has, which show not
	// everything to everybody (backend.Query.Visible); nil leaves all of them to
	// the nodes.
	OpenLocal func(tables map[string]func() []map[string][]byte, reader backend.TableReader) (backend.Backend, error)
	// Log of what happens to the connections; nil discards.
	Log *slog.Logger
	// Registerer takes the metrics; nil keeps them.
	Registerer prometheus.Registerer
}

// defaultTimeout is longer than Cassandra's own timeouts (10 s for a range
// read), which answer with an error that tells more.
const defaultTimeout = 12 * time.Second

// slowTimeout bounds schema statements and TRUNCATE, and how long a node may
// leave a heartbeat unanswered.
const slowTimeout = 30 * time.Second

// sessionCloseTimeout bounds what closing takes of the 5 s that a server has to stop.
const sessionCloseTimeout = time.Second

// Cluster is the back end. It implements backend.Backend.
type Cluster struct {
	options Options
	log     *slog.Logger
	driver  driverLog
	// live is what needs a connected cluster; nil until the first connection.
	live atomic.Pointer[live]
	// unreachable is why live is nil.
	unreachable atomic.Pointer[error]
	catalog     catalog
	ring        *ring
	local       backend.Backend   // serves SystemTables, or nil
	upstream    *upstream.Cluster // for requests that are forwarded

	closing   context.Context // ends with Close
	stop      context.CancelFunc
	running   sync.WaitGroup
	connected chan struct{} // closed when live is set or fatal is
	fatal     error         // read after connected is closed
}

// live is a connected cluster.
type live struct {
	session    *gocql.Session
	cqlVersion string // of the first contact, as system.local has it
	datacenter string
	release    string // likewise
	cluster    string // its name
	// timeout and speculative are those of Options.
	timeout, speculative time.Duration
	protocol             int // version of the native protocol to the nodes
}

var (
	_ backend.Backend = (*Cluster)(nil)
	_ backend.Nodes   = (*Cluster)(nil)
	_ backend.Once    = (*Cluster)(nil)
)

// Open starts connecting to the cluster and goes on trying in the background
// while no node can be reached; Connected waits for it. It fails at once when
// the options make no sense.
func Open(o Options) (*Cluster, error) {
	if len(o.Hosts) == 0 {
		return nil, errors.New("no host of the cluster is named")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	c := &Cluster{options: o, log: o.Log, driver: newDriverLog(o.Log), ring: newRing(o.Address, o.Peers), connected: make(chan struct{})}
	c.catalog.current.Store(&schema.Snapshot{Keyspaces: map[string]*schema.Keyspace{}})
	c.catalog.turn = make(chan struct{}, 1)
	var err error
	if c.upstream, err = upstream.New(upstream.Options{
		Username: o.User, Password: o.Password, TLS: o.TLS, RequestTimeout: o.Timeout, Schema: c.Schema, Log: o.Log, Registerer: o.Registerer,
	}); err != nil {
		return nil, err
	}
	if o.OpenLocal != nil {
		if c.local, err = o.OpenLocal(c.SystemTables(), c); err != nil {
			c.upstream.Close()
			return nil, err
		}
	}
	var ctx context.Context
	ctx, c.stop = context.WithCancel(context.Background())
	c.closing = ctx
	c.running.Go(func() { c.run(ctx) })
	return c, nil
}

// Connected waits until the cluster is connected and its schema read. The error
// is ctx's, or says why connecting can't ever succeed: a *RefusedError.
func (c *Cluster) Connected(ctx context.Context) error {
	select {
	case <-c.connected:
		return c.fatal
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Schema implements backend.Backend.
func (c *Cluster) Schema() *schema.Snapshot { return c.catalog.current.Load() }

// Subscribe implements backend.Backend.
func (c *Cluster) Subscribe(f func(schema.Change)) (cancel func()) { return c.catalog.subscribe(f) }

// SubscribeNodes implements backend.Nodes: clients talk to gateways, not to the
// cluster's nodes.
func (c *Cluster) SubscribeNodes(f func(backend.NodeChange)) (cancel func()) {
	return c.ring.subscribe(f)
}

// Ready implements backend.Backend.
func (c *Cluster) Ready(ctx context.Context) error {
	l, err := c.alive()
	if err != nil {
		return err
	}
	return l.ping(ctx)
}

// Close implements backend.Backend.
func (c *Cluster) Close() error {
	c.stop()
	c.running.Wait()
	c.upstream.Close()
	if l := c.live.Load(); l != nil {
		closeSession(l.session)
	}
	return nil
}

// closeSession closes the driver's session, which first ends its own wait for
// schema agreement: up to 10 s after a change when the node is lost. Nothing is
// gained by that, so that it is left alone after sessionCloseTimeout.
func closeSession(session *gocql.Session) {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		session.Close()
	}()
	select {
	case <-closed:
	case <-time.After(sessionCloseTimeout):
	}
}

// run connects, then watches the schema until ctx ends.
func (c *Cluster) run(ctx context.Context) {
	l, err := c.connect(ctx)
	if err != nil {
		c.fatal = err
		c.unreachable.Store(&err)
		close(c.connected)
		return
	}
	c.live.Store(l)
	close(c.connected)
	c.watch(ctx, l)
}

// alive returns the connected cluster, or why there is none.
func (c *Cluster) alive() (*live, error) {
	if l := c.live.Load(); l != nil {
		return l, nil
	}
	return nil, c.notConnected()
}
