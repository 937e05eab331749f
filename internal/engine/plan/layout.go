package plan

import (
	"math"

	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// LayoutOf returns what the store must know of t, nil for a table without
// storage. It allocates; plans keep the answer.
func LayoutOf(t *schema.Table) *store.Layout {
	if t.Storage == 0 {
		return nil
	}
	l := &store.Layout{
		ID:             t.Storage,
		Clustering:     make([]store.ClusteringColumn, len(t.Clustering)),
		GCGraceSeconds: t.Options.GCGraceSeconds,
		Counter:        t.Counter,
		Prefixes:       t.Dense(),
	}
	for i, c := range t.Clustering {
		l.Clustering[i] = store.ClusteringColumn{Type: c.Type, Desc: c.Desc}
	}
	for name, d := range t.Dropped {
		if d.Storage == 0 {
			continue
		}
		cut := store.DroppedColumn{Column: d.Storage, Timestamp: d.DroppedTime}
		if t.Columns[name] == nil {
			cut.Timestamp = math.MaxInt64
		}
		l.Dropped = append(l.Dropped, cut)
	}
	return l
}
