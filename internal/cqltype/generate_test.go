package cqltype

import (
	"encoding/binary"
	"math"

	"pgregory.net/rapid"
)

var scalars = []*Type{TypeAscii, TypeBigint, TypeBlob, TypeBoolean, TypeCounter, TypeDecimal, TypeDouble, TypeFloat, TypeInt,
	TypeTimestamp, TypeUuid, TypeText, TypeVarint, TypeTimeuuid, TypeInet, TypeDate, TypeTime, TypeSmallint, TypeTinyint,
	TypeDuration}

// drawType draws a type that nests at most depth deep.
func drawType(t *rapid.T, depth int) *Type {
	shape := 0
	if depth > 0 {
		shape = rapid.IntRange(0, 12).Draw(t, "shape")
	}
	elem := func() *Type { return drawType(t, depth-1).AsFrozen() }
	frozen := rapid.Bool().Draw(t, "frozen")
	switch shape {
	case 7:
		return NewList(elem(), frozen)
	case 8:
		return NewSet(elem(), frozen)
	case 9:
		return NewMap(elem(), elem(), frozen)
	case 10:
		return NewTuple(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *Type { return drawType(t, depth-1).AsFrozen() }), 1, 3).Draw(t, "fields")...)
	case 11:
		return NewVector(elem(), rapid.IntRange(1, 3).Draw(t, "dimension"))
	case 12:
		return &Type{Kind: UDT, Keyspace: "ks", Name: "Ty pe", Frozen: frozen, FieldNames: []string{"a", "B"}, Elems: []*Type{elem(), elem()}}
	}
	return rapid.SampledFrom(scalars).Draw(t, "scalar")
}

// drawValue draws valid wire bytes of typ.
func drawValue(t *rapid.T, typ *Type) []byte {
	if !typ.IsCollection() && typ.AllowsEmpty() && rapid.IntRange(0, 15).Draw(t, "empty") == 0 {
		return []byte{}
	}
	bytesOf := func(n int) []byte { return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "bytes") }
	switch typ.Kind {
	case Ascii:
		return []byte(rapid.StringMatching("[\x00-\x7f]{0,5}").Draw(t, "ascii"))
	case Text:
		return []byte(rapid.StringN(0, 5, -1).Draw(t, "text"))
	case Blob, Custom:
		return rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 2, 0x80, 0xfe, 0xff}), 0, 5).Draw(t, "blob")
	case Boolean:
		return bytesOf(1)
	case Float:
		return binary.BigEndian.AppendUint32(nil, math.Float32bits(rapid.Float32().Draw(t, "float")))
	case Double:
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(rapid.Float64().Draw(t, "double")))
	case Uuid, Timeuuid:
		b := bytesOf(16)
		if typ.Kind == Timeuuid || rapid.Bool().Draw(t, "version1") {
			b[6] = b[6]&0x0f | 0x10
		}
		return b
	case Inet:
		return bytesOf(rapid.SampledFrom([]int{4, 16}).Draw(t, "size"))
	case Varint:
		return drawVarint(t)
	case Decimal:
		scale := rapid.OneOf(rapid.Int32Range(-3, 3), rapid.Int32Range(-1100, 1100), rapid.Int32()).Draw(t, "scale")
		return append(binary.BigEndian.AppendUint32(nil, uint32(scale)), drawVarint(t)...)
	case Duration:
		d := DurationValue{rapid.Int32Range(0, math.MaxInt32).Draw(t, "months"), rapid.Int32Range(0, math.MaxInt32).Draw(t, "days"), rapid.Int64Range(0, math.MaxInt64).Draw(t, "nanos")}
		if rapid.Bool().Draw(t, "negative") {
			d = DurationValue{-d.Months, -d.Days, -d.Nanos}
		}
		return d.Append(nil)
	case Time:
		return bigEndian(rapid.Int64Range(0, nanosPerDay-1).Draw(t, "nanos"), 8)
	case List, Set, Map, Vector:
		n := rapid.IntRange(0, 3).Draw(t, "count") * len(typ.Elems)
		if typ.Kind == Vector {
			n = typ.Dimension
		}
		elems := make([][]byte, n)
		for i := range elems {
			elems[i] = drawElement(t, typ, i)
		}
		return typ.AppendCollection(nil, elems)
	case Tuple, UDT:
		out := []byte{}
		for _, e := range typ.Elems[:rapid.IntRange(0, len(typ.Elems)).Draw(t, "fields")] {
			var field []byte
			if rapid.IntRange(0, 3).Draw(t, "null") > 0 {
				field = drawValue(t, e)
			}
			out = AppendElement(out, field)
		}
		return out
	}
	n := fixedKeyLen(typ.Kind)
	if rapid.Bool().Draw(t, "small") {
		return bigEndian(int64(rapid.Int8Range(-3, 3).Draw(t, "integer")), n)
	}
	return bytesOf(n)
}

// drawElement draws an element; elements of fixed size in a vector are never
// empty.
func drawElement(t *rapid.T, typ *Type, i int) []byte {
	e := typ.Elems[i%len(typ.Elems)]
	for {
		b := drawValue(t, e)
		if typ.Kind != Vector || e.FixedLen() < 0 || len(b) == e.FixedLen() {
			return b
		}
	}
}

func drawVarint(t *rapid.T) []byte {
	switch rapid.IntRange(0, 3).Draw(t, "varint") {
	case 0:
		return AppendVarintInt64(nil, int64(rapid.Int8Range(-3, 3).Draw(t, "small")))
	case 1:
		return AppendVarintInt64(nil, rapid.Int64().Draw(t, "int64"))
	case 2:
		return rapid.SliceOfN(rapid.Byte(), 1, 130).Draw(t, "bytes") // minimal or not
	}
	return AppendVarintInt64(nil, rapid.Int64Range(-50, 50).Draw(t, "tens")*1000)
}
