package ddl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// BuildIndex enters the rows that t has into its index ix, which is in the
// published schema already; when it is called every writer knows the index. It
// may be called again for the same index after a crash: mark is the name of a
// meta value of the store, there as long as the build is not done, that may
// keep how far it came. progress is called now and then with the token that has
// been reached.
type BuildIndex func(ctx context.Context, t *schema.Table, ix *schema.Index, mark []byte, progress func(token int64)) error

// Build is an index that is being built.
type Build struct {
	ID    uuid.UUID // a timeuuid of when it began
	Table *schema.Table
	Index *schema.Index

	token   atomic.Int64
	started atomic.Bool
	cancel  context.CancelFunc
	done    chan struct{}
}

// Progress returns how much of the table is done, from 0 to 1: its tokens are
// spread evenly.
func (b *Build) Progress() float64 {
	if !b.started.Load() {
		return 0
	}
	return float64(b.token.Load())/(1<<64) + 0.5
}

const (
	// buildGrace is how long CREATE INDEX waits for the build of its index, so
	// that one on a small table can be queried at once.
	buildGrace = 100 * time.Millisecond
	// A build that failed is tried again after a while.
	firstRetry, lastRetry = time.Second, time.Minute
)

// builds are the indexes that are being built, one at a time.
type builds struct {
	build BuildIndex
	store *store.Store
	log   *slog.Logger

	ctx    context.Context
	cancel context.CancelFunc
	group  sync.WaitGroup
	turn   chan struct{} // holds one token; taken while one is built
	active sync.Map      // storage number of the index -> *Build
}

// markKey is the name of the meta value that is there while an index is not built.
func markKey(id uint32) []byte { return fmt.Appendf(nil, "catalog/build/%08x", id) }

// add notes that an index is not built yet. Queries must not see the index before.
func (b *builds) add(t *schema.Table, ix *schema.Index) *Build {
	n := &Build{ID: uuid.Must(uuid.NewUUID()), Table: t, Index: ix, done: make(chan struct{})}
	b.active.Store(ix.Storage, n)
	return n
}

// start begins to build what was added. Writers that do not know the index have left.
func (b *builds) start(n *Build) {
	var ctx context.Context
	ctx, n.cancel = context.WithCancel(b.ctx)
	b.group.Go(func() {
		defer n.cancel()
		defer close(n.done)
		retry := firstRetry
		for {
			err := b.run(ctx, n)
			if err == nil {
				b.active.Delete(n.Index.Storage)
				return
			}
			if ctx.Err() != nil || errors.Is(err, store.ErrClosed) {
				return
			}
			b.log.Error("building an index failed", "index", n.Index.Name, "table", n.Table.String(), "error", err, "retry", retry)
			select {
			case <-ctx.Done():
				return
			case <-time.After(retry):
			}
			retry = min(2*retry, lastRetry)
		}
	})
}

// run builds an index, when it is its turn, and makes that it is built durable.
func (b *builds) run(ctx context.Context, n *Build) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-b.turn:
		defer func() { b.turn <- struct{}{} }()
	}
	if b.build != nil {
		err := b.build(ctx, n.Table, n.Index, markKey(n.Index.Storage), func(token int64) {
			n.token.Store(token)
			n.started.Store(true)
		})
		if err != nil {
			return err
		}
	}
	batch := b.store.NewBatch()
	batch.DeleteMeta(markKey(n.Index.Storage))
	return batch.Commit()
}

// stop ends the builds of indexes that are not in next, and waits for them.
func (b *builds) stop(next *schema.Snapshot) {
	b.active.Range(func(id, value any) bool {
		n := value.(*Build)
		if n.cancel == nil || hasIndex(next, n.Index) {
			return true
		}
		n.cancel()
		<-n.done
		b.active.Delete(id)
		return true
	})
}

// hasIndex reports whether s has an index of that storage number.
func hasIndex(s *schema.Snapshot, ix *schema.Index) bool {
	for _, k := range s.Keyspaces {
		for _, t := range k.Tables {
			if own := t.Indexes[ix.Name]; own != nil && own.Storage == ix.Storage {
				return true
			}
		}
	}
	return false
}

// IndexBuilt reports whether queries may use an index, by its storage number.
func (c *Catalog) IndexBuilt(id uint32) bool {
	_, building := c.builds.active.Load(id)
	return !building
}

// Builds returns the indexes that are being built, in no order.
func (c *Catalog) Builds() []*Build {
	var all []*Build
	c.builds.active.Range(func(_, value any) bool {
		all = append(all, value.(*Build))
		return true
	})
	return all
}

// finishIndexes goes on with the builds that were not done when the server
// stopped, and builds those indexes anew that have entries of another format.
func (c *Catalog) finishIndexes() error {
	before := c.Snapshot()
	after, storage := before, c.nextStorage
	for _, k := range before.InOrder() {
		for _, t := range k.TablesInOrder() {
			next := t
			for _, ix := range t.IndexesInOrder() {
				if ix.Format != index.Format {
					anew := *ix
					anew.Format, anew.Storage = index.Format, storage
					storage++
					next = next.WithIndex(&anew)
				}
			}
			if next != t {
				after = after.WithKeyspace(after.Keyspaces[k.Name].WithTable(next))
			}
		}
	}
	if after != before {
		stored, _, err := c.save(before, after, storage)
		if err != nil {
			return err
		}
		c.publish(stored)
	}
	return c.resumeBuilds()
}

func (c *Catalog) resumeBuilds() error {
	r := c.store.NewReader()
	defer r.Close()
	for _, k := range c.Snapshot().InOrder() {
		for _, t := range k.TablesInOrder() {
			for _, ix := range t.IndexesInOrder() {
				mark, err := r.GetMeta(markKey(ix.Storage))
				if err != nil {
					return err
				}
				if _, active := c.builds.active.Load(ix.Storage); mark != nil && !active {
					c.builds.start(c.builds.add(t, ix))
				}
			}
		}
	}
	return nil
}
