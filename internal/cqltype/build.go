package cqltype

import "slices"

// AppendCollection appends the wire bytes of a list, set, map or vector made
// of elems (keys and values in turn for a map). Sets and maps are sorted as
// Cassandra keeps them; of equal elements or keys the last value and the first
// key stand. elems is reordered. For a vector the caller has checked the
// number and the size of the elements.
func (t *Type) AppendCollection(dst []byte, elems [][]byte) []byte {
	switch t.Kind {
	case Vector:
		for _, e := range elems {
			dst = t.AppendVectorElement(dst, e)
		}
		return dst
	case Set:
		elems = t.sortSet(elems)
	case Map:
		elems = t.sortMap(elems)
	}
	dst = AppendCount(dst, len(elems)/len(t.Elems))
	for _, e := range elems {
		dst = AppendElement(dst, e)
	}
	return dst
}

func (t *Type) sortSet(elems [][]byte) [][]byte {
	elem := t.Elems[0]
	slices.SortStableFunc(elems, elem.Compare)
	return slices.CompactFunc(elems, func(a, b []byte) bool { return elem.Compare(a, b) == 0 })
}

func (t *Type) sortMap(elems [][]byte) [][]byte {
	type entry struct{ key, value []byte }
	entries := make([]entry, len(elems)/2)
	for i := range entries {
		entries[i] = entry{elems[2*i], elems[2*i+1]}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return t.Elems[0].Compare(a.key, b.key) })
	out := elems[:0]
	for _, e := range entries {
		if n := len(out); n > 0 && t.Elems[0].Compare(out[n-2], e.key) == 0 {
			out[n-1] = e.value
			continue
		}
		out = append(out, e.key, e.value)
	}
	return out
}

// AppendTuple appends the wire bytes of a tuple or UDT: its fields, nil for
// null.
func AppendTuple(dst []byte, fields ...[]byte) []byte {
	for _, f := range fields {
		dst = AppendElement(dst, f)
	}
	return dst
}
