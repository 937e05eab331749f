package plan

import (
	"bytes"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// filters are the restrictions that each row is checked against
// (IndexRestrictions, and RowFilter once bound).
type filters struct {
	sets         []*restrictionSet
	restrictions []*restriction
	// size counts the restricted columns.
	size int
}

func (f *filters) addSet(s *restrictionSet) {
	if s.empty() {
		return
	}
	f.sets = append(f.sets, s)
	f.size += s.size()
	s.distinct(func(x *restriction) bool {
		f.restrictions = append(f.restrictions, x)
		return true
	})
}

// Predicate is one condition on one column of a row, with its value
// (RowFilter.Expression).
type Predicate struct {
	Column *schema.Column
	op     cql.Operator
	// value is compared with, values are IN's, key is the one of map[key] = value.
	value  []byte
	values [][]byte
	key    []byte
	// by decides instead of the column's type when it is not nil: form is that of
	// value.
	by   *index.Index
	form []byte
	// notEmpty: an index of the search leaves out empty values.
	notEmpty bool
}

// String is the condition in CQL (RowFilter.Expression.toString).
func (p *Predicate) String() string {
	name := cqltype.QuoteIdentifier(p.Column.Name)
	element := p.Column.Type
	switch {
	case p.op == cql.In:
		list := make([]string, len(p.values))
		for i, v := range p.values {
			list[i] = string(p.Column.Type.AppendLiteral(nil, v))
		}
		return name + " IN (" + strings.Join(list, ", ") + ")"
	case p.key != nil:
		name += "[" + string(element.Elems[0].AppendLiteral(nil, p.key)) + "]"
		element = element.Elems[1]
	case p.op == cql.ContainsKey:
		element = element.Elems[0]
	case p.op == cql.Contains:
		element = element.Elems[len(element.Elems)-1]
	}
	return name + " " + operatorNames[p.op] + " " + string(element.AppendLiteral(nil, p.value))
}

// FilterColumns are the columns that Predicates look at.
func (r *Restrictions) FilterColumns() []*schema.Column {
	var out []*schema.Column
	for _, x := range r.filters.restrictions {
		out = append(out, x.columns...)
	}
	return out
}

// Predicates binds the conditions that each row must meet beside being within
// partitions and slices. Nil when there are none.
func (r *Restrictions) Predicates(env *Env) ([]Predicate, error) {
	var out []Predicate
	for _, x := range r.filters.restrictions {
		var err error
		if out, err = x.predicates(out, env); err != nil {
			return nil, err
		}
	}
	for _, ix := range r.exact {
		for i := range out {
			out[i].decideBy(ix)
		}
	}
	for _, col := range r.notEmpty {
		for i := range out {
			out[i].notEmpty = out[i].notEmpty || out[i].Column == col
		}
	}
	return out, nil
}

func (r *restriction) predicates(dst []Predicate, env *Env) ([]Predicate, error) {
	switch r.kind {
	case eqRestriction:
		values, err := r.value.components(nil, env)
		if err != nil {
			return nil, err
		}
		for i, col := range r.columns {
			if err := checkFilterValue(values[i], "value", col); err != nil {
				return nil, err
			}
			dst = append(dst, Predicate{Column: col, op: cql.Eq, value: values[i].Bytes})
		}
		return dst, nil
	case inRestriction:
		return r.inPredicate(dst, env)
	case sliceRestriction:
		return r.slicePredicates(dst, env)
	case annRestriction:
		return dst, nil
	}
	return r.containsPredicates(dst, env)
}

func (r *restriction) inPredicate(dst []Predicate, env *Env) ([]Predicate, error) {
	if len(r.columns) > 1 {
		return nil, cqlerr.Invalidf("Multicolumn IN filters are not supported")
	}
	all, err := r.alternatives(nil, env)
	if err != nil {
		return nil, err
	}
	p := Predicate{Column: r.first(), op: cql.In, values: make([][]byte, 0, len(all))}
	for _, v := range all {
		if v[0].Bytes == nil {
			break // nothing behind a null is compared (ListSerializer.anyMatch)
		}
		p.values = append(p.values, v[0].Bytes)
	}
	return append(dst, p), nil
}

func (r *restriction) slicePredicates(dst []Predicate, env *Env) ([]Predicate, error) {
	if r.multi {
		return nil, cqlerr.Invalidf("Multi-column slice restrictions cannot be used for filtering.")
	}
	ops := [2][2]cql.Operator{startBound: {cql.Gt, cql.Gte}, endBound: {cql.Lt, cql.Lte}}
	for end, b := range r.bounds {
		if b == nil {
			continue
		}
		v, err := b.value.components(nil, env)
		if err != nil {
			return nil, err
		}
		if err := checkFilterValue(v[0], "value", r.first()); err != nil {
			return nil, err
		}
		op := ops[end][0]
		if b.inclusive {
			op = ops[end][1]
		}
		dst = append(dst, Predicate{Column: r.first(), op: op, value: v[0].Bytes})
	}
	return dst, nil
}

func (r *restriction) containsPredicates(dst []Predicate, env *Env) ([]Predicate, error) {
	for _, t := range r.contains {
		p := Predicate{Column: r.first(), op: t.op}
		what := "value"
		if t.key != nil {
			k, err := t.key.Eval(env)
			if err != nil {
				return nil, err
			}
			if err := checkFilterValue(k, "map key", p.Column); err != nil {
				return nil, err
			}
			p.key, what = k.Bytes, "map value"
		}
		v, err := t.value.Eval(env)
		if err != nil {
			return nil, err
		}
		if err := checkFilterValue(v, what, p.Column); err != nil {
			return nil, err
		}
		p.value = v.Bytes
		dst = append(dst, p)
	}
	return dst, nil
}

// checkFilterValue refuses null and unset (RowFilter.Expression.validate).
func checkFilterValue(v backend.Value, what string, col *schema.Column) error {
	switch {
	case v.Unset:
		return cqlerr.Invalidf("Unsupported unset %s for column %s", what, col.Name)
	case v.Bytes == nil:
		return cqlerr.Invalidf("Unsupported null %s for column %s", what, col.Name)
	}
	return nil
}

// Matches reports whether a row whose column has that value meets p. Null
// never does.
func (p *Predicate) Matches(wire []byte) bool {
	if wire == nil || p.notEmpty && (len(wire) == 0 || p.op == cql.Contains && len(p.value) == 0) {
		return false
	}
	switch {
	case p.op == cql.Contains:
		return p.matchesElement(wire)
	case p.op == cql.ContainsKey:
		return p.findEntry(wire, p.value, p.by) != nil
	case p.op == cql.In:
		for _, v := range p.values {
			if p.Column.Type.Compare(wire, v) == 0 {
				return true
			}
		}
		return false
	case p.key != nil:
		return p.matchesEntry(wire)
	}
	if !p.holds(p.compare(p.Column.Type, wire)) {
		return false
	}
	// An index has IPv4 among IPv6 addresses, but what it finds is checked once
	// more in the type's order.
	return p.by == nil || p.Column.Type.Kind != cqltype.Inet || p.holds(p.Column.Type.Compare(wire, p.value))
}

// holds reports whether the condition is met by what compares so with its value.
func (p *Predicate) holds(order int) bool {
	switch p.op {
	case cql.Lt:
		return order < 0
	case cql.Lte:
		return order <= 0
	case cql.Gt:
		return order > 0
	case cql.Gte:
		return order >= 0
	}
	return order == 0
}

// compare compares a value of type t with the predicate's.
func (p *Predicate) compare(t *cqltype.Type, wire []byte) int {
	if p.by == nil {
		return t.Compare(wire, p.value)
	}
	var buf [64]byte
	return bytes.Compare(p.by.AppendCell(buf[:0], wire, wire), p.form)
}

// sameElement compares an element with the predicate's value. Those of frozen
// collections Cassandra compares as Java does: 1.0 is not 1.00.
func (p *Predicate) sameElement(t *cqltype.Type, wire []byte) bool {
	if p.by == nil && p.Column.Type.Frozen {
		return bytes.Equal(wire, p.value)
	}
	return p.compare(t, wire) == 0
}

func (p *Predicate) matchesElement(wire []byte) bool {
	t := p.Column.Type
	et := t.Elems[len(t.Elems)-1]
	for i, it := 0, t.Iter(wire); it.Next(); i++ {
		if t.Kind == cqltype.Map && i%2 == 0 {
			continue
		}
		if p.sameElement(et, it.Elem()) {
			return true
		}
	}
	return false
}

// matchesEntry reports whether a map has the value under the key.
func (p *Predicate) matchesEntry(wire []byte) bool {
	if p.by == nil {
		v := p.findEntry(wire, p.key, nil)
		return v != nil && p.Column.Type.Elems[1].Compare(v, p.value) == 0
	}
	var form []byte
	for it := p.Column.Type.Iter(wire); it.Next(); {
		key := it.Elem()
		if !it.Next() {
			return false
		}
		if form = p.by.AppendCell(form[:0], key, it.Elem()); bytes.Equal(form, p.form) {
			return true
		}
	}
	return false
}

// findEntry returns the value under key of a map, nil when there is none.
func (p *Predicate) findEntry(wire, key []byte, by *index.Index) []byte {
	t := p.Column.Type
	for it := t.Iter(wire); it.Next(); {
		var found bool
		if by != nil {
			found = p.compare(t.Elems[0], it.Elem()) == 0
		} else {
			found = t.Elems[0].Compare(it.Elem(), key) == 0
		}
		if !it.Next() {
			return nil
		}
		if found {
			return it.Elem()
		}
	}
	return nil
}

// decideBy makes ix decide on p when it serves that condition.
func (p *Predicate) decideBy(ix *index.Index) {
	op := p.op
	if op == cql.Lte || op == cql.Gt || op == cql.Gte {
		op = cql.Lt
	}
	if p.by != nil || p.Column != ix.Column || !supportsOperator(ix.Table.Indexes[ix.Name], p.Column, op) {
		return
	}
	key := p.value
	if p.key != nil {
		key = p.key
	}
	p.by, p.form = ix, ix.AppendCell(nil, key, p.value)
}
