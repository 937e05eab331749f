package grpc

import (
	"encoding/binary"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// appendRows appends the Rows of a ResultSet, straight from the cells.
func appendRows(dst []byte, r *backend.Result) []byte {
	cells := r.Cursor()
	for range r.RowCount {
		var row int
		dst, row = begin(dst, 2)
		for i := range r.Columns {
			dst = appendValue(dst, 1, r.Columns[i].Type, cells.Next())
		}
		dst = end(dst, row)
	}
	return dst
}

// appendValue appends a field that is a Value; cell nil is null.
func appendValue(dst []byte, number protowire.Number, t *cqltype.Type, cell []byte) []byte {
	if cell == nil {
		return append(dst, tag(number), 2, tag(nullField), 0)
	}
	var at int
	switch t.Kind {
	case cqltype.Text, cqltype.Ascii:
		if !utf8.Valid(cell) { // no value that was checked is
			cell = []byte(string([]rune(string(cell))))
		}
		return appendBytesValue(dst, number, stringField, cell)
	case cqltype.Blob, cqltype.Custom, cqltype.Vector:
		return appendBytesValue(dst, number, bytesField, cell)
	case cqltype.List, cqltype.Set, cqltype.Map, cqltype.Tuple, cqltype.UDT:
		dst, at = begin(dst, number)
		return end(appendNested(dst, t, cell), at)
	}
	if len(cell) == 0 { // "empty" of a type for which that means nothing
		return append(dst, tag(number), 2, tag(nullField), 0)
	}
	dst, at = begin(dst, number)
	return end(appendScalar(dst, t, cell), at)
}

// appendBytesValue appends a Value of bytes, which may be many: their length is
// known, so that nothing has to be moved.
func appendBytesValue(dst []byte, number, inner protowire.Number, cell []byte) []byte {
	size := 1 + protowire.SizeBytes(len(cell))
	dst = protowire.AppendVarint(append(dst, tag(number)), uint64(size))
	return appendBytes(dst, inner, cell)
}

// appendScalar appends the content of a Value. It reads no further than the
// cell, whatever that is.
func appendScalar(dst []byte, t *cqltype.Type, cell []byte) []byte {
	n := len(cell)
	switch {
	case t.Kind == cqltype.Boolean:
		return append(dst, 0x30, truth(uint64(cell[0])))
	case t.Kind == cqltype.Tinyint:
		return appendInt(dst, int64(int8(cell[0])))
	case t.Kind == cqltype.Smallint && n >= 2:
		return appendInt(dst, int64(int16(binary.BigEndian.Uint16(cell))))
	case t.Kind == cqltype.Int && n >= 4:
		return appendInt(dst, int64(int32(binary.BigEndian.Uint32(cell))))
	case (t.Kind == cqltype.Bigint || t.Kind == cqltype.Counter || t.Kind == cqltype.Timestamp) && n >= 8:
		return appendInt(dst, int64(binary.BigEndian.Uint64(cell)))
	case t.Kind == cqltype.Float && n >= 4:
		return protowire.AppendFixed32(append(dst, 0x25), binary.BigEndian.Uint32(cell))
	case t.Kind == cqltype.Double && n >= 8:
		return protowire.AppendFixed64(append(dst, 0x29), binary.BigEndian.Uint64(cell))
	case t.Kind == cqltype.Date && n >= 4:
		return protowire.AppendVarint(append(dst, 0x58), uint64(binary.BigEndian.Uint32(cell)))
	case t.Kind == cqltype.Time && n >= 8:
		return protowire.AppendVarint(append(dst, 0x60), binary.BigEndian.Uint64(cell))
	case t.Kind == cqltype.Uuid, t.Kind == cqltype.Timeuuid:
		return appendHolder(dst, uuidField, cell)
	case t.Kind == cqltype.Inet:
		return appendHolder(dst, inetField, cell)
	case t.Kind == cqltype.Varint:
		return appendHolder(dst, varintField, cell)
	case t.Kind == cqltype.Decimal && n >= 4:
		return appendDecimal(dst, cell)
	case t.Kind == cqltype.Duration:
		return appendDuration(dst, cell)
	}
	return append(dst, tag(nullField), 0) // EmptyType
}

func appendInt(dst []byte, v int64) []byte {
	return protowire.AppendVarint(append(dst, 0x18), protowire.EncodeZigZag(v))
}

// appendHolder appends a message whose field 1 is the cell.
func appendHolder(dst []byte, number protowire.Number, cell []byte) []byte {
	dst, at := begin(dst, number)
	return end(appendBytes(dst, 1, cell), at)
}

// longTag appends the tag of a length-delimited field above 15.
func longTag(dst []byte, number protowire.Number) []byte {
	return protowire.AppendTag(dst, number, protowire.BytesType)
}

func appendDecimal(dst, cell []byte) []byte {
	scale, unscaled := binary.BigEndian.Uint32(cell), cell[4:]
	size := protowire.SizeBytes(len(unscaled)) + 1
	if scale != 0 {
		size += 1 + protowire.SizeVarint(uint64(scale))
	}
	dst = protowire.AppendVarint(longTag(dst, decimalField), uint64(size))
	return appendBytes(appendNumber(dst, 1, uint64(scale)), 3, unscaled)
}

func appendDuration(dst, cell []byte) []byte {
	d := cqltype.DurationOf(cell)
	dst = append(longTag(dst, durationField), 0)
	at := len(dst)
	dst = appendNumber(dst, 1, protowire.EncodeZigZag(int64(d.Months)))
	dst = appendNumber(dst, 2, protowire.EncodeZigZag(int64(d.Days)))
	dst = appendNumber(dst, 3, protowire.EncodeZigZag(d.Nanos))
	return end(dst, at)
}

// appendNested appends the content of a Value with elements. A tuple that is
// shorter than its type stays so; of a user-defined type all fields are told.
func appendNested(dst []byte, t *cqltype.Type, cell []byte) []byte {
	if t.Kind == cqltype.UDT {
		return appendUDT(dst, t, cell)
	}
	dst, at := begin(dst, collectionField)
	i := 0
	for it := t.Iter(cell); it.Next(); i++ {
		switch t.Kind {
		case cqltype.Tuple:
			if i == len(t.Elems) {
				return end(dst, at)
			}
			dst = appendValue(dst, 1, t.Elems[i], it.Elem())
		case cqltype.Map:
			dst = appendValue(dst, 1, t.Elems[i%2], it.Elem())
		default:
			dst = appendValue(dst, 1, t.Elems[0], it.Elem())
		}
	}
	return end(dst, at)
}

func appendUDT(dst []byte, t *cqltype.Type, cell []byte) []byte {
	dst, at := begin(dst, udtField)
	it := t.Iter(cell)
	for i, name := range t.FieldNames {
		var field []byte
		if it.Next() {
			field = it.Elem()
		}
		var entry int
		dst, entry = begin(dst, 1)
		dst = end(appendValue(appendString(dst, 1, name), 2, t.Elems[i], field), entry)
	}
	return end(dst, at)
}
