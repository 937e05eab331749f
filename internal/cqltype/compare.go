package cqltype

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
)

// Compare orders two wire values as AbstractType.compare does: negative, zero
// or positive. nil (null) sorts before everything, a value of no bytes before
// all others. Values may compare equal without being the same bytes: decimals
// of different scale, varints with superfluous sign bytes, tuples whose last
// fields are null or absent, NaNs, booleans that are not 0 or 1.
//
// Both values must be valid for t; for other bytes the answer is some fixed
// order, never a panic. It does not allocate, but for decimals of more than 18
// digits.
func (t *Type) Compare(a, b []byte) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(presence(a), presence(b))
	}
	switch t.Kind {
	case Boolean:
		return cmp.Compare(truth(a), truth(b))
	case Tinyint, Smallint, Int, Bigint, Counter, Timestamp:
		if c := cmp.Compare(int8(a[0]), int8(b[0])); c != 0 {
			return c
		}
		return bytes.Compare(a, b)
	case Float, Double:
		return cmp.Compare(floatOrder(a), floatOrder(b))
	case Varint:
		return compareVarint(a, b)
	case Decimal:
		return compareDecimal(a, b)
	case Uuid, Timeuuid:
		return t.compareUUID(a, b)
	case List, Set, Map, Vector:
		return t.compareSequence(a, b)
	case Tuple, UDT:
		return t.compareTuple(a, b)
	default:
		return bytes.Compare(a, b)
	}
}

// presence orders null, empty and other values.
func presence(b []byte) int {
	switch {
	case b == nil:
		return 0
	case len(b) == 0:
		return 1
	}
	return 2
}

func truth(b []byte) int {
	if b[0] == 0 {
		return 0
	}
	return 1
}

// floatOrder maps a float or double to an integer of the same order
// (Double.compareTo: -0.0 before 0.0, all NaNs equal and last).
func floatOrder(b []byte) uint64 {
	var bits uint64
	if len(b) == 4 {
		f := math.Float32frombits(binary.BigEndian.Uint32(b))
		bits = math.Float64bits(float64(f)) // widening keeps the order, and -0
	} else if len(b) == 8 {
		bits = binary.BigEndian.Uint64(b)
	} else {
		return 0
	}
	if math.IsNaN(math.Float64frombits(bits)) {
		return math.MaxUint64
	}
	if bits>>63 != 0 {
		return ^bits
	}
	return bits | 1<<63
}

// compareSequence orders frozen lists, sets, maps and vectors: by elements,
// then by count.
func (t *Type) compareSequence(a, b []byte) int {
	ia, ib := t.Iter(a), t.Iter(b)
	for i := 0; ; i++ {
		na, nb := ia.Next(), ib.Next()
		if !na || !nb {
			return cmp.Compare(boolInt(na), boolInt(nb))
		}
		if c := t.Elems[i%len(t.Elems)].Compare(ia.Elem(), ib.Elem()); c != 0 {
			return c
		}
	}
}

// compareTuple orders tuples and UDTs: field by field, null first, absent
// fields as null.
func (t *Type) compareTuple(a, b []byte) int {
	ia, ib := t.Iter(a), t.Iter(b)
	for _, e := range t.Elems {
		var fa, fb []byte
		na, nb := ia.Next(), ib.Next()
		if na {
			fa = ia.Elem()
		}
		if nb {
			fb = ib.Elem()
		}
		if !na && !nb {
			return 0
		}
		if c := e.Compare(fa, fb); c != 0 {
			return c
		}
	}
	return 0
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (t *Type) compareUUID(a, b []byte) int {
	if len(a) != 16 || len(b) != 16 {
		return bytes.Compare(a, b)
	}
	ha, la := t.uuidOrder(a)
	hb, lb := t.uuidOrder(b)
	if c := cmp.Compare(ha, hb); c != 0 {
		return c
	}
	return cmp.Compare(la, lb)
}

// uuidOrder maps a 16-byte UUID to two integers of the same order.
//
// uuid (UUIDType): by version, then version 1 by time and others by their
// bytes, then the rest unsigned. timeuuid (TimeUUIDType): by time, then the
// last eight bytes as signed bytes.
func (t *Type) uuidOrder(b []byte) (high, low uint64) {
	high, low = binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
	if t.Kind == Timeuuid {
		return reorderTimestamp(high), low ^ signBits
	}
	version := high >> 12 & 0xf
	if version == 1 {
		return reorderTimestamp(high), low
	}
	return version<<60 | high>>4&0x0ffffffffffff000 | high&0xfff, low
}

// uuidFromOrder undoes uuidOrder.
func (t *Type) uuidFromOrder(high, low uint64) (uint64, uint64) {
	if t.Kind == Timeuuid {
		return reorderTimestampBack(high), low ^ signBits
	}
	version := high >> 60
	if version == 1 {
		return reorderTimestampBack(high), low
	}
	return high<<4&0xffffffffffff0000 | version<<12 | high&0xfff, low
}

// signBits has the top bit of each byte.
const signBits = 0x8080808080808080

// reorderTimestamp brings time_hi, time_mid, time_low of a UUID's first half
// into the order of their weight; reorderTimestampBack undoes it.
func reorderTimestamp(x uint64) uint64 {
	return x<<48 | x<<16&0xffff00000000 | x>>32
}

func reorderTimestampBack(x uint64) uint64 {
	return x<<32 | x>>16&0xffff0000 | x>>48
}
