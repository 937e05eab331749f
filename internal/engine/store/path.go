package store

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// AppendPath appends the stored form of the path of a cell of a column of type
// t (a non-frozen list, set, map or UDT): element is a list's 16-byte
// timeuuid, a set's element, a map's key (wire bytes), or a UDT's 2-byte
// big-endian field position.
//
// Stored paths are ordered and equal as ComparePaths says, which is how
// Cassandra compares them (CollectionType.nameComparator). The form is
//
//	length(uvarint) key(length) [exact]
//
// with key the element's order-preserving key, and exact the element's own
// bytes if the key does not give them back (decimal 1.10 equals 1.1).
func AppendPath(dst []byte, t *cqltype.Type, element []byte) []byte {
	start := len(dst)
	dst = append(dst, 0)
	pt := pathType(t)
	if pt == nil {
		dst = append(dst, element...)
	} else {
		dst = pt.AppendKey(dst, element, false)
	}
	n := len(dst) - start - 1
	if size := uvarintLen(uint64(n)); size > 1 {
		dst = slices.Insert(dst, start, make([]byte, size-1)...)
	}
	binary.PutUvarint(dst[start:], uint64(n))
	if pt != nil && !pt.KeyIsExact(element) {
		dst = append(dst, element...)
	}
	return dst
}

// DecodePath is the inverse of AppendPath: it appends the element's bytes to dst.
func DecodePath(dst []byte, t *cqltype.Type, path []byte) ([]byte, error) {
	key, exact, ok := splitPath(path)
	if !ok {
		return nil, corruptf("cell path of %d bytes", len(path))
	}
	pt := pathType(t)
	switch {
	case len(exact) > 0:
		return append(dst, exact...), nil
	case pt == nil:
		return append(dst, key...), nil
	}
	out, rest, err := pt.DecodeKey(key, false, dst)
	if err != nil || len(rest) != 0 || out == nil {
		return nil, corruptf("cell path: %v, %d bytes left", err, len(rest))
	}
	return out, nil
}

// ComparePaths orders two stored paths of one column.
func ComparePaths(a, b []byte) int {
	ka, _, _ := splitPath(a)
	kb, _, _ := splitPath(b)
	return bytes.Compare(ka, kb)
}

// pathType is the type a path of t is ordered by, nil for a UDT's positions.
func pathType(t *cqltype.Type) *cqltype.Type {
	switch t.Kind {
	case cqltype.List:
		return cqltype.TypeTimeuuid
	case cqltype.Set, cqltype.Map:
		return t.Elems[0]
	}
	return nil
}

func splitPath(path []byte) (key, exact []byte, ok bool) {
	n, size := binary.Uvarint(path)
	if size <= 0 || n > uint64(len(path)-size) {
		return path, nil, false
	}
	end := size + int(n)
	return path[size:end], path[end:], true
}
