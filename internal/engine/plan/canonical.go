package plan

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// packElements is the value of a collection: count counts its elements, or
// the entries of a map.
func packElements(values [][]byte, count int) []byte {
	size := 4
	for _, v := range values {
		size += 4 + len(v)
	}
	b := cqltype.AppendCount(make([]byte, 0, size), count)
	for _, v := range values {
		b = cqltype.AppendElement(b, v)
	}
	return b
}

// packSorted is the value of a set, or of a map whose keys and values come in
// turn: in order of its elements or keys, of equal ones the first (for a map
// the last value).
func packSorted(t *cqltype.Type, values [][]byte) []byte {
	width := len(t.Elems)
	order := make([]int, 0, len(values)/width)
	for i := 0; i < len(values); i += width {
		order = append(order, i)
	}
	cmp := t.Elems[0].Compare
	slices.SortStableFunc(order, func(a, b int) int { return cmp(values[a], values[b]) })
	sorted := make([][]byte, 0, len(values))
	for i, at := range order {
		if i > 0 && cmp(values[order[i-1]], values[at]) == 0 {
			if width == 2 {
				sorted[len(sorted)-1] = values[at+1]
			}
			continue
		}
		sorted = append(sorted, values[at:at+width]...)
	}
	return packElements(sorted, len(sorted)/width)
}

// holdsSets reports whether values of t hold sets or maps at any depth.
func holdsSets(t *cqltype.Type) bool {
	if t.Kind == cqltype.Set || t.Kind == cqltype.Map {
		return true
	}
	return slices.ContainsFunc(t.Elems, holdsSets)
}

// canonical returns wire, a valid value of t, with the elements of its sets and maps
// in order and without duplicates, as Cassandra stores them
// (SetSerializer.serializeValues). A value in order is returned as it is.
func canonical(t *cqltype.Type, wire []byte) []byte {
	if wire == nil || isCanonical(t, wire) {
		return wire
	}
	var values [][]byte
	for i, it := 0, t.Iter(wire); it.Next(); i++ {
		values = append(values, canonical(elemType(t, i), it.Elem()))
	}
	switch t.Kind {
	case cqltype.Set, cqltype.Map:
		return packSorted(t, values)
	case cqltype.List:
		return packElements(values, len(values))
	case cqltype.Vector:
		var b []byte
		for _, v := range values {
			b = t.AppendVectorElement(b, v)
		}
		return b
	}
	var b []byte
	for _, v := range values {
		b = cqltype.AppendElement(b, v)
	}
	return b
}

func isCanonical(t *cqltype.Type, wire []byte) bool {
	if !holdsSets(t) {
		return true
	}
	sorted := t.Kind == cqltype.Set || t.Kind == cqltype.Map
	var last []byte
	for i, it := 0, t.Iter(wire); it.Next(); i++ {
		e := it.Elem()
		if e == nil {
			continue
		}
		if sorted && i%len(t.Elems) == 0 {
			if i > 0 && t.Elems[0].Compare(last, e) >= 0 {
				return false
			}
			last = e
		}
		if !isCanonical(elemType(t, i), e) {
			return false
		}
	}
	return true
}

// elemType is the type of the i-th element of a value of t: keys and values of
// a map count in turn.
func elemType(t *cqltype.Type, i int) *cqltype.Type {
	switch t.Kind {
	case cqltype.Map:
		return t.Elems[i%2]
	case cqltype.Tuple, cqltype.UDT:
		return t.Elems[i]
	}
	return t.Elems[0]
}
