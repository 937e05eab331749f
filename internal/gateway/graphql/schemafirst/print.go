package schemafirst

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// print writes a schema as the federation's gateways read it, in the order and
// form of graphql-java's SchemaPrinter.
func print(s *ast.Schema, m *Model) string {
	var b strings.Builder
	if len(s.Query.Fields) > 0 || s.Mutation != nil {
		b.WriteString("schema {\n")
		if len(s.Query.Fields) > 0 {
			b.WriteString("  query: Query\n")
		}
		if s.Mutation != nil {
			b.WriteString("  mutation: Mutation\n")
		}
		b.WriteString("}\n\n")
	}
	b.WriteString("\"Instructs the server to apply the mutations in a LOGGED batch\"\ndirective @atomic on MUTATION\n")
	var types, scalars, enums, inputs []*ast.Definition
	for name, d := range s.Types {
		switch {
		case d == s.Query && len(d.Fields) == 0:
		case strings.HasPrefix(name, "__") || extras.Types[name] == d && isBuiltIn(name):
		case d.Kind == ast.Scalar:
			scalars = append(scalars, d)
		case d.Kind == ast.Enum:
			enums = append(enums, d)
		case d.Kind == ast.InputObject:
			inputs = append(inputs, d)
		default:
			types = append(types, d)
		}
	}
	for _, group := range [][]*ast.Definition{types, enums, scalars, inputs} {
		slices.SortFunc(group, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
		for _, d := range group {
			printDefinition(&b, d, m)
		}
	}
	return b.String()
}

func isBuiltIn(name string) bool {
	return slices.Contains([]string{"Int", "Float", "String", "Boolean", "ID"}, name)
}

func printDefinition(b *strings.Builder, d *ast.Definition, m *Model) {
	b.WriteString("\n")
	if d.Description != "" {
		b.WriteString(`"""` + "\n" + d.Description + "\n" + `"""` + "\n")
	}
	switch d.Kind {
	case ast.Scalar:
		b.WriteString("scalar " + d.Name + "\n")
		return
	case ast.Enum:
		b.WriteString("enum " + d.Name + " {\n")
		for _, v := range d.EnumValues {
			b.WriteString("  " + v.Name + "\n")
		}
		b.WriteString("}\n")
		return
	case ast.InputObject:
		b.WriteString("input " + d.Name)
	default:
		b.WriteString("type " + d.Name)
		if e := m.entities[d.Name]; e != nil && e.isKey {
			var key []string
			for _, f := range e.primary() {
				key = append(key, f.name)
			}
			b.WriteString(` @key(fields : "` + strings.Join(key, " ") + `")`)
		}
	}
	b.WriteString(" {\n")
	fields := slices.Clone(d.Fields)
	slices.SortFunc(fields, func(a, b *ast.FieldDefinition) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range fields {
		b.WriteString("  " + f.Name)
		if len(f.Arguments) > 0 {
			args := make([]string, len(f.Arguments))
			for i, a := range f.Arguments {
				args[i] = a.Name + ": " + a.Type.String()
				if a.DefaultValue != nil {
					args[i] += " = " + a.DefaultValue.String()
				}
			}
			slices.Sort(args)
			b.WriteString("(" + strings.Join(args, ", ") + ")")
		}
		b.WriteString(": " + f.Type.String() + "\n")
	}
	b.WriteString("}\n")
}
