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
	if t.Kind == cqltype.UDT {
		return t.Equal(old)
	}
	return valueInside(t, old)
}

// valueInside is valueCompatible within a list, where a user type may take the
// place of a tuple (isValueCompatibleWithInternal, which UserType has from
// TupleType).
func valueInside(t, old *cqltype.Type) bool {
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
	case cqltype.Tuple, cqltype.UDT:
		return isTuple(old) && fieldsCompatible(t, old, valueCompatible)
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
	return valueInside(t.Elems[0], old.Elems[0])
}

// orderCompatible reports whether values of old are values of t and sort the
// same (AbstractType.isCompatibleWith).
func orderCompatible(t, old *cqltype.Type) bool {
	switch t.Kind {
	case cqltype.Text:
		return old.Kind == cqltype.Text || old.Kind == cqltype.Ascii
	case cqltype.Blob:
		return old.Kind == cqltype.Blob || old.Kind == cqltype.Text || old.Kind == cqltype.Ascii
	case cqltype.List, cqltype.Set, cqltype.Map:
		return t.Kind == old.Kind && t.IsMultiCell() == old.IsMultiCell() && fieldsCompatible(t, old, orderCompatible)
	case cqltype.Tuple, cqltype.UDT:
		return isTuple(old) && fieldsCompatible(t, old, orderCompatible)
	case cqltype.Vector: // Cassandra keeps a dropped vector's user types, we have their tuples
		return ExpandTypes(t).Equal(old)
	}
	return t.Equal(old)
}

// isTuple reports whether t is a tuple, as user types are, too.
func isTuple(t *cqltype.Type) bool { return t.Kind == cqltype.Tuple || t.Kind == cqltype.UDT }

// fieldsCompatible reports whether t has what old consists of, compatible one by
// one. Tuples may have more behind.
func fieldsCompatible(t, old *cqltype.Type, compatible func(t, old *cqltype.Type) bool) bool {
	if len(t.Elems) < len(old.Elems) {
		return false
	}
	for i, e := range old.Elems {
		if !compatible(t.Elems[i], e) {
			return false
		}
	}
	return true
}
