// Package schemafirst is the GraphQL API's schemas that are written first: a
// client deploys the text of a schema whose directives say what of it is which
// table, column and statement (spec: schema-first).
//
//	SDL --Parse--> Model: entities and operations, or what can't be mapped
//	Model, tables --migration--> statements that make the tables fit
//	Model --New--> exec.Schema, whose root fields are those operations
//
// Deployed texts are stored in stargate_graphql.schema_source, as the reference
// stores them, so that both can serve what the other has deployed.
package schemafirst

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/value"
)

// Model is a schema mapped to CQL.
type Model struct {
	Keyspace string
	document *ast.SchemaDocument
	types    map[string]*ast.Definition
	entities map[string]*entity
	order    []*entity // as in the text
	inputs   map[string]*entity
	payloads map[string]*ast.Definition
	queries  map[string]*query
	changes  map[string]*mutation
	// Logs and Problems of the mapping.
	Logs     []Log
	Problems []Problem
}

// Log is something that a deployment tells.
type Log struct {
	Message, Category string
	Line, Column      int
}

// Problem is a part of a schema that can't be mapped or migrated.
type Problem struct {
	Message, Kind string
	Line, Column  int
}

// entity is an object type that is a table or a user type.
type entity struct {
	name    string // in GraphQL
	cqlName string
	udt     bool
	input   string // name of the input type, "" for none
	// isKey: it can be found by others of a federation.
	isKey      bool
	fields     []*field
	byName     map[string]*field
	partition  []*field
	clustering []*field
	definition *ast.Definition
	cqlType    *cqltype.Type // of a user type
	table      cql.QualifiedName
}

// field is a field of an entity: a column, or a field of a user type.
type field struct {
	name, cqlName string
	gql           *ast.Type
	codec         *value.Codec
	at            int // in entity.fields
	partition     bool
	clustering    bool
	desc          bool
	// generated: an ID that is made where none is given.
	generated bool
	index     *index
	position  *ast.Position
}

type index struct {
	name, class string
	target      cql.IndexTargetKind
	options     []cql.PropertyEntry
}

// primary are the fields of the primary key.
func (e *entity) primary() []*field {
	return append(append([]*field(nil), e.partition...), e.clustering...)
}

func (f *field) isKey() bool { return f.partition || f.clustering }

// condition is an argument that restricts a field.
type condition struct {
	argument string
	field    *field
	op       string // a value of enum Predicate
}

// shape is how an operation gives an entity.
type shape struct {
	entity *entity
	list   bool
	// boolean: the answer is whether it was applied.
	boolean bool
	// payload is the type around the entity, "" for none, with the names of its
	// fields.
	payload                              string
	entityField, appliedField, pageField string
	entityList                           bool
}

type query struct {
	name       string
	returns    shape
	conditions []condition
	pageArg    string
	limit      int
	options    statement.Options
}

type mutation struct {
	name    string
	kind    string // INSERT, UPDATE or DELETE
	entity  *entity
	returns shape
	// entityArg is the argument with a whole entity, "" for none; list: with many.
	entityArg    string
	list         bool
	where        []condition
	ifs          []condition
	increments   []increment
	sets         []condition
	timestampArg string
	conditional  bool // ifExists or ifNotExists
	ttl          int64
	hasTTL       bool
	options      statement.Options
}

type increment struct {
	argument string
	field    *field
	prepend  bool
}

func (m *Model) problem(at *ast.Position, format string, args ...any) {
	m.add("InvalidMapping", at, format, args...)
}

func (m *Model) add(kind string, at *ast.Position, format string, args ...any) {
	p := Problem{Message: fmt.Sprintf(format, args...), Kind: kind}
	if at != nil {
		p.Line, p.Column = at.Line, at.Column
	}
	m.Problems = append(m.Problems, p)
}

func (m *Model) info(at *ast.Position, format string, args ...any) {
	l := Log{Message: fmt.Sprintf(format, args...), Category: "INFO"}
	if at != nil {
		l.Line, l.Column = at.Line, at.Column
	}
	m.Logs = append(m.Logs, l)
}

// defaults are the options of an operation whose directive says nothing.
func defaults() statement.Options {
	return statement.Options{Consistency: backend.LocalQuorum, SerialConsistency: backend.Serial, PageSize: statement.DefaultPageSize}
}
