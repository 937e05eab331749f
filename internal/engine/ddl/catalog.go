// Package ddl runs schema statements on the embedded engine: it keeps the
// catalog, in memory as the current schema.Snapshot and in the store.
//
//	statement --rules (one file per family)--> next Snapshot --encode--> store batch
//	  (catalog and range deletes together, synced) --> published --> subscribers
//
// Statements run one at a time. Readers never wait: they load the current
// snapshot and may hold on to it. Errors and their order are Cassandra's
// (org.apache.cassandra.cql3.statements.schema).
package ddl

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Options of Open.
type Options struct {
	// Builtin are the server's own keyspaces. They are not stored.
	Builtin []*schema.Keyspace
	// BuildIndex builds indexes, nil when there is nothing to be built.
	BuildIndex BuildIndex
	// Log of builds that fail; nil discards.
	Log *slog.Logger
	// ReadOnly: the store must have a catalog, which is only read. No statement
	// may run.
	ReadOnly bool
}

// ErrNoCatalog is returned by a read-only Open of a store that never had one.
var ErrNoCatalog = errors.New("no catalog is stored there")

// Catalog is the schema of one store. All methods are safe for concurrent use.
type Catalog struct {
	store   *store.Store
	builds  builds
	current atomic.Pointer[published]
	writers barrier

	turn        chan struct{} // holds one token; taken while a statement runs
	nextStorage uint32        // number of the next table or index

	subMu       sync.Mutex
	subscribers map[int]func(schema.Change)
	nextSub     int
}

// published is a snapshot with what is derived from it.
type published struct {
	snapshot *schema.Snapshot
	layouts  map[*schema.Table]*store.Layout
	byID     map[uint32]*store.Layout
}

// Open loads the catalog from s, or makes a new one there, and goes on building
// the indexes that are not built yet. Close ends it, before the store.
func Open(_ context.Context, s *store.Store, o Options) (*Catalog, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Catalog{store: s, turn: make(chan struct{}, 1), subscribers: map[int]func(schema.Change){}}
	b := &c.builds
	b.build, b.store, b.log = o.BuildIndex, s, o.Log
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.turn = make(chan struct{}, 1)
	b.turn <- struct{}{}
	c.turn <- struct{}{}
	snapshot, err := c.load(o)
	if err != nil {
		return nil, err
	}
	c.publish(snapshot)
	if o.ReadOnly {
		return c, nil
	}
	return c, c.finishIndexes()
}

// Close stops the builds of indexes, which go on at the next Open.
func (c *Catalog) Close() {
	c.builds.cancel()
	c.builds.group.Wait()
}

// Snapshot returns the current catalog.
func (c *Catalog) Snapshot() *schema.Snapshot { return c.current.Load().snapshot }

// Layout returns what the store must know of t, which may be of an older
// snapshot, nil for a table without storage.
func (c *Catalog) Layout(t *schema.Table) *store.Layout {
	if l := c.current.Load().layouts[t]; l != nil {
		return l
	}
	return plan.LayoutOf(t)
}

// LayoutByID returns the layout of the current table with that storage
// number, nil when there is none (store.Options.Layouts).
func (c *Catalog) LayoutByID(id uint32) *store.Layout { return c.current.Load().byID[id] }

// Enter is called by a statement that writes, before it loads the Snapshot
// that it writes by; Leave with its ticket, once its commit has returned. A
// change that must not cross writers, as of a new index, waits for those that
// entered before it.
func (c *Catalog) Enter() Ticket { return c.writers.enter() }

// Leave ends what Enter began.
func (c *Catalog) Leave(t Ticket) { c.writers.leave(t) }

// Subscribe calls f after each change, in order, until cancel is called. A
// change is published before f is called. f must not block nor run a schema
// statement.
func (c *Catalog) Subscribe(f func(schema.Change)) (cancel func()) {
	c.subMu.Lock()
	defer c.subMu.Unlock()
	id := c.nextSub
	c.nextSub++
	c.subscribers[id] = f
	return func() {
		c.subMu.Lock()
		defer c.subMu.Unlock()
		delete(c.subscribers, id)
	}
}

// Execute runs a schema statement; keyspace is what unqualified names belong
// to, "" for none. The result is a SchemaChange, or Void when IF EXISTS or IF
// NOT EXISTS left nothing to do. When it returns the change is durable and
// visible; a new index may not be built yet (see IndexBuilt).
func (c *Catalog) Execute(ctx context.Context, stmt cql.Statement, keyspace string) (*backend.Result, error) {
	result, build, err := c.execute(ctx, stmt, keyspace)
	if build != nil {
		select {
		case <-build.done:
		case <-ctx.Done():
		case <-time.After(buildGrace):
		}
	}
	return result, err
}

// execute is Execute without waiting for the build of an index.
func (c *Catalog) execute(ctx context.Context, stmt cql.Statement, keyspace string) (*backend.Result, *Build, error) {
	select {
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	before := c.Snapshot()
	e := &edit{before: before, session: keyspace, now: c.store.Now, storage: c.nextStorage}
	if err := e.run(stmt); err != nil {
		return nil, nil, err
	}
	if e.after == nil {
		return &backend.Result{Kind: backend.Void, Warnings: e.warnings}, nil, nil
	}
	after, build, err := c.apply(ctx, e)
	if err != nil {
		return nil, nil, err
	}
	e.change.Snapshot = after
	c.notify(schema.Diff(before, after))
	return &backend.Result{Kind: backend.SchemaChange, Change: &e.change, Warnings: e.warnings}, build, nil
}

// apply makes the edit durable and visible and returns the new catalog, and
// the build that it began.
//
// An index is published before any row is read for it, and the writers that do
// not know it are waited for, so that no row is missed: a row is either written by
// someone who knows the index, or there to be read.
func (c *Catalog) apply(ctx context.Context, e *edit) (*schema.Snapshot, *Build, error) {
	c.builds.stop(e.after)
	after, removed, err := c.save(e.before, e.after, e.storage)
	if err != nil {
		return nil, nil, errors.Join(err, c.resumeBuilds())
	}
	var build *Build
	if e.index != nil {
		build = c.builds.add(tableOf(after, e.index))
	}
	c.publish(after)
	ctx = context.WithoutCancel(ctx)
	if build != nil {
		_, err := c.writers.wait(ctx)
		c.builds.start(build)
		return after, build, err
	}
	if removed.empty() {
		return after, nil, nil
	}
	// A statement of the schema before may have written since the data went.
	waited, err := c.writers.wait(ctx)
	if err != nil || !waited {
		return after, nil, err
	}
	batch := c.store.NewBatch()
	removed.delete(batch)
	return after, nil, batch.Commit()
}

// tableOf returns the table of a new index, and the index as it was stored.
func tableOf(s *schema.Snapshot, ix *schema.Index) (*schema.Table, *schema.Index) {
	for _, k := range s.Keyspaces {
		for _, t := range k.Tables {
			if own := t.Indexes[ix.Name]; own != nil && own.Storage == ix.Storage {
				return t, own
			}
		}
	}
	return nil, nil // the statement has just added it
}

func (c *Catalog) publish(s *schema.Snapshot) {
	p := &published{snapshot: s, layouts: map[*schema.Table]*store.Layout{}, byID: map[uint32]*store.Layout{}}
	old := c.current.Load()
	for _, k := range s.Keyspaces {
		for _, t := range k.Tables {
			if t.Storage == 0 {
				continue
			}
			var l *store.Layout
			if old != nil {
				l = old.layouts[t]
			}
			if l == nil {
				l = plan.LayoutOf(t)
			}
			p.layouts[t], p.byID[t.Storage] = l, l
		}
	}
	c.current.Store(p)
}

func (c *Catalog) notify(changes []schema.Change) {
	c.subMu.Lock()
	subscribers := make([]func(schema.Change), 0, len(c.subscribers))
	for id := range c.nextSub {
		if f := c.subscribers[id]; f != nil {
			subscribers = append(subscribers, f)
		}
	}
	c.subMu.Unlock()
	for _, change := range changes {
		for _, f := range subscribers {
			f(change)
		}
	}
}
