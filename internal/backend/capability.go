package backend

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
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

// Validator is what Prepared.Plan or Prepared.Guard is that can say of a statement as
// soon as it is prepared that it will fail, or what is to be warned of
// (CQLStatement.validate).
type Validator interface {
	// Validate returns the warnings that PREPARE answers role with, or the error. now
	// is what p was prepared against. p may be changed, so nobody else has it yet.
	Validate(p *Prepared, now *schema.Snapshot, role string) (warnings []string, err error)
}

// Validate is what there is to be said of a statement that was just prepared to be
// kept. Of one that is executed at once Execute says it.
func Validate(p *Prepared, now *schema.Snapshot, role string) (warnings []string, err error) {
	for _, part := range []any{p.Plan, p.Guard} {
		v, ok := part.(Validator)
		if !ok {
			continue
		}
		more, err := v.Validate(p, now, role)
		if err != nil {
			return nil, err
		}
		warnings = append(warnings, more...)
	}
	return warnings, nil
}
