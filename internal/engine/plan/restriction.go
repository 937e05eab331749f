package plan

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// restrictionKind is what a restriction does to its columns.
type restrictionKind uint8

const (
	eqRestriction restrictionKind = iota
	inRestriction
	sliceRestriction
	containsRestriction
	annRestriction
)

// restriction is what a WHERE clause says of one column, or of several
// clustering columns together; of two relations of one column that go together
// (a > 1 AND a < 3) it holds both (SingleColumnRestriction,
// MultiColumnRestriction).
type restriction struct {
	kind    restrictionKind
	columns []*schema.Column
	multi   bool
	// eq: the value, one component per column; ann: the vector.
	value components
	// in: the alternatives, either one by one or as a list behind a marker.
	values []components
	list   Term
	// slice: start and end, nil where open.
	bounds [2]*bound
	// contains: CONTAINS, CONTAINS KEY and map[key] = value, all to be met.
	contains []containsTerm
}

// The two ends of a slice, in the order of values (not of the table).
const (
	startBound = iota
	endBound
)

// bound is one end of a slice.
type bound struct {
	value     components
	inclusive bool
}

// containsTerm is one requirement on a collection. key is set for map[key] = value.
type containsTerm struct {
	op         cql.Operator
	key, value Term
}

// components yields the values that a term has for the columns of a
// restriction.
type components interface {
	// components appends one value per column.
	components(dst []backend.Value, env *Env) ([]backend.Value, error)
}

func (r *restriction) first() *schema.Column { return r.columns[0] }
func (r *restriction) last() *schema.Column  { return r.columns[len(r.columns)-1] }

func (r *restriction) hasBound(b int) bool { return r.bounds[b] != nil }

// merge returns the restriction that says both r and o.
func (r *restriction) merge(o *restriction) (*restriction, error) {
	multi := r.multi || o.multi
	name := r.commonColumns(o, multi)
	switch r.kind {
	case eqRestriction:
		return nil, cqlerr.Invalidf("%s cannot be restricted by more than one relation if it includes an Equal", name)
	case inRestriction:
		return nil, cqlerr.Invalidf("%s cannot be restricted by more than one relation if it includes a IN", name)
	case containsRestriction:
		if o.kind != containsRestriction {
			return nil, cqlerr.Invalidf("Collection column %s can only be restricted by CONTAINS, CONTAINS KEY, or map-entry equality", name)
		}
		all := append(append([]containsTerm{}, r.contains...), o.contains...)
		return &restriction{kind: containsRestriction, columns: r.columns, contains: all}, nil
	case annRestriction:
		return nil, cqlerr.Invalidf("%s cannot be restricted by more than one relation in an ANN ordering", name)
	}
	return r.mergeSlice(o, multi, name)
}

func (r *restriction) mergeSlice(o *restriction, multi bool, name string) (*restriction, error) {
	if o.kind != sliceRestriction {
		return nil, cqlerr.Invalidf("Column \"%s\" cannot be restricted by both an equality and an inequality relation", name)
	}
	if multi && r.first() != o.first() {
		later := r.first()
		if o.first().Position > later.Position {
			later = o.first()
		}
		return nil, cqlerr.Invalidf("Column \"%s\" cannot be restricted by two inequalities not starting with the same column", later.Name)
	}
	merged := &restriction{kind: sliceRestriction, columns: r.columns, multi: multi, bounds: r.bounds}
	if len(o.columns) > len(r.columns) {
		merged.columns = o.columns
	}
	for b, end := range [...]string{"start", "end"} {
		if r.hasBound(b) && o.hasBound(b) {
			return nil, cqlerr.Invalidf("More than one restriction was found for the %s bound on %s", end, name)
		}
		if o.hasBound(b) {
			merged.bounds[b] = o.bounds[b]
		}
	}
	return merged, nil
}

// commonColumns names the columns that both restrict.
func (r *restriction) commonColumns(o *restriction, multi bool) string {
	if !multi {
		return r.first().Name
	}
	var names []string
	for _, c := range r.columns {
		for _, d := range o.columns {
			if c == d {
				names = append(names, c.Name)
			}
		}
	}
	return strings.Join(names, " ,") // as MultiColumnRestriction.getColumnsInCommons has it
}

// oneValue is the term of a restriction of one column.
type oneValue struct{ Term }

func (t oneValue) components(dst []backend.Value, env *Env) ([]backend.Value, error) {
	v, err := t.Eval(env)
	return append(dst, v), err
}

// tupleValue is a tuple literal that restricts several columns.
type tupleValue []Term

func (t tupleValue) components(dst []backend.Value, env *Env) ([]backend.Value, error) {
	for i, f := range t {
		v, err := f.Eval(env)
		if err != nil {
			return dst, err
		}
		if v.Unset {
			return dst, cqlerr.Invalidf("Invalid unset value for tuple field number %d", i)
		}
		dst = append(dst, v)
	}
	return dst, nil
}

// tupleMarker is a bind marker that restricts several columns.
type tupleMarker struct{ *bindTerm }

func (t tupleMarker) components(dst []backend.Value, env *Env) ([]backend.Value, error) {
	v, err := t.Eval(env)
	if err != nil {
		return dst, err
	}
	if v.Unset {
		return dst, cqlerr.Invalidf("Invalid unset value for tuple %s", t.recv.Name)
	}
	if v.Bytes == nil {
		return dst, cqlerr.Invalidf("Invalid null value for tuple %s", t.recv.Name)
	}
	return tupleComponents(dst, t.Type(), v.Bytes), nil
}

// tupleComponents appends the fields of a valid tuple; missing ones are null.
func tupleComponents(dst []backend.Value, t *cqltype.Type, wire []byte) []backend.Value {
	n := 0
	for it := t.Iter(wire); n < len(t.Elems) && it.Next(); n++ {
		dst = append(dst, backend.Value{Bytes: it.Elem()})
	}
	for ; n < len(t.Elems); n++ {
		dst = append(dst, backend.Value{})
	}
	return dst
}

// alternatives appends the values of an IN, each one per column. They are not
// checked for null.
func (r *restriction) alternatives(dst [][]backend.Value, env *Env) ([][]backend.Value, error) {
	if r.list == nil {
		for _, c := range r.values {
			v, err := c.components(nil, env)
			if err != nil {
				return dst, err
			}
			dst = append(dst, v)
		}
		return dst, nil
	}
	v, err := r.evalList(env)
	if err != nil {
		return dst, err
	}
	if v.Unset || v.Bytes == nil {
		return dst, r.badList(v.Unset)
	}
	elem := r.list.Type().Elems[0]
	for it := r.list.Type().Iter(v.Bytes); it.Next(); {
		if r.multi {
			dst = append(dst, tupleComponents(nil, elem, it.Elem()))
		} else {
			dst = append(dst, []backend.Value{{Bytes: it.Elem()}})
		}
	}
	return dst, nil
}

// evalList evaluates the list of an IN: that of a key may have no null.
func (r *restriction) evalList(env *Env) (backend.Value, error) {
	if r.multi {
		return r.list.Eval(env)
	}
	if !r.first().Kind.InPrimaryKey() {
		return EvalComparand(r.list, env)
	}
	if t, ok := r.list.(*bindTerm); ok && t.bindsNullElement(env) {
		return backend.Value{}, cqlerr.Invalidf("Invalid null value in condition for column %s", r.first().Name)
	}
	return r.list.Eval(env)
}

func (r *restriction) badList(unset bool) error {
	switch {
	case unset && r.multi:
		return cqlerr.Invalidf("Invalid unset value for in(%s)", columnNames(r.columns, ","))
	case unset:
		return cqlerr.Invalidf("Invalid unset value for column %s", r.first().Name)
	case r.multi:
		return cqlerr.Invalidf("Invalid null value for IN restriction")
	}
	return cqlerr.Invalidf("Invalid null value for column %s", r.first().Name)
}

func columnNames(columns []*schema.Column, sep string) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return strings.Join(names, sep)
}
