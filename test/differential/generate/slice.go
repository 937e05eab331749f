package generate

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

var inequalities = []string{" < ", " <= ", " > ", " >= "}

// slice restricts clustering columns from the first on: equal ones, then a
// range, a list or a tuple of columns. first stands in front.
func (s *statement) slice(t *table, first string) {
	columns := t.of(clustering)
	if len(columns) == 0 {
		return
	}
	item := s.items(first, " AND ")
	equal := s.IntN(len(columns) + 1)
	for _, c := range columns[:equal] {
		item()
		s.id(c.name)
		if s.one(8) {
			s.in(c.t)
			continue
		}
		s.w(" = ")
		s.key(c.t)
	}
	rest := columns[equal:]
	if s.one(40) && len(rest) > 1 {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return
	}
	switch s.IntN(6) {
	case 0, 1:
		s.ranges(rest[:1], item, false)
	case 2:
		item()
		s.id(rest[0].name)
		s.in(rest[0].t)
	case 3, 4:
		s.ranges(rest[:s.between(1, len(rest))], item, true)
	}
}

// ranges writes one or two inequalities on columns.
func (s *statement) ranges(columns []*column, item func(), tuple bool) {
	ops := []string{pick(s.generator, inequalities)}
	if s.one(2) {
		ops = []string{pick(s.generator, inequalities[:2]), pick(s.generator, inequalities[2:])}
	} else if tuple && s.one(3) {
		ops = []string{pick(s.generator, []string{" = ", " IN "})}
	}
	for _, op := range ops {
		item()
		if !tuple {
			s.id(columns[0].name)
			s.w(op)
			s.key(columns[0].t)
			continue
		}
		s.tupleOf(columns)
		s.w(op)
		n := len(columns)
		if s.one(8) && n > 1 {
			n--
		}
		if op != " IN " {
			s.tuple(columns[:n])
			continue
		}
		s.w("(")
		next := s.list(", ")
		for range s.between(1, 3) {
			next()
			s.tuple(columns)
		}
		s.w(")")
	}
}

// tupleOf writes (c1, c2).
func (s *statement) tupleOf(columns []*column) {
	s.w("(")
	item := s.list(", ")
	for _, c := range columns {
		item()
		s.id(c.name)
	}
	s.w(")")
}

// tuple writes (v1, v2).
func (s *statement) tuple(columns []*column) {
	s.w("(")
	item := s.list(", ")
	for _, c := range columns {
		item()
		s.key(c.t)
	}
	s.w(")")
}

// filter writes a relation on any column, which may need filtering.
func (s *statement) filter(c *column) {
	t := c.t
	s.id(c.name)
	switch {
	case t.Kind == cqltype.Map && s.one(4):
		s.w("[")
		s.value(t.Elems[0])
		s.w("] = ")
		s.value(t.Elems[1])
	case t.Kind == cqltype.Map && s.one(3):
		s.w(" CONTAINS KEY ")
		s.value(t.Elems[0])
	case t.IsCollection() && !s.one(3):
		s.w(" CONTAINS ")
		s.value(t.Elems[len(t.Elems)-1])
	case s.one(6):
		s.in(t)
	case s.one(30):
		s.w(pick(s.generator, []string{" != ", " LIKE ", " IS NOT "}))
		s.value(t)
	case s.one(2):
		s.w(" = ")
		s.value(t)
	default:
		s.w(pick(s.generator, inequalities))
		s.value(t)
	}
}
