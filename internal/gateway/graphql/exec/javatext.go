package exec

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// The texts of graphql-java show values as its classes print themselves.

// javaKind is the class of a literal.
func javaKind(v *ast.Value) string {
	switch v.Kind {
	case ast.IntValue:
		return "IntValue"
	case ast.FloatValue:
		return "FloatValue"
	case ast.StringValue, ast.BlockValue:
		return "StringValue"
	case ast.BooleanValue:
		return "BooleanValue"
	case ast.NullValue:
		return "NullValue"
	case ast.EnumValue:
		return "EnumValue"
	case ast.ListValue:
		return "ArrayValue"
	case ast.ObjectValue:
		return "ObjectValue"
	}
	return "VariableReference"
}

// javaValue is what graphql-java prints for a literal.
func javaValue(v *ast.Value) string {
	var b strings.Builder
	writeJava(&b, v)
	if b.Len() > maxShown {
		return strings.ToValidUTF8(b.String()[:maxShown], "") + "…"
	}
	return b.String()
}

// maxShown bounds the value that an error shows, in bytes.
const maxShown = 2_000

func writeJava(b *strings.Builder, v *ast.Value) {
	if b.Len() > maxShown {
		return
	}
	b.WriteString(javaKind(v))
	switch v.Kind {
	case ast.NullValue:
		b.WriteString("{}")
	case ast.StringValue, ast.BlockValue:
		b.WriteString("{value='" + v.Raw + "'}")
	case ast.EnumValue, ast.Variable:
		b.WriteString("{name='" + v.Raw + "'}")
	case ast.ListValue:
		b.WriteString("{values=[")
		for i, c := range v.Children {
			if i > 0 {
				b.WriteString(", ")
			}
			writeJava(b, c.Value)
		}
		b.WriteString("]}")
	case ast.ObjectValue:
		b.WriteString("{objectFields=[")
		for i, c := range v.Children {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("ObjectField{name='" + c.Name + "', value=")
			writeJava(b, c.Value)
			b.WriteString("}")
		}
		b.WriteString("]}")
	default:
		b.WriteString("{value=" + v.Raw + "}")
	}
}

// javaClass is the class of a variable's value.
func javaClass(k Kind) string {
	switch k {
	case Bool:
		return "Boolean"
	case Int:
		return "Integer"
	case Float:
		return "Double"
	case String:
		return "String"
	case List:
		return "ArrayList"
	case Object:
		return "LinkedHashMap"
	}
	return "null"
}
