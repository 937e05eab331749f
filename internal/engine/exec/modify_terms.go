package exec

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// longTerms are the terms of storage-attached indexes that a guardrail may have
// something to say of, once all of the request is known: of what a batch writes to
// one cell the last is judged. Looking a cell up takes the same time however many
// there are.
type longTerms struct {
	all []longTerm
	// cells has the places in all of those whose cell can be written again, updates
	// the order in which partitions of tables came.
	cells, updates map[string]int
	key            []byte
}

// longTerm is one of them; ix is nil of one that was written over.
type longTerm struct {
	ix         *index.Index
	table      *schema.Table
	update     int
	clustering [][]byte
	ts         int64
	size       int
}

// term notes what a cell, or a key, gives to a storage-attached index.
func (w *writer) term(ix *index.Index, element, value []byte) {
	const entry = 6 // what a map's entry has beside its key and value
	long := len(element)+len(value)+entry > w.termFloor
	if !long && len(w.terms.all) == 0 {
		return
	}
	t := longTerm{ix: ix, table: w.m.Table, clustering: w.clustering, ts: w.ts}
	if ix.OfPartitions() {
		t.clustering = nil
	}
	if ix.Column.Type.Kind == cqltype.List && !ix.Column.Type.Frozen {
		if long { // its elements are never written again
			t.size = ix.TermSize(element, value)
			w.terms.add(t, w.partition)
		}
		return
	}
	cell := w.terms.cell(t, w.partition, element)
	if i, ok := w.terms.cells[string(cell)]; ok {
		if w.terms.all[i].ts > t.ts {
			return
		}
		w.terms.all[i].ix = nil
		delete(w.terms.cells, string(cell))
	}
	if long {
		t.size = ix.TermSize(element, value)
		at := w.terms.add(t, w.partition) // which makes the maps
		w.terms.cells[string(cell)] = at
	}
}

// cell is the key of t's cell in cells.
func (l *longTerms) cell(t longTerm, partition, element []byte) []byte {
	b := binary.BigEndian.AppendUint32(l.key[:0], t.ix.ID)
	b = cqltype.AppendElement(b, partition)
	for _, c := range t.clustering {
		b = cqltype.AppendElement(b, c)
	}
	l.key = append(b, element...)
	return l.key
}

// add keeps a term, whose keys are the statement's, and returns its place.
func (l *longTerms) add(t longTerm, partition []byte) int {
	if l.updates == nil {
		l.cells, l.updates = map[string]int{}, map[string]int{}
	}
	update := string(binary.BigEndian.AppendUint32(nil, t.table.Storage)) + string(partition)
	at, ok := l.updates[update]
	if !ok {
		at = len(l.updates)
		l.updates[update] = at
	}
	t.update, t.clustering = at, slices.Clone(t.clustering)
	for i, c := range t.clustering {
		t.clustering[i] = bytes.Clone(c)
	}
	l.all = append(l.all, t)
	return len(l.all) - 1
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
	if len(w.terms.all) == 0 {
		return nil
	}
	all := slices.DeleteFunc(w.terms.all, func(t longTerm) bool { return t.ix == nil })
	slices.SortStableFunc(all, func(a, b longTerm) int {
		return cmp.Or(cmp.Compare(a.update, b.update), cmp.Compare(a.ix.Name, b.ix.Name), compareClustering(a.table.Clustering, a.clustering, b.clustering))
	})
	list := make([]guardrail.Term, len(all))
	for i, t := range all {
		list[i] = guardrail.Term{Column: t.ix.Column, Size: t.size}
	}
	warnings, err := w.db.guard().Terms(w.role, list)
	w.warnings = append(w.warnings, warnings...)
	return err
}
