package exec

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

// prelude holds the types and directives that every schema has. All schemas
// share them.
var prelude = validator.PreludeDocument()

// The fields that every schema has beside those of its types.
var (
	schemaField   = validator.QueryIntrospectionFields().ForName("__schema")
	typeField     = validator.QueryIntrospectionFields().ForName("__type")
	typenameField = &ast.FieldDefinition{Name: "__typename", Type: ast.NonNullNamedType("String", nil)}
)

// NewAST returns a schema that has what every schema has, for definitions to be
// added with AddTypes.
func NewAST() *ast.Schema {
	s := &ast.Schema{Types: map[string]*ast.Definition{}, Directives: map[string]*ast.DirectiveDefinition{}, PossibleTypes: map[string][]*ast.Definition{}}
	s.AddTypes(prelude.Definitions...)
	for _, d := range prelude.Directives {
		if d.Name != "defer" { // that is not run here
			s.Directives[d.Name] = d
		}
	}
	return s
}

// ParseAST returns the schema of a text of this program's own.
func ParseAST(name, text string) *ast.Schema {
	document := mustParse(name, text)
	s := NewAST()
	s.AddTypes(document.Definitions...)
	for _, d := range document.Directives {
		s.Directives[d.Name] = d
	}
	s.Query, s.Mutation = s.Types["Query"], s.Types["Mutation"]
	return s
}
