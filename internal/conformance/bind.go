package conformance

import (
	"errors"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Value is a bind value: a CQL term that gets its type when the statement is
// prepared.
type Value struct{ term cql.Expr }

// BindValues parses what stands behind @bind.
func (c *Case) BindValues() ([]Value, error) { return bindValues(c.Bind) }

func bindValues(terms string) ([]Value, error) {
	if terms == "" {
		return nil, nil
	}
	parsed, err := cql.Parse("INSERT INTO t (v) VALUES (" + terms + ")")
	if err != nil {
		return nil, fmt.Errorf("@bind %s: %w", terms, err)
	}
	var values []Value
	for _, term := range parsed.Statement.(*cql.Insert).Values {
		values = append(values, Value{term})
	}
	return values, nil
}

// Unset reports whether v is unset().
func (v Value) Unset() bool {
	call, ok := v.term.(*cql.FunctionCall)
	return ok && call.Name == "unset"
}

// ErrBind is what Wire returns, wrapped, when a value is none of the type.
var ErrBind = errors.New("can't bind")

// Wire is v as a value of t, nil for null. Blobs can stand for any type: their
// bytes are sent as they are.
func (v Value) Wire(t *cqltype.Type) ([]byte, error) {
	b, err := wire(v.term, t)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBind, err)
	}
	return b, nil
}

func wire(x cql.Expr, t *cqltype.Type) ([]byte, error) {
	switch x := x.(type) {
	case *cql.Literal:
		switch x.Kind {
		case cql.NullLiteral:
			return nil, nil
		case cql.HexLiteral:
			return cqltype.TypeBlob.ParseLiteral(cqltype.HexLiteral, x.Text)
		}
		return t.ParseLiteral(cqltype.LiteralKind(x.Kind), x.Text)
	case *cql.ListLiteral:
		return elements(t, x.Elems...)
	case *cql.SetLiteral:
		return elements(t, x.Elems...)
	case *cql.MapLiteral:
		var entries []cql.Expr
		for _, e := range x.Entries {
			entries = append(entries, e.Key, e.Value)
		}
		return elements(t, entries...)
	case *cql.TupleLiteral:
		return fields(t, x.Elems)
	case *cql.UDTLiteral:
		return userType(t, x)
	}
	return nil, fmt.Errorf("no value: %s", cql.ExprText(x))
}

func elements(t *cqltype.Type, terms ...cql.Expr) ([]byte, error) {
	if len(t.Elems) == 0 {
		return nil, fmt.Errorf("%s has no elements", t)
	}
	var list [][]byte
	for i, x := range terms {
		b, err := wire(x, t.Elems[i%len(t.Elems)])
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return t.AppendCollection([]byte{}, list), nil
}

func fields(t *cqltype.Type, terms []cql.Expr) ([]byte, error) {
	if len(terms) > len(t.Elems) {
		return nil, fmt.Errorf("%d fields for %s", len(terms), t)
	}
	list := make([][]byte, len(terms))
	for i, x := range terms {
		if x == nil {
			continue
		}
		var err error
		if list[i], err = wire(x, t.Elems[i]); err != nil {
			return nil, err
		}
	}
	return cqltype.AppendTuple([]byte{}, list...), nil
}

func userType(t *cqltype.Type, u *cql.UDTLiteral) ([]byte, error) {
	terms := make([]cql.Expr, len(t.Elems))
	for i, name := range t.FieldNames {
		for _, f := range u.Fields {
			if f.Name == name {
				terms[i] = f.Value
			}
		}
	}
	return fields(t, terms)
}
