package generate

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

// batch writes BATCH, over one partition when it has conditions.
func (g *generator) batch(s *statement, t *table) {
	in := g.pinned(t)
	s.w("BEGIN ")
	switch {
	case t.mode == counters && !g.one(10), g.one(60):
		s.w("COUNTER ")
	case g.one(3):
		s.w("UNLOGGED ")
	}
	s.w("BATCH ")
	mode := t.mode
	if t.mode == timed && g.one(3) || g.one(60) {
		s.w("USING TIMESTAMP ")
		s.number(cqltype.TypeBigint, g.timestamp())
		s.w(" ")
		if !g.one(20) {
			t.mode = clocked
		}
	}
	defer func() { t.mode = mode }()
	for range g.between(1, 4) {
		other := g.beside(t, in)
		if t.mode != mode && other == t {
			// The batch has the timestamp: no conditions, no timestamps inside.
			g.untimed(s, t, clocked)
		} else {
			g.modification(s, other, in)
		}
		s.w("; ")
	}
	s.w("APPLY BATCH")
}

// pinned is one partition, as a batch with conditions needs it, or none.
func (g *generator) pinned(t *table) (in where) {
	if t.mode == clocked && g.one(2) {
		for _, c := range t.of(partition) {
			in.partition = append(in.partition, g.literal(c.t))
		}
	}
	return in
}

// beside is the table of a batch's next statement: t or another one of its mode.
func (g *generator) beside(t *table, in where) *table {
	if in.partition == nil && g.one(4) {
		if other := pick(g, g.tables); other.mode == t.mode {
			return other
		}
	}
	return t
}

// untimed writes a modification of a timed table without its own timestamp; the
// table's mode is then the given one.
func (g *generator) untimed(s *statement, t *table, then mode) {
	t.mode = bare
	g.modification(s, t, where{})
	t.mode = then
}
