package generate

import (
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// createType makes CREATE TYPE.
func (g *generator) createType() {
	u := &cqltype.Type{Kind: cqltype.UDT, Name: g.name("u")}
	var fields []string
	for range g.between(1, 3) {
		t := g.frozenType(g.IntN(2))
		u.FieldNames = append(u.FieldNames, g.name("f"))
		u.Elems = append(u.Elems, t)
		fields = append(fields, u.FieldNames[len(u.FieldNames)-1]+" "+typeName(t))
	}
	s := g.begin()
	s.prepared = false
	s.w("CREATE TYPE ", u.Name, " (", strings.Join(fields, ", "), ")")
	s.end()
	g.types = append(g.types, u)
}

// alterType adds or renames a field of a user type. Types in use see it through
// the slices they share.
func (g *generator) alterType() {
	if len(g.types) == 0 {
		g.createType()
		return
	}
	u := pick(g, g.types)
	if g.inKey(u.Name) {
		return
	}
	s := g.begin()
	s.prepared = false
	if g.one(2) {
		i := g.IntN(len(u.FieldNames))
		name := g.name("f")
		s.w("ALTER TYPE ", u.Name, " RENAME ", u.FieldNames[i], " TO ", name)
		u.FieldNames[i] = name
	} else {
		t := g.frozenType(1)
		for contains(t, u.Name) {
			t = g.frozenType(1)
		}
		name := g.name("f")
		s.w("ALTER TYPE ", u.Name, " ADD ", name, " ", typeName(t))
		g.addField(u, name, t)
	}
	s.end()
}

// contains reports whether a user type is part of t.
func contains(t *cqltype.Type, name string) bool {
	return t.Kind == cqltype.UDT && t.Name == name || slices.ContainsFunc(t.Elems, func(e *cqltype.Type) bool { return contains(e, name) })
}

// inKey reports whether a user type is part of a key, of a row or of a collection
// of cells. Values in keys get the fields that are added later, as nulls.
func (g *generator) inKey(name string) bool {
	for _, t := range g.tables {
		for _, c := range append(t.columns, t.dropped...) {
			key := c.kind == partition || c.kind == clustering || t.indexed(c)
			if (key || c.t.IsMultiCell() && c.t.Kind != cqltype.UDT) && contains(c.t, name) {
				return true
			}
		}
	}
	return false
}

// addField adds a field to u and to the copies of it in columns.
func (g *generator) addField(u *cqltype.Type, name string, t *cqltype.Type) {
	var visit func(x *cqltype.Type)
	visit = func(x *cqltype.Type) {
		for _, e := range x.Elems {
			visit(e)
		}
		if x.Kind == cqltype.UDT && x.Name == u.Name && len(x.FieldNames) < len(u.FieldNames) {
			x.FieldNames, x.Elems = u.FieldNames, u.Elems
		}
	}
	u.FieldNames = append(u.FieldNames, name)
	u.Elems = append(u.Elems, t)
	for _, table := range g.tables {
		for _, c := range append(table.columns, table.dropped...) {
			visit(c.t)
		}
	}
	for _, other := range g.types {
		visit(other)
	}
}

// alterTable makes ALTER TABLE.
func (g *generator) alterTable(t *table) {
	s := g.begin()
	s.prepared = false
	s.w("ALTER TABLE ", t.ref(), " ")
	switch n := g.IntN(8); {
	case n < 2 && len(t.dropped) > 0:
		s.addAgain(t)
	case n < 4:
		s.add(t)
	case n < 7 && len(t.values()) > 0:
		s.drop(t)
	case n < 7:
		s.w("DROP ", cql.QuoteIdentifier(t.columns[0].name))
	case !t.expires:
		s.w("WITH comment = 'x'")
	default:
		s.w("WITH default_time_to_live = ", pick(g, []string{"0", "100", "0"}))
	}
	s.end()
}

func (s *statement) add(t *table) {
	c := &column{name: s.name("v"), kind: regular, t: cqltype.TypeCounter}
	if t.mode != counters {
		c.t = s.anyType(s.IntN(3))
	}
	s.w("ADD ", cql.QuoteIdentifier(c.name), " ", typeName(c.t))
	if len(t.of(clustering)) > 0 && s.one(4) {
		c.kind = static
		s.w(" STATIC")
	}
	t.columns = append(t.columns, c)
}

// addAgain adds a column that was dropped, sometimes with another type.
func (s *statement) addAgain(t *table) {
	i := s.IntN(len(t.dropped))
	c := *t.dropped[i]
	if s.one(4) {
		other := c
		other.t = s.anyType(1)
		s.w("ADD ", cql.QuoteIdentifier(c.name), " ", typeName(other.t))
		return // refused, as a rule
	}
	t.dropped = append(t.dropped[:i:i], t.dropped[i+1:]...)
	s.w("ADD ", cql.QuoteIdentifier(c.name), " ", typeName(c.t))
	if c.kind == static {
		s.w(" STATIC")
	}
	t.columns = append(t.columns, &c)
}

func (s *statement) drop(t *table) {
	c := pick(s.generator, t.values())
	if t.indexed(c) {
		s.w("DROP ", cql.QuoteIdentifier(c.name)) // refused
		return
	}
	s.w("DROP ", cql.QuoteIdentifier(c.name))
	if t.mode == timed {
		s.w(" USING TIMESTAMP ", sprint(s.timestamp()))
	}
	for i, x := range t.columns {
		if x == c {
			t.columns = append(t.columns[:i:i], t.columns[i+1:]...)
			break
		}
	}
	t.dropped = append(t.dropped, c)
}
