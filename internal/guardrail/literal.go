package guardrail

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// typed is an expression with its type, nil where nobody knows.
type typed struct {
	t *cqltype.Type
	x cql.Expr
}

// literalParts are the elements of a literal: what of it stands in cells of its
// own in a column that is not frozen. size is what a collection's cells add up
// to.
func (c *checks) literalParts(t *cqltype.Type, x cql.Expr) (parts []typed, items, size int64) {
	parts, items = literalElements(t, x)
	for _, p := range parts {
		size += c.literalSize(p.t, p.x)
	}
	return parts, items, size + items*cellOverhead(t)
}

// literalElements are those of a literal, and how many items it has as a collection.
func literalElements(t *cqltype.Type, x cql.Expr) (parts []typed, items int64) {
	elem := func(i int, x cql.Expr) {
		parts = append(parts, typed{elemType(t, i), x})
	}
	switch e := x.(type) {
	case *cql.ListLiteral:
		for _, x := range e.Elems {
			elem(0, x)
		}
		items = int64(len(e.Elems))
	case *cql.SetLiteral:
		for _, x := range e.Elems {
			elem(0, x)
		}
		items = int64(len(e.Elems))
	case *cql.MapLiteral:
		for _, entry := range e.Entries {
			elem(0, entry.Key)
			elem(1, entry.Value)
		}
		items = int64(len(e.Entries))
	case *cql.TupleLiteral:
		for i, x := range e.Elems {
			elem(i, x)
		}
	case *cql.UDTLiteral:
		for _, field := range e.Fields {
			elem(fieldOf(t, field.Name), field.Value)
		}
	}
	return parts, items
}

func fieldOf(t *cqltype.Type, name string) int {
	for i, field := range t.FieldNames {
		if field == name {
			return i
		}
	}
	return -1
}

// elemType is the type of an element of t, nil when there is none.
func elemType(t *cqltype.Type, i int) *cqltype.Type {
	if t == nil || i < 0 || i >= len(t.Elems) {
		return nil
	}
	return t.Elems[i]
}

// literalSize is how many bytes an expression has in wire form without what is
// bound or computed: exactly but for numbers of any size, durations and
// addresses.
func (c *checks) literalSize(t *cqltype.Type, x cql.Expr) int64 {
	const length = 4 // before an element, and before all of a collection
	switch e := x.(type) {
	case *cql.Literal:
		return c.constantSize(t, e)
	case *cql.TypeHint:
		return c.literalSize(t, e.X)
	case *cql.ListLiteral, *cql.SetLiteral, *cql.MapLiteral, *cql.TupleLiteral, *cql.UDTLiteral:
	default:
		return 0
	}
	if t == nil {
		t = &cqltype.Type{}
	}
	parts, items := literalElements(t, x)
	size := int64(0)
	for _, p := range parts {
		size += length + c.literalSize(p.t, p.x)
	}
	switch {
	case t.Kind == cqltype.Vector:
		size -= length * items
	case t.Kind == cqltype.UDT:
		size += length * int64(len(t.FieldNames)-len(parts)) // the others are null
	case t.Kind != cqltype.Tuple:
		size += length
	}
	return size
}

func (c *checks) constantSize(t *cqltype.Type, l *cql.Literal) int64 {
	switch {
	case l.Kind == cql.NullLiteral:
		return 0
	case t != nil && fixedSize(t.Kind) > 0:
		return fixedSize(t.Kind)
	case l.Kind == cql.HexLiteral:
		digits := c.cuts.Dropped([]byte(l.Text)) // of the text; two are a byte
		return (int64(len(l.Text)-2) + digits) / 2
	}
	return int64(len(l.Text)) + c.cuts.Dropped([]byte(l.Text))
}

// fixedSize is how many bytes all values of a type have, 0 when it depends.
func fixedSize(k cqltype.Kind) int64 {
	switch k {
	case cqltype.Boolean, cqltype.Tinyint:
		return 1
	case cqltype.Smallint:
		return 2
	case cqltype.Int, cqltype.Float, cqltype.Date:
		return 4
	case cqltype.Bigint, cqltype.Double, cqltype.Counter, cqltype.Timestamp, cqltype.Time:
		return 8
	case cqltype.Uuid, cqltype.Timeuuid:
		return 16
	}
	return 0
}
