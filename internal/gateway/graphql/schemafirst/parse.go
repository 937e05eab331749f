package schemafirst

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/value"
)

// MaxSchema bounds the text of a schema, in bytes, and maxTokens its tokens.
const (
	MaxSchema = 1 << 20
	maxTokens = 100_000
)

// Parse maps the text of a schema. A text that is no schema at all is returned as
// problems of kind InvalidSyntax with no model.
func Parse(keyspace, text string) (*Model, []Problem) {
	if len(text) > MaxSchema {
		return nil, []Problem{{Kind: "InvalidSyntax", Message: fmt.Sprintf("the schema is longer than %d bytes", MaxSchema)}}
	}
	document, err := parser.ParseSchemaWithLimit(&ast.Source{Input: text}, maxTokens)
	if err != nil {
		return nil, []Problem{syntaxProblem(text, err)}
	}
	m := &Model{Keyspace: keyspace, document: document, types: map[string]*ast.Definition{}, entities: map[string]*entity{},
		inputs: map[string]*entity{}, payloads: map[string]*ast.Definition{}, queries: map[string]*query{}, changes: map[string]*mutation{}}
	var invalid []Problem
	for _, d := range document.Definitions {
		if m.types[d.Name] != nil {
			invalid = append(invalid, problemAt("InvalidSchema", d.Position, "tried to redefine existing '%s' type", d.Name))
		}
		m.types[d.Name] = d
	}
	if m.types["Query"] == nil && m.isFederated() { // what a federation asks for is query enough
		query := &ast.Definition{Kind: ast.Object, Name: "Query"}
		document.Definitions = append(document.Definitions, query)
		m.types["Query"] = query
	}
	invalid = append(invalid, m.checkReferences()...)
	if len(invalid) > 0 {
		return nil, invalid
	}
	m.mapTypes()
	if len(m.Problems) == 0 {
		m.mapOperations()
	}
	return m, nil
}

func problemAt(kind string, at *ast.Position, format string, args ...any) Problem {
	p := Problem{Kind: kind, Message: fmt.Sprintf(format, args...)}
	if at != nil {
		p.Line, p.Column = at.Line, at.Column
	}
	return p
}

// syntaxProblem puts gqlparser's error into the words of the reference: one that
// begins like a document of operations is told to be that.
func syntaxProblem(text string, err error) Problem {
	p := Problem{Kind: "InvalidSyntax", Message: err.Error()}
	var e *gqlerror.Error
	if errors.As(err, &e) {
		p.Message = "Invalid Syntax : " + e.Message
		if len(e.Locations) > 0 {
			p.Line, p.Column = e.Locations[0].Line, e.Locations[0].Column
			if looksLikeOperation(text, p.Line, p.Column) {
				p.Message = "The schema definition text contains a non schema definition language (SDL) element 'OperationDefinition'"
			}
		}
	}
	return p
}

// looksLikeOperation reports whether an operation begins where a definition was
// expected.
func looksLikeOperation(text string, line, column int) bool {
	lines := strings.SplitAfter(text, "\n")
	if line < 1 || line > len(lines) || column < 1 || column > len(lines[line-1]) {
		return false
	}
	rest := lines[line-1][column-1:]
	for _, word := range []string{"{", "query", "mutation", "subscription"} {
		if strings.HasPrefix(rest, word) {
			return true
		}
	}
	// `type Foo { id ID }`: a field without its colon, which the reference's grammar
	// takes for a type without fields and an operation.
	before := strings.Join(lines[:line-1], "") + lines[line-1][:column-1]
	return strings.LastIndexByte(before, '{') > strings.LastIndexByte(before, '}') && !strings.Contains(before[strings.LastIndexByte(before, '{'):], ":")
}

// scalars are the scalar types of schemas, beside those of GraphQL.
func isScalar(name string) bool {
	_, ok := value.Kinds[name]
	return ok
}

// checkReferences finds types that there are not.
func (m *Model) checkReferences() (problems []Problem) {
	check := func(t *ast.Type, at *ast.Position, where string) {
		// An input type that @cql_input makes may be named before it is made.
		if name := t.Name(); !isScalar(name) && m.types[name] == nil && !m.isGeneratedInput(name) {
			problems = append(problems, problemAt("InvalidSchema", at, "The %s type '%s' is not present when resolving type", where, name))
		}
	}
	if m.types["Query"] == nil {
		problems = append(problems, problemAt("InvalidSchema", nil, "A schema MUST have a 'query' operation defined"))
	}
	for _, d := range m.document.Definitions {
		for _, f := range d.Fields {
			check(f.Type, f.Position, "field")
			for _, a := range f.Arguments {
				check(a.Type, a.Position, "argument")
			}
		}
	}
	return problems
}

// isFederated reports whether any type is found by its key.
func (m *Model) isFederated() bool {
	for _, d := range m.document.Definitions {
		if d.Kind == ast.Object && d.Directives.ForName("key") != nil {
			return true
		}
	}
	return false
}

func (m *Model) isGeneratedInput(name string) bool {
	for _, d := range m.document.Definitions {
		if in := d.Directives.ForName("cql_input"); in != nil && inputName(d, in) == name {
			return true
		}
	}
	return false
}

func inputName(d *ast.Definition, in *ast.Directive) string {
	if name := text(in, "name"); name != "" {
		return name
	}
	return d.Name + "Input"
}

// text, flag and word read an argument of a directive.
func text(d *ast.Directive, name string) string {
	if d == nil {
		return ""
	}
	if a := d.Arguments.ForName(name); a != nil && a.Value.Kind != ast.NullValue {
		return a.Value.Raw
	}
	return ""
}

func flag(d *ast.Directive, name string) bool { return text(d, name) == "true" }
