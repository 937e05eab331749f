package schemafirst

import (
	"slices"

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
