package generate

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// statement is one that is being written, from left to right, for bind values
// come in the order of their markers.
type statement struct {
	*generator
	text strings.Builder
	// prepared statements have markers for some of their values.
	prepared bool
	binds    []string
	pageSize int
	message  string // @batch, when its lines are the entries of a message
}

func (g *generator) begin() *statement {
	return &statement{generator: g, prepared: g.one(3)}
}

// end adds the statement to the program.
func (s *statement) end() {
	c := &conformance.Case{Statement: s.text.String(), Lead: "\n"}
	s.direct(c, "@now "+strconv.Itoa(int(s.now)))
	if s.message != "" {
		s.direct(c, s.message)
	}
	if s.pageSize > 0 {
		s.direct(c, "@page "+strconv.Itoa(s.pageSize))
	}
	if len(s.binds) > 0 || s.prepared && s.one(4) {
		s.direct(c, "@bind "+strings.Join(s.binds, ", "))
	}
	s.cases = append(s.cases, c)
}

func (s *statement) direct(c *conformance.Case, line string) {
	if err := c.Direct(strings.TrimSpace(line)); err != nil {
		panic(err) // a mistake of this package
	}
}

// w writes text.
func (s *statement) w(parts ...string) {
	for _, p := range parts {
		s.text.WriteString(p)
	}
}

// list begins a list: what it returns is called in front of each item.
func (s *statement) list(separator string) func() { return s.items("", separator) }

// items begins a list that opening stands in front of if it has items.
func (s *statement) items(opening, separator string) func() {
	next := opening
	return func() {
		s.w(next)
		next = separator
	}
}

// id writes an identifier.
func (s *statement) id(name string) { s.w(cql.QuoteIdentifier(name)) }

// value writes a term of type t: mostly a literal or a marker.
func (s *statement) value(t *cqltype.Type) {
	switch {
	case s.prepared && s.IntN(2) == 0:
		s.w("?")
		s.binds = append(s.binds, s.bindValue(t))
	case s.one(60):
		s.w("null")
	case s.one(80):
		s.w(s.literal(s.anyType(1)))
	case s.one(10):
		s.w(s.computed(t))
	default:
		s.w(s.literal(t))
	}
}

// constant writes a literal of t, or a marker for it: no nulls, no mistakes.
func (s *statement) constant(t *cqltype.Type) {
	if s.prepared && s.IntN(2) == 0 {
		s.w("?")
		s.binds = append(s.binds, s.literal(t))
		return
	}
	s.w(s.literal(t))
}

// bindValue is what a marker of type t gets.
func (s *statement) bindValue(t *cqltype.Type) string {
	switch {
	case s.one(25):
		return "null"
	case s.one(25):
		return "unset()"
	case s.one(40):
		return "0x"
	case s.one(60):
		return pick(s.generator, []string{"0x00", "0xff01", "0x0000000000000000", "0x00000001000000ff"})
	}
	return s.literal(t)
}

// number writes an integer as a literal or a marker.
func (s *statement) number(t *cqltype.Type, n int) {
	if s.prepared && s.IntN(2) == 0 {
		s.w("?")
		s.binds = append(s.binds, strconv.Itoa(n))
		return
	}
	s.w(strconv.Itoa(n))
}
