package plan

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// keyReceiver is the receiver of a map's keys.
func keyReceiver(r Receiver) Receiver {
	r.Name, r.Type = "key("+r.Name+")", r.Type.Elems[0]
	return r
}

// valueReceiver is the receiver of the elements of a list, set or vector, and
// of the values of a map.
func valueReceiver(r Receiver) Receiver {
	r.Name, r.Type = "value("+r.Name+")", r.Type.Elems[len(r.Type.Elems)-1]
	return r
}

// ElementReceiver is the receiver of col[...] for a column of collection type:
// a list's index, a set's element or a map's key (Lists.indexSpecOf,
// Sets.valueSpecOf, Maps.keySpecOf).
func ElementReceiver(r Receiver) Receiver {
	switch r.Type.Kind {
	case cqltype.List:
		r.Name, r.Type = "idx("+r.Name+")", cqltype.TypeInt
		return r
	case cqltype.Map:
		return keyReceiver(r)
	}
	return valueReceiver(r)
}

// ValueReceiver is the receiver of an element of a collection, of a value of a
// map (Lists.valueSpecOf, Maps.valueSpecOf).
func ValueReceiver(r Receiver) Receiver { return valueReceiver(r) }

func (c *Context) listTerm(e *cql.ListLiteral, r Receiver) (Term, error) {
	switch r.Type.Kind {
	case cqltype.List:
		if err := c.checkElems("list", e.Elems, r); err != nil {
			return nil, err
		}
	case cqltype.Vector:
		return c.vectorTerm(e, r)
	default:
		return nil, cqlerr.Invalidf("Unexpected receiver type '%s'; only list and vector are expected", r.Type)
	}
	elems, err := c.elemTerms("list", e.Elems, r)
	if err != nil {
		return nil, err
	}
	return folded(&collectionTerm{typ: r.Type, elems: elems})
}

func (c *Context) vectorTerm(e *cql.ListLiteral, r Receiver) (Term, error) {
	if len(e.Elems) != r.Type.Dimension {
		return nil, cqlerr.Invalidf("Invalid vector literal for %s of type %s; expected %d elements, but given %d",
			r.Name, r.Type, r.Type.Dimension, len(e.Elems))
	}
	if err := c.checkElems("vector", e.Elems, r); err != nil {
		return nil, err
	}
	vr := valueReceiver(r)
	elems := make([]Term, len(e.Elems))
	for i, x := range e.Elems {
		t, err := c.Term(x, vr)
		if err != nil {
			return nil, err
		}
		elems[i] = t
	}
	return folded(&collectionTerm{typ: r.Type, elems: elems})
}

func (c *Context) setTerm(e *cql.SetLiteral, r Receiver) (Term, error) {
	if len(e.Elems) == 0 && r.Type.Kind == cqltype.Map {
		return folded(&collectionTerm{typ: r.Type})
	}
	if r.Type.Kind != cqltype.Set {
		return nil, cqlerr.Invalidf("Invalid set literal for %s of type %s", r.Name, r.Type)
	}
	if err := c.checkElems("set", e.Elems, r); err != nil {
		return nil, err
	}
	elems, err := c.elemTerms("set", e.Elems, r)
	if err != nil {
		return nil, err
	}
	return folded(&collectionTerm{typ: r.Type, elems: elems})
}

func (c *Context) mapTerm(e *cql.MapLiteral, r Receiver) (Term, error) {
	if r.Type.Kind != cqltype.Map {
		return nil, cqlerr.Invalidf("Invalid map literal for %s of type %s", r.Name, r.Type)
	}
	kr, vr := keyReceiver(r), valueReceiver(r)
	for _, entry := range e.Entries {
		if c.fit(entry.Key, kr) == noFit {
			return nil, cqlerr.Invalidf("Invalid map literal for %s: key %s is not of type %s", r.Name, text(entry.Key), kr.Type)
		}
		if c.fit(entry.Value, vr) == noFit {
			return nil, cqlerr.Invalidf("Invalid map literal for %s: value %s is not of type %s", r.Name, text(entry.Value), vr.Type)
		}
	}
	elems := make([]Term, 0, 2*len(e.Entries))
	for _, entry := range e.Entries {
		k, err := c.Term(entry.Key, kr)
		if err != nil {
			return nil, err
		}
		v, err := c.Term(entry.Value, vr)
		if err != nil {
			return nil, err
		}
		if hasMarker(entry.Key) || hasMarker(entry.Value) {
			return nil, cqlerr.Invalidf("Invalid map literal for %s: bind variables are not supported inside collection literals", r.Name)
		}
		elems = append(elems, k, v)
	}
	return folded(&collectionTerm{typ: r.Type, elems: elems})
}

// checkElems checks that every element fits.
func (c *Context) checkElems(kind string, elems []cql.Expr, r Receiver) error {
	vr := valueReceiver(r)
	for _, e := range elems {
		if c.fit(e, vr) == noFit {
			return cqlerr.Invalidf("Invalid %s literal for %s: value %s is not of type %s", kind, r.Name, text(e), vr.Type)
		}
	}
	return nil
}

// elemTerms prepares the elements of a list or set literal.
func (c *Context) elemTerms(kind string, elems []cql.Expr, r Receiver) ([]Term, error) {
	vr := valueReceiver(r)
	terms := make([]Term, len(elems))
	for i, e := range elems {
		t, err := c.Term(e, vr)
		if err != nil {
			return nil, err
		}
		if hasMarker(e) {
			return nil, cqlerr.Invalidf("Invalid %s literal for %s: bind variables are not supported inside collection literals", kind, r.Name)
		}
		terms[i] = t
	}
	return terms, nil
}

// hasMarker reports whether a bind marker's value goes into e (collections
// never let one in, so they do not count).
func hasMarker(e cql.Expr) bool {
	switch e := e.(type) {
	case *cql.BindMarker:
		return true
	case *cql.TupleLiteral:
		return slices.ContainsFunc(e.Elems, hasMarker)
	case *cql.UDTLiteral:
		return slices.ContainsFunc(e.Fields, func(f cql.FieldValue) bool { return hasMarker(f.Value) })
	case *cql.FunctionCall:
		return slices.ContainsFunc(e.Args, hasMarker)
	case *cql.TypeHint:
		return hasMarker(e.X)
	case *cql.Cast:
		return hasMarker(e.X)
	case *cql.Negate:
		return hasMarker(e.X)
	case *cql.Binary:
		return hasMarker(e.L) || hasMarker(e.R)
	}
	return false
}

// collectionTerm is a list, set, map (keys and values in turn) or vector.
type collectionTerm struct {
	typ   *cqltype.Type
	elems []Term
}

func (t *collectionTerm) Type() *cqltype.Type { return t.typ }

func (t *collectionTerm) Eval(env *Env) (backend.Value, error) {
	values := make([][]byte, len(t.elems))
	for i, e := range t.elems {
		v, err := e.Eval(env)
		if err != nil {
			return v, err
		}
		isNull := v.Bytes == nil
		switch {
		case t.typ.Kind == cqltype.Vector && (isNull || v.Unset):
			return v, cqlerr.Invalidf("null is not supported inside vectors")
		case t.typ.Kind == cqltype.Map && i%2 == 0 && v.Unset:
			return v, cqlerr.Invalidf("unset value is not supported for map keys")
		case v.Unset:
			return v, nil
		case isNull:
			return v, cqlerr.Invalidf("null is not supported inside collections")
		}
		values[i] = v.Bytes
	}
	return backend.Value{Bytes: t.pack(values)}, nil
}

func (t *collectionTerm) pack(values [][]byte) []byte {
	switch t.typ.Kind {
	case cqltype.Vector:
		var b []byte
		for _, v := range values {
			b = t.typ.AppendVectorElement(b, v)
		}
		return b
	case cqltype.List:
		return packElements(values, len(values))
	}
	return packSorted(t.typ, values)
}

// folded returns t as a constant when all its parts are.
func folded(t Term) (Term, error) {
	var parts []Term
	switch t := t.(type) {
	case *collectionTerm:
		parts = t.elems
	case *fieldsTerm:
		parts = t.fields
	case *callTerm:
		if !t.fn.Pure {
			return t, nil
		}
		parts = t.args
	}
	for _, p := range parts {
		if _, ok := p.(*constTerm); !ok {
			return t, nil
		}
	}
	v, err := t.Eval(&Env{})
	if err != nil {
		return nil, err
	}
	return &constTerm{t.Type(), v}, nil
}
