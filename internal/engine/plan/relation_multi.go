package plan

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// multiRestriction prepares (a, b) op value (MultiColumnRelation).
func (c *Context) multiRestriction(t *schema.Table, rel *cql.Relation) (*restriction, error) {
	switch {
	case rel.Op == cql.Eq || rel.Op == cql.In || isSlice(rel.Op):
	case rel.Op == cql.Contains || rel.Op == cql.ContainsKey:
		return nil, cqlerr.Invalidf("%s cannot be used for multi-column relations", operatorNames[rel.Op])
	default:
		return nil, unsupportedRelation(rel)
	}
	columns, err := c.multiColumns(t, rel)
	if err != nil {
		return nil, err
	}
	if rel.Op == cql.In {
		return c.multiIn(columns, rel)
	}
	value, err := c.tupleComponents(rel.Value, columns)
	if err != nil {
		return nil, err
	}
	if rel.Op == cql.Eq {
		return &restriction{kind: eqRestriction, columns: columns, multi: true, value: value}, nil
	}
	r := &restriction{kind: sliceRestriction, columns: columns, multi: true}
	end, inclusive := boundOf(rel.Op)
	r.bounds[end] = &bound{value, inclusive}
	return r, nil
}

func (c *Context) multiColumns(t *schema.Table, rel *cql.Relation) ([]*schema.Column, error) {
	var columns []*schema.Column
	for _, name := range rel.Columns {
		col, err := c.Column(t, name)
		if err != nil {
			return nil, err
		}
		switch {
		case col.Kind != schema.Clustering:
			return nil, cqlerr.Invalidf("Multi-column relations can only be applied to clustering columns but was applied to: %s", col.Name)
		case slices.Contains(columns, col):
			return nil, cqlerr.Invalidf("Column \"%s\" appeared twice in a relation: %s", col.Name, relationText(rel))
		case len(columns) > 0 && col.Position != columns[len(columns)-1].Position+1:
			return nil, cqlerr.Invalidf("Clustering columns must appear in the PRIMARY KEY order in multi-column relations: %s", relationText(rel))
		}
		columns = append(columns, col)
	}
	return columns, nil
}

func (c *Context) multiIn(columns []*schema.Column, rel *cql.Relation) (*restriction, error) {
	r := &restriction{kind: inRestriction, columns: columns, multi: true}
	if rel.Value != nil {
		for _, col := range columns {
			if col.Type.IsCollection() && col.Type.IsMultiCell() {
				return nil, cqlerr.Invalidf("Non-frozen collection columns do not support IN relations")
			}
		}
		recv := tupleReceiver(columns)
		recv.Name, recv.Type = "in"+recv.Name, cqltype.NewList(recv.Type, false)
		var err error
		r.list, err = c.Term(rel.Value, recv)
		return r, err
	}
	for _, e := range rel.Values {
		v, err := c.tupleComponents(e, columns)
		if err != nil {
			return nil, err
		}
		r.values = append(r.values, v)
	}
	if len(r.values) == 1 {
		return &restriction{kind: eqRestriction, columns: columns, multi: true, value: r.values[0]}, nil
	}
	return r, nil
}

// tupleReceiver is the receiver of a marker that stands for a tuple of columns.
func tupleReceiver(columns []*schema.Column) Receiver {
	r := ReceiverOf(columns[0])
	types := make([]*cqltype.Type, len(columns))
	for i, col := range columns {
		types[i] = col.Type
	}
	r.Name, r.Type = "("+columnNames(columns, ",")+")", cqltype.NewTuple(types...)
	return r
}

// tupleComponents prepares (1, 2) or ? as the values of columns.
func (c *Context) tupleComponents(e cql.Expr, columns []*schema.Column) (components, error) {
	switch e := e.(type) {
	case *cql.BindMarker:
		t, err := c.bindTerm(e, tupleReceiver(columns))
		if err != nil {
			return nil, err
		}
		return tupleMarker{t.(*bindTerm)}, nil
	case *cql.TupleLiteral:
		if len(e.Elems) != len(columns) {
			return nil, cqlerr.Invalidf("Expected %d elements in value tuple, but got %d: %s", len(columns), len(e.Elems), text(e))
		}
		values := make(tupleValue, len(columns))
		for i, x := range e.Elems {
			v, err := c.Term(x, ReceiverOf(columns[i]))
			if err != nil {
				return nil, err
			}
			values[i] = v
		}
		return values, nil
	}
	return nil, cqlerr.Invalidf("Expected a tuple of %d elements, but got %s", len(columns), text(e))
}
