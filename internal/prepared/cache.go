// Package prepared holds the cache of prepared statements that doors keep whose
// clients send CQL as text.
package prepared

import (
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// Cache holds prepared statements of a door's own kind, S, by key, up to a
// number of bytes. When it is full, of a sample of statements the one goes that
// was not used for longest. It is safe for concurrent use.
type Cache[K comparable, S any] struct {
	limit   int64
	metrics Metrics
	// clock counts the statements put; using a statement notes it.
	clock atomic.Int64

	mu    sync.RWMutex
	byKey map[K]*entry[K, S]
	all   []*entry[K, S]
	next  int // where the next sample begins
	bytes int64
}

// Metrics tell what a cache holds.
type Metrics struct {
	Held    prometheus.Gauge
	Evicted prometheus.Counter
}

type entry[K comparable, S any] struct {
	key       K
	statement S
	size      int64
	tables    []cql.QualifiedName
	used      atomic.Int64 // Cache.clock at the last use
}

// evictionSample is how many statements are looked at to drop one.
const evictionSample = 16

// New returns an empty cache of limit bytes.
func New[K comparable, S any](limit int64, m Metrics) *Cache[K, S] {
	return &Cache[K, S]{limit: limit, metrics: m, byKey: map[K]*entry[K, S]{}}
}

// Limit is how many bytes the cache may hold.
func (c *Cache[K, S]) Limit() int64 { return c.limit }

// Get returns the statement with that key, and whether there is one.
func (c *Cache[K, S]) Get(key K) (s S, ok bool) {
	c.mu.RLock()
	e := c.byKey[key]
	c.mu.RUnlock()
	if e == nil {
		return s, false
	}
	if now := c.clock.Load(); e.used.Load() != now { // do not write what many read
		e.used.Store(now)
	}
	return e.statement, true
}

// Put adds s, an estimated number of bytes large and about the rows of tables,
// and reports false when it is larger than the whole cache.
func (c *Cache[K, S]) Put(key K, s S, size int64, tables []cql.QualifiedName) bool {
	if size > c.limit {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey[key] != nil {
		c.remove(func(old *entry[K, S]) bool { return old.key == key })
	}
	for c.bytes+size > c.limit {
		c.evict()
	}
	e := &entry[K, S]{key: key, statement: s, size: size, tables: tables}
	e.used.Store(c.clock.Add(1))
	c.byKey[key] = e
	c.all = append(c.all, e)
	c.bytes += size
	c.metrics.Held.Set(float64(len(c.all)))
	return true
}

// evict drops a statement.
func (c *Cache[K, S]) evict() {
	oldest := c.next % len(c.all)
	for range min(evictionSample, len(c.all)) {
		c.next = (c.next + 1) % len(c.all)
		if c.all[c.next].used.Load() < c.all[oldest].used.Load() {
			oldest = c.next
		}
	}
	e := c.all[oldest]
	last := len(c.all) - 1
	c.all[oldest] = c.all[last]
	c.all[last] = nil
	c.all = c.all[:last]
	delete(c.byKey, e.key)
	c.bytes -= e.size
	c.metrics.Evicted.Inc()
}

// Invalidate drops the statements that a schema change may have touched: those
// of the table, or of the whole keyspace if a keyspace or type has changed.
// Clients of the native protocol then prepare them anew and learn what is
// different (QueryProcessor.StatementInvalidatedListener).
func (c *Cache[K, S]) Invalidate(change schema.Change) {
	if change.Kind == schema.Created {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(func(e *entry[K, S]) bool {
		for _, t := range e.tables {
			if t.Keyspace == change.Keyspace && (change.Target != wire.TargetTable || t.Name == change.Name) {
				return true
			}
		}
		return false
	})
	c.metrics.Held.Set(float64(len(c.all)))
}

// remove drops the statements that match.
func (c *Cache[K, S]) remove(match func(*entry[K, S]) bool) {
	kept := c.all[:0]
	for _, e := range c.all {
		if match(e) {
			delete(c.byKey, e.key)
			c.bytes -= e.size
		} else {
			kept = append(kept, e)
		}
	}
	clear(c.all[len(kept):])
	c.all = kept
}
