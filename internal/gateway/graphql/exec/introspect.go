package exec

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/astrolabe-db/astrolabe/internal/cell"
)

// Introspection (GraphQL spec §4) is written straight from the schema. Types and
// root fields that the caller must not know of are left out.

func mustParse(name, text string) *ast.SchemaDocument {
	document, err := parser.ParseSchema(&ast.Source{Name: name, Input: text})
	if err != nil {
		panic("the schema " + name + " of this program does not parse: " + err.Error())
	}
	return document
}

// shows reports whether the caller may know of a type.
func (r *Run) shows(name string) bool {
	return r.Session == nil || isMeta(name) || r.Schema.ShowsType(r.Session, name)
}

func (r *Run) introspectSchema(dst []byte, f *Field) ([]byte, error) {
	s := r.Schema.AST
	return r.Object(dst, f.Fields, "__Schema", func(dst []byte, f *Field) ([]byte, error) {
		switch f.Name {
		case "description":
			return text(dst, s.Description), nil
		case "types":
			var names []string
			for _, name := range slices.Sorted(maps.Keys(s.Types)) {
				if r.shows(name) {
					names = append(names, name)
				}
			}
			return r.List(dst, len(names), func(dst []byte, i int) ([]byte, error) { return r.definition(dst, f, s.Types[names[i]]) })
		case "queryType":
			return r.definition(dst, f, s.Query)
		case "mutationType":
			return r.definition(dst, f, s.Mutation)
		case "subscriptionType":
			return append(dst, "null"...), nil
		default: // directives
			names := slices.Sorted(maps.Keys(s.Directives))
			return r.List(dst, len(names), func(dst []byte, i int) ([]byte, error) { return r.directive(dst, f, s.Directives[names[i]]) })
		}
	})
}

func (r *Run) introspectNamed(dst []byte, f *Field) ([]byte, error) {
	name := f.Arg(r, "name").Str()
	if !r.shows(name) {
		return append(dst, "null"...), nil
	}
	return r.definition(dst, f, r.Schema.AST.Types[name])
}

// typeRef appends a type as it is used: named, or of a list or non-null.
func (r *Run) typeRef(dst []byte, f *Field, t *ast.Type) ([]byte, error) {
	if t.NonNull {
		inner := *t
		inner.NonNull = false
		return r.wrapper(dst, f, "NON_NULL", &inner)
	}
	if t.Elem != nil {
		return r.wrapper(dst, f, "LIST", t.Elem)
	}
	return r.definition(dst, f, r.Schema.AST.Types[t.NamedType])
}

func (r *Run) wrapper(dst []byte, f *Field, kind string, of *ast.Type) ([]byte, error) {
	return r.Object(dst, f.Fields, "__Type", func(dst []byte, f *Field) ([]byte, error) {
		switch f.Name {
		case "kind":
			return cell.AppendString(dst, kind), nil
		case "ofType":
			return r.typeRef(dst, f, of)
		}
		return append(dst, "null"...), nil
	})
}

// definition appends a named type; nil is null.
func (r *Run) definition(dst []byte, f *Field, t *ast.Definition) ([]byte, error) {
	if t == nil {
		return append(dst, "null"...), nil
	}
	return r.Object(dst, f.Fields, "__Type", func(dst []byte, f *Field) ([]byte, error) {
		switch {
		case f.Name == "kind":
			return cell.AppendString(dst, string(t.Kind)), nil
		case f.Name == "name":
			return cell.AppendString(dst, t.Name), nil
		case f.Name == "description":
			return text(dst, t.Description), nil
		case f.Name == "specifiedByURL":
			if d := t.Directives.ForName("specifiedBy"); d != nil {
				return text(dst, argument(d, "url")), nil
			}
		case f.Name == "fields" && (t.Kind == ast.Object || t.Kind == ast.Interface):
			return r.fields(dst, f, t)
		case f.Name == "interfaces" && (t.Kind == ast.Object || t.Kind == ast.Interface):
			return r.List(dst, len(t.Interfaces), func(dst []byte, i int) ([]byte, error) {
				return r.definition(dst, f, r.Schema.AST.Types[t.Interfaces[i]])
			})
		case f.Name == "possibleTypes" && t.IsAbstractType():
			possible := r.Schema.AST.PossibleTypes[t.Name]
			return r.List(dst, len(possible), func(dst []byte, i int) ([]byte, error) { return r.definition(dst, f, possible[i]) })
		case f.Name == "enumValues" && t.Kind == ast.Enum:
			return r.enumValues(dst, f, t)
		case f.Name == "inputFields" && t.Kind == ast.InputObject:
			return r.List(dst, len(t.Fields), func(dst []byte, i int) ([]byte, error) {
				m := t.Fields[i]
				return r.inputValue(dst, f, &ast.ArgumentDefinition{Name: m.Name, Description: m.Description, Type: m.Type, DefaultValue: m.DefaultValue, Directives: m.Directives})
			})
		case f.Name == "isOneOf" && t.Kind == ast.InputObject:
			return boolean(dst, t.Directives.ForName("oneOf") != nil), nil
		}
		return append(dst, "null"...), nil
	})
}

// listed reports whether f wants what has these directives: it is not deprecated,
// or f wants such things too.
func (r *Run) listed(f *Field, directives ast.DirectiveList) bool {
	return directives.ForName("deprecated") == nil || f.Arg(r, "includeDeprecated").IsTrue()
}

func (r *Run) fields(dst []byte, f *Field, t *ast.Definition) ([]byte, error) {
	var fields ast.FieldList
	for _, d := range t.Fields {
		root := t == r.Schema.AST.Query || t == r.Schema.AST.Mutation
		if r.listed(f, d.Directives) && (!root || r.Session == nil || r.Schema.ShowsField(r.Session, t == r.Schema.AST.Mutation, d.Name)) {
			fields = append(fields, d)
		}
	}
	return r.List(dst, len(fields), func(dst []byte, i int) ([]byte, error) {
		d := fields[i]
		return r.Object(dst, f.Fields, "__Field", func(dst []byte, f *Field) ([]byte, error) {
			switch f.Name {
			case "name":
				return cell.AppendString(dst, d.Name), nil
			case "description":
				return text(dst, d.Description), nil
			case "args":
				return r.inputValues(dst, f, d.Arguments)
			case "type":
				return r.typeRef(dst, f, d.Type)
			}
			return deprecation(dst, f, d.Directives), nil
		})
	})
}

func (r *Run) enumValues(dst []byte, f *Field, t *ast.Definition) ([]byte, error) {
	var values ast.EnumValueList
	for _, v := range t.EnumValues {
		if r.listed(f, v.Directives) {
			values = append(values, v)
		}
	}
	return r.List(dst, len(values), func(dst []byte, i int) ([]byte, error) {
		v := values[i]
		return r.Object(dst, f.Fields, "__EnumValue", func(dst []byte, f *Field) ([]byte, error) {
			switch f.Name {
			case "name":
				return cell.AppendString(dst, v.Name), nil
			case "description":
				return text(dst, v.Description), nil
			}
			return deprecation(dst, f, v.Directives), nil
		})
	})
}

func (r *Run) inputValues(dst []byte, f *Field, all ast.ArgumentDefinitionList) ([]byte, error) {
	var list ast.ArgumentDefinitionList
	for _, a := range all {
		if r.listed(f, a.Directives) {
			list = append(list, a)
		}
	}
	return r.List(dst, len(list), func(dst []byte, i int) ([]byte, error) { return r.inputValue(dst, f, list[i]) })
}

func (r *Run) inputValue(dst []byte, f *Field, a *ast.ArgumentDefinition) ([]byte, error) {
	return r.Object(dst, f.Fields, "__InputValue", func(dst []byte, f *Field) ([]byte, error) {
		switch f.Name {
		case "name":
			return cell.AppendString(dst, a.Name), nil
		case "description":
			return text(dst, a.Description), nil
		case "type":
			return r.typeRef(dst, f, a.Type)
		case "defaultValue":
			if a.DefaultValue == nil {
				return append(dst, "null"...), nil
			}
			return cell.AppendString(dst, a.DefaultValue.String()), nil
		}
		return deprecation(dst, f, a.Directives), nil
	})
}

func (r *Run) directive(dst []byte, f *Field, d *ast.DirectiveDefinition) ([]byte, error) {
	return r.Object(dst, f.Fields, "__Directive", func(dst []byte, f *Field) ([]byte, error) {
		switch f.Name {
		case "name":
			return cell.AppendString(dst, d.Name), nil
		case "description":
			return text(dst, d.Description), nil
		case "isRepeatable":
			return boolean(dst, d.IsRepeatable), nil
		case "locations":
			return r.List(dst, len(d.Locations), func(dst []byte, i int) ([]byte, error) { return cell.AppendString(dst, string(d.Locations[i])), nil })
		default: // args
			return r.inputValues(dst, f, d.Arguments)
		}
	})
}

// deprecation appends isDeprecated or deprecationReason.
func deprecation(dst []byte, f *Field, directives ast.DirectiveList) []byte {
	d := directives.ForName("deprecated")
	switch {
	case f.Name == "isDeprecated":
		return boolean(dst, d != nil)
	case d == nil:
		return append(dst, "null"...)
	}
	if reason := argument(d, "reason"); reason != "" {
		return text(dst, reason)
	}
	return text(dst, "No longer supported")
}

func argument(d *ast.Directive, name string) string {
	if a := d.Arguments.ForName(name); a != nil {
		return a.Value.Raw
	}
	return ""
}

// text appends a string, "" as null.
func text(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, "null"...)
	}
	return cell.AppendString(dst, s)
}

func boolean(dst []byte, b bool) []byte {
	if b {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}
