// Package cql is the language: lexer, parser (one file per statement family),
// syntax tree and printer. It is pure and knows nothing of schemas: names are
// names, types are type names, values are expressions.
//
//	text --Parse--> Parsed{Statement, Markers} --Print--> text
//
// Identifiers in the tree are already folded: unquoted ones lower-cased, quoted
// ones as written without their quotes. HTTP doors build trees directly and
// never write CQL text.
package cql

// Statement is one CQL statement; the concrete types are in this package.
type Statement interface{ statement() }

// QualifiedName is a name with an optional keyspace ("" = the session's).
type QualifiedName struct{ Keyspace, Name string }

// Unsupported is a statement that the grammar knows and the product does not:
// What names it, e.g. "CREATE FUNCTION", "CREATE MATERIALIZED VIEW". The other
// fields hold what its refusal needs.
type Unsupported struct {
	What string
	// Text is the statement as written.
	Text string
	// Name of the function, aggregate, view or (without a keyspace) trigger.
	Name QualifiedName
	// Table that a trigger or a new view is on.
	Table                            QualifiedName
	IfExists, IfNotExists, OrReplace bool
	// Args are the types of a function's arguments; HasArgs tells none from
	// no list in DROP.
	Args    []TypeName
	HasArgs bool
	// StateFunction and StateType of an aggregate.
	StateFunction string
	StateType     TypeName
	// Class of a trigger.
	Class string
}

func (*Unsupported) statement() {}
