package schema

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

// CanReplace reports whether a column of type t may come back where one of
// type old was dropped: values of old would have to read as values of t
// (AbstractType.isSerializationCompatibleWith).
func CanReplace(t, old *cqltype.Type) bool {
	switch {
	case t.IsCollection():
		return valueCompatible(t, old) && (t.Kind == cqltype.Set || CanReplace(t.Elems[len(t.Elems)-1], old.Elems[len(old.Elems)-1]))
	case t.Kind == cqltype.Blob && (old.IsCollection() || old.Kind == cqltype.UDT):
		return false
	}
	return valueCompatible(t, old) && t.FixedLen() == old.FixedLen() && t.IsMultiCell() == old.IsMultiCell()
}

// valueCompatible reports whether values of old are values of t too, in
// whatever order (AbstractType.isValueCompatibleWith).
func valueCompatible(t, old *cqltype.Type) bool {
	switch t.Kind {
	case cqltype.Blob:
		return true
	case cqltype.Bigint, cqltype.Timestamp:
		return old.Kind == cqltype.Bigint || old.Kind == cqltype.Timestamp
	case cqltype.Uuid:
		return old.Kind == cqltype.Uuid || old.Kind == cqltype.Timeuuid
	case cqltype.Date:
		return old.Kind == cqltype.Date || old.Kind == cqltype.Int
	case cqltype.Time:
		return old.Kind == cqltype.Time || old.Kind == cqltype.Bigint
	case cqltype.Varint:
		switch old.Kind {
		case cqltype.Varint, cqltype.Int, cqltype.Bigint, cqltype.Timestamp:
			return true
		}
		return false
	case cqltype.List, cqltype.Set, cqltype.Map:
		return collectionCompatible(t, old)
	case cqltype.Tuple:
		if old.Kind != cqltype.Tuple || len(t.Elems) < len(old.Elems) {
			return false
		}
		for i, e := range old.Elems {
			if !valueCompatible(t.Elems[i], e) {
				return false
			}
		}
		return true
	}
	return orderCompatible(t, old)
}

// collectionCompatible compares two collections. What is ordered (the keys of
// a map, the elements of a set) must keep its order.
func collectionCompatible(t, old *cqltype.Type) bool {
	if t.Kind != old.Kind || t.IsMultiCell() != old.IsMultiCell() {
		return false
	}
	switch t.Kind {
	case cqltype.Set:
		return orderCompatible(t.Elems[0], old.Elems[0])
	case cqltype.Map:
		return orderCompatible(t.Elems[0], old.Elems[0]) && valueCompatible(t.Elems[1], old.Elems[1])
	}
	return valueCompatible(t.Elems[0], old.Elems[0])
}

// orderCompatible reports whether values of old are values of t and sort the
// same (AbstractType.isCompatibleWith).
func orderCompatible(t, old *cqltype.Type) bool {
	switch t.Kind {
	case cqltype.Text:
		return old.Kind == cqltype.Text || old.Kind == cqltype.Ascii
	case cqltype.Blob:
		return old.Kind == cqltype.Blob || old.Kind == cqltype.Text || old.Kind == cqltype.Ascii
	}
	return t.Equal(old)
}
