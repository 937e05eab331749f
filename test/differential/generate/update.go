package generate

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

// update writes UPDATE.
func (g *generator) update(s *statement, t *table, in where) {
	columns := some(g, t.values(), 3)
	if len(columns) == 0 {
		if columns = t.values(); len(columns) == 0 {
			columns = t.of(partition)
		}
		columns = columns[:1]
	}
	conditional := t.mode == clocked && g.one(3) || t.mode != bare && g.one(200)
	s.w("UPDATE ", t.ref())
	if conditional {
		s.ttlOnly()
	} else {
		s.using(t, true)
	}
	s.w(" SET ")
	item := s.list(", ")
	only := true
	for _, c := range columns {
		item()
		s.assignment(c)
		only = only && c.kind == static
	}
	if only && !g.one(8) {
		s.partitionKey(t, in)
	} else {
		s.row(t, in)
	}
	if conditional {
		s.conditions(t)
	}
}

// assignment writes one item of SET.
func (s *statement) assignment(c *column) {
	t := c.t
	switch {
	case t.Kind == cqltype.Counter:
		s.counting(c)
	case !t.IsMultiCell() && !s.one(40), s.one(3):
		s.id(c.name)
		s.w(" = ")
		s.value(t)
	case t.Kind == cqltype.UDT:
		i := s.IntN(len(t.FieldNames))
		s.id(c.name)
		s.w(".", t.FieldNames[i], " = ")
		s.value(t.Elems[i])
	case (t.Kind == cqltype.List || t.Kind == cqltype.Map) && s.one(3):
		s.element(c)
	case t.Kind == cqltype.List && s.one(3):
		s.id(c.name)
		s.w(" = ")
		s.value(t)
		s.w(" + ")
		s.id(c.name)
	default:
		s.addition(c)
	}
}

func (s *statement) counting(c *column) {
	s.id(c.name)
	op := pick(s.generator, []string{" + ", " - "})
	if s.one(4) {
		s.w(op[:2], "= ")
	} else {
		s.w(" = ")
		s.id(c.name)
		s.w(op)
	}
	if s.one(20) {
		s.value(c.t)
		return
	}
	s.constant(c.t)
}

// element writes c[i] = v.
func (s *statement) element(c *column) {
	s.id(c.name)
	s.w("[")
	value := c.t.Elems[0]
	if c.t.Kind == cqltype.List {
		s.number(cqltype.TypeInt, s.between(0, 9)%4-s.between(0, 9)/9)
	} else {
		s.value(c.t.Elems[0])
		value = c.t.Elems[1]
	}
	s.w("] = ")
	s.value(value)
}

// addition writes c = c + v or c = c - v, or the short forms.
func (s *statement) addition(c *column) {
	op := pick(s.generator, []string{" + ", " + ", " - "})
	s.id(c.name)
	if s.one(4) {
		s.w(op[:2], "= ")
	} else {
		s.w(" = ")
		s.id(c.name)
		s.w(op)
	}
	t := c.t
	if t.Kind == cqltype.Map && op == " - " {
		t = cqltype.NewSet(t.Elems[0], false)
	}
	s.value(t)
}
