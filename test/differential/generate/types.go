package generate

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

var scalars = []*cqltype.Type{
	cqltype.TypeAscii, cqltype.TypeBigint, cqltype.TypeBlob, cqltype.TypeBoolean, cqltype.TypeDecimal, cqltype.TypeDouble,
	cqltype.TypeFloat, cqltype.TypeInt, cqltype.TypeTimestamp, cqltype.TypeUuid, cqltype.TypeText, cqltype.TypeVarint,
	cqltype.TypeTimeuuid, cqltype.TypeInet, cqltype.TypeDate, cqltype.TypeTime, cqltype.TypeSmallint, cqltype.TypeTinyint,
	cqltype.TypeDuration,
}

// scalar is a scalar type, often one of the everyday ones.
func (g *generator) scalar() *cqltype.Type {
	if g.one(2) {
		return pick(g, []*cqltype.Type{cqltype.TypeInt, cqltype.TypeText, cqltype.TypeBigint})
	}
	return pick(g, scalars)
}

// frozenType is a type whose values are one cell, with no more than depth
// levels of collections.
func (g *generator) frozenType(depth int) *cqltype.Type {
	if depth == 0 || g.one(2) {
		return g.scalar()
	}
	return g.anyType(depth).AsFrozen()
}

// anyType is a type for a regular column.
func (g *generator) anyType(depth int) *cqltype.Type {
	if depth == 0 {
		return g.scalar()
	}
	switch g.IntN(14) {
	case 0, 1:
		return cqltype.NewList(g.frozenType(depth-1), g.one(4))
	case 2, 3:
		return cqltype.NewSet(g.ordered(depth-1), g.one(4))
	case 4, 5:
		return cqltype.NewMap(g.ordered(depth-1), g.frozenType(depth-1), g.one(4))
	case 6:
		fields := make([]*cqltype.Type, g.between(1, 3))
		for i := range fields {
			fields[i] = g.frozenType(depth - 1)
		}
		return cqltype.NewTuple(fields...)
	case 7:
		if g.one(3) {
			return cqltype.NewVector(g.vectorElement(depth-1), g.between(1, 3))
		}
		return cqltype.NewVector(cqltype.TypeFloat, g.between(1, 3))
	case 8, 9:
		if len(g.types) > 0 {
			u := *pick(g, g.types)
			u.Frozen = g.one(3)
			return &u
		}
	}
	return g.scalar()
}

// vectorElement is frozen, as every element.
func (g *generator) vectorElement(depth int) *cqltype.Type { return g.frozenType(depth) }

// ordered is a type that keys, sets and maps take: anything but a duration, and
// nothing with one inside.
func (g *generator) ordered(depth int) *cqltype.Type {
	for {
		if t := g.frozenType(depth); !hasDuration(t) {
			return t
		}
	}
}

func hasDuration(t *cqltype.Type) bool {
	if t.Kind == cqltype.Duration {
		return true
	}
	for _, e := range t.Elems {
		if hasDuration(e) {
			return true
		}
	}
	return false
}

// typeName is t as a statement names it.
func typeName(t *cqltype.Type) string {
	if t.Kind == cqltype.UDT && t.Frozen {
		return "frozen<" + t.Name + ">"
	}
	if t.Kind == cqltype.UDT {
		return t.Name
	}
	if len(t.Elems) == 0 {
		return t.Kind.String()
	}
	args := ""
	for i, e := range t.Elems {
		if i > 0 {
			args += ", "
		}
		args += typeName(e)
	}
	switch {
	case t.Kind == cqltype.Vector:
		return "vector<" + args + ", " + sprint(t.Dimension) + ">"
	case t.Frozen:
		return "frozen<" + t.Kind.String() + "<" + args + ">>"
	}
	return t.Kind.String() + "<" + args + ">"
}
