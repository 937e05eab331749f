package exec

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"sort"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// A list's cells are ordered by a timeuuid (RFC 4122, version 1) each. Those
// of appended elements have the time of the append; those of prepended ones the
// time as far before 2010 as the prepend is after it (Lists.PrecisionTime).
const (
	gregorian = 0x01b21dd213814000 // 1970-01-01 in 100 ns since 1582-10-15
	year2010  = 1262304000 * 10_000_000
)

// listNode is the clock sequence and node of the paths this process makes.
var listNode = func() (n [8]byte) {
	_, _ = rand.Read(n[:]) // never fails
	n[0] = n[0]&0x3f | 0x80
	n[2] |= 0x01 // multicast: not a real address
	return n
}()

// listPath makes the path of an element behind all that are there. now is in
// microseconds, used once (store.Store.Now).
func listPath(id *[16]byte, now int64) []byte { return timeuuid(id, now*10) }

// prependPath makes the path of an element before all that are there.
func prependPath(id *[16]byte, now int64) []byte { return timeuuid(id, 2*year2010-now*10) }

// timeuuid makes a version 1 UUID of a time in 100 ns since 1970.
func timeuuid(id *[16]byte, unix100ns int64) []byte {
	t := uint64(unix100ns + gregorian)
	binary.BigEndian.PutUint32(id[0:], uint32(t))
	binary.BigEndian.PutUint16(id[4:], uint16(t>>32))
	binary.BigEndian.PutUint16(id[6:], uint16(t>>48)&0x0fff|0x1000)
	copy(id[8:], listNode[:])
	return id[:]
}

// image is the stored row, as far as a statement must know it, with what the
// statement has done to it so far (UpdateParameters.getPrefetchedRow). Only
// statements that read have one.
type image struct {
	cells  []imageCell // by column, then path
	loaded bool
}

type imageCell struct {
	column      uint32
	path, value []byte
}

func (im *image) reset() { im.cells, im.loaded = im.cells[:0], false }

// load keeps a copy of a row's cells.
func (im *image) load(r *store.Row) {
	im.loaded = true
	if r == nil {
		return
	}
	for i := range r.Cells {
		c := &r.Cells[i]
		im.cells = append(im.cells, imageCell{c.Column, bytes.Clone(c.Path), bytes.Clone(c.Value)})
	}
}

// at returns where a cell is or would be.
func (im *image) at(column uint32, path []byte) int {
	return sort.Search(len(im.cells), func(i int) bool {
		c := &im.cells[i]
		return c.column > column || c.column == column && bytes.Compare(c.path, path) >= 0
	})
}

// of returns the cells of a column.
func (im *image) of(column uint32) []imageCell {
	from := im.at(column, nil)
	to := im.at(column+1, nil)
	return im.cells[from:to]
}

// simple returns the value of a column of one cell, nil if it has none.
func (im *image) simple(column uint32) []byte {
	if cells := im.of(column); len(cells) > 0 {
		return cells[0].value
	}
	return nil
}

func (im *image) put(column uint32, path, value []byte) {
	if !im.loaded {
		return
	}
	i := im.at(column, path)
	if i < len(im.cells) && im.cells[i].column == column && bytes.Equal(im.cells[i].path, path) {
		im.cells[i].value = value
		return
	}
	im.cells = append(im.cells, imageCell{})
	copy(im.cells[i+1:], im.cells[i:])
	im.cells[i] = imageCell{column, path, value}
}

func (im *image) remove(column uint32, path []byte) {
	i := im.at(column, path)
	im.cells = append(im.cells[:i], im.cells[i+1:]...)
}

func (im *image) clear(column uint32) {
	from, to := im.at(column, nil), im.at(column+1, nil)
	im.cells = append(im.cells[:from], im.cells[to:]...)
}

// readFound reads the row that is being written. The partition's lock is held.
func (w *writer) readFound() error {
	sc := store.Scan{Partitions: [][]byte{w.partition}, Now: w.env.NowSeconds, NoStatic: !w.static}
	switch {
	case w.static:
		sc.Slices = []store.Slice{}
	case len(w.clustering) > 0:
		sc.Slices = []store.Slice{{Start: w.clustering, End: w.clustering, StartInclusive: true, EndInclusive: true}}
	}
	w.boundRead(&sc)
	it := w.reader.Scan(w.m.Layout, &sc)
	defer it.Close()
	var row *store.Row
	if it.NextPartition() {
		if w.static {
			row = it.Static()
		} else if it.NextRow() {
			row = it.Row()
		}
	}
	w.found.load(row)
	return w.countRead(it, row)
}

// listIndex checks an index against the list as it is now; verb is what the
// statement does to the element.
func (w *writer) listIndex(o *plan.Operation, index []byte, verb string) (int, error) {
	if len(index) != 4 {
		return 0, cqlerr.Invalidf("Invalid null value for list index")
	}
	i, size := int(int32(binary.BigEndian.Uint32(index))), len(w.found.of(o.Column.Storage))
	switch {
	case size == 0:
		return 0, cqlerr.Invalidf("Attempted to %s a list which is null", verb)
	case i < 0 || i >= size:
		return 0, cqlerr.Invalidf("List index %d out of bound, list has size %d", i, size)
	}
	return i, nil
}

func (w *writer) setIndex(o *plan.Operation) error {
	index, err := o.Index.Eval(&w.env)
	if err != nil {
		return err
	}
	v, err := o.Value.Eval(&w.env)
	if err != nil {
		return err
	}
	if index.Unset {
		return cqlerr.Invalidf("Invalid unset value for list index")
	}
	i, err := w.listIndex(o, index.Bytes, "set an element on")
	if err != nil || v.Unset {
		return err
	}
	column := o.Column.Storage
	path := w.found.of(column)[i].path
	if v.Bytes == nil {
		w.row.PathTombstone(column, path, w.ts, w.local)
		w.found.remove(column, path)
		return nil
	}
	w.row.PathCell(column, path, w.ts, w.ttl, w.expires, v.Bytes)
	w.found.put(column, path, v.Bytes)
	return w.index(o, nil, v.Bytes)
}

func (w *writer) deleteIndex(o *plan.Operation) error {
	index, err := o.Index.Eval(&w.env)
	if err != nil || index.Unset {
		return err
	}
	i, err := w.listIndex(o, index.Bytes, "delete an element from")
	if err != nil {
		return err
	}
	path := w.found.of(o.Column.Storage)[i].path
	w.row.PathTombstone(o.Column.Storage, path, w.ts, w.local)
	w.found.remove(o.Column.Storage, path)
	return nil
}

// removeFromList deletes every element that is among those given.
func (w *writer) removeFromList(o *plan.Operation) error {
	v, err := o.Value.Eval(&w.env)
	if err != nil || v.Unset || v.Bytes == nil {
		return err
	}
	column := o.Column.Storage
	for i := 0; i < len(w.found.of(column)); {
		c := w.found.of(column)[i]
		if !contains(o.Column.Type.Iter(v.Bytes), c.value) {
			i++
			continue
		}
		w.row.PathTombstone(column, c.path, w.ts, w.local)
		w.found.remove(column, c.path)
	}
	return nil
}

// contains reports whether a value is among the elements to come.
func contains(it cqltype.Iter, value []byte) bool {
	for it.Next() {
		if it.Elem() != nil && bytes.Equal(it.Elem(), value) {
			return true
		}
	}
	return false
}
