package cqlfirst

import (
	"fmt"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/naming"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/value"
)

// named, list and nonNull return types; equal ones are one value, for a schema
// has thousands.
func (b *builder) named(name string) *ast.Type {
	if t := b.names[name]; t != nil {
		return t
	}
	t := ast.NamedType(name, nil)
	b.names[name] = t
	return t
}

func (b *builder) list(elem *ast.Type) *ast.Type {
	key := "[" + elem.String() + "]"
	if t := b.names[key]; t != nil {
		return t
	}
	t := ast.ListType(elem, nil)
	b.names[key] = t
	return t
}

func (b *builder) nonNull(t *ast.Type) *ast.Type {
	key := t.String() + "!"
	if made := b.names[key]; made != nil {
		return made
	}
	made := *t
	made.NonNull = true
	b.names[key] = &made
	return &made
}

// codec returns the codec of a CQL type, and an error for a type that GraphQL
// has nothing for.
func (b *builder) codec(t *cqltype.Type) (*value.Codec, error) {
	if c := value.Scalar(t); c != nil {
		return c, nil
	}
	c := &value.Codec{Type: t}
	for _, e := range t.Elems {
		elem, err := b.codec(e)
		if err != nil {
			return nil, err
		}
		c.Elems = append(c.Elems, elem)
	}
	switch t.Kind {
	case cqltype.List, cqltype.Set, cqltype.Vector:
		return c, nil
	case cqltype.Map:
		c.Object = "Entry" + typeName(c.Elems[0]) + "Key" + typeName(c.Elems[1]) + "Value"
		c.Fields = []string{"key", "value"}
	case cqltype.Tuple:
		c.Object = "Tuple"
		for i, e := range c.Elems {
			c.Object += typeName(e)
			c.Fields = append(c.Fields, "item"+strconv.Itoa(i))
		}
	case cqltype.UDT:
		c.Object = naming.UserType(t.Name)
		for _, name := range t.FieldNames {
			c.Fields = append(c.Fields, naming.Identifier(name))
		}
	default:
		return nil, fmt.Errorf("its type %s is not supported", t)
	}
	b.object(c)
	return c, nil
}

// typeName is the part that a type has in the names of others.
func typeName(c *value.Codec) string {
	switch {
	case c.Scalar != "":
		return c.Scalar
	case c.Object != "":
		return c.Object
	}
	return "List" + typeName(c.Elems[0])
}

// output and input are the GraphQL types of a codec.
func (b *builder) output(c *value.Codec) *ast.Type { return b.typeOf(c, "") }
func (b *builder) input(c *value.Codec) *ast.Type  { return b.typeOf(c, "Input") }

func (b *builder) typeOf(c *value.Codec, suffix string) *ast.Type {
	switch {
	case c.Scalar != "":
		return b.named(c.Scalar)
	case c.Type.Kind == cqltype.Map:
		return b.list(b.named(c.Object + suffix))
	case c.Object != "":
		return b.named(c.Object + suffix)
	}
	return b.list(b.typeOf(c.Elems[0], suffix))
}

// object defines the types of a map's entries, a tuple or a UDT.
func (b *builder) object(c *value.Codec) {
	if b.schema.Types[c.Object] != nil {
		return
	}
	out := &ast.Definition{Kind: ast.Object, Name: c.Object, Description: describe(c)}
	in := &ast.Definition{Kind: ast.InputObject, Name: c.Object + "Input", Description: describe(c)}
	b.schema.AddTypes(out, in)
	for i, name := range c.Fields {
		o, n := b.output(c.Elems[i]), b.input(c.Elems[i])
		if c.Type.Kind == cqltype.Map && i == 0 {
			o, n = b.nonNull(o), b.nonNull(n)
		}
		out.Fields = append(out.Fields, &ast.FieldDefinition{Name: name, Type: o})
		in.Fields = append(in.Fields, &ast.FieldDefinition{Name: name, Type: n})
	}
}

func describe(c *value.Codec) string {
	switch c.Type.Kind {
	case cqltype.Map:
		return "An entry of a CQL map"
	case cqltype.Tuple:
		return "A CQL tuple"
	}
	return "The CQL type '" + c.Type.Name + "'"
}

// The comparisons of filters. Those of map entries and elements are for
// collections only.
var comparisons = []string{"eq", "notEq", "gt", "gte", "lt", "lte"}

// filter returns the type of a column's filter, and defines it.
func (b *builder) filter(c *value.Codec) *ast.Type {
	name := typeName(c) + "FilterInput"
	t := b.named(name)
	if b.schema.Types[name] != nil {
		return t
	}
	input := b.input(c)
	d := &ast.Definition{Kind: ast.InputObject, Name: name}
	b.schema.AddTypes(d)
	for _, op := range comparisons {
		d.Fields = append(d.Fields, &ast.FieldDefinition{Name: op, Type: input})
	}
	d.Fields = append(d.Fields, &ast.FieldDefinition{Name: "in", Type: b.list(input)})
	switch c.Type.Kind {
	case cqltype.List, cqltype.Set:
		d.Fields = append(d.Fields, &ast.FieldDefinition{Name: "contains", Type: b.input(c.Elems[0])})
	case cqltype.Map:
		d.Fields = append(d.Fields, &ast.FieldDefinition{Name: "containsKey", Type: b.input(c.Elems[0])},
			&ast.FieldDefinition{Name: "contains", Type: b.input(c.Elems[1])},
			&ast.FieldDefinition{Name: "containsEntry", Type: b.named(c.Object + "Input")})
	}
	return t
}
