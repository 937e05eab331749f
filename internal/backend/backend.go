// Package backend is the one interface between the doors and what stores the
// data: the embedded engine, or a real Apache Cassandra cluster.
//
//	AST + bind values (raw CQL wire bytes) --Prepare, Execute--> Result
//	(column metadata + rows as raw cell bytes)
//
// Backends know nothing of connections, JSON or access control; doors ask
// package access before they come here.
package backend

import (
	"context"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Backend stores and answers. All methods are safe for concurrent use. Errors
// are *cqlerr.Error when the client is to see a particular code, anything else
// becomes a ServerError.
type Backend interface {
	// Prepare checks stmt against the current schema; keyspace is what
	// unqualified names belong to ("" = none). markers names the statement's
	// bind markers ("" for ?), nil when all are positional.
	Prepare(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*Prepared, error)
	// Execute runs p with q's values. A p made before a schema change is
	// prepared anew inside; its metadata then may differ (Result says).
	Execute(ctx context.Context, p *Prepared, q *Query) (*Result, error)
	// ExecuteBatch runs a native BATCH: all or nothing.
	ExecuteBatch(ctx context.Context, b *Batch) (*Result, error)
	// Schema is the current catalog.
	Schema() *schema.Snapshot
	// Subscribe calls f after each schema change, in order, until cancel is
	// called. f must not block.
	Subscribe(f func(schema.Change)) (cancel func())
	// Ready returns nil when the back end can serve, or why it can't.
	Ready(ctx context.Context) error
	// Close stops the back end; acknowledged writes are kept.
	Close() error
}

// Prepared is a checked statement, immutable, shared between connections.
type Prepared struct {
	Statement cql.Statement
	Markers   []string
	// Keyspace that unqualified names belong to.
	Keyspace string
	// Bind describes the bind variables in order.
	Bind []Column
	// PartitionKeyBind holds the index in Bind of each partition key column,
	// in key order, or nil when the statement does not bind them all
	// (native_protocol_v5.spec §4.2.5.4 pk_index).
	PartitionKeyBind []uint16
	// Result describes the rows of the answer; nil when it has none, or when it
	// is only known at execution (LWT).
	Result []Column
	// Plan belongs to the back end that made it, Guard to package guardrail.
	Plan, Guard any
}

// Column is the metadata of a bind variable or of a column of a result.
type Column struct {
	Keyspace, Table, Name string
	Type                  *cqltype.Type
}

// Value is a bind value as wire bytes: Bytes nil is null, Unset is "not set"
// (native_protocol_v4.spec §3 [value] -2).
type Value struct {
	Bytes []byte
	Unset bool
}

// Consistency is a consistency level as numbered in native_protocol_v5.spec §3.
type Consistency uint16

// The consistency levels.
const (
	Any         Consistency = 0x0000
	One         Consistency = 0x0001
	Two         Consistency = 0x0002
	Three       Consistency = 0x0003
	Quorum      Consistency = 0x0004
	All         Consistency = 0x0005
	LocalQuorum Consistency = 0x0006
	EachQuorum  Consistency = 0x0007
	Serial      Consistency = 0x0008
	LocalSerial Consistency = 0x0009
	LocalOne    Consistency = 0x000A
)

// Query holds what one execution adds to a prepared statement. The zero value
// is a plain, unpaged query at consistency ANY; doors set what they know. The
// bytes in it are the door's again once Execute has returned: who keeps them
// copies them.
type Query struct {
	Values            []Value // one per bind variable, in order
	Consistency       Consistency
	SerialConsistency Consistency
	// PageSize in rows; 0 or less means one page with everything.
	PageSize int
	// PageBytes ends a page that has become so large; 0: where the back end likes.
	PageBytes int
	// PagingState of an earlier Result, or nil.
	PagingState []byte
	// Timestamp in microseconds for writes without USING TIMESTAMP.
	Timestamp    int64
	HasTimestamp bool
	// NowInSeconds replaces the clock for TTL decisions (v5).
	NowInSeconds    int32
	HasNowInSeconds bool
	// Tracing asks for a trace. Trace collects it where the back end keeps traces
	// itself (Traces); it is nil otherwise.
	Tracing       bool
	Trace         *Trace
	CustomPayload map[string][]byte
	// Caller is whom the statement runs for.
	Caller Caller
	// Visible, if not nil, says which keyspaces (table "") and tables DESCRIBE and
	// the system tables about the schema are to show. Package access sets it.
	Visible func(keyspace, table string) bool
}

// Caller is whom a statement runs for. The zero value is the server itself.
type Caller struct {
	// Name is that of the role or token, for LIST and for error texts.
	Name string
	// Rows is not nil for a caller who may read and write some rows alone. It belongs
	// to package access, which sees to it: what is not executed through that
	// (Forwarder) must not be done for such a caller.
	Rows any
}

// Seconds is NowInSeconds as a time: it has no sign, and reaches to 2106
// (CassandraUInt).
func (q *Query) Seconds() int64 { return int64(uint32(q.NowInSeconds)) }

// Batch is a native BATCH message.
type Batch struct {
	Kind    cql.BatchKind
	Entries []BatchEntry
	// Query gives consistency, timestamp etc.; its Values are not used.
	Query Query
}

// BatchEntry is one statement of a Batch.
type BatchEntry struct {
	Prepared *Prepared
	Values   []Value
}

// ResultKind is the kind of a RESULT, numbered as in native_protocol_v5.spec §4.2.5.
type ResultKind int32

// The kinds of result.
const (
	Void         ResultKind = 1
	Rows         ResultKind = 2
	SetKeyspace  ResultKind = 3
	SchemaChange ResultKind = 5
)

// Result is the answer to one statement.
type Result struct {
	Kind ResultKind
	// Columns and the fields below describe Rows.
	Columns []Column
	// RowCount rows, each len(Columns) cells, each cell an [int] length (big
	// endian, -1 = null) and that many bytes: exactly the rows_content of
	// native_protocol_v5.spec §4.2.5.2. Use Cursor to walk it.
	RowCount int
	Data     []byte
	// Recycle, if not nil, takes the memory of Data back from who is done with it
	// and will not look at it again. Nobody has to call it.
	Recycle func(data []byte)
	// PagingState is non-nil when more pages may follow.
	PagingState []byte
	// Keyspace of SetKeyspace.
	Keyspace string
	// Change of SchemaChange.
	Change   *schema.Change
	Warnings []string
	// TracingID when the query was traced.
	TracingID *uuid.UUID
}
