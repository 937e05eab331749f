package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Condition is one condition of an IF clause, checked against its column
// (org.apache.cassandra.cql3.conditions.ColumnCondition).
type Condition struct {
	Column *schema.Column
	Op     cql.Operator
	// Element is a list's index or a map's key, nil for other conditions.
	Element Term
	// Field is a field of a user type, -1 for other conditions.
	Field int
	// Type is the type of what is compared: of the column, the element or the field.
	Type *cqltype.Type
	// Values are what it is compared with: one, or those of an IN list. With List set
	// there is one term, which yields the whole list (IN ?).
	Values []Term
	List   bool
}

// ContainsInCells reports whether the condition is a CONTAINS of a collection
// that is not frozen: one that is bound to unset holds for no row.
func (c *Condition) ContainsInCells() bool {
	return (c.Op == cql.Contains || c.Op == cql.ContainsKey) && c.Column.Type.IsMultiCell()
}

// condition prepares one condition of an IF clause.
func (c *Context) condition(t *schema.Table, x *cql.Condition) (Condition, error) {
	col, err := c.Column(t, x.Column)
	if err != nil {
		return Condition{}, err
	}
	k := Condition{Column: col, Op: x.Op, Field: -1, Type: col.Type}
	r := ReceiverOf(col)
	switch {
	case col.Type.Kind == cqltype.Counter:
		return k, cqlerr.Invalidf("Conditions on counters are not supported")
	case x.Element != nil:
		r, err = c.conditionElement(&k, x.Element, r)
	case x.Field != "":
		r, err = conditionField(&k, x.Field, r)
	}
	if err != nil {
		return k, err
	}
	if err := checkDuration(k.Type, x.Op); err != nil {
		return k, err
	}
	if err := c.conditionValues(&k, x, r); err != nil {
		return k, err
	}
	if col.Kind == schema.PartitionKey || col.Kind == schema.Clustering {
		return k, cqlerr.Invalidf("PRIMARY KEY column '%s' cannot have IF conditions", col.Name)
	}
	return k, nil
}

// conditionElement is the left side col[element]; the answer is the receiver
// of what it is compared with.
func (c *Context) conditionElement(k *Condition, element cql.Expr, r Receiver) (Receiver, error) {
	switch k.Column.Type.Kind {
	case cqltype.List, cqltype.Map:
	case cqltype.Set:
		return r, cqlerr.Invalidf("Invalid element access syntax for set column %s", k.Column.Name)
	default:
		return r, cqlerr.Invalidf("Invalid element access syntax for non-collection column %s", k.Column.Name)
	}
	term, err := c.Term(element, ElementReceiver(r))
	k.Element = term
	r = ValueReceiver(r)
	k.Type = r.Type
	return r, err
}

// conditionField is the left side col.field.
func conditionField(k *Condition, field string, r Receiver) (Receiver, error) {
	if k.Column.Type.Kind == cqltype.UDT {
		k.Field = fieldIndex(k.Column.Type, field)
	}
	if k.Field < 0 {
		return r, cqlerr.Invalidf("Unknown field %s for column %s", field, k.Column.Name)
	}
	r = FieldReceiver(r, k.Field)
	k.Type = r.Type
	return r, nil
}

// conditionValues prepares the right side.
func (c *Context) conditionValues(k *Condition, x *cql.Condition, r Receiver) error {
	switch x.Op {
	case cql.ContainsKey:
		if r.Type.Kind != cqltype.Map {
			return cqlerr.Invalidf("Cannot use CONTAINS KEY on non-map column %s", r.Name)
		}
		r = keyReceiver(r)
	case cql.Contains:
		if !r.Type.IsCollection() {
			return cqlerr.Invalidf("Cannot use CONTAINS on non-collection column %s", r.Name)
		}
		r = valueReceiver(r)
	case cql.In:
		if x.Value != nil {
			k.List = true
			r.Name, r.Type = "in("+r.Name+")", cqltype.NewList(r.Type, false)
		}
	case cql.Eq, cql.Neq, cql.Lt, cql.Lte, cql.Gt, cql.Gte:
	default:
		return cqlerr.Unsupportedf("operator %s in an IF clause", operatorNames[x.Op])
	}
	values := x.Values
	if x.Value != nil {
		values = []cql.Expr{x.Value}
	}
	k.Values = make([]Term, len(values))
	for i, v := range values {
		term, err := c.Term(v, r)
		if err != nil {
			return err
		}
		k.Values[i] = term
	}
	return nil
}

// checkDuration refuses < <= > >= where durations, which have no order, are
// part of the comparison (ColumnCondition.Raw.validateOperationOnDurations).
func checkDuration(t *cqltype.Type, op cql.Operator) error {
	switch op {
	case cql.Lt, cql.Lte, cql.Gt, cql.Gte:
	default:
		return nil
	}
	if !schema.ReferencesDuration(t) {
		return nil
	}
	switch {
	case t.IsCollection():
		return cqlerr.Invalidf("Slice conditions are not supported on collections containing durations")
	case t.Kind == cqltype.Tuple:
		return cqlerr.Invalidf("Slice conditions are not supported on tuples containing durations")
	case t.Kind == cqltype.UDT:
		return cqlerr.Invalidf("Slice conditions are not supported on UDTs containing durations")
	}
	return cqlerr.Invalidf("Slice conditions ( %s ) are not supported on durations", operatorNames[op])
}

// OperatorText is the operator as error texts show it (Operator.toString).
func (k *Condition) OperatorText() string { return operatorNames[k.Op] }
