package index

import (
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Format is the version of the forms of new indexes. An index that the catalog
// has with another one is built anew.
const Format = 2

// AppendCell appends the form under which ix has one live cell of its column:
// element is the set's element or the map's key of a cell of a non-frozen
// collection, value the cell's value, both wire bytes. Of a map's entry it is
// the key's form, its length in front, then the value's. Check comes first.
func (ix *Index) AppendCell(dst, element, value []byte) []byte {
	if ix.element {
		if !ix.value {
			return ix.appendTerm(dst, ix.elementType, element)
		}
		key := ix.appendTerm(nil, ix.elementType, element)
		dst = binary.AppendUvarint(dst, uint64(len(key)))
		dst = append(dst, key...)
	}
	if ix.value {
		dst = ix.appendTerm(dst, ix.valueType, value)
	}
	return dst
}

// appendTerm appends the form of one value of type t. A storage-attached index
// has values of types with ranges in their order, which may equate values that
// are written differently (1.0 and 1.00); all else, the entries of maps among it,
// is compared byte by byte.
func (ix *Index) appendTerm(dst []byte, t *cqltype.Type, wire []byte) []byte {
	switch {
	case !ix.SAI || ix.ofEntries():
		return append(dst, wire...)
	case ix.Analyzer != nil:
		return ix.Analyzer.Append(dst, wire)
	case !HasRanges(t):
		return append(dst, wire...)
	case t.Kind == cqltype.Inet:
		return appendInet(dst, wire)
	}
	return t.AppendKey(dst, wire, false)
}

// HasRanges reports whether a storage-attached index on the type serves
// inequalities (IndexTermType.isLiteral, and what is frozen, are not).
func HasRanges(t *cqltype.Type) bool {
	switch t.Kind {
	case cqltype.Text, cqltype.Ascii, cqltype.Boolean, cqltype.Uuid, cqltype.Blob, cqltype.Tuple, cqltype.UDT, cqltype.Vector:
		return false
	}
	return !t.IsCollection()
}

// IsLiteral reports whether a storage-attached index on the type compares byte
// strings (IndexTermType.isLiteral).
func IsLiteral(t *cqltype.Type) bool { return t.Kind != cqltype.Uuid && !HasRanges(t) }

// ofEntries reports whether the entries of a map are indexed.
func (ix *Index) ofEntries() bool { return ix.element && ix.value }

// appendInet appends an address as IPv6: that is how storage-attached indexes
// order both kinds (IndexTermType.encodeInetAddress).
func appendInet(dst, wire []byte) []byte {
	if len(wire) == 4 {
		dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)
	}
	return append(dst, wire...)
}

// Exact reports whether ix tells apart or equates values of its column in
// another way than the column's type does: its forms decide then, also where
// rows are filtered.
func (ix *Index) Exact() bool {
	if ix.Analyzer != nil {
		return true
	}
	for _, t := range []*cqltype.Type{ix.elementType, ix.valueType} {
		if t != nil && !ix.comparesAs(t) {
			return true
		}
	}
	return false
}

// comparesAs reports whether forms of t are equal, and ordered, as values are.
func (ix *Index) comparesAs(t *cqltype.Type) bool {
	switch t.Kind {
	case cqltype.Text, cqltype.Ascii, cqltype.Blob, cqltype.Boolean, cqltype.Int, cqltype.Bigint, cqltype.Smallint, cqltype.Tinyint,
		cqltype.Uuid, cqltype.Timeuuid, cqltype.Timestamp, cqltype.Date, cqltype.Time:
		return true
	case cqltype.Inet:
		return !ix.SAI
	}
	return ix.SAI && !ix.ofEntries() && HasRanges(t)
}
