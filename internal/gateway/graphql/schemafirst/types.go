package schemafirst

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/value"
)

// codec returns the codec of a GraphQL type; what is within a list is frozen.
func (m *Model) codec(t *ast.Type, nested bool) (*value.Codec, error) {
	if t.Elem != nil {
		elem, err := m.codec(t.Elem, true)
		if err != nil {
			return nil, err
		}
		return &value.Codec{Type: cqltype.NewList(elem.Type, nested), Elems: []*value.Codec{elem}}, nil
	}
	if kind, ok := value.Kinds[t.NamedType]; ok {
		c := *value.Scalar(cqltype.Native(kind.String()))
		return &c, nil
	}
	if e := m.entities[t.NamedType]; e != nil {
		if !e.udt {
			return nil, fmt.Errorf("can't map type '%s': it is not a UDT", t.NamedType)
		}
		m.mapFields(e)
		if e.cqlType == nil {
			return nil, fmt.Errorf("type '%s' contains itself", t.NamedType)
		}
		c := &value.Codec{Type: e.cqlType, Object: e.name}
		if nested {
			c.Type = e.cqlType.AsFrozen()
		}
		for _, f := range e.fields {
			c.Elems, c.Fields = append(c.Elems, f.codec), append(c.Fields, f.name)
		}
		return c, nil
	}
	if d := m.types[t.NamedType]; d != nil && d.Kind == ast.Enum {
		c := *value.Scalar(cqltype.TypeText)
		return &c, nil
	}
	return nil, fmt.Errorf("can't map type '%s' to CQL", t.NamedType)
}

// hinted returns a codec whose CQL type is the one that a hint says.
func (m *Model) hinted(c *value.Codec, hint string) (*value.Codec, error) {
	t, err := cqltype.ParseString(hint, func(_, name string) *cqltype.Type {
		for _, e := range m.order {
			if e.udt && strings.EqualFold(e.cqlName, name) {
				m.mapFields(e)
				return e.cqlType
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("invalid type hint '%s': %w", hint, err)
	}
	return recast(c, t)
}

// recast returns c for another CQL type of the same form.
func recast(c *value.Codec, t *cqltype.Type) (*value.Codec, error) {
	made := *c
	made.Type = t
	if len(c.Elems) == 0 {
		if len(t.Elems) > 0 {
			return nil, fmt.Errorf("invalid type hint '%s': the GraphQL type is a scalar", t)
		}
		return &made, nil
	}
	if c.Object != "" {
		return &made, nil
	}
	if len(t.Elems) != 1 {
		return nil, fmt.Errorf("invalid type hint '%s': expected a list or set", t)
	}
	elem, err := recast(c.Elems[0], t.Elems[0])
	made.Elems = []*value.Codec{elem}
	return &made, err
}
