package store

import (
	"encoding/binary"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// RowBuilder collects what one write does to one row. Values and paths are
// referenced, not copied, until the builder is given to a Batch; after that it
// can be Reset and used again, without allocation. Columns may come in any
// order; a later call for the same column and path wins by the rules that
// reconcile writes, not by its place. The zero value is ready to use.
//
// Timestamps are microseconds; ttl is seconds (0 = none) and expires seconds
// since the epoch (0 = never; otherwise write time + ttl); local is the
// tombstone's making in seconds since the epoch.
type RowBuilder struct {
	liveness Liveness
	deletion Deletion
	cells    []cell
	sorted   bool
	order    []uint64 // scratch of sort
	moved    []cell   // scratch of sort
	exact    []byte
	element  []byte // scratch of DataSize
	enc      rowEncoder
}

// Reset empties r.
func (r *RowBuilder) Reset() {
	r.liveness, r.deletion, r.cells, r.sorted = Liveness{}, Deletion{}, r.cells[:0], true
}

// Empty reports whether r writes nothing.
func (r *RowBuilder) Empty() bool {
	return !r.liveness.Present && r.deletion.Live() && len(r.cells) == 0
}

// What Cassandra counts for a cell beside path and value, for the deletion
// that a non-frozen collection always has, and for the value of a counter, in
// bytes (AbstractCell.dataSize, ComplexColumnData.dataSize, CounterContext).
const (
	cellDataSize    = 20
	complexDataSize = 12
	counterDataSize = 36
)

// DataSize is the size in bytes of the cells as Cassandra counts it for
// batches (Row.dataSize), without the row itself. typeOf tells the types of
// columns by their numbers.
func (r *RowBuilder) DataSize(typeOf func(column uint32) *cqltype.Type) int {
	size := 0
	for i := range r.cells {
		c := &r.cells[i]
		multi := c.kind == cellComplexDeletion || c.path != nil
		if multi && !slices.ContainsFunc(r.cells[:i], func(o cell) bool { return o.column == c.column }) {
			size += complexDataSize
		}
		switch c.kind {
		case cellComplexDeletion:
		case cellCounter:
			size += cellDataSize + counterDataSize
		default:
			size += cellDataSize + len(c.value)
			if c.path == nil {
				continue
			}
			var err error
			if r.element, err = DecodePath(r.element[:0], typeOf(c.column), c.path); err == nil {
				size += len(r.element)
			}
		}
	}
	return size
}

// Expires reports whether the row's liveness has a TTL.
func (r *RowBuilder) Expires() bool { return r.liveness.TTL != 0 }

// Liveness marks the row as existing of its own (INSERT).
func (r *RowBuilder) Liveness(ts int64, ttl int32, expires int64) {
	v := Liveness{Present: true, Timestamp: ts, TTL: ttl, Expires: expires}
	if v.supersedes(r.liveness) {
		r.liveness = v
	}
}

// Delete deletes the row's earlier contents (row tombstone).
func (r *RowBuilder) Delete(d Deletion) {
	if d.supersedes(r.deletion) {
		r.deletion = d
	}
}

func (r *RowBuilder) add(c cell) {
	if n := len(r.cells); n > 0 && compareCells(&r.cells[n-1], &c) >= 0 {
		r.sorted = false
	}
	r.cells = append(r.cells, c)
}

// Cell writes a simple column.
func (r *RowBuilder) Cell(column uint32, ts int64, ttl int32, expires int64, value []byte) {
	r.PathCell(column, nil, ts, ttl, expires, value)
}

// Tombstone deletes a simple column (a write of null).
func (r *RowBuilder) Tombstone(column uint32, ts, local int64) {
	r.PathTombstone(column, nil, ts, local)
}

// DeleteComplex deletes earlier cells of a non-frozen collection or UDT. An
// overwrite of the whole collection does so at its own timestamp - 1.
func (r *RowBuilder) DeleteComplex(column uint32, d Deletion) {
	r.add(cell{column: column, kind: cellComplexDeletion, ts: d.Timestamp, local: d.LocalTime})
}

// PathCell writes one cell of a non-frozen collection or UDT; path as made by
// AppendPath.
func (r *RowBuilder) PathCell(column uint32, path []byte, ts int64, ttl int32, expires int64, value []byte) {
	c := cell{column: column, ts: ts, path: path, value: value}
	if ttl != 0 {
		c.kind, c.ttl, c.local = cellExpiring, ttl, expires
	}
	r.add(c)
}

// PathTombstone deletes one cell of a non-frozen collection or UDT.
func (r *RowBuilder) PathTombstone(column uint32, path []byte, ts, local int64) {
	r.add(cell{column: column, kind: cellTombstone, ts: ts, local: local, path: path})
}

// CounterAdd adds delta to a counter.
func (r *RowBuilder) CounterAdd(column uint32, ts, delta int64) {
	r.add(cell{column: column, kind: cellCounter, ts: ts, local: delta})
}

// appendTo appends the encoded row to dst. l is the layout of the table for
// rows, and clustering the row's; both nil for a static row.
func (r *RowBuilder) appendTo(dst []byte, l *Layout, clustering [][]byte) []byte {
	counters := l.Counter
	r.sort()
	h := rowHead{liveness: r.liveness, deletion: r.deletion}
	switch {
	case r.liveness.Present:
		h.base = r.liveness.Timestamp
	case len(r.cells) > 0:
		h.base = r.cells[0].ts
	default:
		h.base = r.deletion.Timestamp
	}
	if exact := appendExact(r.exact[:0], l, clustering); len(exact) > 0 {
		r.exact, h.exact, h.exactTS = exact, exact, h.base
	}
	e := &r.enc
	e.head(r.reserve(dst, &h), &h)
	for i := 0; i < len(r.cells); i++ {
		c := &r.cells[i]
		if counters && c.kind == cellTombstone {
			c.kind = cellCounterTombstone
		}
		for i+1 < len(r.cells) && compareCells(c, &r.cells[i+1]) == 0 {
			i++
			next := &r.cells[i]
			if counters && next.kind == cellTombstone {
				next.kind = cellCounterTombstone
			}
			c = reconcile(c, next)
		}
		e.cell(c)
	}
	dst = e.finish()
	e.dst = nil
	return dst
}

// mostOrdered is how many cells sort keeps scratch for.
const mostOrdered = 256

// sort puts the cells in order; equal ones stay as they came. What is out of order
// mostly are whole columns, which a statement names in an order of its own: they
// are put in place by their numbers, for a cell is large to move about.
func (r *RowBuilder) sort() {
	if r.sorted {
		return
	}
	r.sorted = true
	byCell := func(a, b cell) int { return compareCells(&a, &b) }
	if len(r.cells) > mostOrdered {
		slices.SortStableFunc(r.cells, byCell)
		return
	}
	r.order = r.order[:0]
	for i := range r.cells {
		r.order = append(r.order, uint64(r.cells[i].column)<<32|uint64(i))
	}
	slices.Sort(r.order)
	r.moved = r.moved[:0]
	for _, o := range r.order {
		r.moved = append(r.moved, r.cells[uint32(o)])
	}
	clear(r.cells) // they hold values
	r.cells, r.moved = r.moved, r.cells[:0]
	for i := 1; i < len(r.cells); i++ {
		if compareCells(&r.cells[i-1], &r.cells[i]) > 0 { // in one column
			slices.SortStableFunc(r.cells, byCell)
			return
		}
	}
}

// mostOverhead is about what a cell has beside its path and value, in bytes.
const mostOverhead = 32

// reserve makes room in dst for a row of large values: growing step by step
// would cost several times as much memory.
func (r *RowBuilder) reserve(dst []byte, h *rowHead) []byte {
	size := 2*mostOverhead + len(h.exact)
	for i := range r.cells {
		size += mostOverhead + len(r.cells[i].path) + len(r.cells[i].value)
	}
	if size <= maxPooledBuffer {
		return dst
	}
	return slices.Grow(dst, size)
}

// appendExact appends the clustering values if the key does not keep them
// exactly: see rowHead.exact.
func appendExact(dst []byte, l *Layout, clustering [][]byte) []byte {
	inexact := false
	for i, v := range clustering {
		if !l.Clustering[i].Type.KeyIsExact(v) {
			inexact = true
		}
	}
	if !inexact {
		return dst
	}
	for i, v := range clustering {
		if l.Clustering[i].Type.KeyIsExact(v) {
			dst = append(dst, 0)
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(len(v))+1)
		dst = append(dst, v...)
	}
	return dst
}

// restoreExact replaces values by the ones in exact.
func restoreExact(values [][]byte, exact []byte) error {
	for i := range values {
		n, size := binary.Uvarint(exact)
		if size <= 0 || n > uint64(len(exact)-size)+1 {
			return corruptf("exact clustering values")
		}
		exact = exact[size:]
		if n > 0 {
			values[i] = exact[: n-1 : n-1]
			exact = exact[n-1:]
		}
	}
	return nil
}
