package cassandra

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// catalog is the cluster's schema as last read. What has not changed keeps its
// memory from one snapshot to the next, so that a pointer tells.
type catalog struct {
	current atomic.Pointer[schema.Snapshot]
	// read is the version up to which all keyspaces were read, and the node that
	// had it. Changes made through this gateway are read a keyspace at a time.
	read atomic.Pointer[origin]
	turn chan struct{} // of one place, taken while the schema is read and published

	mu          sync.Mutex
	subscribers []*subscriber
}

// origin says where a catalog comes from.
type origin struct {
	version uuid.UUID
	node    string // its host id
}

type subscriber struct{ f func(schema.Change) }

// subscribe implements backend.Backend.Subscribe.
func (c *catalog) subscribe(f func(schema.Change)) (cancel func()) {
	s := &subscriber{f}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subscribers = append(c.subscribers, s)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		kept := make([]*subscriber, 0, len(c.subscribers))
		for _, other := range c.subscribers {
			if other != s {
				kept = append(kept, other)
			}
		}
		c.subscribers = kept
	}
}

// publish makes next the catalog and tells the subscribers. The caller has the
// turn.
func (c *catalog) publish(next *schema.Snapshot) {
	before := c.current.Swap(next)
	c.mu.Lock()
	subscribers := c.subscribers
	c.mu.Unlock()
	for _, change := range schema.Diff(before, next) {
		for _, s := range subscribers {
			s.f(change)
		}
	}
}

// The pace of watching: how often a node is asked for its schema version, and
// how long it may take to read the schema.
const (
	watchInterval = 500 * time.Millisecond
	reloadTimeout = 30 * time.Second
)

// watch reads the schema again whenever a node has another version of it than
// the catalog, until ctx ends. Asking is one read of a local table; the event
// that nodes send tells no more, and may be lost with its connection.
func (c *Cluster) watch(ctx context.Context, l *live) {
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := c.refresh(ctx, l); err != nil && ctx.Err() == nil {
			c.log.Debug("the cluster's schema can't be read", "reason", err)
		}
	}
}

// refresh reads the schema if the node that it was last read from has another
// version by now. It stays with that node, for another that is late would take
// the catalog back; only when it is gone is any other asked.
func (c *Cluster) refresh(ctx context.Context, l *live) error {
	ctx, cancel := context.WithTimeout(ctx, reloadTimeout)
	defer cancel()
	read := c.catalog.read.Load()
	now, err := l.schemaVersion(ctx, read.node)
	if errors.Is(err, gocql.ErrNoConnections) {
		now, err = l.schemaVersion(ctx, "")
	}
	if err != nil || now.version == read.version {
		return err
	}
	return c.reload(ctx, l, now.node)
}

// schemaVersion asks a node, any when its id is "", for the version of its
// schema.
func (l *live) schemaVersion(ctx context.Context, node string) (origin, error) {
	iter := l.session.Query("SELECT schema_version FROM system.local WHERE key = 'local'").
		Consistency(gocql.One).SetHostID(node).IterContext(ctx)
	var raw [16]byte
	iter.Scan(&raw)
	o := origin{version: raw}
	if h := iter.Host(); h != nil {
		o.node = h.HostID()
	}
	return o, iter.Close()
}

// takeTurn waits for the right to read and publish the schema. Who waited reads
// what is there when its turn comes.
func (c *catalog) takeTurn(ctx context.Context) (done func(), err error) {
	select {
	case c.turn <- struct{}{}:
		return func() { <-c.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// reload reads the whole schema from one node, any when its id is "", and
// publishes it.
func (c *Cluster) reload(ctx context.Context, l *live, node string) error {
	done, err := c.catalog.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer done()
	// The version comes first: should the schema change while it is read, the
	// next look finds a newer version and reads again.
	now, err := l.schemaVersion(ctx, node)
	if err != nil {
		return err
	}
	if read := c.catalog.read.Load(); read != nil && read.version == now.version {
		c.catalog.read.Store(&now)
		return nil
	}
	next, err := l.readSchema(ctx, now.node)
	if err != nil {
		return err
	}
	next.Version = now.version
	share(c.Schema(), next)
	c.catalog.read.Store(&now)
	c.catalog.publish(next)
	return nil
}

// reloadKeyspace reads one keyspace from the node that has just changed it, and
// publishes it. The version of the catalog is the node's then; that other
// keyspaces are of that version too is for the next look to see.
func (c *Cluster) reloadKeyspace(ctx context.Context, l *live, node, keyspace string) error {
	done, err := c.catalog.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer done()
	now, err := l.schemaVersion(ctx, node)
	if err != nil {
		return err
	}
	part, err := l.readKeyspace(ctx, now.node, keyspace)
	if err != nil {
		return err
	}
	before := c.Schema()
	next := &schema.Snapshot{Version: now.version, Keyspaces: maps.Clone(before.Keyspaces)}
	share(before, part)
	if k := part.Keyspaces[keyspace]; k != nil {
		next.Keyspaces[keyspace] = k
	} else {
		delete(next.Keyspaces, keyspace)
	}
	c.catalog.read.Store(&origin{version: c.catalog.read.Load().version, node: now.node})
	c.catalog.publish(next)
	return nil
}

// share puts the keyspaces and tables of before in the place of equal ones in
// next, which nobody has seen yet.
func share(before, next *schema.Snapshot) {
	for name, k := range next.Keyspaces {
		old := before.Keyspaces[name]
		if old == nil {
			continue
		}
		if reflect.DeepEqual(old, k) {
			next.Keyspaces[name] = old
			continue
		}
		for table, t := range k.Tables {
			if o := old.Tables[table]; o != nil && reflect.DeepEqual(o, t) {
				k.Tables[table] = o
			}
		}
	}
}
