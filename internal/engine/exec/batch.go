package exec

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
)

// Batch runs a BATCH: all of it becomes visible and durable at once, or none,
// whatever tables and partitions it touches and of whatever kind it is. values
// holds the bind values of each statement, as a BATCH message has them; nil when
// all share q's, as in a BATCH text.
func (db *DB) Batch(ctx context.Context, b *plan.Batch, values [][]backend.Value, q *backend.Query) (*backend.Result, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	parts := make([]part, len(b.Statements))
	reads := false
	for i, m := range b.Statements {
		parts[i] = part{m, q.Values}
		if values != nil {
			parts[i].values = values[i]
		}
		reads = reads || m.RequiresRead
	}
	if b.Conditional {
		return db.conditional(ctx, parts, true, q)
	}
	start := time.Now()
	w := db.newWriter(q)
	defer w.release()
	if reads {
		if err := w.lock(parts); err != nil {
			return nil, err
		}
	}
	w.env.Values = q.Values
	var err error
	if w.now, err = b.Attributes.Timestamp(&w.env, w.now); err != nil {
		return nil, err
	}
	w.size = batchSizes.Get().(*batchSize)
	w.batchType = writeTypeOf(b)
	if b.Kind != cql.Logged {
		w.touched = make(map[string]struct{})
	}
	for i, p := range parts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := checkReadConsistency(p.m, q.Consistency); err != nil {
			return nil, err
		}
		if err := w.statement(ctx, p); err != nil {
			return nil, w.warn(cmp.Or(w.checkKeys(parts[i:]), err))
		}
	}
	if err := w.checkTerms(); err != nil {
		return nil, w.warn(err)
	}
	warnings, err := w.size.check(db.guard())
	if err != nil {
		return nil, w.warn(err)
	}
	warnings = append(w.warnings, warnings...)
	db.measurePartitions(b.Kind, &w.size.touched)
	if err := w.commit(); err != nil {
		return nil, err
	}
	db.measureBatch(start, b.Statements)
	if q.Trace != nil {
		traceWritten(q.Trace, b.Statements...)
	}
	return &backend.Result{Kind: backend.Void, Warnings: append(warnings, db.batchWarnings(b, len(w.touched))...)}, nil
}

// measureBatch counts a batch as one write of each of its tables; of tables that
// take turns, once a turn.
func (db *DB) measureBatch(start time.Time, statements []*plan.Modify) {
	for i, m := range statements {
		if i == 0 || m.Table != statements[i-1].Table {
			db.Measures.Write(m.Table.Storage, start)
		}
	}
}

// writeTypeOf is the kind of a batch's write in errors, as far as the statements
// tell: one partition is written as by a single statement (StorageProxy.mutate).
func writeTypeOf(b *plan.Batch) string {
	switch {
	case len(b.Statements) == 1:
		return "SIMPLE"
	case b.Kind == cql.Logged:
		return "BATCH"
	}
	return "UNLOGGED_BATCH"
}

// checkKeys returns what is wrong with the partition keys of statements:
// Cassandra builds those of the whole batch before it looks at anything else
// (BatchStatement.getMutations).
func (w *writer) checkKeys(parts []part) error {
	for _, p := range parts {
		if err := w.bind(p); err != nil {
			return err
		}
		if _, err := p.m.Partitions(&w.env); err != nil {
			return err
		}
	}
	return nil
}

// batchWarnings is BatchStatement.verifyBatchType. Ours are atomic all the
// same; the warning is for clients that will meet a cluster.
func (db *DB) batchWarnings(b *plan.Batch, partitions int) []string {
	return db.guard().UnloggedBatch(func() (tables []string) {
		for _, m := range b.Statements {
			if name := m.Table.Keyspace + "." + m.Table.Name; !slices.Contains(tables, name) {
				tables = append(tables, name)
			}
		}
		return tables
	}, partitions)
}
