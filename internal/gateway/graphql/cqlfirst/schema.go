// Package cqlfirst is the GraphQL schema that is generated from the tables of a
// keyspace, and what its queries and mutations do (spec: CQL-first).
//
//	schema.Keyspace --New--> Schema: types, and a plan for each root field
//	document --Plan, once--> the columns that it reads
//	arguments --codecs--> bind values; their shape --> a prepared statement
//	rows as raw cells --codecs--> JSON
package cqlfirst

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/naming"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/value"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Keyspace is the generated schema of one version of a keyspace.
type Keyspace struct {
	name     string
	runner   *statement.Runner
	queries  map[string]operation
	changes  map[string]operation
	owners   map[string]*table // of types
	warnings []warning
}

// warning is about the name of a table, or of something in it.
type warning struct {
	table string
	text  string
}

// kind is what a root field does.
type kind uint8

const (
	selects kind = iota
	inserts
	bulkInserts
	updates
	deletes
)

type operation struct {
	kind  kind
	table *table
}

// table is a table with its GraphQL names.
type table struct {
	def  *schema.Table
	name cql.QualifiedName
	// graphql is its name in the schema.
	graphql string
	// columns in the order of SELECT *, the keys of them the primary key.
	columns []*column
	byName  map[string]int // by GraphQL name
	byCQL   map[string]int
	orders  map[string]cql.Ordering
	keys    int
}

type column struct {
	*schema.Column
	graphql string
	codec   *value.Codec
}

// builder makes a schema.
type builder struct {
	schema    *ast.Schema
	keyspace  *Keyspace
	names     map[string]*ast.Type
	functions ast.FieldList
	// options of queries and mutations.
	queryOptions, mutationOptions *ast.ArgumentDefinition
	// flag arguments.
	ifNotExists, ifExists *ast.ArgumentDefinition
}

// New generates the schema of a keyspace.
func New(k *schema.Keyspace, runner *statement.Runner) *exec.Schema {
	keyspace := &Keyspace{name: k.Name, runner: runner, queries: map[string]operation{}, changes: map[string]operation{}, owners: map[string]*table{}}
	b := &builder{schema: exec.NewAST(), keyspace: keyspace, names: map[string]*ast.Type{}}
	b.common()
	query := &ast.Definition{Kind: ast.Object, Name: "Query"}
	mutation := &ast.Definition{Kind: ast.Object, Name: "Mutation"}
	b.schema.AddTypes(query, mutation)
	taken := map[string]string{}
	var tables []*table
	for _, name := range slices.Sorted(maps.Keys(k.Tables)) {
		t := b.table(k.Tables[name])
		if other, ok := taken[t.graphql]; ok {
			b.warn(t.def, "Couldn't convert table %s because its GraphQL name %s would collide with table %s", name, t.graphql, other)
			continue
		}
		taken[t.graphql] = name
		tables = append(tables, t)
	}
	for _, t := range tables {
		b.types(t)
		query.Fields = append(query.Fields, b.query(t, t.graphql, b.filterArgument(t, false)))
		mutation.Fields = append(mutation.Fields, b.mutations(t)...)
		if deprecated := t.graphql + "Filter"; taken[deprecated] == "" {
			query.Fields = append(query.Fields, b.filterQuery(t, deprecated))
		}
	}
	query.Fields = append(query.Fields, &ast.FieldDefinition{Name: "conversionWarnings", Type: b.list(b.named("String")),
		Description: "What could not be named in GraphQL as it is in CQL"})
	if len(mutation.Fields) == 0 {
		mutation.Fields = ast.FieldList{{Name: "keyspaceEmptyMutation", Type: b.named("Boolean"),
			Description: "Does nothing: there are no tables, and GraphQL has no type without fields"}}
	}
	b.schema.Query, b.schema.Mutation = query, mutation
	return &exec.Schema{AST: b.schema, Resolver: keyspace, Scalars: value.Scalars}
}

func (b *builder) warn(t *schema.Table, format string, args ...any) {
	b.keyspace.warnings = append(b.keyspace.warnings, warning{t.Name, fmt.Sprintf(format, args...)})
}

// table names a table and its columns. What can't be is left out.
func (b *builder) table(def *schema.Table) *table {
	t := &table{def: def, name: cql.QualifiedName{Keyspace: def.Keyspace, Name: def.Name}, graphql: naming.Entity(def.Name),
		byName: map[string]int{}, byCQL: map[string]int{}, orders: map[string]cql.Ordering{}, keys: len(def.PartitionKey) + len(def.Clustering)}
	if t.graphql != def.Name {
		b.warn(def, "Table %s mapped as %s", def.Name, t.graphql)
	}
	for _, c := range def.InOrder() {
		codec, err := b.codec(c.Type)
		if err != nil {
			b.warn(def, "Couldn't convert column %s of table %s: %s", c.Name, def.Name, err)
			continue
		}
		made := &column{Column: c, graphql: naming.Identifier(c.Name), codec: codec}
		if made.graphql != c.Name {
			b.warn(def, "Column %s of table %s mapped as %s", c.Name, def.Name, made.graphql)
		}
		t.byName[made.graphql], t.byCQL[c.Name] = len(t.columns), len(t.columns)
		t.columns = append(t.columns, made)
		t.orders[made.graphql+"_ASC"] = cql.Ordering{Column: c.Name}
		t.orders[made.graphql+"_DESC"] = cql.Ordering{Column: c.Name, Desc: true}
	}
	return t
}

// ShowsField implements exec.Resolver: introspection leaves out the tables that
// the caller must not know of.
func (k *Keyspace) ShowsField(s exec.Session, mutation bool, name string) bool {
	op, ok := k.operation(mutation, name)
	return !ok || s.Visible(k.name, op.table.def.Name)
}

// ShowsType implements exec.Resolver.
func (k *Keyspace) ShowsType(s exec.Session, name string) bool {
	t := k.owners[name]
	return t == nil || s.Visible(k.name, t.def.Name)
}

// MayAsk implements exec.Resolver: what is wrong with a field tells what columns
// there are.
func (k *Keyspace) MayAsk(s exec.Session, mutation bool, name string) error {
	op, ok := k.operation(mutation, name)
	if !ok || s.Visible(k.name, op.table.def.Name) {
		return nil
	}
	if op.kind == selects {
		return s.Authorize(&cql.Select{Table: op.table.name}, "")
	}
	return s.Authorize(&cql.Insert{Table: op.table.name}, "")
}

func (k *Keyspace) operation(mutation bool, name string) (op operation, ok bool) {
	if mutation {
		op, ok = k.changes[name]
	} else {
		op, ok = k.queries[name]
	}
	return op, ok
}
