package exec

import (
	"cmp"
	"errors"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/elide"
)

// ErrNull says that a value that must not be null is: the object that it is in
// is null then. The failure is told already.
var ErrNull = errors.New("null where there must be a value")

// Append runs the operation and appends the whole answer. variables is a checked
// JSON object, or nil.
func (r *Run) Append(dst []byte, variables cell.Value) []byte {
	if failure := r.bind(variables); failure != nil {
		return AppendFailures(dst, []*Failure{failure})
	}
	start := len(dst)
	dst = append(dst, `{"data":`...)
	data := len(dst)
	dst, err := r.Object(dst, r.Document.Fields, r.root().Name, r.resolve)
	if err != nil {
		dst = append(dst[:data], "null"...)
	}
	dst = append(dst, '}')
	if len(r.Failures) == 0 {
		return dst
	}
	body := append([]byte(nil), dst[start+1:]...) // errors come before data
	dst = append(dst[:start], '{')
	dst = appendErrors(dst, r.Failures)
	return append(append(dst, ','), body...)
}

func (r *Run) root() *ast.Definition {
	if r.Mutation() {
		return r.Schema.AST.Mutation
	}
	return r.Schema.AST.Query
}

// Denied returns the failure of the first root field of a document that the caller
// may neither use nor know of, nil for none. What is wrong with a document is told
// only when there is none. cuts are as in Parse.
func Denied(schema *Schema, session Session, text string, cuts *elide.Cuts) *Failure {
	query, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, MaxTokens)
	if err != nil || session == nil {
		return nil // it was not looked up in the schema
	}
	d := denial{schema: schema, session: session, query: query, document: &Document{places: placesIn(text, cuts)}, visited: map[string]bool{}}
	for _, op := range query.Operations {
		d.mutation = op.Operation == ast.Mutation
		if failure := d.find(op.SelectionSet); failure != nil {
			return failure
		}
	}
	return nil
}

// denial looks for root fields that the caller may not ask for.
type denial struct {
	schema   *Schema
	session  Session
	query    *ast.QueryDocument
	document *Document
	mutation bool
	visited  map[string]bool // fragments
}

func (d *denial) find(set ast.SelectionSet) *Failure {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if err := d.schema.MayAsk(d.session, d.mutation, s.Name); err != nil {
				r := &Run{Document: d.document, path: []step{{key: cmp.Or(s.Alias, s.Name)}}}
				r.fail(&Field{Position: s.Position}, err)
				return r.Failures[0]
			}
		case *ast.InlineFragment:
			if failure := d.find(s.SelectionSet); failure != nil {
				return failure
			}
		case *ast.FragmentSpread:
			f := d.query.Fragments.ForName(s.Name)
			if f == nil || d.visited[s.Name] {
				continue
			}
			d.visited[s.Name] = true
			if failure := d.find(f.SelectionSet); failure != nil {
				return failure
			}
		}
	}
	return nil
}

// AppendFailures appends an answer that has only errors.
func AppendFailures(dst []byte, failures []*Failure) []byte {
	return append(appendErrors(append(dst, '{'), failures), '}')
}

func appendErrors(dst []byte, failures []*Failure) []byte {
	dst = append(dst, `"errors":[`...)
	for i, f := range failures {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = f.Append(dst)
	}
	return append(dst, ']')
}

// resolve appends the value of a root field.
func (r *Run) resolve(dst []byte, f *Field) ([]byte, error) {
	switch f.Name {
	case "__schema":
		return r.introspectSchema(dst, f)
	case "__type":
		return r.introspectNamed(dst, f)
	}
	if r.Session == nil {
		return dst, r.SessionError
	}
	if err := r.Context.Err(); err != nil {
		return dst, err
	}
	return r.Schema.Resolve(r, f, dst)
}

// Object appends an object of the fields that are included; value appends the
// value of one. A field whose value fails is null, and the failure is told.
func (r *Run) Object(dst []byte, fields []*Field, typeName string, value func(dst []byte, f *Field) ([]byte, error)) ([]byte, error) {
	start, first := len(dst), true
	dst = append(dst, '{')
	for _, f := range fields {
		if !f.Included(r) {
			continue
		}
		dst = f.AppendKey(dst, first)
		first = false
		if f.Name == "__typename" {
			dst = cell.AppendString(dst, typeName)
			continue
		}
		before := len(dst)
		r.path = append(r.path, step{key: f.Key})
		var err error
		dst, err = value(dst, f)
		if err == nil && f.Definition.Type.NonNull && string(dst[before:]) == "null" {
			err = r.nonNull(f)
		}
		if err != nil && !errors.Is(err, ErrNull) {
			r.fail(f, err)
		}
		r.path = r.path[:len(r.path)-1]
		if err != nil && f.Definition.Type.NonNull {
			return append(dst[:start], "null"...), ErrNull
		}
		if err != nil {
			dst = append(dst[:before], "null"...)
		}
	}
	return append(dst, '}'), nil
}

// nonNull tells of a null that must not be.
func (r *Run) nonNull(f *Field) error {
	r.Failures = append(r.Failures, &Failure{Classification: NullValue, Path: r.jsonPath(), Message: "The field at path '" + r.slashPath() +
		"' was declared as a non null type, but the code involved in retrieving data has wrongly returned a null value.  The graphql specification requires that the parent field be set to null, or if that is non nullable that it bubble up null to its parent and so on. The non-nullable type is '" +
		f.Definition.Type.Name() + "' within parent type '" + f.Parent.Name + "'"})
	return ErrNull
}

// List appends an array of n elements.
func (r *Run) List(dst []byte, n int, element func(dst []byte, i int) ([]byte, error)) ([]byte, error) {
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		before := len(dst)
		r.path = append(r.path, step{index: i})
		var err error
		dst, err = element(dst, i)
		r.path = r.path[:len(r.path)-1]
		if errors.Is(err, ErrNull) {
			dst = append(dst[:before], "null"...)
			continue
		}
		if err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}
