package plan

import (
	"encoding/binary"

	"encoding/hex"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Term prepares e for the receiver r: literals are checked against r's type
// and evaluated now, bind markers are entered in c.Bind as r, functions are
// resolved. The term's values are wire bytes of r.Type, sets and maps in
// order; bind values are validated by Eval. A constant term's Eval costs
// nothing.
//
// Errors are Cassandra's (Term.Raw.prepare of each kind of term).
func (c *Context) Term(e cql.Expr, r Receiver) (Term, error) {
	switch e := e.(type) {
	case *cql.Literal:
		return literalTerm(e, r)
	case *cql.BindMarker:
		return c.bindTerm(e, r)
	case *cql.ListLiteral:
		return c.listTerm(e, r)
	case *cql.SetLiteral:
		return c.setTerm(e, r)
	case *cql.MapLiteral:
		return c.mapTerm(e, r)
	case *cql.UDTLiteral:
		return c.udtTerm(e, r)
	case *cql.TupleLiteral:
		return c.tupleTerm(e, r)
	case *cql.TypeHint:
		return c.hintTerm(e, r)
	case *cql.FunctionCall, *cql.Binary, *cql.Negate, *cql.Cast:
		return c.callTerm(e, r)
	}
	return nil, cqlerr.Invalidf("%s cannot be used as a value", text(e))
}

// Constant returns the value of a term that is the same in every execution.
func Constant(t Term) (backend.Value, bool) {
	if k, ok := t.(*constTerm); ok {
		return k.value, true
	}
	return backend.Value{}, false
}

// constTerm is a value known at plan time.
type constTerm struct {
	typ   *cqltype.Type
	value backend.Value
}

func (t *constTerm) Type() *cqltype.Type              { return t.typ }
func (t *constTerm) Eval(*Env) (backend.Value, error) { return t.value, nil }
func constant(t *cqltype.Type, wire []byte) *constTerm {
	return &constTerm{t, backend.Value{Bytes: wire}}
}

var literalNames = [...]string{
	cql.StringLiteral: "STRING", cql.IntegerLiteral: "INTEGER", cql.FloatLiteral: "FLOAT", cql.BooleanLiteral: "BOOLEAN",
	cql.UUIDLiteral: "UUID", cql.HexLiteral: "HEX", cql.DurationLiteral: "DURATION", cql.NullLiteral: "NULL",
}

func literalTerm(l *cql.Literal, r Receiver) (Term, error) {
	if literalFit(l, r.Type) == noFit {
		if l.Kind == cql.NullLiteral {
			return nil, cqlerr.Invalidf("Invalid null value for counter increment/decrement")
		}
		return nil, cqlerr.Invalidf("Invalid %s constant (%s) for \"%s\" of type %s", literalNames[l.Kind], l.Text, r.Name, r.Type)
	}
	switch l.Kind {
	case cql.NullLiteral:
		return constant(r.Type, nil), nil
	case cql.HexLiteral:
		b, err := hex.DecodeString(l.Text[2:])
		if err != nil {
			return nil, cqlerr.Invalidf("cannot parse '%s' as hex bytes", l.Text[2:])
		}
		return constant(r.Type, b), nil
	}
	wire, err := r.Type.ParseLiteral(cqltype.LiteralKind(l.Kind), l.Text)
	if err != nil {
		return nil, err
	}
	return constant(r.Type, wire), nil
}

// bindTerm enters the marker in c.Bind. A name used twice is two markers that
// are told apart by position, as drivers expect.
func (c *Context) bindTerm(m *cql.BindMarker, r Receiver) (Term, error) {
	if err := c.bind(m, r); err != nil {
		return nil, err
	}
	return &bindTerm{index: m.Index, recv: r, unsettled: unsettled(r.Type)}, nil
}

// maxMarkers bounds the bind markers of one statement: a [short] counts them
// on the wire.
const maxMarkers = 65535

func (c *Context) bind(m *cql.BindMarker, r Receiver) error {
	if m.Index < 0 || m.Index >= maxMarkers {
		return cqlerr.Invalidf("Too many markers(?). %d markers exceed the allowed maximum of %d", m.Index+1, maxMarkers)
	}
	for len(c.Bind) <= m.Index {
		c.Bind = append(c.Bind, backend.Column{})
	}
	for len(c.targets) <= m.Index {
		c.targets = append(c.targets, target{})
	}
	c.targets[m.Index] = target{r.Keyspace, r.Table, r.Name}
	if m.Name != "" {
		r.Name = m.Name
	}
	c.Bind[m.Index] = r
	return nil
}

// bindTerm is the value of a bind marker.
type bindTerm struct {
	index int
	recv  Receiver
	// unsettled: the type holds collections whose elements clients may send in
	// any order, or not as Cassandra writes them.
	unsettled bool
}

func (t *bindTerm) Type() *cqltype.Type { return t.recv.Type }

// Eval validates the value as Cassandra does (AbstractMarker.bindAndGet).
func (t *bindTerm) Eval(env *Env) (backend.Value, error) {
	return t.eval(env, (*cqltype.Type).ValidateBound)
}

// EvalComparand evaluates what is only compared with: a list bound to a marker
// may have null elements then, which equal nothing that is stored.
func EvalComparand(t Term, env *Env) (backend.Value, error) {
	if m, ok := t.(*bindTerm); ok {
		return m.eval(env, (*cqltype.Type).ValidateWithNulls)
	}
	return t.Eval(env)
}

func (t *bindTerm) eval(env *Env, validate func(*cqltype.Type, []byte) error) (backend.Value, error) {
	if t.index >= len(env.Values) {
		return backend.Value{}, cqlerr.Invalidf("Invalid amount of bind variables")
	}
	v := env.Values[t.index]
	if v.Unset || v.Bytes == nil || len(v.Bytes) == 0 && t.recv.Type.Kind == cqltype.Text {
		return v, nil
	}
	if err := validate(t.recv.Type, v.Bytes); err != nil {
		return v, err
	}
	if kind := t.recv.Type.Kind; t.recv.Type.IsCollection() && len(v.Bytes) >= 4 && int8(v.Bytes[0]) < 0 {
		// A negative count passes the validation, and fails right behind it.
		return v, cqlerr.Invalidf("The data cannot be deserialized as a %s", kind)
	}
	if t.unsettled {
		v.Bytes = canonical(t.recv.Type, v.Bytes)
	}
	return v, nil
}

// bindsNullElement reports whether the marker is bound to a list with a null in
// it, or with an element of no bytes that reads as null. Lists can't hold null, but
// the IN ? of a key says so in its own words (Lists.Marker, Terms.asBytes).
func (t *bindTerm) bindsNullElement(env *Env) bool {
	if t.index >= len(env.Values) || len(env.Values[t.index].Bytes) < 4 {
		return false
	}
	b := env.Values[t.index].Bytes
	for b = b[4:]; len(b) >= 4; {
		n := int64(int32(binary.BigEndian.Uint32(b)))
		if n < 0 || n == 0 && t.recv.Type.Elems[0].EmptyIsNull() {
			return true
		}
		if b = b[4:]; n > int64(len(b)) {
			return false
		}
		b = b[n:]
	}
	return false
}

// hintTerm is (type) x: x must fit the type and the type the receiver
// (TypeCast.prepare).
func (c *Context) hintTerm(h *cql.TypeHint, r Receiver) (Term, error) {
	t, err := c.Type(h.Type, r.Keyspace)
	if err != nil {
		return nil, err
	}
	h = &cql.TypeHint{Type: qualified(h.Type, r.Keyspace), X: h.X} // as error texts show it
	casted := r
	casted.Name, casted.Type = text(h), t
	if c.fit(h.X, casted) == noFit {
		return nil, cqlerr.Invalidf("Cannot cast value %s to type %s", text(h.X), TypeText(h.Type))
	}
	if hintFit(t, r.Type) == noFit {
		return nil, cqlerr.Invalidf("Cannot assign value %s to %s of type %s", text(h), r.Name, r.Type)
	}
	return c.Term(h.X, r)
}
