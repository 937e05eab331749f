package cqltype

// Same reports whether t and u are the same type but for frozenness, which
// makes no difference to values.
func (t *Type) Same(u *Type) bool {
	if t == u {
		return true
	}
	if t == nil || u == nil || t.Kind != u.Kind || t.Dimension != u.Dimension || !t.sameClass(u) ||
		t.Keyspace != u.Keyspace || t.Name != u.Name || len(t.Elems) != len(u.Elems) {
		return false
	}
	for i := range t.Elems {
		if !t.Elems[i].Same(u.Elems[i]) {
			return false
		}
	}
	return true
}

// sameClass compares the classes of custom types.
func (t *Type) sameClass(u *Type) bool { return t.Kind != Custom || t.Class == u.Class }

// AcceptsValuesOf reports whether every value of type given can stand as a
// value of type t (AbstractType.isValueCompatibleWith), frozenness aside.
func (t *Type) AcceptsValuesOf(given *Type) bool {
	if t.Same(given) {
		return true
	}
	g := given.Kind
	switch t.Kind {
	case Blob:
		return true
	case Text:
		return g == Ascii
	case Varint:
		return g == Int || g == Bigint || g == Timestamp
	case Bigint:
		return g == Timestamp
	case Timestamp, Time:
		return g == Bigint
	case Date:
		return g == Int
	case Uuid:
		return g == Timeuuid && given.Class == ""
	case List:
		return g == List && t.Elems[0].AcceptsValuesOf(given.Elems[0])
	case Set:
		return g == Set && t.Elems[0].ordersLike(given.Elems[0])
	case Map:
		return g == Map && t.Elems[0].ordersLike(given.Elems[0]) && t.Elems[1].AcceptsValuesOf(given.Elems[1])
	case Tuple:
		return (g == Tuple || g == UDT) && t.eachField(given, (*Type).AcceptsValuesOf)
	case UDT:
		return g == UDT && t.Keyspace == given.Keyspace && t.eachField(given, (*Type).ordersLike)
	}
	return false
}

// ordersLike is AcceptsValuesOf where the order of the values matters too
// (AbstractType.isCompatibleWith).
func (t *Type) ordersLike(given *Type) bool {
	if t.Same(given) {
		return true
	}
	switch t.Kind {
	case Blob:
		return given.Kind == Ascii || given.Kind == Text
	case Text:
		return given.Kind == Ascii
	case Tuple:
		return (given.Kind == Tuple || given.Kind == UDT) && t.eachField(given, (*Type).ordersLike)
	}
	return false
}

// eachField tests the fields of given, which may be fewer, against t's.
func (t *Type) eachField(given *Type, fits func(t, given *Type) bool) bool {
	if len(given.Elems) > len(t.Elems) {
		return false
	}
	for i, e := range given.Elems {
		if !fits(t.Elems[i], e) {
			return false
		}
	}
	return true
}
