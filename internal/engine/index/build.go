package index

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// buildBatch is how many bytes of entries Build collects before it writes them.
const buildBatch = 1 << 20

// buildChunk is how many rows and partitions are read from one state of the
// store: it can't give back the space of what is overwritten meanwhile.
const buildChunk = 20_000

// Build is an index being built over the rows that are there. Writers must
// already enter theirs: the index has to be in the published schema, and no write
// that was planned before that may still be running. Entries that were there
// before stay; a second Build does no harm.
type Build struct {
	Store *store.Store
	Table *schema.Table
	Index *schema.Index
	// Now in seconds since the epoch.
	Now func() int64
	// Mark is the name of the meta value that keeps how far it is, written with
	// the entries themselves, so that it goes on there after a stop; nil for none.
	Mark []byte
	// Progress is called now and then with the token that has been reached.
	Progress func(token int64)

	ix      *Index
	layout  *store.Layout
	batch   *store.Batch
	at      store.Position
	started bool
	seen    int
}

// Run builds, or goes on building. It returns when all is done, or early with
// ctx's or the store's error.
func (b *Build) Run(ctx context.Context) error {
	b.ix = New(b.Table, b.Index)
	if b.ix == nil || !b.ix.HasEntries() || b.Table.Storage == 0 {
		return nil
	}
	b.layout = layoutOf(b.Table)
	if err := b.resume(); err != nil {
		return err
	}
	for {
		b.batch = b.Store.NewBatch()
		more, err := b.chunk(ctx)
		if err != nil {
			b.batch.Discard()
			return err
		}
		if err := b.flush(); err != nil || !more {
			return err
		}
	}
}

// resume reads how far an earlier run came: whole partitions.
func (b *Build) resume() error {
	if b.Mark == nil {
		return nil
	}
	r := b.Store.NewReader()
	defer r.Close()
	key, err := r.GetMeta(b.Mark)
	if err != nil || len(key) == 0 {
		return err
	}
	b.at, b.started = store.Position{Partition: append([]byte(nil), key...), PartitionDone: true}, true
	return nil
}

// chunk enters the next rows; more says that there are others.
func (b *Build) chunk(ctx context.Context) (more bool, err error) {
	r := b.Store.NewReader()
	defer r.Close()
	sc := store.Scan{Now: b.Now()}
	if b.started {
		sc.Resume = &b.at
	}
	it := r.Scan(b.layout, &sc)
	defer it.Close()
	b.seen = 0
	for it.NextPartition() {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if more, err = b.partition(it); err != nil || more {
			return more, err
		}
	}
	return false, it.Err()
}

// partition enters the current partition of it; more says that the chunk ended.
func (b *Build) partition(it *store.Iter) (more bool, err error) {
	b.seen++
	if b.ix.OfPartitions() {
		if err := b.row(it.Partition(), nil, it.Static()); err != nil {
			return false, err
		}
	} else {
		for it.NextRow() {
			if err := b.row(it.Partition(), it.Row(), nil); err != nil {
				return false, err
			}
			if b.seen++; b.full() && len(it.Row().Clustering) > 0 {
				b.reached(it, it.Row().Clustering)
				return true, nil
			}
		}
	}
	if !b.full() {
		return false, it.Err()
	}
	b.reached(it, nil)
	return true, it.Err()
}

func (b *Build) full() bool { return b.seen >= buildChunk || b.batch.Size() >= buildBatch }

func (b *Build) row(partition []byte, row, static *store.Row) error {
	var clustering [][]byte
	if row != nil {
		clustering = row.Clustering
	}
	return b.ix.Values(partition, row, static, func(form []byte) bool {
		b.batch.PutIndex(b.ix.ID, form, partition, b.layout, clustering)
		return true
	})
}

// reached notes the position behind which the next chunk starts: a row, or a
// whole partition.
func (b *Build) reached(it *store.Iter, clustering [][]byte) {
	b.at = store.Position{Partition: append([]byte(nil), it.Partition()...), PartitionDone: clustering == nil}
	for _, v := range clustering {
		if v != nil {
			v = append([]byte{}, v...)
		}
		b.at.Clustering = append(b.at.Clustering, v)
	}
	b.started = true
	if b.Mark != nil && clustering == nil {
		b.batch.SetMeta(b.Mark, b.at.Partition)
	}
	if b.Progress != nil {
		b.Progress(it.Token())
	}
}

// flush writes what was collected.
func (b *Build) flush() error {
	full := b.batch
	b.batch = nil
	if full.Len() == 0 {
		full.Discard()
		return nil
	}
	return full.Commit()
}

// layoutOf is what a scan must know of t.
func layoutOf(t *schema.Table) *store.Layout {
	l := &store.Layout{
		ID:             t.Storage,
		Clustering:     make([]store.ClusteringColumn, len(t.Clustering)),
		GCGraceSeconds: t.Options.GCGraceSeconds,
		Counter:        t.Counter,
	}
	for i, c := range t.Clustering {
		l.Clustering[i] = store.ClusteringColumn{Type: c.Type, Desc: c.Desc}
	}
	return l
}
