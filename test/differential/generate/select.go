package generate

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

// selects makes SELECT.
func (g *generator) selects(t *table) {
	s := g.begin()
	group := 0
	keys := t.of(partition, clustering)
	if g.one(10) && !t.expires {
		group = g.between(1, len(keys))
	}
	distinct := group == 0 && g.one(15)
	s.w("SELECT ")
	if g.one(15) {
		s.w("JSON ")
	}
	switch {
	case distinct:
		s.w("DISTINCT ")
		s.distinct(t)
	case g.one(3), t.expires && group == 0:
		s.w("*")
	default:
		s.selectors(t, group > 0)
	}
	s.w(" FROM ", t.ref())
	filtering, single := s.where(t)
	if group > 0 {
		item := s.items(" GROUP BY ", ", ")
		for i, c := range keys[:group] {
			if i < len(t.of(partition)) && single && g.one(2) {
				continue
			}
			item()
			s.id(c.name)
		}
	}
	if single && g.one(3) || g.one(40) {
		s.ordering(t)
	}
	s.limits()
	if filtering && !g.one(15) || g.one(15) {
		s.w(" ALLOW FILTERING")
	}
	// Cassandra loses its way in the pages of groups that are partitions of one row.
	if g.one(2) && (group == 0 || len(t.of(clustering)) > 0) {
		s.pageSize = g.between(1, 5)
	}
	s.end()
}

// distinct writes the columns that DISTINCT takes.
func (s *statement) distinct(t *table) {
	columns := append(t.of(partition), some(s.generator, t.of(static), 2)...)
	if s.one(20) {
		columns = append(columns, pick(s.generator, t.columns))
	}
	item := s.list(", ")
	for _, c := range columns {
		item()
		s.id(c.name)
	}
}

// where writes WHERE. It reports whether it needs filtering, and whether it is
// about one partition.
func (s *statement) where(t *table) (filtering, single bool) {
	if len(t.indexes) > 0 && s.one(2) {
		return s.indexed(t), false
	}
	n, filtered := s.IntN(20), t.filtered()
	switch {
	case n < 10, len(filtered) == 0:
		s.partitionKey(t, where{})
		s.slice(t, " AND ")
		single = true
	case n < 12:
		item := s.items(" WHERE ", " AND ")
		for _, c := range t.of(partition) {
			item()
			s.id(c.name)
			s.in(c.t)
		}
		s.slice(t, " AND ")
	case n < 14:
		return false, false
	case n < 16:
		s.tokens(t)
		if s.one(4) {
			s.slice(t, " AND ")
			filtering = true
		}
	default:
		item := s.items(" WHERE ", " AND ")
		for range s.between(1, 2) {
			item()
			s.filter(pick(s.generator, filtered))
		}
		return true, false
	}
	if len(filtered) > 0 && s.one(8) {
		s.w(" AND ")
		s.filter(pick(s.generator, filtered))
		filtering = true
	}
	return filtering, single
}

// tokens writes WHERE token(...).
func (s *statement) tokens(t *table) {
	ops := []string{pick(s.generator, append([]string{" = "}, inequalities...))}
	if s.one(2) {
		ops = []string{pick(s.generator, inequalities[:2]), pick(s.generator, inequalities[2:])}
	}
	columns := t.of(partition)
	item := s.items(" WHERE ", " AND ")
	for _, op := range ops {
		item()
		s.w("token")
		s.tupleOf(columns)
		s.w(op)
		if s.one(3) {
			s.constant(cqltype.TypeBigint)
		} else {
			s.w("token")
			s.tuple(columns)
		}
	}
}

// ordering writes ORDER BY: the table's order, its reverse, sometimes neither.
func (s *statement) ordering(t *table) {
	columns := t.of(clustering)
	if len(columns) == 0 {
		columns = t.columns
	}
	reverse := s.one(2)
	item := s.items(" ORDER BY ", ", ")
	for _, c := range columns[:s.between(1, len(columns))] {
		item()
		s.id(c.name)
		desc := c.desc != reverse
		if s.one(15) {
			desc = !desc
		}
		s.w(order(desc))
	}
}

func (s *statement) limits() {
	if s.one(6) {
		s.w(" PER PARTITION LIMIT ")
		s.number(cqltype.TypeInt, s.between(1, 3))
	}
	if s.one(5) {
		s.w(" LIMIT ")
		if s.one(20) {
			s.w(pick(s.generator, []string{"0", "-1", "null", "'a'"}))
			return
		}
		s.number(cqltype.TypeInt, s.between(1, 6))
	}
}

// readAll reads everything of a table.
func (g *generator) readAll(t *table) {
	s := g.begin()
	s.prepared = false
	s.w("SELECT ")
	if t.mode == timed {
		for _, c := range t.values() {
			s.w("writetime(")
			s.id(c.name)
			s.w("), ttl(")
			s.id(c.name)
			s.w("), ")
		}
		item := s.list(", ")
		for _, c := range t.columns {
			item()
			s.id(c.name)
		}
	} else {
		s.w("*")
	}
	s.w(" FROM ", t.ref())
	s.end()
}
