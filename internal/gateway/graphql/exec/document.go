package exec

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/astrolabe-db/astrolabe/internal/elide"
)

// Document is a checked document with one of its operations chosen. It is
// immutable, and good for every caller of its schema.
type Document struct {
	Schema    *Schema
	Operation *ast.OperationDefinition
	// Fields are the root fields.
	Fields []*Field
	// Introspective: the document has nothing but __schema, __type and
	// __typename.
	Introspective bool
	// places are those of the document's text.
	places *places
}

// UnknownOperation says that a document has no operation of a name.
type UnknownOperation struct{ Name string }

// Error returns graphql-java's text.
func (e *UnknownOperation) Error() string {
	if e.Name == "" {
		return "Must provide operation name if query contains multiple operations."
	}
	return fmt.Sprintf("Unknown operation named '%s'.", e.Name)
}

// Parse reads and checks a document, out of whose text cuts were left, nil for
// nothing. What is wrong with the document itself is returned as failures, an
// operation that there is not as an error.
func Parse(schema *Schema, text, operation string, cuts *elide.Cuts) (*Document, []*Failure, error) {
	source := &ast.Source{Input: text}
	query, err := parser.ParseQueryWithTokenLimit(source, MaxTokens)
	if err != nil {
		return nil, []*Failure{syntaxFailure(text, err, placesIn(text, cuts))}, nil
	}
	c := &checker{schema: schema, query: query, places: placesIn(text, cuts), limit: MaxFields}
	c.document()
	if len(c.failures) > 0 {
		return nil, c.failures, nil
	}
	chosen := query.Operations.ForName(operation)
	if operation == "" && len(query.Operations) != 1 || chosen == nil {
		return nil, nil, &UnknownOperation{operation}
	}
	d := &Document{Schema: schema, Operation: chosen, places: c.places}
	root := c.root(chosen)
	d.Fields = c.collect(root, chosen.SelectionSet, nil, nil, map[string]bool{}, 1)
	switch {
	case len(c.failures) > 0:
		return nil, c.failures, nil
	case len(d.Fields) > MaxRootFields:
		return nil, []*Failure{aborted("root fields", len(d.Fields), MaxRootFields)}, nil
	}
	d.Introspective = !slices.ContainsFunc(d.Fields, func(f *Field) bool { return f.Name[0] != '_' || len(f.Name) < 2 || f.Name[1] != '_' })
	for _, f := range d.Fields {
		if isMeta(f.Name) {
			continue
		}
		if err := schema.Plan(f); err != nil {
			return nil, nil, err
		}
	}
	return d, nil, nil
}

// isMeta reports whether a name is one of the language's own fields.
func isMeta(name string) bool { return len(name) > 2 && name[0] == '_' && name[1] == '_' }

func aborted(what string, n, limit int) *Failure {
	return &Failure{Message: fmt.Sprintf("maximum query %s exceeded %d > %d", what, n, limit), Classification: ExecutionAborted}
}

// syntaxFailure puts what gqlparser found into graphql-java's words.
func syntaxFailure(text string, err error, p *places) *Failure {
	var e *gqlerror.Error
	if !errors.As(err, &e) || len(e.Locations) == 0 {
		return &Failure{Message: fmt.Sprintf("Invalid Syntax : More than %d 'grammar' tokens have been presented. To prevent Denial Of Service attacks, parsing has been cancelled.", MaxTokens),
			Classification: InvalidSyntax}
	}
	line, column := e.Locations[0].Line, e.Locations[0].Column
	token, ok := tokenAt(text, line, column)
	kind := "offending token"
	if !ok {
		kind = "token recognition error at:"
	}
	column = p.column(line, column)
	return &Failure{Message: fmt.Sprintf("Invalid Syntax : %s '%s' at line %d column %d", kind, token, line, column),
		Classification: InvalidSyntax, Line: line, Column: column}
}
