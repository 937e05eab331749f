// Package exec reads, checks and runs GraphQL documents on a schema that is made
// at run time. It knows nothing of tables: what a root field means is told by a
// Resolver.
//
//	text --Parse--> Document (checked, fields collected; shared, kept in a cache)
//	Document + variables + session --Run--> answer text
//
// Parsing is gqlparser's. Checks and their texts are those of graphql-java 17,
// which is what the reference answers with and what its clients match on; types
// of errors and paths are a part of them. A resolver appends the JSON of its
// field to the answer at once: no value is held as a map or as any.
package exec

import (
	"context"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// Session is what the caller may do.
type Session interface {
	// Caller is whom its statements run for: with each of them it goes to the back end.
	Caller() backend.Caller
	// Authorize returns nil when stmt may run, else a *cqlerr.Error with code
	// Unauthorized.
	Authorize(stmt cql.Statement, keyspace string) error
	// Visible reports whether the definition of a table may be read; table "" is
	// the keyspace itself.
	Visible(keyspace, table string) bool
}

// Schema is a GraphQL schema and what its fields do. It is immutable.
type Schema struct {
	AST *ast.Schema
	Resolver
	// Scalars read the input of scalar types by name, but for the five that
	// every schema has.
	Scalars map[string]Scalar
}

// Scalar checks the input of one scalar type.
type Scalar interface {
	// Check returns what is wrong with a value that is not null, in words that
	// follow "is not a valid 'X' - ".
	Check(in Input) error
}

// Resolver gives the values of root fields.
type Resolver interface {
	// Plan prepares what Resolve needs of a root field, once for a document, and
	// keeps it in f.Plan.
	Plan(f *Field) error
	// Resolve appends the value of a root field as JSON.
	Resolve(r *Run, f *Field, dst []byte) ([]byte, error)
	// ShowsField and ShowsType report whether introspection tells a session of a
	// root field (of the query type, or the mutation type) or of a type.
	ShowsField(s Session, mutation bool, name string) bool
	ShowsType(s Session, name string) bool
	// MayAsk returns why a session may neither use a root field nor know of it, nil
	// when it may.
	MayAsk(s Session, mutation bool, name string) error
}

// Run is one operation being run for one caller.
type Run struct {
	Context context.Context
	Schema  *Schema
	// Session is nil when the caller's token is not known; SessionError then says
	// so for every field.
	Session      Session
	SessionError error
	Document     *Document
	// Failures so far.
	Failures []*Failure
	// State belongs to the schema's resolver.
	State any
	// Buf is memory for bind values. It is used again after the run.
	Buf []byte

	variables []Input
	later     []func(ctx context.Context)
	path      []step
}

// step is one part of the path to a value in the answer: a key, or an index.
type step struct {
	key   string
	index int
}

// Mutation reports whether the operation is a mutation.
func (r *Run) Mutation() bool { return r.Document.Operation.Operation == ast.Mutation }

// HasDirective reports whether the operation has a directive.
func (r *Run) HasDirective(name string) bool {
	return r.Document.Operation.Directives.ForName(name) != nil
}

// Fields are the root fields that are included in this run.
func (r *Run) Fields() []*Field {
	fields := make([]*Field, 0, len(r.Document.Fields))
	for _, f := range r.Document.Fields {
		if f.Included(r) {
			fields = append(fields, f)
		}
	}
	return fields
}

// Later has f run when the answer is written: nobody waits for it.
func (r *Run) Later(f func(ctx context.Context)) { r.later = append(r.later, f) }

// Finish runs what was left for later. ctx outlives the request.
func (r *Run) Finish(ctx context.Context) {
	for _, f := range r.later {
		f(ctx)
	}
}

// HasLater reports whether something was left for later.
func (r *Run) HasLater() bool { return len(r.later) > 0 }
