package backend

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// Forwarder is an optional capability of a Backend whose servers speak the
// native protocol themselves: it takes a request as the body of its envelope,
// undecoded, and gives the answer as the body that the server sent, so that
// everything in it – rows, errors with their fields, warnings, tracing ids,
// custom payloads, page states – is the server's to the byte.
//
// Doors that speak the native protocol discover it by type assertion. They
// still decide who may run what: a statement is authorized before it is
// forwarded.
type Forwarder interface {
	// Newest is the highest stable version of the native protocol that the servers
	// speak; clients are not let in with a higher one.
	Newest() wire.Version
	// Route says how stmt, made from text, reaches the servers; its unqualified
	// names belong to keyspace. It is nil for statements that the back end has to
	// execute itself: those on tables that it answers for the servers, schema
	// statements, USE, roles. INSERT, UPDATE, DELETE and BATCH always have a route.
	Route(stmt cql.Statement, text, keyspace string) *Route
	// Forward sends f and sees to it that f.To is called exactly once. It may wait
	// a moment for a connection. What is collected for the server is sent by
	// Flush of the returned Flusher (nil: nothing to flush); f is the back end's
	// until f.To is called, which may be before Forward returns.
	Forward(f *Forward) Flusher
}

// Flusher sends what was collected. Flush never waits.
type Flusher interface{ Flush() }

// Route is how the servers see a statement. It is immutable and shared.
type Route struct {
	// Text with all names qualified, so that it means the same on any connection;
	// the client's text when that is so already.
	Text string
	// ID by which the servers know Text once it is prepared.
	ID wire.StatementID
	// Keyspace whose replicas are preferred.
	Keyspace string
	// WriteType of a modification as errors name it, "" for a read.
	WriteType string
	// Conditional: a lightweight transaction.
	Conditional bool
	// Idempotent: executed twice it has the effect of once – for a modification,
	// when the client gives its timestamp.
	Idempotent bool
	// Plan belongs to the back end.
	Plan any
}

// Forward is a request to be forwarded.
type Forward struct {
	Version wire.Version
	// Opcode is QUERY, PREPARE, EXECUTE or BATCH.
	Opcode wire.Opcode
	// Flags of the envelope that concern the body: tracing, custom payload.
	Flags wire.Flags
	// Body of the envelope, uncompressed, custom payload included, with the ids
	// and texts of Routes. It belongs to the door and stays as it is until To is
	// called.
	Body []byte
	// Routes of the statement, or of those of a BATCH.
	Routes []*Route
	// Key is the raw partition key as the partitioner takes it, nil when unknown.
	Key []byte
	// Consistency and WriteType, "" for a read, are for errors
	// (native_protocol_v5.spec §9, 0x1100).
	Consistency uint16
	WriteType   string
	// Idempotent: the request may be repeated when it is unknown whether it was
	// executed.
	Idempotent bool
	To         Receiver
}

// Receiver takes the answer to a Forward.
type Receiver interface {
	// Answered is called once, from any goroutine. It must not wait: what it has
	// to send is collected, and sent by the Flusher it returns (nil: nothing).
	Answered(a Answer) Flusher
}

// Answer is what a server answered.
type Answer struct {
	// Opcode is RESULT or ERROR.
	Opcode wire.Opcode
	// Flags that say what stands in front of the message in Body.
	Flags wire.Flags
	// Body is the envelope's body, the receiver's to change during the call.
	Body []byte
	// Err is set, and the rest is not, when no server's answer can be had.
	Err *cqlerr.Error
}
