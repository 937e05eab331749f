package cqltype

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
)

// AppendLiteral appends the CQL literal of wire, a value of t
// (CQL3Type.toCQLLiteral): text quoted with ” for ', blobs 0x..., UUIDs bare,
// timestamps '2020-01-01T00:00:00.000Z', {'a': 1}, (1, null). null is null, and
// so is an empty value of a type for which it means nothing. Bytes that are
// not valid for t are shown as far as they go.
func (t *Type) AppendLiteral(dst, wire []byte) []byte {
	if wire == nil {
		return append(dst, "null"...)
	}
	switch t.Kind {
	case Text, Ascii:
		return appendQuoted(dst, wire)
	case Blob, Custom:
		dst = append(dst, "0x"...)
		return hex.AppendEncode(dst, wire)
	case List:
		return t.appendElements(dst, wire, '[', ']')
	case Set, Map:
		return t.appendElements(dst, wire, '{', '}')
	case Vector:
		return t.appendElements(dst, wire, '[', ']')
	case Tuple:
		return t.appendElements(dst, wire, '(', ')')
	case UDT:
		return t.appendFields(dst, wire)
	}
	if len(wire) == 0 || t.Kind == Empty || !t.shows(wire) {
		return append(dst, "null"...)
	}
	switch t.Kind {
	case Inet, Date, Time, Timestamp:
		dst = append(dst, '\'')
		dst = t.AppendText(dst, wire)
		return append(dst, '\'')
	}
	return t.AppendText(dst, wire)
}

// shows reports whether a scalar's bytes have the size they must have to be
// shown.
func (t *Type) shows(wire []byte) bool {
	switch t.Kind {
	case Decimal:
		return len(wire) >= 4
	case Inet:
		return len(wire) == 4 || len(wire) == 16
	}
	return t.keyFits(wire)
}

// AppendText appends a scalar's value as text without quotes, as the Java
// serializer's toString does: what CAST(x AS text) gives. Times of a timestamp
// come behind a 'T'. An empty value is no text. Values that are no scalars are
// shown as literals.
func (t *Type) AppendText(dst, wire []byte) []byte {
	if len(wire) == 0 || !t.shows(wire) {
		return dst
	}
	switch t.Kind {
	case Boolean:
		return strconv.AppendBool(dst, wire[0] != 0)
	case Tinyint, Smallint, Int, Bigint, Counter:
		return strconv.AppendInt(dst, Int64(wire), 10)
	case Timestamp:
		return AppendTimestampText(dst, Int64(wire), 'T')
	case Date:
		return AppendDateText(dst, binary.BigEndian.Uint32(wire))
	case Time:
		return AppendTimeText(dst, Int64(wire))
	case Float, Double:
		f, bits := FloatValue(wire)
		return AppendFloatText(dst, f, bits)
	case Varint:
		return AppendVarintText(dst, wire)
	case Decimal:
		return AppendDecimalText(dst, wire)
	case Uuid, Timeuuid:
		return AppendUUIDText(dst, wire)
	case Inet:
		return AppendInetText(dst, wire)
	case Duration:
		return DurationOf(wire).AppendText(dst)
	case Text, Ascii:
		return append(dst, wire...)
	case Blob, Custom:
		return hex.AppendEncode(dst, wire)
	case Empty:
		return dst
	}
	return t.AppendLiteral(dst, wire)
}

// Int64 returns the number in the wire bytes of a tinyint, smallint, int,
// bigint, counter, timestamp or time: a big-endian integer of up to eight bytes.
func Int64(wire []byte) int64 {
	var v int64
	if len(wire) > 0 {
		v = int64(int8(wire[0]))
		for _, c := range wire[1:] {
			v = v<<8 | int64(c)
		}
	}
	return v
}

func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '\'')
	for _, c := range text {
		if c == '\'' {
			dst = append(dst, '\'')
		}
		dst = append(dst, c)
	}
	return append(dst, '\'')
}

// appendElements appends the elements of a collection, vector or tuple.
func (t *Type) appendElements(dst, wire []byte, open, end byte) []byte {
	dst = append(dst, open)
	it := t.Iter(wire)
	for i := 0; it.Next(); i++ {
		if t.Kind == Tuple && i >= len(t.Elems) {
			break
		}
		switch {
		case i == 0:
		case t.Kind == Map && i%2 == 1:
			dst = append(dst, ": "...)
		default:
			dst = append(dst, ", "...)
		}
		dst = t.Elems[i%len(t.Elems)].AppendLiteral(dst, it.Elem())
	}
	return append(dst, end)
}

// appendFields appends a UDT: the fields that wire has, by name.
func (t *Type) appendFields(dst, wire []byte) []byte {
	dst = append(dst, '{')
	it := t.Iter(wire)
	for i := 0; i < len(t.Elems) && it.Next(); i++ {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = AppendIdentifier(dst, t.FieldNames[i])
		dst = append(dst, ": "...)
		dst = t.Elems[i].AppendLiteral(dst, it.Elem())
	}
	return append(dst, '}')
}
