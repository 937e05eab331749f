package exec

import (
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// rowView is the row a SELECT is at. It shares memory with the iterator.
type rowView struct {
	partition []byte
	// key holds the wire values of the partition key columns.
	key    [][]byte
	static *store.Row
	// row is nil for the row that stands for a partition with a static row only.
	row *store.Row
	// whole: collections are one cell each (tables in memory).
	whole bool
}

// cells returns the cells of a regular or static column.
func (v *rowView) cells(col *schema.Column) []store.Cell {
	r := v.row
	if col.Kind == schema.Static {
		r = v.static
	}
	if r == nil {
		return nil
	}
	return r.Find(col.Storage)
}

// multiCell reports whether the column's cells are to be put together.
func (v *rowView) multiCell(col *schema.Column) bool { return !v.whole && col.Type.IsMultiCell() }

// keyValue is the value of a primary key column.
func (v *rowView) keyValue(col *schema.Column) []byte {
	if col.Kind == schema.PartitionKey {
		return v.key[col.Position]
	}
	if v.row == nil || col.Position >= len(v.row.Clustering) {
		return nil
	}
	return v.row.Clustering[col.Position]
}

// appendColumn appends the column's value as a cell of a result row.
func (v *rowView) appendColumn(dst []byte, col *schema.Column) ([]byte, error) {
	if col.Kind == schema.PartitionKey || col.Kind == schema.Clustering {
		return backend.AppendCell(dst, v.keyValue(col)), nil
	}
	cells := v.cells(col)
	switch {
	case len(cells) == 0:
		return backend.AppendCell(dst, nil), nil
	case !v.multiCell(col):
		return backend.AppendCell(dst, cells[0].Value), nil
	}
	at := len(dst)
	dst, err := appendCollection(append(dst, 0, 0, 0, 0), col.Type, cells)
	if err == nil {
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst, err
}

// value returns the column's value, nil for null. A collection that is put
// together is appended to scratch, which is returned.
func (v *rowView) value(col *schema.Column, scratch []byte) (value, longer []byte, err error) {
	if col.Kind == schema.PartitionKey || col.Kind == schema.Clustering {
		return v.keyValue(col), scratch, nil
	}
	cells := v.cells(col)
	switch {
	case len(cells) == 0:
		return nil, scratch, nil
	case !v.multiCell(col):
		return cells[0].Value, scratch, nil
	}
	at := len(scratch)
	if scratch, err = appendCollection(scratch, col.Type, cells); err != nil {
		return nil, scratch, err
	}
	return scratch[at:len(scratch):len(scratch)], scratch, nil
}

// appendCollection appends the value of a non-frozen collection or user type
// made of its cells (CollectionType.serializeForNativeProtocol).
func appendCollection(dst []byte, t *cqltype.Type, cells []store.Cell) ([]byte, error) {
	if t.Kind == cqltype.UDT {
		return appendUDT(dst, t, cells)
	}
	dst = cqltype.AppendCount(dst, len(cells))
	for i := range cells {
		if t.Kind != cqltype.List {
			var err error
			at := len(dst)
			if dst, err = store.DecodePath(append(dst, 0, 0, 0, 0), t, cells[i].Path); err != nil {
				return dst, err
			}
			binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
		}
		if t.Kind != cqltype.Set {
			dst = cqltype.AppendElement(dst, cells[i].Value)
		}
	}
	return dst, nil
}

// appendUDT appends all fields, null where there is no cell.
func appendUDT(dst []byte, t *cqltype.Type, cells []store.Cell) ([]byte, error) {
	var buf [16]byte
	next := 0
	for i := range cells {
		path, err := store.DecodePath(buf[:0], t, cells[i].Path)
		if err != nil {
			return dst, err
		}
		if len(path) != 2 {
			continue
		}
		field := int(binary.BigEndian.Uint16(path))
		if field >= len(t.Elems) {
			continue
		}
		for ; next < field; next++ {
			dst = cqltype.AppendElement(dst, nil)
		}
		dst = cqltype.AppendElement(dst, cells[i].Value)
		next = field + 1
	}
	for ; next < len(t.Elems); next++ {
		dst = cqltype.AppendElement(dst, nil)
	}
	return dst, nil
}
