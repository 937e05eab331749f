package generate

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

// batch writes BATCH, over one partition when it has conditions.
func (g *generator) batch(s *statement, t *table) {
	pinned := t.mode == clocked && g.one(2)
	in := where{}
	if pinned {
		for _, c := range t.of(partition) {
			in.partition = append(in.partition, g.literal(c.t))
		}
	}
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
		other := t
		if in.partition == nil && g.one(4) {
			if o := pick(g, g.tables); o.mode == t.mode {
				other = o
			}
		}
		if t.mode != mode && other == t {
			// The batch has the timestamp: no conditions, no timestamps inside.
			g.untimed(s, t)
		} else {
			g.modification(s, other, in)
		}
		s.w("; ")
	}
	s.w("APPLY BATCH")
}

// untimed writes a modification of a timed table without its own timestamp.
func (g *generator) untimed(s *statement, t *table) {
	t.mode = bare
	g.modification(s, t, where{})
	t.mode = clocked
}
