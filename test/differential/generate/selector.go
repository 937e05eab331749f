package generate

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// selectors writes the select clause.
func (s *statement) selectors(t *table, grouped bool) {
	item := s.list(", ")
	for range s.between(1, 4) {
		item()
		switch {
		case grouped && s.one(2), s.one(12):
			s.aggregate(t)
		case s.one(2):
			s.id(pick(s.generator, t.columns).name)
		default:
			s.expression(t)
		}
		if s.one(12) {
			s.w(" AS ")
			s.id(pick(s.generator, []string{"a", "B", "x y"}))
		}
	}
}

func (s *statement) aggregate(t *table) {
	c := pick(s.generator, t.columns)
	functions := []string{"count(*)", "count(1)", "count", "sum", "avg", "min", "max", "min", "max"}
	if c.t.Kind == cqltype.Timeuuid {
		functions = functions[:5] // min and max have a type that no driver knows
	}
	f := pick(s.generator, functions)
	s.w(f)
	if f[len(f)-1] != ')' {
		s.w("(")
		s.id(c.name)
		s.w(")")
	}
}

// expression writes a function, operation or part of a column.
func (s *statement) expression(t *table) {
	c := pick(s.generator, t.columns)
	name := cql.QuoteIdentifier(c.name)
	if s.one(4) {
		s.times(t, c, name)
		return
	}
	if s.one(4) {
		s.anyFunction(t, c, name)
		return
	}
	switch c.t.Kind {
	case cqltype.List, cqltype.Set, cqltype.Map:
		s.collectionPart(c.t, name)
	case cqltype.UDT:
		s.w(name, ".", pick(s.generator, c.t.FieldNames))
	case cqltype.Vector:
		s.w(pick(s.generator, []string{"similarity_cosine", "similarity_euclidean", "similarity_dot_product"}), "(", name, ", ")
		s.constant(c.t)
		s.w(")")
	case cqltype.Int, cqltype.Bigint, cqltype.Smallint, cqltype.Tinyint, cqltype.Varint, cqltype.Decimal, cqltype.Double, cqltype.Float, cqltype.Counter:
		s.numeric(t, c.t, name)
	case cqltype.Timestamp, cqltype.Date, cqltype.Timeuuid, cqltype.Time:
		s.temporal(c.t, name)
	default:
		s.anyFunction(t, c, name)
	}
}

// times writes writetime and ttl, where they do not depend on a clock.
func (s *statement) times(t *table, c *column, name string) {
	functions := []string{"ttl"}
	if t.mode == timed {
		functions = []string{"ttl", "writetime", "maxwritetime", "writetime"}
	}
	if t.mode == counters {
		functions = []string{"token"}
	}
	if values := t.values(); len(values) > 0 && !s.one(10) {
		c = pick(s.generator, values)
		name = cql.QuoteIdentifier(c.name)
	}
	s.w(pick(s.generator, functions), "(", name)
	if s.one(4) {
		switch {
		case c.t.Kind == cqltype.Map || c.t.Kind == cqltype.Set:
			s.w("[", s.literal(c.t.Elems[0]), "]") // Cassandra fails when it is a marker
		case c.t.Kind == cqltype.UDT:
			s.w(".", pick(s.generator, c.t.FieldNames))
		}
	}
	s.w(")")
}

// anyFunction writes a function that takes any type.
func (s *statement) anyFunction(t *table, c *column, name string) {
	switch s.IntN(6) {
	case 0:
		s.w("to_json(", name, ")")
	case 1:
		s.w("CAST(", name, " AS ", pick(s.generator, scalars).Kind.String(), ")")
	case 2:
		s.w(pick(s.generator, []string{"mask_null", "mask_default", "mask_hash"}), "(", name, ")")
	case 3:
		s.w("token")
		s.tupleOf(t.of(partition))
	case 4:
		if len(c.t.Elems) == 0 {
			s.w(c.t.Kind.String(), "_as_blob(", name, ")")
			return
		}
		s.w("to_json(", name, ")")
	default:
		s.w("(", typeName(c.t), ") ")
		s.constant(c.t)
	}
}

func (s *statement) collectionPart(t *cqltype.Type, name string) {
	functions := []string{"collection_count", "collection_count", "collection_min", "collection_max", "collection_sum", "collection_avg"}
	if t.Kind == cqltype.Map {
		functions = append(functions[:2:2], "map_keys", "map_values")
	}
	if t.Kind == cqltype.List || s.one(2) {
		s.w(pick(s.generator, functions), "(", name, ")")
		return
	}
	s.w(name, "[")
	switch s.IntN(5) {
	case 0:
		s.constant(t.Elems[0])
		s.w("..")
		s.constant(t.Elems[0])
	case 1:
		s.constant(t.Elems[0])
		s.w("..")
	case 2:
		s.w("..")
		s.constant(t.Elems[0])
	default:
		s.constant(t.Elems[0])
	}
	s.w("]")
}

func (s *statement) numeric(t *table, ct *cqltype.Type, name string) {
	switch s.IntN(4) {
	case 0:
		s.w(pick(s.generator, []string{"abs", "exp", "log", "log10", "round"}), "(", name, ")")
	case 1:
		s.w("-", name)
	case 2:
		other := pick(s.generator, t.columns)
		s.w(name, pick(s.generator, []string{" + ", " - ", " * ", " / ", " % "}), cql.QuoteIdentifier(other.name))
	default:
		s.w(name, pick(s.generator, []string{" + ", " - ", " * ", " / ", " % "}))
		s.constant(ct)
	}
}

func (s *statement) temporal(t *cqltype.Type, name string) {
	switch {
	case t.Kind == cqltype.Time:
		s.w("floor(", name, ", 1h)")
	case s.one(2):
		s.w(pick(s.generator, []string{"to_date", "to_timestamp", "to_unix_timestamp", "toUnixTimestamp"}), "(", name, ")")
	case t.Kind != cqltype.Timeuuid && s.one(2):
		s.w("floor(", name, ", ", pick(s.generator, []string{"1d", "1mo", "1y", "2w"}), ")")
	default:
		s.w(name, pick(s.generator, []string{" + ", " - "}), pick(s.generator, []string{"1d", "1mo", "1h", "2y3d"}))
	}
}
