package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/function"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// OpKind is what an Operation does to its column.
type OpKind uint8

// The operations, each with the class that it mirrors.
const (
	// OpSet writes a value that is one cell (Constants.Setter).
	OpSet OpKind = iota
	// OpSetCollection overwrites a non-frozen list, set or map: a deletion just
	// before the write, then cells (Lists.Setter, Sets.Setter, Maps.Setter).
	OpSetCollection
	// OpSetUDT overwrites a non-frozen user type (UserTypes.Setter).
	OpSetUDT
	// OpAdd adds the elements of a collection; a list's at its end
	// (Lists.Appender, Sets.Adder, Maps.Putter).
	OpAdd
	// OpPrepend adds elements at the front of a list (Lists.Prepender).
	OpPrepend
	// OpRemove removes the elements of Value, a set, from a set or, as keys, from
	// a map (Sets.Discarder).
	OpRemove
	// OpRemoveFromList removes every element that is in Value (Lists.Discarder).
	OpRemoveFromList
	// OpSetIndex sets a list's element by its index (Lists.SetterByIndex).
	OpSetIndex
	// OpSetKey sets a map's value by its key (Maps.SetterByKey).
	OpSetKey
	// OpSetField sets a field of a non-frozen user type (UserTypes.SetterByField).
	OpSetField
	// OpIncrement and OpDecrement add to a counter (Constants.Adder, Substracter).
	OpIncrement
	OpDecrement
	// OpPlus adds to a number or text that was read, in a conditional update
	// (Constants.Adder).
	OpPlus
	// OpDelete deletes the whole column (Constants.Deleter).
	OpDelete
	// OpDeleteIndex deletes a list's element by its index (Lists.DiscarderByIndex).
	OpDeleteIndex
	// OpDeleteElement deletes one element of a set, or one key of a map
	// (Sets.ElementDiscarder, Maps.DiscarderByKey).
	OpDeleteElement
	// OpDeleteField deletes a field of a non-frozen user type (UserTypes.DeleterByField).
	OpDeleteField
)

// Operation is one item of SET, of VALUES, or of DELETE's column list, checked
// against its column (org.apache.cassandra.cql3.Operation).
type Operation struct {
	Kind   OpKind
	Column *schema.Column
	// Value is what is written, added or removed; nil for deletions.
	Value Term
	// Index is a list's index, a set's element or a map's key.
	Index Term
	// Field is a user type's field.
	Field int
	// Plus adds two numbers of the column's type (OpPlus); nil for text.
	Plus *function.Function
	// Indexes are the secondary indexes of the column.
	Indexes []*index.Index
}

// RequiresRead reports whether the row must be read to know what to write.
func (o *Operation) RequiresRead() bool {
	switch o.Kind {
	case OpSetIndex, OpRemoveFromList, OpDeleteIndex, OpPlus:
		return true
	}
	return false
}

// assignment prepares one item of UPDATE ... SET. canRead: the statement has
// conditions, so it may build on the value it reads.
func (c *Context) assignment(col *schema.Column, a *cql.Assignment, canRead bool) (Operation, error) {
	switch a.Kind {
	case cql.SetValue:
		return c.setValue(col, a.Value)
	case cql.AddValue:
		return c.addition(col, a, canRead)
	case cql.SubtractValue:
		return c.subtraction(col, a)
	case cql.PrependValue:
		return c.prepend(col, a)
	case cql.SetElement:
		return c.setElement(col, a)
	case cql.SetField:
		return c.setField(col, a)
	}
	return Operation{}, cqlerr.Unsupportedf("assignment to %s", col.Name)
}

func (c *Context) setValue(col *schema.Column, value cql.Expr) (Operation, error) {
	v, err := c.Term(value, ReceiverOf(col))
	if err != nil {
		return Operation{}, err
	}
	return setTerm(col, v)
}

// setTerm is the operation `col = v`.
func setTerm(col *schema.Column, v Term) (Operation, error) {
	o := Operation{Kind: OpSet, Column: col, Value: v}
	switch {
	case col.Type.Kind == cqltype.Counter:
		return o, cqlerr.Invalidf("Cannot set the value of counter column %s (counters can only be incremented/decremented, not set)", col.Name)
	case col.Type.IsMultiCell() && col.Type.Kind == cqltype.UDT:
		o.Kind = OpSetUDT
	case col.Type.IsMultiCell():
		o.Kind = OpSetCollection
	}
	return o, nil
}

func (c *Context) addition(col *schema.Column, a *cql.Assignment, canRead bool) (Operation, error) {
	o := Operation{Column: col}
	shown := func() string { return col.Name + " = " + col.Name + " + " + text(a.Value) }
	if !col.Type.IsCollection() {
		switch {
		case col.Type.Kind == cqltype.Tuple || col.Type.Kind == cqltype.UDT:
			return o, cqlerr.Invalidf("Invalid operation (%s) for tuple column %s", shown(), col.Name)
		case canRead && !isNumber(col.Type) && !isString(col.Type):
			return o, cqlerr.Invalidf("Invalid operation (%s) for non-numeric and non-text type %s", shown(), col.Name)
		case !canRead && col.Type.Kind != cqltype.Counter:
			return o, cqlerr.Invalidf("Invalid operation (%s) for non counter column %s", shown(), col.Name)
		}
		if o.Kind = OpPlus; col.Type.Kind == cqltype.Counter {
			o.Kind = OpIncrement
		}
	} else if !col.Type.IsMultiCell() {
		return o, cqlerr.Invalidf("Invalid operation (%s) for frozen collection column %s", shown(), col.Name)
	} else {
		o.Kind = OpAdd
	}
	v, err := c.Term(a.Value, ReceiverOf(col))
	if err != nil && col.Type.Kind == cqltype.Map && cqlerr.From(err).Code == cqlerr.Invalid {
		err = cqlerr.Invalidf("Value for a map addition has to be a map, but was: '%s'", text(a.Value))
	}
	o.Value = v
	return o, err
}

func (c *Context) subtraction(col *schema.Column, a *cql.Assignment) (Operation, error) {
	o := Operation{Column: col}
	shown := func() string { return col.Name + " = " + col.Name + " - " + text(a.Value) }
	r := ReceiverOf(col)
	switch {
	case !col.Type.IsCollection() && col.Type.Kind != cqltype.Counter:
		return o, cqlerr.Invalidf("Invalid operation (%s) for non counter column %s", shown(), col.Name)
	case col.Type.Kind == cqltype.Counter:
		o.Kind = OpDecrement
	case !col.Type.IsMultiCell():
		return o, cqlerr.Invalidf("Invalid operation (%s) for frozen collection column %s", shown(), col.Name)
	case col.Type.Kind == cqltype.List:
		o.Kind = OpRemoveFromList
	case col.Type.Kind == cqltype.Set:
		o.Kind = OpRemove
	default:
		o.Kind = OpRemove
		r.Type = cqltype.NewSet(col.Type.Elems[0], true)
	}
	v, err := c.Term(a.Value, r)
	if err != nil && col.Type.Kind == cqltype.Map && cqlerr.From(err).Code == cqlerr.Invalid {
		err = cqlerr.Invalidf("Value for a map substraction has to be a set, but was: '%s'", text(a.Value))
	}
	o.Value = v
	return o, err
}

// prepend is `col = v + col`. Its error text has a minus where the statement
// has a plus, as Cassandra's has (Operation.Prepend.toString).
func (c *Context) prepend(col *schema.Column, a *cql.Assignment) (Operation, error) {
	o := Operation{Kind: OpPrepend, Column: col}
	v, err := c.Term(a.Value, ReceiverOf(col))
	if err != nil {
		return o, err
	}
	shown := func() string { return col.Name + " = " + text(a.Value) + " - " + col.Name }
	switch {
	case col.Type.Kind != cqltype.List:
		return o, cqlerr.Invalidf("Invalid operation (%s) for non list column %s", shown(), col.Name)
	case !col.Type.IsMultiCell():
		return o, cqlerr.Invalidf("Invalid operation (%s) for frozen list column %s", shown(), col.Name)
	}
	o.Value = v
	return o, nil
}

func (c *Context) setElement(col *schema.Column, a *cql.Assignment) (o Operation, err error) {
	o = Operation{Kind: OpSetKey, Column: col}
	shown := func() string { return col.Name + "[" + text(a.Index) + "] = " + text(a.Value) }
	switch {
	case !col.Type.IsCollection():
		return o, cqlerr.Invalidf("Invalid operation (%s) for non collection column %s", shown(), col.Name)
	case !col.Type.IsMultiCell():
		return o, cqlerr.Invalidf("Invalid operation (%s) for frozen collection column %s", shown(), col.Name)
	case col.Type.Kind == cqltype.Set:
		return o, cqlerr.Invalidf("Invalid operation (%s) for set column %s", shown(), col.Name)
	case col.Type.Kind == cqltype.List:
		o.Kind = OpSetIndex
	}
	r := ReceiverOf(col)
	if o.Index, err = c.Term(a.Index, ElementReceiver(r)); err != nil {
		return o, err
	}
	o.Value, err = c.Term(a.Value, ValueReceiver(r))
	return o, err
}

func (c *Context) setField(col *schema.Column, a *cql.Assignment) (o Operation, err error) {
	o = Operation{Kind: OpSetField, Column: col}
	shown := func() string { return col.Name + "." + a.Field + " = " + text(a.Value) }
	switch {
	case col.Type.Kind != cqltype.UDT:
		return o, cqlerr.Invalidf("Invalid operation (%s) for non-UDT column %s", shown(), col.Name)
	case !col.Type.IsMultiCell():
		return o, cqlerr.Invalidf("Invalid operation (%s) for frozen UDT column %s", shown(), col.Name)
	}
	if o.Field = fieldIndex(col.Type, a.Field); o.Field < 0 {
		return o, cqlerr.Invalidf("UDT column %s does not have a field named %s", col.Name, a.Field)
	}
	o.Value, err = c.Term(a.Value, FieldReceiver(ReceiverOf(col), o.Field))
	return o, err
}

// incompatible reports whether two assignments to one column can't stand in
// one statement (Operation.RawUpdate.isCompatibleWith).
func incompatible(a, b *cql.Assignment) bool {
	if a.Kind == cql.SetValue || b.Kind == cql.SetValue {
		return true
	}
	return a.Kind == cql.SetField && b.Kind == cql.SetField && a.Field == b.Field
}

// isNumber reports whether t is a number, counters included (NumberType).
func isNumber(t *cqltype.Type) bool {
	switch t.Kind {
	case cqltype.Tinyint, cqltype.Smallint, cqltype.Int, cqltype.Bigint, cqltype.Float, cqltype.Double, cqltype.Decimal, cqltype.Varint, cqltype.Counter:
		return true
	}
	return false
}

// isString reports whether t is text (StringType).
func isString(t *cqltype.Type) bool { return t.Kind == cqltype.Text || t.Kind == cqltype.Ascii }
