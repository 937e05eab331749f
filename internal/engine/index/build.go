package index

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// buildBatch is how many bytes of entries Build collects before it writes them.
const buildBatch = 1 << 20

// Build enters the existing rows of t in an index of t. Writers must already
// enter theirs: the index has to be in the published schema, and no write that
// was planned before that may still be running. Entries that were there before
// stay; a second Build does no harm. now is in seconds since the epoch.
func Build(ctx context.Context, s *store.Store, t *schema.Table, index *schema.Index, now int64) error {
	ix := New(t, index)
	if ix == nil || t.Storage == 0 {
		return nil
	}
	layout := layoutOf(t)
	b := builder{ix: ix, layout: layout, store: s, batch: s.NewBatch()}
	defer func() { b.batch.Discard() }()
	r := s.NewReader()
	defer r.Close()
	it := r.Scan(layout, &store.Scan{Now: now})
	defer it.Close()
	for it.NextPartition() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := b.partition(it); err != nil {
			return err
		}
	}
	if err := it.Err(); err != nil {
		return err
	}
	return b.flush()
}

// builder collects entries in batches of bounded size.
type builder struct {
	ix     *Index
	layout *store.Layout
	store  *store.Store
	batch  *store.Batch
}

// partition enters the current partition of it.
func (b *builder) partition(it *store.Iter) error {
	if b.ix.Column.Kind == schema.Static {
		return b.row(it.Partition(), nil, it.Static())
	}
	for it.NextRow() {
		if err := b.row(it.Partition(), it.Row(), nil); err != nil {
			return err
		}
	}
	return it.Err()
}

func (b *builder) row(partition []byte, row, static *store.Row) error {
	var clustering [][]byte
	if row != nil {
		clustering = row.Clustering
	}
	err := b.ix.Values(partition, row, static, func(v []byte) bool {
		b.batch.PutIndex(b.ix.ID, v, partition, b.layout, clustering)
		return true
	})
	if err != nil || b.batch.Size() < buildBatch {
		return err
	}
	return b.flush()
}

// flush writes what was collected and starts the next batch.
func (b *builder) flush() error {
	full := b.batch
	b.batch = b.store.NewBatch()
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
