package cqltype

import "encoding/binary"

// AppendElement appends one element of a collection, tuple or UDT: its [int]
// length and bytes, -1 for nil (null).
func AppendElement(dst, elem []byte) []byte {
	if elem == nil {
		return append(dst, 0xff, 0xff, 0xff, 0xff)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(elem)))
	return append(dst, elem...)
}

// AppendCount appends the [int] that starts a collection's bytes: the number
// of elements of a list or set, of entries of a map. Elements follow by
// AppendElement, a map's as key, value, key, value.
func AppendCount(dst []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(dst, uint32(n))
}

// Iter walks the elements of one collection, tuple, UDT or vector value
// without allocating:
//
//	for it := t.Iter(wire); it.Next(); { use(it.Elem()) }
//
// It stops at the first malformed length; Err then says so. Validated values
// never have one.
type Iter struct {
	rest  []byte
	elem  []byte
	left  int // elements to come; -1 = until rest is empty (tuple, UDT)
	fixed int // vector of fixed-size elements: their size
	vint  bool
	bad   bool
}

// Iter returns an iterator over wire, a value of t: elements of a list, set or
// vector, keys and values in turn of a map, fields of a tuple or UDT (which
// may be fewer than t has; the missing ones are null). An empty or nil value
// has no elements.
func (t *Type) Iter(wire []byte) Iter {
	it := Iter{rest: wire}
	switch t.Kind {
	case List, Set, Map:
		if len(wire) < 4 {
			it.bad = len(wire) != 0
			return it
		}
		n := int32(binary.BigEndian.Uint32(wire))
		it.rest = wire[4:]
		if n < 0 || int64(n) > int64(len(it.rest))/4 {
			it.bad = true
			return it
		}
		it.left = int(n)
		if t.Kind == Map {
			if it.left *= 2; it.left > len(it.rest)/4 {
				it.bad, it.left = true, 0
			}
		}
	case Vector:
		if len(wire) == 0 {
			return it
		}
		it.left = t.Dimension
		if it.fixed = t.Elems[0].FixedLen(); it.fixed < 0 {
			it.fixed, it.vint = 0, true
		}
	default:
		it.left = -1
	}
	return it
}

// Len returns the number of elements to come for a collection or vector (a
// map counts keys and values), -1 for a tuple or UDT.
func (it *Iter) Len() int { return it.left }

// Next moves to the next element and reports whether there is one.
func (it *Iter) Next() bool {
	if it.bad || it.left == 0 || it.left < 0 && len(it.rest) == 0 {
		return false
	}
	if it.left > 0 {
		it.left--
	}
	n := it.fixed
	switch {
	case it.fixed > 0:
	case it.vint:
		v, size := uvint(it.rest)
		if size == 0 || v > uint64(len(it.rest)) {
			it.bad = true
			return false
		}
		n, it.rest = int(v), it.rest[size:]
	default:
		if len(it.rest) < 4 {
			it.bad = true
			return false
		}
		n = int(int32(binary.BigEndian.Uint32(it.rest)))
		it.rest = it.rest[4:]
		if n < 0 {
			it.elem = nil
			return true
		}
	}
	if n > len(it.rest) {
		it.bad = true
		return false
	}
	it.elem, it.rest = it.rest[:n:n], it.rest[n:]
	return true
}

// Elem returns the current element, nil when it is null. It shares the value's
// memory.
func (it *Iter) Elem() []byte { return it.elem }

// Rest returns the bytes behind the last element.
func (it *Iter) Rest() []byte { return it.rest }

// Malformed reports whether Next stopped at a length that does not fit.
func (it *Iter) Malformed() bool { return it.bad }

// FixedLen returns the size of every value of t in bytes when t has one
// (AbstractType.valueLengthIfFixed), else -1.
func (t *Type) FixedLen() int {
	switch t.Kind {
	case Boolean:
		return 1
	case Int, Float:
		return 4
	case Bigint, Double, Timestamp:
		return 8
	case Uuid, Timeuuid:
		return 16
	case Vector:
		if n := t.Elems[0].FixedLen(); n > 0 {
			return n * t.Dimension
		}
	}
	return -1
}
