package schema

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// ReferencesType reports whether t is, or holds at any depth, the user type of
// that name (AbstractType.referencesUserType).
func ReferencesType(t *cqltype.Type, name string) bool {
	if t.Kind == cqltype.UDT && t.Name == name {
		return true
	}
	return slices.ContainsFunc(t.Elems, func(e *cqltype.Type) bool { return ReferencesType(e, name) })
}

// ReferencesDuration reports whether t is, or holds at any depth, a duration as
// Cassandra looks for one (AbstractType.referencesDuration): neither in the
// elements of sets nor in the keys of maps, which can't be durations but may hold
// them, nor in vectors.
func ReferencesDuration(t *cqltype.Type) bool {
	switch t.Kind {
	case cqltype.Duration:
		return true
	case cqltype.Set, cqltype.Vector:
		return false
	case cqltype.Map:
		return ReferencesDuration(t.Elems[1])
	}
	return slices.ContainsFunc(t.Elems, ReferencesDuration)
}

// TypesUsing returns the names of the other user types of k that hold the
// named one, in order.
func (k *Keyspace) TypesUsing(name string) []string {
	var names []string
	for _, t := range sorted(k.Types) {
		if t.Name != name && ReferencesType(t, name) {
			names = append(names, t.Name)
		}
	}
	return names
}

// TablesUsing returns the tables of k with a column whose type holds the named
// user type, in order of their names.
func (k *Keyspace) TablesUsing(name string) []*Table {
	var tables []*Table
	for _, t := range sorted(k.Tables) {
		for _, c := range t.Columns {
			if ReferencesType(c.Type, name) {
				tables = append(tables, t)
				break
			}
		}
	}
	return tables
}

// replaceType returns t with the user type u wherever t has the one of u's
// name, keeping how each was frozen; t itself when it has none.
func replaceType(t, u *cqltype.Type) *cqltype.Type {
	if t.Kind == cqltype.UDT && t.Name == u.Name && t.Keyspace == u.Keyspace {
		if t.Frozen == u.Frozen {
			return u
		}
		next := *u
		next.Frozen = t.Frozen
		return &next
	}
	return mapElems(t, func(e *cqltype.Type) *cqltype.Type { return replaceType(e, u) })
}

// ExpandTypes returns t with every user type as the tuple of its fields, which
// is how a dropped column remembers it (AbstractType.expandUserTypes).
func ExpandTypes(t *cqltype.Type) *cqltype.Type {
	t = mapElems(t, ExpandTypes)
	if t.Kind != cqltype.UDT {
		return t
	}
	return cqltype.NewTuple(t.Elems...)
}

// mapElems returns t with f applied to its element types, t itself when none
// of them changes.
func mapElems(t *cqltype.Type, f func(*cqltype.Type) *cqltype.Type) *cqltype.Type {
	var next *cqltype.Type
	for i, e := range t.Elems {
		r := f(e)
		if r == e {
			continue
		}
		if next == nil {
			c := *t
			c.Elems = slices.Clone(t.Elems)
			next = &c
		}
		next.Elems[i] = r
	}
	if next == nil {
		return t
	}
	return next
}
