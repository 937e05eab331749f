package cell

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

// appendNested appends a collection, vector, tuple or UDT; cell may be nil.
func appendNested(dst []byte, t *cqltype.Type, cell []byte, compactMaps bool) []byte {
	switch {
	case t.Kind == cqltype.Map && compactMaps:
		return appendMap(dst, t, cell)
	case t.Kind == cqltype.Map:
		return appendEntries(dst, t, cell)
	case t.Kind == cqltype.UDT:
		return appendUDT(dst, t, cell, compactMaps)
	case t.Kind == cqltype.Tuple:
		return appendTuple(dst, t, cell, compactMaps)
	case t.Kind == cqltype.Vector && cell == nil:
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	first := true
	for it := t.Iter(cell); it.Next(); first = false {
		if !first {
			dst = append(dst, ',')
		}
		dst = AppendJSON(dst, t.Elems[0], it.Elem(), compactMaps)
	}
	return append(dst, ']')
}

// appendMap appends a map as an object.
func appendMap(dst []byte, t *cqltype.Type, cell []byte) []byte {
	dst = append(dst, '{')
	first := true
	for it := t.Iter(cell); it.Next(); first = false {
		if !first {
			dst = append(dst, ',')
		}
		dst = appendName(dst, t.Elems[0], it.Elem())
		dst = append(dst, ':')
		if !it.Next() {
			return append(dst, "null}"...)
		}
		dst = AppendJSON(dst, t.Elems[1], it.Elem(), true)
	}
	return append(dst, '}')
}

// appendName appends a map key as the name of a member: its JSON when that is
// a string, else its JSON as text in a string.
func appendName(dst []byte, t *cqltype.Type, cell []byte) []byte {
	start := len(dst)
	dst = AppendJSON(dst, t, cell, true)
	if dst[start] == '"' {
		return dst
	}
	name := string(dst[start:])
	return AppendString(dst[:start], name)
}

// appendEntries appends a map as an array of {"key":k,"value":v}.
func appendEntries(dst []byte, t *cqltype.Type, cell []byte) []byte {
	dst = append(dst, '[')
	first := true
	for it := t.Iter(cell); it.Next(); first = false {
		if !first {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"key":`...)
		dst = AppendJSON(dst, t.Elems[0], it.Elem(), false)
		dst = append(dst, `,"value":`...)
		var value []byte
		if it.Next() {
			value = it.Elem()
		}
		dst = AppendJSON(dst, t.Elems[1], value, false)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// appendTuple appends all fields; the ones that the value is too short for are
// null.
func appendTuple(dst []byte, t *cqltype.Type, cell []byte, compactMaps bool) []byte {
	if cell == nil {
		return append(dst, "null"...)
	}
	it := t.Iter(cell)
	dst = append(dst, '[')
	for i, field := range t.Elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendJSON(dst, field, nextField(&it), compactMaps)
	}
	return append(dst, ']')
}

// appendUDT appends an object with all fields; a null UDT has none.
func appendUDT(dst []byte, t *cqltype.Type, cell []byte, compactMaps bool) []byte {
	if cell == nil {
		return append(dst, "{}"...)
	}
	it := t.Iter(cell)
	dst = append(dst, '{')
	for i, field := range t.Elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, t.FieldNames[i])
		dst = append(dst, ':')
		dst = AppendJSON(dst, field, nextField(&it), compactMaps)
	}
	return append(dst, '}')
}

func nextField(it *cqltype.Iter) []byte {
	if it.Next() {
		return it.Elem()
	}
	return nil
}
