package cassandra

import (
	"context"
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
	turn    chan struct{} // of one place, taken while the schema is read and published

	mu          sync.Mutex
	subscribers []*subscriber
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

// refresh reads the schema if a node has another version.
func (c *Cluster) refresh(ctx context.Context, l *live) error {
	ctx, cancel := context.WithTimeout(ctx, reloadTimeout)
	defer cancel()
	version, host, err := l.schemaVersion(ctx, "")
	if err != nil || version == c.Schema().Version {
		return err
	}
	return c.reload(ctx, l, host)
}

// schemaVersion asks a node, any when host is "", for the version of its
// schema, and says which node it was.
func (l *live) schemaVersion(ctx context.Context, host string) (version uuid.UUID, from string, err error) {
	iter := l.session.Query("SELECT schema_version FROM system.local WHERE key = 'local'").
		Consistency(gocql.One).SetHostID(host).IterContext(ctx)
	if h := iter.Host(); h != nil {
		from = h.HostID()
	}
	var raw [16]byte
	iter.Scan(&raw)
	return raw, from, iter.Close()
}

// reload reads the whole schema from one node, any when host is "", and
// publishes it. Reloads run one after the other; one that waited reads what is
// there when its turn comes.
func (c *Cluster) reload(ctx context.Context, l *live, host string) error {
	select {
	case c.catalog.turn <- struct{}{}:
		defer func() { <-c.catalog.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	// The version comes first: should the schema change while it is read, the
	// next look finds a newer version and reads again.
	version, host, err := l.schemaVersion(ctx, host)
	if err != nil {
		return err
	}
	before := c.Schema()
	if version == before.Version {
		return nil
	}
	next, err := l.readSchema(ctx, host)
	if err != nil {
		return err
	}
	next.Version = version
	share(before, next)
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
