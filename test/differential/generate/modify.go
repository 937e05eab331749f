package generate

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// where pins a modification to one partition: the literals of its key, or nil.
type where struct{ partition []string }

// timestamp draws from few values, so that ties are common.
func (g *generator) timestamp() int { return 1000 + g.IntN(12) }

// using writes USING as the table's mode wants it.
func (s *statement) using(t *table, ttl bool) {
	item := s.items(" USING ", " AND ")
	var parts []func()
	if t.mode == timed || t.mode == clocked && s.one(10) || s.one(200) {
		parts = append(parts, func() {
			s.w("TIMESTAMP ")
			s.number(cqltype.TypeBigint, s.timestamp())
		})
	}
	if ttl && t.mode != counters && s.one(4) {
		parts = append(parts, func() {
			s.w("TTL ")
			if s.one(12) {
				s.w(pick(s.generator, []string{"0", "-1", "null", "2147483647"}))
				return
			}
			s.number(cqltype.TypeInt, pick(s.generator, ttls))
		})
	}
	s.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	for _, p := range parts {
		item()
		p()
	}
}

// insert writes INSERT.
func (g *generator) insert(s *statement, t *table, in where) {
	if in.partition == nil && g.one(8) {
		g.insertJSON(s, t)
		return
	}
	columns := append([]*column{}, t.of(partition)...)
	if statics := t.of(static); len(statics) == 0 || !g.one(4) {
		columns = append(columns, t.of(clustering)...)
		columns = append(columns, some(g, t.of(regular), 4)...)
	}
	columns = append(columns, some(g, t.of(static), 2)...)
	if g.one(60) {
		i := g.IntN(len(columns))
		columns = append(columns[:i:i], columns[i+1:]...)
	}
	if in.partition == nil && g.one(4) {
		g.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
	}
	s.w("INSERT INTO ", t.ref(), " (")
	item := s.list(", ")
	for _, c := range columns {
		item()
		s.id(c.name)
	}
	s.w(") VALUES (")
	item = s.list(", ")
	for i, c := range columns {
		item()
		switch {
		case i < len(in.partition):
			s.w(in.partition[i])
		case c.kind == partition || c.kind == clustering:
			s.key(c.t)
		default:
			s.value(c.t)
		}
	}
	s.w(")")
	if t.mode == clocked && s.one(3) || s.one(200) {
		s.w(" IF NOT EXISTS")
		if t.mode != timed && !s.one(10) {
			if t.expires {
				s.ttlOnly()
			}
			return
		}
	}
	s.using(t, t.expires)
}

// ttlOnly is the USING of conditional statements, which take no timestamp.
func (s *statement) ttlOnly() {
	if s.one(5) {
		s.w(" USING TTL ", sprint(pick(s.generator, ttls)))
	}
}

// key writes a key's value: seldom wrong.
func (s *statement) key(t *cqltype.Type) {
	if s.one(25) {
		s.value(t)
		return
	}
	s.constant(t)
}

// insertJSON writes INSERT JSON.
func (g *generator) insertJSON(s *statement, t *table) {
	columns := append(t.of(partition, clustering), some(g, t.values(), 4)...)
	var b strings.Builder
	b.WriteString("{")
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quoteJSON(jsonName(c.name)) + ": " + g.json(c.t))
	}
	if g.one(60) {
		b.WriteString(`, "nosuch": 1`)
	}
	b.WriteString("}")
	text := "'" + strings.ReplaceAll(b.String(), "'", "''") + "'"
	s.w("INSERT INTO ", t.ref(), " JSON ")
	if s.prepared && g.one(2) {
		s.w("?")
		s.binds = append(s.binds, text)
	} else {
		s.w(text)
	}
	s.w(pick(g, []string{"", "", " DEFAULT NULL", " DEFAULT UNSET"}))
	s.using(t, t.expires)
}

// deletes writes DELETE.
func (g *generator) deletes(s *statement, t *table, in where) {
	s.w("DELETE ")
	var columns []*column
	if g.one(2) {
		columns = some(g, t.values(), 2)
	}
	item := s.list(", ")
	for _, c := range columns {
		item()
		s.id(c.name)
		s.deletedPart(c.t)
	}
	if len(columns) > 0 {
		s.w(" ")
	}
	s.w("FROM ", t.ref())
	conditional := t.mode == clocked && g.one(4)
	if !conditional {
		s.using(t, false)
	}
	only := len(columns) > 0
	for _, c := range columns {
		only = only && c.kind == static
	}
	switch {
	case len(columns) == 0 && g.one(2):
		s.deletedRange(t, in)
	case only && !g.one(6):
		s.partitionKey(t, in)
	default:
		s.row(t, in)
	}
	if conditional {
		s.conditions(t)
	}
}

// deletedPart writes the element or field of a column to delete.
func (s *statement) deletedPart(t *cqltype.Type) {
	if !s.one(2) {
		return
	}
	switch {
	case t.Kind == cqltype.List:
		s.w("[")
		s.number(cqltype.TypeInt, s.IntN(3))
		s.w("]")
	case t.Kind == cqltype.Map || t.Kind == cqltype.Set:
		s.w("[")
		s.value(t.Elems[0])
		s.w("]")
	case t.Kind == cqltype.UDT:
		s.w(".", pick(s.generator, t.FieldNames))
	}
}

// partitionKey writes WHERE for one partition, sometimes for several.
func (s *statement) partitionKey(t *table, in where) {
	item := s.items(" WHERE ", " AND ")
	for i, c := range t.of(partition) {
		item()
		s.id(c.name)
		switch {
		case i < len(in.partition):
			s.w(" = ", in.partition[i])
		case s.one(10):
			s.in(c.t)
		default:
			s.w(" = ")
			s.key(c.t)
		}
	}
}

// in writes IN with a list.
func (s *statement) in(t *cqltype.Type) {
	if s.prepared && s.one(4) {
		list := make([]string, s.between(1, 3))
		for i := range list {
			list[i] = s.literal(t)
		}
		s.w(" IN ?")
		s.binds = append(s.binds, "["+strings.Join(list, ", ")+"]")
		return
	}
	s.w(" IN (")
	item := s.list(", ")
	for range s.inLength() {
		item()
		s.key(t)
	}
	s.w(")")
}

// inLength is how many values an IN has. Cassandra fails when it is to write to
// none.
func (s *statement) inLength() int {
	if strings.HasPrefix(s.text.String(), "SELECT") && s.one(10) {
		return 0
	}
	return s.between(1, 3)
}

// row writes WHERE for one row, sometimes for several; seldom a column is missing.
func (s *statement) row(t *table, in where) {
	s.partitionKey(t, in)
	for _, c := range t.of(clustering) {
		if s.one(50) {
			continue
		}
		s.w(" AND ")
		s.id(c.name)
		if in.partition == nil && s.one(10) {
			s.in(c.t)
			continue
		}
		s.w(" = ")
		s.key(c.t)
	}
}

// deletedRange writes WHERE for a whole partition or a part of it.
func (s *statement) deletedRange(t *table, in where) {
	s.partitionKey(t, in)
	s.slice(t, " AND ")
}
