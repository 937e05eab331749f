package exec

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// longTerm is a term of a storage-attached index that a guardrail may have
// something to say of, once all of the request is known: of what a batch writes to
// one cell the last is judged.
type longTerm struct {
	ix         *index.Index
	table      *schema.Table
	partition  []byte
	clustering [][]byte
	element    []byte
	ts         int64
	size       int
}

// term notes what a cell, or a key, gives to a storage-attached index.
func (w *writer) term(ix *index.Index, element, value []byte) {
	const entry = 6 // what a map's entry has beside its key and value
	long := len(element)+len(value)+entry > w.termFloor
	if !long && len(w.terms) == 0 {
		return
	}
	t := longTerm{ix: ix, table: w.m.Table, partition: w.partition, clustering: w.clustering, element: element, ts: w.ts}
	if ix.OfPartitions() {
		t.clustering = nil
	}
	if ix.Column.Type.Kind != cqltype.List || ix.Column.Type.Frozen {
		if i := slices.IndexFunc(w.terms, t.sameCell); i >= 0 {
			if w.terms[i].ts > t.ts {
				return
			}
			w.terms = slices.Delete(w.terms, i, i+1)
		}
	}
	if !long {
		return
	}
	t.size = ix.TermSize(element, value)
	t.partition, t.element, t.clustering = bytes.Clone(t.partition), bytes.Clone(element), slices.Clone(t.clustering)
	for i, c := range t.clustering {
		t.clustering[i] = bytes.Clone(c)
	}
	w.terms = append(w.terms, t)
}

func (t longTerm) sameUpdate(o longTerm) bool {
	return t.table.Storage == o.table.Storage && bytes.Equal(t.partition, o.partition)
}

func (t longTerm) sameCell(o longTerm) bool {
	return t.ix.ID == o.ix.ID && t.sameUpdate(o) && slices.EqualFunc(t.clustering, o.clustering, bytes.Equal) && bytes.Equal(t.element, o.element)
}

// keyTerms notes the key of a row in which something is deleted: Cassandra judges
// it, though no index gets it.
func (w *writer) keyTerms() {
	for _, ix := range w.m.KeyTerms {
		if value, ok := ix.Key(w.partition, w.clustering); ok {
			w.term(ix, nil, value)
		}
	}
}

// checkTerms says what is to be said of the request's terms: partition by
// partition, in each index by index, in Cassandra in any order, and row by row.
func (w *writer) checkTerms() error {
	if len(w.terms) == 0 {
		return nil
	}
	first := func(t longTerm) int { return slices.IndexFunc(w.terms, t.sameUpdate) }
	order := make([]int, len(w.terms))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := w.terms[i], w.terms[j]
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(a.ix.Name, b.ix.Name), compareClustering(a.table.Clustering, a.clustering, b.clustering))
	})
	list := make([]guardrail.Term, len(order))
	for at, i := range order {
		list[at] = guardrail.Term{Column: w.terms[i].ix.Column, Size: w.terms[i].size}
	}
	warnings, err := w.db.guard().Terms(w.role, list)
	w.warnings = append(w.warnings, warnings...)
	return err
}
