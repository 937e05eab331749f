package cqlfirst

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/value"
)

// common holds what the schemas of all keyspaces have. It is parsed once and
// shared.
var common = exec.ParseAST("cqlfirst", value.ScalarSDL+`
"Has the mutations of an operation run as one: all of them, or none"
directive @atomic on MUTATION
"Answers before the mutations of an operation have run"
directive @async on MUTATION

enum QueryConsistency { LOCAL_ONE LOCAL_QUORUM ALL SERIAL LOCAL_SERIAL }
enum MutationConsistency { LOCAL_ONE LOCAL_QUORUM ALL }
enum SerialConsistency { SERIAL LOCAL_SERIAL }

"How a query runs"
input QueryOptions {
  consistency: QueryConsistency = LOCAL_QUORUM
  "The most rows that the query gives, over all pages"
  limit: Int
  "The most rows of a page"
  pageSize: Int = 100
  "The pageState of the answer with the page before"
  pageState: String
}
"How a mutation runs"
input MutationOptions {
  consistency: MutationConsistency = LOCAL_QUORUM
  serialConsistency: SerialConsistency = SERIAL
  "Seconds until what is written expires"
  ttl: Int
}
type Functions {
  "Calls a CQL function that gives an int"
  _int_function(name: String!, args: [String!]!): Int
  "Calls a CQL function that gives a double"
  _double_function(name: String!, args: [String!]!): Float
  "Calls a CQL function that gives a bigint"
  _bigint_function(name: String!, args: [String!]!): BigInt
  "Calls a CQL function that gives a decimal"
  _decimal_function(name: String!, args: [String!]!): Decimal
  "Calls a CQL function that gives a varint"
  _varint_function(name: String!, args: [String!]!): Varint
  "Calls a CQL function that gives a float"
  _float_function(name: String!, args: [String!]!): Float32
  "Calls a CQL function that gives a smallint"
  _smallint_function(name: String!, args: [String!]!): SmallInt
  "Calls a CQL function that gives a tinyint"
  _tinyint_function(name: String!, args: [String!]!): TinyInt
}
type Query { _(a: QueryOptions, b: MutationOptions, ifNotExists: Boolean, ifExists: Boolean): Int }
`)

// common adds what all keyspaces have.
func (b *builder) common() {
	for name, d := range common.Types {
		if name != "Query" && name != "Functions" {
			b.schema.Types[name] = d
		}
	}
	for name, d := range common.Directives {
		b.schema.Directives[name] = d
	}
	b.functions = common.Types["Functions"].Fields
	options := func(name string) *ast.ArgumentDefinition {
		return &ast.ArgumentDefinition{Name: "options", Type: b.named(name)}
	}
	b.queryOptions, b.mutationOptions = options("QueryOptions"), options("MutationOptions")
	args := common.Types["Query"].Fields[0].Arguments
	b.ifNotExists, b.ifExists = args.ForName("ifNotExists"), args.ForName("ifExists")
}

// types defines the types of a table.
func (b *builder) types(t *table) {
	row := &ast.Definition{Kind: ast.Object, Name: t.graphql, Description: "The table '" + t.def.Name + "'"}
	input := &ast.Definition{Kind: ast.InputObject, Name: t.graphql + "Input"}
	filter := &ast.Definition{Kind: ast.InputObject, Name: t.graphql + "FilterInput"}
	group := &ast.Definition{Kind: ast.InputObject, Name: t.graphql + "GroupByInput"}
	order := &ast.Definition{Kind: ast.Enum, Name: t.graphql + "Order"}
	for i, c := range t.columns {
		row.Fields = append(row.Fields, &ast.FieldDefinition{Name: c.graphql, Type: b.output(c.codec)})
		input.Fields = append(input.Fields, &ast.FieldDefinition{Name: c.graphql, Type: b.input(c.codec)})
		filter.Fields = append(filter.Fields, &ast.FieldDefinition{Name: c.graphql, Type: b.filter(c.codec)})
		if i < t.keys {
			group.Fields = append(group.Fields, &ast.FieldDefinition{Name: c.graphql, Type: b.named("Boolean")})
		}
		order.EnumValues = append(order.EnumValues, &ast.EnumValueDefinition{Name: c.graphql + "_ASC"}, &ast.EnumValueDefinition{Name: c.graphql + "_DESC"})
	}
	row.Fields = append(row.Fields, b.functions...)
	list := &ast.Definition{Kind: ast.Object, Name: t.graphql + "Result", Fields: ast.FieldList{
		{Name: "pageState", Type: b.named("String")}, {Name: "values", Type: b.list(b.nonNull(b.named(t.graphql)))},
	}}
	change := &ast.Definition{Kind: ast.Object, Name: t.graphql + "MutationResult", Fields: ast.FieldList{
		{Name: "applied", Type: b.named("Boolean"), Description: "Whether it was done; null when nobody waits for it"},
		{Name: "accepted", Type: b.named("Boolean"), Description: "Whether it will be done; null when it was waited for"},
		{Name: "value", Type: b.named(t.graphql)},
	}}
	for _, d := range []*ast.Definition{row, input, filter, group, order, list, change} {
		b.schema.AddTypes(d)
		b.keyspace.owners[d.Name] = t
	}
}

func (b *builder) argument(name string, t *ast.Type) *ast.ArgumentDefinition {
	return &ast.ArgumentDefinition{Name: name, Type: t}
}

func (b *builder) filterArgument(t *table, needed bool) *ast.ArgumentDefinition {
	filter := b.named(t.graphql + "FilterInput")
	if needed {
		filter = b.nonNull(filter)
	}
	return b.argument("filter", filter)
}

func (b *builder) orderArgument(t *table) *ast.ArgumentDefinition {
	return b.argument("orderBy", b.list(b.named(t.graphql+"Order")))
}

func (b *builder) query(t *table, name string, filter *ast.ArgumentDefinition) *ast.FieldDefinition {
	b.keyspace.queries[name] = operation{selects, t}
	return &ast.FieldDefinition{Name: name, Type: b.named(t.graphql + "Result"), Description: "Rows of the table '" + t.def.Name + "'",
		Arguments: ast.ArgumentDefinitionList{b.argument("value", b.named(t.graphql+"Input")), filter, b.orderArgument(t),
			b.argument("groupBy", b.named(t.graphql+"GroupByInput")), b.queryOptions}}
}

// filterQuery is the older query that only has a filter.
func (b *builder) filterQuery(t *table, name string) *ast.FieldDefinition {
	b.keyspace.queries[name] = operation{selects, t}
	return &ast.FieldDefinition{Name: name, Type: b.named(t.graphql + "Result"), Description: "Rows of the table '" + t.def.Name + "'",
		Arguments: ast.ArgumentDefinitionList{b.filterArgument(t, true), b.orderArgument(t), b.queryOptions},
		Directives: ast.DirectiveList{{Name: "deprecated", Arguments: ast.ArgumentList{{Name: "reason",
			Value: &ast.Value{Kind: ast.StringValue, Raw: "No longer supported. Use root type instead."}}}}}}
}

func (b *builder) mutations(t *table) ast.FieldList {
	result := b.named(t.graphql + "MutationResult")
	one := b.argument("value", b.nonNull(b.named(t.graphql+"Input")))
	many := b.argument("values", b.list(b.nonNull(b.named(t.graphql+"Input"))))
	condition := b.argument("ifCondition", b.named(t.graphql+"FilterInput"))
	field := func(k kind, prefix, what string, typ *ast.Type, args ...*ast.ArgumentDefinition) *ast.FieldDefinition {
		b.keyspace.changes[prefix+t.graphql] = operation{k, t}
		return &ast.FieldDefinition{Name: prefix + t.graphql, Type: typ, Description: what + " the table '" + t.def.Name + "'", Arguments: args}
	}
	return ast.FieldList{
		field(inserts, "insert", "Inserts a row into", result, one, b.ifNotExists, b.mutationOptions),
		field(bulkInserts, "bulkInsert", "Inserts rows into", b.list(result), many, b.ifNotExists, b.mutationOptions),
		field(updates, "update", "Updates a row of", result, one, b.ifExists, condition, b.mutationOptions),
		field(deletes, "delete", "Deletes rows of", result, one, b.ifExists, condition, b.mutationOptions),
	}
}
