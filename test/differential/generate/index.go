package generate

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// index is a secondary index, storage-attached or not.
type index struct {
	name     string
	column   *column
	target   string // "", or keys, values, entries, full
	attached bool
}

// alterIndexes makes CREATE INDEX or DROP INDEX.
func (g *generator) alterIndexes(t *table) {
	if len(t.indexes) > 0 && g.one(4) {
		g.dropIndex(t)
		return
	}
	g.createIndex(t)
}

// createIndex makes CREATE INDEX. Where rows have a TTL, none is storage-attached: those
// know the server's clock alone, not now_in_seconds.
func (g *generator) createIndex(t *table) {
	if t.expires && len(t.values()) == 0 {
		return
	}
	x := &index{name: g.name("i"), column: g.indexedColumn(t), attached: !t.expires && g.one(2)}
	x.target = g.target(x.column.t)
	s := g.begin()
	s.prepared = false
	s.w("CREATE INDEX ")
	if g.one(10) {
		s.w("IF NOT EXISTS ")
	}
	if g.one(10) { // it takes the name that another program's could have: <table>_<column>_idx
		x.name = t.name + "_" + x.column.name + "_idx"
	} else {
		s.w(x.name, " ")
	}
	s.w("ON ", t.ref(), " (")
	if x.target == "" {
		s.id(x.column.name)
	} else {
		s.w(x.target, "(", cql.QuoteIdentifier(x.column.name), ")")
	}
	s.w(")")
	if x.attached {
		s.w(" USING 'sai'")
		if k := x.column.t.Kind; (k == cqltype.Text || k == cqltype.Ascii) && g.one(2) || g.one(30) {
			s.w(pick(g, []string{" WITH OPTIONS = {'case_sensitive': 'false'}", " WITH OPTIONS = {'ascii': 'true'}", " WITH OPTIONS = {'normalize': 'true'}"}))
		}
	}
	s.end()
	if !slices.ContainsFunc(t.indexes, func(o *index) bool { return o.column == x.column && o.target == x.target }) {
		t.indexes = append(t.indexes, x)
	}
}

// indexedColumn is mostly a regular column. Where rows have a TTL, none of the key:
// Cassandra's index of it knows the server's clock alone, not now_in_seconds.
func (g *generator) indexedColumn(t *table) *column {
	if values := t.values(); t.expires && len(values) > 0 {
		return pick(g, values)
	}
	if regulars := t.of(regular); len(regulars) > 0 && !g.one(4) {
		return pick(g, regulars)
	}
	return pick(g, t.columns)
}

// target is what of a column of type t an index is on: mostly something that can be.
func (g *generator) target(t *cqltype.Type) string {
	switch {
	case g.one(20):
		return pick(g, []string{"keys", "values", "entries", "full"})
	case t.IsCollection() && t.Frozen:
		return "full"
	case t.Kind == cqltype.Map:
		return pick(g, []string{"keys", "values", "entries"})
	case t.IsCollection() && g.one(2):
		return "values"
	}
	return ""
}

func (g *generator) dropIndex(t *table) {
	i := g.IntN(len(t.indexes))
	s := g.begin()
	s.prepared = false
	s.w("DROP INDEX ")
	if g.one(8) {
		s.w("IF EXISTS ")
	}
	s.id(t.indexes[i].name)
	s.end()
	t.indexes = append(t.indexes[:i:i], t.indexes[i+1:]...)
}

// indexed writes WHERE with conditions that indexes answer, and others beside
// them. It reports whether there are several, which may need filtering.
func (s *statement) indexed(t *table) (filtering bool) {
	first := pick(s.generator, t.indexes)
	item := s.items(" WHERE ", " AND ")
	item()
	s.search(first)
	if first.column.kind == static {
		return s.one(2) // Cassandra finds nothing by a clustering key beside it
	}
	n := 0
	for ; n < 2 && s.one(3); n++ {
		x, filtered := pick(s.generator, t.indexes), t.filtered()
		item()
		if len(filtered) > 0 && (x.column.kind == static || s.one(2)) {
			s.filter(pick(s.generator, filtered))
		} else {
			s.search(x)
		}
	}
	if s.one(4) {
		n++
		for _, c := range t.of(partition) {
			item()
			s.id(c.name)
			s.w(" = ")
			s.key(c.t)
		}
		if s.one(2) && !t.staticIndex() {
			s.slice(t, " AND ")
		}
	}
	return n > 0 || s.one(3)
}

// search writes a condition that an index answers, as a rule.
func (s *statement) search(x *index) {
	c, t := x.column, x.column.t
	if s.one(12) && !vectors(t) {
		s.filter(c)
		return
	}
	s.id(c.name)
	switch {
	case x.target == "keys":
		s.contains(" CONTAINS KEY ", t.Elems[:min(1, len(t.Elems))])
	case x.target == "entries" && t.Kind == cqltype.Map:
		s.w("[")
		s.constant(t.Elems[0])
		s.w("] = ")
		s.constant(t.Elems[1])
	case x.target != "full" && t.IsCollection():
		s.contains(" CONTAINS ", t.Elems[len(t.Elems)-1:])
	case x.attached && s.one(2) && t.Kind != cqltype.Inet:
		s.w(pick(s.generator, inequalities))
		s.constant(t)
		if s.one(2) {
			s.w(" AND ")
			s.id(c.name)
			s.w(pick(s.generator, inequalities))
			s.constant(t)
		}
	default:
		s.w(" = ")
		s.constant(t)
	}
}

// contains writes CONTAINS with an element. One that is a vector would be taken
// for a search of neighbours.
func (s *statement) contains(op string, elem []*cqltype.Type) {
	if len(elem) == 0 || elem[0].Kind == cqltype.Vector {
		s.w(" = null")
		return
	}
	s.w(op)
	s.constant(elem[0])
}

// filtered are the columns that conditions beside an index may be on: not those on
// which the two servers differ on purpose, which docs/compatibility.md tells.
func (t *table) filtered() []*column {
	return slices.DeleteFunc(slices.Clone(t.columns), func(c *column) bool {
		if c.kind == clustering && t.staticIndex() {
			return true
		}
		return t.attachedIndex() && (c.t.Kind == cqltype.Inet || c.t.IsCollection() && c.t.Frozen || vectors(c.t)) || c.kind == static && len(t.indexes) > 0
	})
}

func vectors(t *cqltype.Type) bool {
	return slices.ContainsFunc(t.Elems, func(e *cqltype.Type) bool { return e.Kind == cqltype.Vector })
}

func (t *table) staticIndex() bool {
	return slices.ContainsFunc(t.indexes, func(x *index) bool { return x.column.kind == static })
}

func (t *table) attachedIndex() bool {
	return slices.ContainsFunc(t.indexes, func(x *index) bool { return x.attached })
}

// indexed reports whether there is an index on c.
func (t *table) indexed(c *column) bool {
	return slices.ContainsFunc(t.indexes, func(x *index) bool { return x.column == c })
}
