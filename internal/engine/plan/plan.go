// Package plan turns a syntax tree and a schema snapshot into a plan: names
// resolved, types checked, restrictions classified, terms ready to evaluate.
// Errors are Cassandra 5.0's own (org.apache.cassandra.cql3.statements).
//
// A plan is immutable and reads nothing; package exec runs it on a store.
package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Context is what one analysis works with.
type Context struct {
	Schema *schema.Snapshot
	// Keyspace of unqualified names, "" for none.
	Keyspace string
	// Markers names the bind markers, "" or missing for ?.
	Markers []string
	// Bind collects what each bind marker stands for, by marker index.
	Bind []backend.Column

	// targets holds the column that each marker is a value for, by marker
	// index; named markers hide it in Bind.
	targets []target
	// calls remembers the functions of calls.
	calls map[callKey]callFound
}

// target is the column that a bind marker is a value for, whole.
type target struct{ keyspace, table, column string }

// Env is what one execution evaluates terms with.
type Env struct {
	Values []backend.Value
	// NowMicros is the statement's time; the same for all its functions.
	NowMicros int64
	// NowSeconds decides TTLs; from the clock or the query's now_in_seconds.
	NowSeconds int64
	// JSON holds the value of each column while an INSERT JSON ? is executed
	// (InsertJSON.Values).
	JSON []backend.Value
}

// Term is an expression that yields one value per execution, of a known type.
type Term interface {
	Type() *cqltype.Type
	Eval(env *Env) (backend.Value, error)
}

// Receiver is what a term's value goes to: its type decides how literals read,
// its name is in error texts and in bind metadata.
type Receiver = backend.Column

// ReceiverOf returns the receiver of a table's column.
func ReceiverOf(c *schema.Column) Receiver {
	return Receiver{Keyspace: c.Keyspace, Table: c.Table, Name: c.Name, Type: c.Type}
}

// StatementKind is the kind of statement a WHERE clause belongs to; the rules
// and texts differ.
type StatementKind uint8

// The kinds of statement with a WHERE clause.
const (
	SelectStatement StatementKind = iota
	UpdateStatement
	DeleteStatement
)

var _ = cql.Eq // the tree is this package's input
