package plan

import (
	"bytes"
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

// unsettled reports whether values of t may have another canonical form: those that
// hold sets or maps at any depth, and lists of what can be written in several ways.
func unsettled(t *cqltype.Type) bool {
	if t.Kind == cqltype.Set || t.Kind == cqltype.Map || t.Kind == cqltype.List && rewritten(t) {
		return true
	}
	return slices.ContainsFunc(t.Elems, unsettled)
}

// rewritten reports whether Cassandra reads and writes again what is in values of t,
// a collection or in one: within tuples and user types it does not.
func rewritten(t *cqltype.Type) bool {
	switch t.Kind {
	case cqltype.List, cqltype.Set, cqltype.Map, cqltype.Vector:
		return slices.ContainsFunc(t.Elems, rewritten)
	}
	return t.HasRewritten()
}

// canonical returns wire, a valid value of t, with the elements of its sets and maps
// in order and without duplicates, and what collections hold written anew, as
// Cassandra stores them (SetSerializer.serializeValues, Lists.Value.fromSerialized).
// A value that is so is returned as it is.
func canonical(t *cqltype.Type, wire []byte) []byte {
	return canonicalIn(t, wire, t.IsCollection())
}

// canonicalIn is canonical of a value that is a collection, or in one, or neither.
func canonicalIn(t *cqltype.Type, wire []byte, collection bool) []byte {
	if wire == nil || isCanonical(t, wire, collection) {
		return wire
	}
	if len(t.Elems) == 0 {
		return t.Rewritten(wire)
	}
	var values [][]byte
	within := collection && t.Kind != cqltype.Tuple && t.Kind != cqltype.UDT
	for i, it := 0, t.Iter(wire); it.Next(); i++ {
		values = append(values, canonicalIn(elemType(t, i), it.Elem(), within))
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

func isCanonical(t *cqltype.Type, wire []byte, collection bool) bool {
	switch {
	case len(t.Elems) == 0:
		return !collection || !t.HasRewritten() || bytes.Equal(t.Rewritten(wire), wire)
	case !unsettled(t) && !(collection && rewritten(t)):
		return true
	}
	sorted := t.Kind == cqltype.Set || t.Kind == cqltype.Map
	within := collection && t.Kind != cqltype.Tuple && t.Kind != cqltype.UDT
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
		if !isCanonical(elemType(t, i), e, within) {
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
