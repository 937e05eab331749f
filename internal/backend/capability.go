package backend

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// What some back ends can do beside Backend. Doors find out by As.

// Immediate is a capability: a back end has it whose reads by a whole primary
// key wait for nothing but its own memory and disk, so that a door may run them
// where it reads requests instead of beside it.
type Immediate interface {
	// ImmediateReads does nothing; to have it is the answer.
	ImmediateReads()
}

// Clock is a capability: a back end has it whose write timestamps come from one
// place, so that doors which choose timestamps can take them from there, too.
type Clock interface {
	// Now returns the time in microseconds since the epoch, later than ever
	// before, across restarts too.
	Now() int64
}

// Once is a capability: a back end has it that keeps something of what it
// prepares, so that statements which are run but once had better not be.
type Once interface {
	// PrepareOnce is Prepare for a statement that is executed once; markers names
	// all bind markers. Mistakes in it may show only then; Result may be missing.
	PrepareOnce(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*Prepared, error)
}

// PrepareOnce prepares a statement that is executed once.
func PrepareOnce(ctx context.Context, b Backend, stmt cql.Statement, markers []string, keyspace string) (*Prepared, error) {
	if o, ok := b.(Once); ok {
		return o.PrepareOnce(ctx, stmt, markers, keyspace)
	}
	return b.Prepare(ctx, stmt, markers, keyspace)
}
