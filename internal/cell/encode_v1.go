package cell

import (
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// AppendJSONv1 appends a cell of type t as JSON in the older profile (Stargate
// v1, the REST API v1): whole numbers of more than 32 bits and decimals are
// strings, maps are always arrays of {"key","value"}, null is an empty array for
// a collection and null for anything else, and an empty blob is null.
func AppendJSONv1(dst []byte, t *cqltype.Type, cell []byte) []byte {
	switch t.Kind {
	case cqltype.List, cqltype.Set:
		return appendListV1(dst, t, cell)
	case cqltype.Map:
		return appendEntriesV1(dst, t, cell)
	}
	if cell == nil || t.Kind == cqltype.Blob && len(cell) == 0 {
		return append(dst, "null"...)
	}
	switch t.Kind {
	case cqltype.Vector:
		return appendListV1(dst, t, cell)
	case cqltype.Tuple, cqltype.UDT:
		return appendFieldsV1(dst, t, cell)
	case cqltype.Bigint, cqltype.Varint, cqltype.Decimal:
		dst = append(dst, '"')
		dst = appendScalar(dst, t, cell)
		return append(dst, '"')
	case cqltype.Time:
		if len(cell) == 8 {
			dst = append(dst, '"')
			dst = appendTimeV1(dst, int64(binary.BigEndian.Uint64(cell)))
			return append(dst, '"')
		}
	}
	return appendScalar(dst, t, cell)
}

func appendListV1(dst []byte, t *cqltype.Type, cell []byte) []byte {
	dst = append(dst, '[')
	first := true
	for it := t.Iter(cell); it.Next(); first = false {
		if !first {
			dst = append(dst, ',')
		}
		dst = AppendJSONv1(dst, t.Elems[0], it.Elem())
	}
	return append(dst, ']')
}

func appendEntriesV1(dst []byte, t *cqltype.Type, cell []byte) []byte {
	dst = append(dst, '[')
	first := true
	for it := t.Iter(cell); it.Next(); first = false {
		if !first {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"key":`...)
		dst = AppendJSONv1(dst, t.Elems[0], it.Elem())
		dst = append(dst, `,"value":`...)
		dst = AppendJSONv1(dst, t.Elems[1], nextField(&it))
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// appendFieldsV1 appends a tuple as an array, a UDT as an object.
func appendFieldsV1(dst []byte, t *cqltype.Type, cell []byte) []byte {
	opening, closing := byte('['), byte(']')
	if t.Kind == cqltype.UDT {
		opening, closing = '{', '}'
	}
	it := t.Iter(cell)
	dst = append(dst, opening)
	for i, field := range t.Elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		if t.Kind == cqltype.UDT {
			dst = append(AppendString(dst, t.FieldNames[i]), ':')
		}
		dst = AppendJSONv1(dst, field, nextField(&it))
	}
	return append(dst, closing)
}

// appendTimeV1 appends nanoseconds since midnight with seconds, and with as
// many digits of a fraction as say something.
func appendTimeV1(dst []byte, nanos int64) []byte {
	seconds, fraction := nanos/nanosPerSecond, nanos%nanosPerSecond
	dst = appendPadded(dst, seconds/3600, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, seconds/60%60, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, seconds%60, 2)
	if fraction == 0 {
		return dst
	}
	dst = appendPadded(append(dst, '.'), fraction, 9)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}
