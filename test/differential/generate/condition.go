package generate

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

var comparisons = []string{" = ", " = ", " != ", " < ", " <= ", " > ", " >= "}

// conditions writes IF.
func (s *statement) conditions(t *table) {
	columns := some(s.generator, t.values(), 2)
	if len(columns) == 0 || s.one(4) {
		s.w(" IF EXISTS")
		return
	}
	item := s.items(" IF ", " AND ")
	for _, c := range columns {
		item()
		s.condition(c, len(columns) > 1)
	}
	if s.one(60) {
		item()
		s.condition(pick(s.generator, t.of(partition)), true)
	}
}

// condition writes one comparison with a column or a part of it. Of several, Cassandra
// asks one or another first, which shows when one is false and another an error:
// those are of kinds that are none.
func (s *statement) condition(c *column, several bool) {
	t := c.t
	s.id(c.name)
	if several {
		s.w(pick(s.generator, comparisons[:3]))
		s.constant(t)
		return
	}
	if s.one(3) {
		switch {
		case t.Kind == cqltype.List:
			s.w("[")
			s.number(cqltype.TypeInt, s.IntN(3))
			s.w("]")
			t = t.Elems[0]
		case t.Kind == cqltype.Map:
			s.w("[")
			s.constant(t.Elems[0])
			s.w("]")
			t = t.Elems[1]
		case t.Kind == cqltype.UDT:
			i := s.IntN(len(t.FieldNames))
			s.w(".", t.FieldNames[i])
			t = t.Elems[i]
		}
	}
	switch {
	case s.one(6):
		s.in(t)
	case t.IsCollection() && s.one(8):
		s.w(" CONTAINS ")
		s.value(t.Elems[0])
	case s.one(6):
		s.w(pick(s.generator, []string{" = ", " != "}), "null")
	default:
		s.w(pick(s.generator, comparisons))
		s.value(t)
	}
}
