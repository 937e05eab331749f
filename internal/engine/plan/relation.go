package plan

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

var operatorNames = map[cql.Operator]string{
	cql.Eq: "=", cql.Neq: "!=", cql.Lt: "<", cql.Lte: "<=", cql.Gt: ">", cql.Gte: ">=", cql.In: "IN", cql.NotIn: "NOT IN",
	cql.Contains: "CONTAINS", cql.ContainsKey: "CONTAINS KEY", cql.NotContains: "NOT CONTAINS", cql.NotContainsKey: "NOT CONTAINS KEY",
	cql.Like: "LIKE", cql.IsNotNull: "IS NOT", cql.Between: "BETWEEN", cql.NotBetween: "NOT BETWEEN", cql.ANN: "ANN",
}

// relationText is a relation as error texts show it (Relation.toCQLString).
func relationText(r *cql.Relation) string {
	if r.Kind == cql.CustomIndex {
		return "expr(" + cqltype.QuoteIdentifier(r.Columns[0]) + ", " + text(r.Value) + ")"
	}
	names := make([]string, len(r.Columns))
	for i, n := range r.Columns {
		names[i] = cqltype.QuoteIdentifier(n)
	}
	left := strings.Join(names, ", ")
	switch {
	case r.Kind == cql.Token:
		left = "token(" + left + ")"
	case r.Kind == cql.MultiColumn:
		left = "(" + left + ")"
	case r.Element != nil:
		left += "[" + text(r.Element) + "]"
	}
	right := "NULL"
	if r.Value != nil {
		right = text(r.Value)
	} else if r.Op != cql.IsNotNull {
		right = "(" + texts(r.Values) + ")"
	}
	return left + " " + operatorNames[r.Op] + " " + right
}

func isSlice(op cql.Operator) bool {
	return op == cql.Lt || op == cql.Lte || op == cql.Gt || op == cql.Gte
}

// boundOf says which end an inequality sets, and whether that is included.
func boundOf(op cql.Operator) (end int, inclusive bool) {
	end = startBound
	if op == cql.Lt || op == cql.Lte {
		end = endBound
	}
	return end, op == cql.Lte || op == cql.Gte
}

// singleRestriction prepares a relation of one column (SingleColumnRelation).
func (c *Context) singleRestriction(t *schema.Table, rel *cql.Relation) (*restriction, error) {
	if rel.Op == cql.Neq {
		return nil, unsupportedRelation(rel) // whatever the column
	}
	col, err := c.Column(t, rel.Columns[0])
	if err != nil {
		return nil, err
	}
	if rel.Op == cql.Neq {
		return nil, unsupportedRelation(rel)
	}
	if isSlice(rel.Op) {
		if err := checkNoDuration(col.Type); err != nil {
			return nil, err
		}
	}
	if err := checkReceiver(col, rel); err != nil {
		return nil, err
	}
	columns, recv := []*schema.Column{col}, ReceiverOf(col)
	switch rel.Op {
	case cql.Eq:
		if rel.Element != nil {
			return c.entryRestriction(columns, recv, rel)
		}
		v, err := c.Term(rel.Value, recv)
		return &restriction{kind: eqRestriction, columns: columns, value: oneValue{v}}, err
	case cql.Lt, cql.Lte, cql.Gt, cql.Gte:
		v, err := c.Term(rel.Value, recv)
		r := &restriction{kind: sliceRestriction, columns: columns}
		end, inclusive := boundOf(rel.Op)
		r.bounds[end] = &bound{oneValue{v}, inclusive}
		return r, err
	case cql.In:
		return c.inList(columns, recv, rel)
	case cql.Contains, cql.ContainsKey:
		er := valueReceiver(recv)
		if rel.Op == cql.ContainsKey {
			er = keyReceiver(recv)
		}
		v, err := c.Term(rel.Value, er)
		return &restriction{kind: containsRestriction, columns: columns, contains: []containsTerm{{op: rel.Op, value: v}}}, err
	}
	return nil, unsupportedRelation(rel)
}

func unsupportedRelation(rel *cql.Relation) error {
	if rel.Op == cql.Neq {
		return cqlerr.Invalidf("Unsupported \"!=\" relation: %s", relationText(rel))
	}
	return cqlerr.Unsupportedf("Restriction %s", relationText(rel))
}

// entryRestriction is map[key] = value.
func (c *Context) entryRestriction(columns []*schema.Column, recv Receiver, rel *cql.Relation) (*restriction, error) {
	k, err := c.Term(rel.Element, keyReceiver(recv))
	if err != nil {
		return nil, err
	}
	v, err := c.Term(rel.Value, valueReceiver(recv))
	return &restriction{kind: containsRestriction, columns: columns, contains: []containsTerm{{op: cql.Eq, key: k, value: v}}}, err
}

// inList is col IN (...) or col IN ?; one value in parentheses is an =.
func (c *Context) inList(columns []*schema.Column, recv Receiver, rel *cql.Relation) (*restriction, error) {
	if rel.Value != nil {
		r := recv
		r.Name, r.Type = "in("+recv.Name+")", cqltype.NewList(recv.Type, false)
		list, err := c.Term(rel.Value, r)
		return &restriction{kind: inRestriction, columns: columns, list: list}, err
	}
	values := make([]components, len(rel.Values))
	for i, e := range rel.Values {
		v, err := c.Term(e, recv)
		if err != nil {
			return nil, err
		}
		values[i] = oneValue{v}
	}
	if len(values) == 1 {
		return &restriction{kind: eqRestriction, columns: columns, value: values[0]}, nil
	}
	return &restriction{kind: inRestriction, columns: columns, values: values}, nil
}

func checkNoDuration(t *cqltype.Type) error {
	if !schema.ReferencesDuration(t) {
		return nil
	}
	switch {
	case t.IsCollection():
		return cqlerr.Invalidf("Slice restrictions are not supported on collections containing durations")
	case t.Kind == cqltype.Tuple:
		return cqlerr.Invalidf("Slice restrictions are not supported on tuples containing durations")
	case t.Kind == cqltype.UDT:
		return cqlerr.Invalidf("Slice restrictions are not supported on UDTs containing durations")
	}
	return cqlerr.Invalidf("Slice restrictions are not supported on duration columns")
}

// checkReceiver checks that a column can have such a relation at all
// (SingleColumnRelation.toReceivers).
func checkReceiver(col *schema.Column, rel *cql.Relation) error {
	t := col.Type
	contains, containsKey, entry := rel.Op == cql.Contains, rel.Op == cql.ContainsKey, rel.Element != nil
	switch {
	case containsKey && (t.Kind != cqltype.Map || col.Desc):
		return cqlerr.Invalidf("Cannot use CONTAINS KEY on non-map column %s", col.Name)
	case contains && (!t.IsCollection() || col.Desc): // a ReversedType is none either
		return cqlerr.Invalidf("Cannot use CONTAINS on non-collection column %s", col.Name)
	case entry && t.Kind == cqltype.List:
		return cqlerr.Invalidf("Indexes on list entries (%s[index] = value) are not currently supported.", col.Name)
	case entry && (t.Kind != cqltype.Map || col.Desc):
		return cqlerr.Invalidf("Column %s cannot be used as a map", col.Name)
	case entry && !t.IsMultiCell():
		return cqlerr.Invalidf("Map-entry equality predicates on frozen map column %s are not supported", col.Name)
	case entry && rel.Op == cql.Neq:
		return unsupportedRelation(rel)
	case entry && rel.Op != cql.Eq:
		return cqlerr.Invalidf("Only EQ relations are supported on map entries")
	case t.Kind == cqltype.UDT && t.IsMultiCell():
		return cqlerr.Invalidf("Non-frozen UDT column '%s' (%s) cannot be restricted by any relation", col.Name, t)
	case t.IsMultiCell() && !contains && !containsKey && !entry:
		return cqlerr.Invalidf("Collection column '%s' (%s) cannot be restricted by a '%s' relation", col.Name, t, operatorNames[rel.Op])
	}
	return nil
}
