package exec

import (
	"context"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
)

// Modify runs an INSERT, UPDATE or DELETE.
//
// Without conditions it is one blind, atomic write: nothing is read and no
// lock taken, but for list operations by index or value, which read under the
// partition's lock. With conditions it reads, compares and writes under that
// lock: conditional statements on one partition follow one another, and each
// sees all before it. What that lock does not order are unconditional writes:
// one that runs at the same time may land between a condition's read and its
// write, and then the greater timestamp wins, as in Cassandra.
func (db *DB) Modify(ctx context.Context, m *plan.Modify, q *backend.Query) (*backend.Result, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	if m.Conditional() {
		return db.conditional(ctx, []part{{m, q.Values}}, false, q)
	}
	if err := checkWriteConsistency(m, q.Consistency); err != nil {
		return nil, err
	}
	start := time.Now()
	w := db.newWriter(q)
	defer w.release()
	if m.RequiresRead {
		if err := w.lock([]part{{m, q.Values}}); err != nil {
			return nil, err
		}
	}
	if err := w.statement(ctx, part{m, q.Values}); err != nil {
		return nil, w.warn(err)
	}
	if err := w.checkTerms(); err != nil {
		return nil, w.warn(err)
	}
	if err := w.commit(); err != nil {
		return nil, err
	}
	db.Measures.Write(m.Table.Storage, start)
	if q.Trace != nil {
		traceWritten(q.Trace, m)
	}
	return &backend.Result{Kind: backend.Void, Warnings: w.warnings}, nil
}

// part is one modification with its bind values.
type part struct {
	m      *plan.Modify
	values []backend.Value
}

// checkWriteConsistency refuses levels that do not suit an unconditional
// write (ConsistencyLevel.validateForWrite and validateCounterForWrite). Else
// levels mean nothing on a single node.
func checkWriteConsistency(m *plan.Modify, c backend.Consistency) error {
	serial := c == backend.Serial || c == backend.LocalSerial
	switch {
	case m.Table.Counter && c == backend.Any:
		return cqlerr.Invalidf("Consistency level ANY is not yet supported for counter table %s", m.Table.Name)
	case m.Table.Counter && serial:
		return cqlerr.Invalidf("Counter operations are inherently non-serializable")
	case serial:
		return cqlerr.Invalidf("You must use conditional updates for serializable writes")
	}
	return checkReadConsistency(m, c)
}

// checkReadConsistency refuses ANY for statements that must read
// (ModificationStatement.readRequiredLists).
func checkReadConsistency(m *plan.Modify, c backend.Consistency) error {
	if m.RequiresRead && c == backend.Any {
		return cqlerr.Invalidf("Write operation require a read but consistency ANY is not supported on reads")
	}
	return nil
}
