package exec

import (
	"bytes"
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// boundCondition is a condition with its values (ColumnCondition.Bound).
type boundCondition struct {
	*plan.Condition
	element []byte
	// values to compare with: one, or those of an IN; nil for null.
	values [][]byte
}

// bindCondition evaluates a condition's values.
func bindCondition(c *plan.Condition, env *plan.Env) (b boundCondition, err error) {
	b.Condition = c
	if c.Element != nil {
		v, err := c.Element.Eval(env)
		if err != nil {
			return b, err
		}
		if v.Unset && c.Column.Type.Kind == cqltype.Map {
			return b, nil // no value to compare with: the condition holds for no row
		}
		if v.Unset {
			return b, errUnsetInCondition()
		}
		if v.Bytes == nil {
			what := "list"
			if c.Column.Type.Kind == cqltype.Map {
				what = "map"
			}
			return b, cqlerr.Invalidf("Invalid null value for %s element access", what)
		}
		b.element = bytes.Clone(v.Bytes)
	}
	for _, t := range c.Values {
		v, err := plan.EvalComparand(t, env)
		switch {
		case err != nil:
			return b, err
		case v.Unset && (c.Op == cql.In && !c.List || c.ContainsInCells()):
			continue // no value to compare with
		case v.Unset:
			return b, errUnsetInCondition()
		case c.List && v.Bytes == nil:
			return b, cqlerr.Invalidf("Invalid null list in IN condition")
		case c.List:
			for it := t.Type().Iter(v.Bytes); it.Next(); {
				elem := it.Elem()
				if len(elem) == 0 && c.Type.EmptyIsNull() {
					elem = nil
				}
				b.values = append(b.values, elem)
			}
		default:
			b.values = append(b.values, v.Bytes)
		}
	}
	return b, nil
}

func errUnsetInCondition() error { return cqlerr.Invalidf("Invalid 'unset' value in condition") }

// holds reports whether the condition is true of a row, nil if there is none:
// of one of its values, for IN.
func (b *boundCondition) holds(row *store.Row) (bool, error) {
	var cells []store.Cell
	if row != nil {
		cells = row.Find(b.Column.Storage)
	}
	for _, value := range b.values {
		ok, err := b.compare(cells, value)
		if ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// op is the operator that compares with one value.
func (b *boundCondition) op() cql.Operator {
	if b.Op == cql.In {
		return cql.Eq
	}
	return b.Op
}

func (b *boundCondition) compare(cells []store.Cell, value []byte) (bool, error) {
	t := b.Column.Type
	whole := b.element == nil && b.Field < 0
	if whole && t.IsMultiCell() && t.IsCollection() {
		return b.compareCollection(cells, value)
	}
	stored, err := b.stored(cells)
	if err != nil {
		return false, err
	}
	return b.compareValue(stored, value)
}

// stored returns what the left side has: a column, an element or a field.
func (b *boundCondition) stored(cells []store.Cell) ([]byte, error) {
	t := b.Column.Type
	switch {
	case len(cells) == 0 && (b.element == nil || t.Kind == cqltype.Map):
		return nil, nil
	case b.element != nil && t.Kind == cqltype.List:
		return b.listElement(cells)
	case b.element != nil:
		return b.mapValue(cells), nil
	case b.Field >= 0 && t.IsMultiCell():
		return cellAt(cells, t, fieldElement(b.Field)), nil
	case b.Field >= 0:
		it := t.Iter(cells[0].Value)
		for i := 0; it.Next(); i++ {
			if i == b.Field {
				return it.Elem(), nil
			}
		}
		return nil, nil
	case t.IsMultiCell():
		return appendCollection(nil, t, cells)
	}
	return cells[0].Value, nil
}

// cellAt returns the value of the cell of one element, key or field.
func cellAt(cells []store.Cell, t *cqltype.Type, element []byte) []byte {
	path := store.AppendPath(nil, t, element)
	for i := range cells {
		if bytes.Equal(cells[i].Path, path) {
			return cells[i].Value
		}
	}
	return nil
}

func (b *boundCondition) listElement(cells []store.Cell) ([]byte, error) {
	if len(b.element) != 4 {
		return nil, cqlerr.Invalidf("Invalid null value for list element access")
	}
	i := int(int32(binary.BigEndian.Uint32(b.element)))
	t := b.Column.Type
	switch {
	case t.IsMultiCell() && i >= 0 && i < len(cells):
		return cells[i].Value, nil
	case i < 0 && (t.IsMultiCell() || len(cells) > 0):
		return nil, cqlerr.Invalidf("Invalid negative list index %d", i)
	case t.IsMultiCell() || len(cells) == 0:
		return nil, nil
	}
	it := t.Iter(cells[0].Value)
	for ; it.Next(); i-- {
		if i == 0 {
			return it.Elem(), nil
		}
	}
	return nil, nil
}

func (b *boundCondition) mapValue(cells []store.Cell) []byte {
	t := b.Column.Type
	if t.IsMultiCell() {
		return cellAt(cells, t, b.element)
	}
	for it := t.Iter(cells[0].Value); it.Next(); {
		equal := t.Elems[0].Compare(it.Elem(), b.element) == 0
		if !it.Next() {
			break
		}
		if equal {
			return it.Elem()
		}
	}
	return nil
}

// compareValue is ColumnCondition.Bound.compareWithOperator.
func (b *boundCondition) compareValue(stored, value []byte) (bool, error) {
	op := b.op()
	switch {
	case value == nil && op == cql.Eq:
		return stored == nil, nil
	case value == nil && op == cql.Neq:
		return stored != nil, nil
	case value == nil:
		return false, b.nullError()
	case stored == nil:
		return op == cql.Neq, nil
	case op == cql.Contains || op == cql.ContainsKey:
		return b.containsIn(stored, value), nil
	}
	if b.Type.Kind == cqltype.List {
		d, err := compareElements(b.Type, stored, value)
		return err == nil && satisfies(d, op), err
	}
	return satisfies(b.Type.Compare(stored, value), op), nil
}

func (b *boundCondition) nullError() error {
	return cqlerr.Invalidf("Invalid comparison with null for operator \"%s\"", b.OperatorText())
}

// satisfies reports whether a comparison's outcome suits an operator.
func satisfies(cmp int, op cql.Operator) bool {
	switch op {
	case cql.Eq:
		return cmp == 0
	case cql.Neq:
		return cmp != 0
	case cql.Lt:
		return cmp < 0
	case cql.Lte:
		return cmp <= 0
	case cql.Gt:
		return cmp > 0
	}
	return cmp >= 0 // Gte
}

// compareCollection compares a non-frozen collection, cell by cell
// (ColumnCondition.MultiCellCollectionBound).
func (b *boundCondition) compareCollection(cells []store.Cell, value []byte) (bool, error) {
	t, op := b.Column.Type, b.op()
	isContains := op == cql.Contains || op == cql.ContainsKey
	it := t.Iter(value)
	if value == nil || !isContains && it.Len() == 0 {
		switch {
		case op == cql.Eq:
			return len(cells) == 0, nil
		case op == cql.Neq:
			return len(cells) > 0, nil
		case value == nil:
			return false, b.nullError()
		}
		return false, cqlerr.Invalidf("Invalid comparison with an empty %s for operator \"%s\"", collectionName(t), b.OperatorText())
	}
	if len(cells) == 0 {
		return op == cql.Neq, nil
	}
	stored, err := appendCollection(nil, t, cells)
	if err != nil {
		return false, err
	}
	if isContains {
		return b.containsIn(stored, value), nil
	}
	d, err := compareElements(t, stored, value)
	return err == nil && satisfies(d, op), err
}

// compareElements compares two collections element by element, the shorter
// first when all it has is equal. There is no order between an element and null.
func compareElements(t *cqltype.Type, a, b []byte) (int, error) {
	x, y := t.Iter(a), t.Iter(b)
	for i := 0; ; i++ {
		switch more, other := x.Next(), y.Next(); {
		case !more && !other:
			return 0, nil
		case !more:
			return -1, nil
		case !other:
			return 1, nil
		case y.Elem() == nil:
			return 0, cqltype.ErrNullElement()
		}
		if d := t.Elems[i%len(t.Elems)].Compare(x.Elem(), y.Elem()); d != 0 {
			return d, nil
		}
	}
}

// containsIn reports whether a collection has an element, value or key.
func (b *boundCondition) containsIn(collection, value []byte) bool {
	t := b.Type
	elem := t.Elems[len(t.Elems)-1]
	if b.Op == cql.ContainsKey {
		elem = t.Elems[0]
	}
	it := t.Iter(collection)
	for i := 0; it.Next(); i++ {
		if t.Kind == cqltype.Map && (i%2 == 0) != (b.Op == cql.ContainsKey) {
			continue
		}
		if it.Elem() != nil && elem.Compare(it.Elem(), value) == 0 {
			return true
		}
	}
	return false
}

func collectionName(t *cqltype.Type) string {
	switch t.Kind {
	case cqltype.List:
		return "list"
	case cqltype.Set:
		return "set"
	}
	return "map"
}
