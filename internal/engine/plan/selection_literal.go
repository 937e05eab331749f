package plan

import (
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// literal prepares a collection, tuple, user type value or vector whose parts
// are selectors.
func (s *selection) literal(e cql.Expr, expected *cqltype.Type) (*selected, error) {
	t := s.exactType(e)
	if _, ok := e.(*cql.ListLiteral); ok && expected != nil && expected.Kind == cqltype.Vector {
		t = expected // [..] is a vector where one is expected
	}
	if t == nil {
		t = expected
	}
	if t == nil {
		return nil, notInferred(e, s)
	}
	switch e := e.(type) {
	case *cql.TupleLiteral:
		if len(e.Elems) == 1 && t.Kind != cqltype.Tuple {
			x, err := s.prepare(e.Elems[0], expected)
			if err == nil {
				x.name, x.column = "("+x.name+")", -1
			}
			return x, err
		}
		return s.compose(e, t, e.Elems, t.Elems)
	case *cql.ListLiteral:
		if t.Kind == cqltype.Vector && t.Dimension != len(e.Elems) {
			return nil, cqlerr.Invalidf("Unable to create a vector selector of type %s from %d elements", t, len(e.Elems))
		}
		return s.compose(e, t, e.Elems, slices.Repeat(t.Elems, len(e.Elems)))
	case *cql.SetLiteral:
		if t.Kind == cqltype.Set && t.Elems[0].Kind == cqltype.Duration {
			return nil, cqlerr.Invalidf("Durations are not allowed inside sets: %s", t)
		}
		return s.compose(e, t, e.Elems, slices.Repeat(t.Elems, len(e.Elems)))
	case *cql.MapLiteral:
		return s.mapLiteral(e, t)
	case *cql.UDTLiteral:
		return s.udtLiteral(e, t)
	}
	return nil, cqlerr.Invalidf("%s cannot be selected", s.text(e))
}

// compose prepares the parts of a literal of type t.
func (s *selection) compose(e cql.Expr, t *cqltype.Type, parts []cql.Expr, types []*cqltype.Type) (*selected, error) {
	if len(parts) > len(types) {
		return nil, cqlerr.Invalidf("Invalid literal %s: too many elements for type %s", s.text(e), t)
	}
	sels, names, aggregate, err := s.prepareAll(parts, types)
	if err != nil {
		return nil, err
	}
	open, end := "(", ")"
	switch e.(type) {
	case *cql.ListLiteral:
		open, end = "[", "]"
	case *cql.SetLiteral:
		open, end = "{", "}"
	}
	name := open + strings.Join(names, ", ") + end
	return &selected{Selector: &literalSelector{t, sels}, name: name, column: -1, aggregate: aggregate}, nil
}

func (s *selection) mapLiteral(e *cql.MapLiteral, t *cqltype.Type) (*selected, error) {
	if t.Kind != cqltype.Map {
		return nil, cqlerr.Invalidf("Invalid map literal %s for type %s", s.text(e), t)
	}
	if t.Elems[0].Kind == cqltype.Duration {
		return nil, cqlerr.Invalidf("Durations are not allowed as map keys: %s", t)
	}
	var parts []cql.Expr
	for _, entry := range e.Entries {
		parts = append(parts, entry.Key, entry.Value)
	}
	sels, names, aggregate, err := s.prepareAll(parts, slices.Repeat(t.Elems, len(e.Entries)))
	if err != nil {
		return nil, err
	}
	entries := make([]string, len(e.Entries))
	for i := range entries {
		entries[i] = names[2*i] + ": " + names[2*i+1]
	}
	name := "{" + strings.Join(entries, ", ") + "}"
	return &selected{Selector: &literalSelector{t, sels}, name: name, column: -1, aggregate: aggregate}, nil
}

// udtLiteral prepares {field: x, ...}; where a map is expected the names are
// columns that give its keys.
func (s *selection) udtLiteral(e *cql.UDTLiteral, t *cqltype.Type) (*selected, error) {
	if t.Kind == cqltype.Map {
		m := &cql.MapLiteral{}
		for _, f := range e.Fields {
			m.Entries = append(m.Entries, cql.MapEntry{Key: &cql.Column{Name: f.Name}, Value: f.Value})
		}
		return s.mapLiteral(m, t)
	}
	if t.Kind != cqltype.UDT {
		return nil, cqlerr.Invalidf("Invalid user type literal %s for type %s", s.text(e), t)
	}
	parts := make([]Selector, len(t.Elems))
	names := make([]string, len(e.Fields))
	aggregate := false
	for i, f := range e.Fields {
		at := fieldIndex(t, f.Name)
		if at < 0 {
			return nil, cqlerr.Invalidf("Unknown field '%s' in value of user defined type %s", f.Name, t.Name)
		}
		x, err := s.prepare(f.Value, t.Elems[at])
		if err != nil {
			return nil, err
		}
		parts[at], names[i] = x.Selector, f.Name+": "+x.name
		aggregate = aggregate || x.aggregate
	}
	name := "{" + strings.Join(names, ", ") + "}"
	return &selected{Selector: &literalSelector{t, parts}, name: name, column: -1, aggregate: aggregate}, nil
}
