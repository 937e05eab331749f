package cqlfirst

import (
	"bytes"
	"context"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
)

// batch is what became of an operation with @atomic: it runs once, when its first
// field is resolved.
type batch struct {
	outcomes map[*exec.Field][]outcome
	err      error
}

// atomic writes the outcome of one field of an operation with @atomic.
func (k *Keyspace) atomic(r *exec.Run, f *exec.Field, p *selection, dst []byte) ([]byte, error) {
	b, ok := r.State.(*batch)
	if !ok {
		b = k.runBatch(r)
		r.State = b
	}
	if b.err != nil {
		return dst, b.err
	}
	return p.write(r, f, b.outcomes[f], dst)
}

// runBatch runs all changes of an operation as one.
func (k *Keyspace) runBatch(r *exec.Run) *batch {
	b := &batch{outcomes: map[*exec.Field][]outcome{}}
	byField := map[*exec.Field][]change{}
	options, hasOptions, err := statement.Options{Consistency: backend.LocalQuorum, SerialConsistency: backend.Serial}, false, error(nil)
	var entries []backend.BatchEntry
	counters := true
	for _, f := range r.Fields() {
		p, ok := f.Plan.(*selection)
		if !ok {
			continue
		}
		changes, own, err := k.changesOf(r, f, p)
		if err != nil {
			b.err = err
			return b
		}
		if f.Arg(r, "options").Given() {
			if hasOptions {
				b.err = fmt.Errorf("options can only de defined once in an @atomic mutation selection")
				return b
			}
			options, hasOptions = own, true
		}
		byField[f] = changes
		counters = counters && p.table.def.Counter
		for _, c := range changes {
			entries = append(entries, c.entry)
		}
	}
	kind := cql.Logged
	if counters {
		kind = cql.CounterBatch
	}
	async := r.HasDirective("async")
	var result *backend.Result
	switch {
	case len(entries) == 0:
	case async:
		r.Later(func(ctx context.Context) { _, _ = k.runner.Batch(ctx, r, kind, entries, options) }) // nobody waits for a failure
	default:
		if result, err = k.runner.Batch(r.Context, r, kind, entries, options); err != nil {
			b.err = err
			return b
		}
	}
	for f, changes := range byField {
		b.outcomes[f] = batchOutcomes(changes, result, async)
	}
	return b
}

// batchOutcomes finds what became of each change of a batch: when its conditions
// failed, nothing was applied, and each is given the row of its primary key that
// the back end told, if it did.
func batchOutcomes(changes []change, result *backend.Result, async bool) []outcome {
	outcomes := make([]outcome, len(changes))
	failed := false
	if result != nil {
		applied, _ := statement.Applied(result)
		failed = !applied
	}
	for i, c := range changes {
		switch {
		case async:
			outcomes[i] = outcome{accepted: true, cells: c.cells}
		case failed:
			outcomes[i] = outcome{cells: c.existing(result)}
		default:
			outcomes[i] = outcome{applied: true, cells: c.cells}
		}
	}
	return outcomes
}

// existing returns the row of a change among those of a failed batch, or nil.
func (c *change) existing(result *backend.Result) [][]byte {
	cursor := result.Cursor()
	for range result.RowCount {
		cells, same, keys := make([][]byte, len(c.table.columns)), true, 0
		for _, column := range result.Columns {
			cell := cursor.Next()
			i, ok := c.table.byCQL[column.Name]
			if !ok || column.Table != "" && column.Table != c.table.def.Name {
				continue
			}
			cells[i] = cell
			if i < c.table.keys {
				keys++
				same = same && bytes.Equal(cell, c.cells[i])
			}
		}
		if same && keys == c.table.keys {
			return cells
		}
	}
	return nil
}
