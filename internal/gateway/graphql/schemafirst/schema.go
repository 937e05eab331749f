package schemafirst

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/value"
)

// resolver runs the operations of a model. It implements exec.Resolver.
type resolver struct {
	*Model
	runner *statement.Runner
	sdl    string
}

// extras are the definitions that a schema may use or always has.
var extras = exec.ParseAST("schemafirst", value.ScalarSDL+`
"Instructs the server to apply the mutations in a LOGGED batch"
directive @atomic on MUTATION
scalar _Any
type _Service { sdl: String! }
union _Entity
type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
`)

// New makes the schema that serves a model.
func New(m *Model, runner *statement.Runner) *exec.Schema {
	s := exec.NewAST()
	s.Directives["atomic"] = extras.Directives["atomic"]
	for _, d := range m.document.Definitions {
		s.AddTypes(stripped(d))
	}
	for _, e := range m.order {
		if e.input != "" && s.Types[e.input] == nil {
			s.AddTypes(m.inputDefinition(e))
		}
	}
	s.Query, s.Mutation = s.Types["Query"], s.Types["Mutation"]
	for name := range referenced(s) {
		if s.Types[name] == nil && extras.Types[name] != nil {
			s.Types[name] = extras.Types[name]
		}
	}
	sdl := print(s, m)
	m.federate(s)
	return &exec.Schema{AST: s, Resolver: &resolver{m, runner, sdl}, Scalars: value.Scalars}
}

// stripped is a definition without the directives that map it.
func stripped(d *ast.Definition) *ast.Definition {
	made := &ast.Definition{Kind: d.Kind, Name: d.Name, Description: d.Description, Interfaces: d.Interfaces, Types: d.Types, EnumValues: d.EnumValues}
	for _, f := range d.Fields {
		field := &ast.FieldDefinition{Name: f.Name, Description: f.Description, Type: f.Type, DefaultValue: f.DefaultValue, Directives: deprecations(f.Directives)}
		for _, a := range f.Arguments {
			field.Arguments = append(field.Arguments, &ast.ArgumentDefinition{Name: a.Name, Description: a.Description, Type: a.Type, DefaultValue: a.DefaultValue})
		}
		made.Fields = append(made.Fields, field)
	}
	return made
}

func deprecations(list ast.DirectiveList) ast.DirectiveList {
	if d := list.ForName("deprecated"); d != nil {
		return ast.DirectiveList{d}
	}
	return nil
}

// inputDefinition makes the input type of an entity. What is made when it is not
// given may be null.
func (m *Model) inputDefinition(e *entity) *ast.Definition {
	d := &ast.Definition{Kind: ast.InputObject, Name: e.input}
	for _, f := range e.fields {
		t := m.asInput(f.gql)
		if f.generated && t.NonNull {
			nullable := *t
			nullable.NonNull = false
			t = &nullable
		}
		d.Fields = append(d.Fields, &ast.FieldDefinition{Name: f.name, Type: t})
	}
	return d
}

// asInput is the input type that stands for a type.
func (m *Model) asInput(t *ast.Type) *ast.Type {
	made := *t
	if t.Elem != nil {
		made.Elem = m.asInput(t.Elem)
	} else {
		made.NamedType = m.inputType(ast.NamedType(t.NamedType, nil))
	}
	return &made
}

// referenced are the names of types that definitions use.
func referenced(s *ast.Schema) map[string]bool {
	names := map[string]bool{}
	for _, d := range s.Types {
		for _, f := range d.Fields {
			names[f.Type.Name()] = true
			for _, a := range f.Arguments {
				names[a.Type.Name()] = true
			}
		}
	}
	return names
}

// federate adds what gateways of a federation ask for.
func (m *Model) federate(s *ast.Schema) {
	query := *s.Query
	query.Fields = slices.Clone(query.Fields)
	fields := extras.Types["Query"].Fields
	query.Fields = append(query.Fields, fields.ForName("_service"))
	s.AddTypes(extras.Types["_Service"])
	union := &ast.Definition{Kind: ast.Union, Name: "_Entity"}
	for _, e := range m.order {
		if e.isKey && !e.udt {
			union.Types = append(union.Types, e.name)
			s.PossibleTypes["_Entity"] = append(s.PossibleTypes["_Entity"], s.Types[e.name])
		}
	}
	if len(union.Types) > 0 {
		query.Fields = append(query.Fields, fields.ForName("_entities"))
		s.AddTypes(union, extras.Types["_Any"])
	}
	s.AddTypes(&query)
	s.Query = &query
}

// ShowsField implements exec.Resolver: a deployed schema tells what is in it to
// who may see the keyspace.
func (x *resolver) ShowsField(s exec.Session, mutation bool, name string) bool {
	return x.MayAsk(s, mutation, name) == nil
}

// ShowsType implements exec.Resolver.
func (x *resolver) ShowsType(s exec.Session, name string) bool {
	e := x.entities[name]
	if e == nil {
		e = x.inputs[name]
	}
	return e == nil || e.udt || s.Visible(x.Keyspace, e.cqlName)
}

// MayAsk implements exec.Resolver.
func (x *resolver) MayAsk(s exec.Session, mutation bool, name string) error {
	var e *entity
	if q := x.queries[name]; q != nil && !mutation {
		e = q.returns.entity
	}
	if c := x.changes[name]; c != nil && mutation {
		e = c.entity
	}
	switch {
	case e == nil || s.Visible(x.Keyspace, e.cqlName):
		return nil
	case mutation:
		return s.Authorize(&cql.Insert{Table: e.table}, "")
	}
	return s.Authorize(&cql.Select{Table: e.table}, "")
}

// print writes a schema as the federation's gateways read it, in the order and
// form of graphql-java's SchemaPrinter.
func print(s *ast.Schema, m *Model) string {
	var b strings.Builder
	b.WriteString("schema {\n  query: Query\n")
	if s.Mutation != nil {
		b.WriteString("  mutation: Mutation\n")
	}
	b.WriteString("}\n\n\"Instructs the server to apply the mutations in a LOGGED batch\"\ndirective @atomic on MUTATION\n")
	var types, scalars, enums, inputs []*ast.Definition
	for name, d := range s.Types {
		switch {
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
