package plan

import (
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

func componentReceiver(r Receiver, i int) Receiver {
	r.Name, r.Type = r.Name+"["+strconv.Itoa(i)+"]", r.Type.Elems[i]
	return r
}

// FieldReceiver is the receiver of field i of a user type's value
// (UserTypes.fieldSpecOf).
func FieldReceiver(r Receiver, i int) Receiver {
	r.Name, r.Type = r.Name+"."+r.Type.FieldNames[i], r.Type.Elems[i]
	return r
}

func (c *Context) tupleTerm(e *cql.TupleLiteral, r Receiver) (Term, error) {
	if len(e.Elems) == 1 && r.Type.Kind != cqltype.Tuple && r.Type.Kind != cqltype.UDT {
		return c.Term(e.Elems[0], r) // just parentheses
	}
	if err := c.checkTuple(e, r); err != nil {
		return nil, err
	}
	fields := make([]Term, len(e.Elems))
	for i, x := range e.Elems {
		t, err := c.Term(x, componentReceiver(r, i))
		if err != nil {
			return nil, err
		}
		fields[i] = t
	}
	return folded(&fieldsTerm{typ: r.Type, fields: fields})
}

// checkTuple checks that a tuple literal fits (Tuples.validateTupleAssignableTo).
func (c *Context) checkTuple(e *cql.TupleLiteral, r Receiver) error {
	if r.Type.Kind != cqltype.Tuple && r.Type.Kind != cqltype.UDT { // which is a tuple too
		return cqlerr.Invalidf("Invalid tuple type literal for %s of type %s", r.Name, r.Type)
	}
	for i, x := range e.Elems {
		if i >= len(r.Type.Elems) {
			return cqlerr.Invalidf("Invalid tuple literal for %s: too many elements. Type %s expects %d but got %d",
				r.Name, r.Type, len(r.Type.Elems), len(e.Elems))
		}
		cr := componentReceiver(r, i)
		if c.fit(x, cr) == noFit {
			return cqlerr.Invalidf("Invalid tuple literal for %s: component %d is not of type %s", r.Name, i, cr.Type)
		}
	}
	if r.Type.Kind == cqltype.UDT { // Cassandra gets this far, and fails
		return cqlerr.Invalidf("Invalid tuple type literal for %s of type %s", r.Name, r.Type)
	}
	return nil
}

func (c *Context) udtTerm(e *cql.UDTLiteral, r Receiver) (Term, error) {
	if err := c.checkUDT(e, r); err != nil {
		return nil, err
	}
	t := r.Type
	fields := make([]Term, len(t.Elems))
	for i := range t.Elems {
		value := fieldValue(e, t.FieldNames[i])
		if value == nil {
			fields[i] = constant(t.Elems[i], nil)
			continue
		}
		f, err := c.Term(value, FieldReceiver(r, i))
		if err != nil {
			return nil, err
		}
		fields[i] = f
	}
	for _, f := range hashed(e.Fields) {
		if fieldIndex(t, f.Name) < 0 {
			return nil, cqlerr.Invalidf("Unknown field '%s' in value of user defined type %s", f.Name, t.Name)
		}
	}
	return folded(&fieldsTerm{typ: t, fields: fields})
}

// checkUDT checks that the fields given fit (UserTypes.Literal.validateAssignableTo).
func (c *Context) checkUDT(e *cql.UDTLiteral, r Receiver) error {
	if r.Type.Kind != cqltype.UDT {
		return cqlerr.Invalidf("Invalid user type literal for %s of type %s", r.Name, r.Type)
	}
	for i, name := range r.Type.FieldNames {
		value := fieldValue(e, name)
		if value == nil {
			continue
		}
		fr := FieldReceiver(r, i)
		if c.fit(value, fr) == noFit {
			return cqlerr.Invalidf("Invalid user type literal for %s: field %s is not of type %s", r.Name, name, fr.Type)
		}
	}
	return nil
}

// fieldValue is the value given to a field, the last if given twice.
func fieldValue(e *cql.UDTLiteral, name string) cql.Expr {
	var value cql.Expr
	for _, f := range e.Fields {
		if f.Name == name {
			value = f.Value
		}
	}
	return value
}

// fieldIndex is the position of a field of a user type, -1 if it has none of
// that name.
func fieldIndex(t *cqltype.Type, name string) int {
	for i, n := range t.FieldNames {
		if n == name {
			return i
		}
	}
	return -1
}

// fieldsTerm is a tuple or a user type's value.
type fieldsTerm struct {
	typ    *cqltype.Type
	fields []Term
}

func (t *fieldsTerm) Type() *cqltype.Type { return t.typ }

func (t *fieldsTerm) Eval(env *Env) (backend.Value, error) {
	var b []byte
	for i, f := range t.fields {
		v, err := f.Eval(env)
		if err != nil {
			return v, err
		}
		switch {
		case v.Unset && t.typ.Kind == cqltype.Tuple:
			return v, cqlerr.Invalidf("Invalid unset value for tuple field number %d", i)
		case v.Unset && !t.typ.IsMultiCell():
			return v, cqlerr.Invalidf("Invalid unset value for field '%s' of user defined type %s", t.typ.FieldNames[i], t.typ.Name)
		}
		b = cqltype.AppendElement(b, v.Bytes)
	}
	if b == nil {
		b = []byte{}
	}
	return backend.Value{Bytes: b}, nil
}
