package schemafirst

import (
	"bytes"
	"errors"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
)

// batch is what became of an operation with @atomic.
type batch struct {
	outcomes map[*exec.Field][]outcome
	errs     map[*exec.Field]error
}

var errAborted = errors.New("@atomic mutation aborted because one of the operations failed (see other errors for details)")

// atomic returns the outcomes of one field of an operation with @atomic, which
// runs once, when its first field is resolved.
func (x *resolver) atomic(r *exec.Run, f *exec.Field) ([]outcome, error) {
	b, ok := r.State.(*batch)
	if !ok {
		b = &batch{outcomes: map[*exec.Field][]outcome{}, errs: map[*exec.Field]error{}}
		r.State = b
		x.runBatch(r, b)
	}
	return b.outcomes[f], b.errs[f]
}

func (x *resolver) runBatch(r *exec.Run, b *batch) {
	var all []change
	fields := map[*exec.Field][2]int{}
	var options *statement.Options
	counters, failed := true, false
	for _, f := range r.Fields() {
		c, ok := f.Plan.(*mutation)
		if !ok || c == nil {
			continue
		}
		changes, err := x.changesOf(r, f, c)
		switch {
		case err == nil && options != nil && (options.Consistency != c.options.Consistency || options.SerialConsistency != c.options.SerialConsistency):
			err = errors.New("all the selections in an @atomic mutation must use the same consistency levels")
		case options == nil:
			options = &c.options
		}
		failed = failed || err != nil
		b.errs[f] = err
		fields[f] = [2]int{len(all), len(all) + len(changes)}
		all = append(all, changes...)
		counters = counters && len(c.increments) > 0 && c.increments[0].field.codec.Type.Kind == cqltype.Counter
	}
	var result *backend.Result
	if !failed && len(all) > 0 {
		kind := cql.Logged
		if counters {
			kind = cql.CounterBatch
		}
		entries := make([]backend.BatchEntry, len(all))
		batchOptions := *options
		for i, c := range all {
			entries[i] = c.entry
			batchOptions.Timestamp, batchOptions.HasTimestamp = c.options.Timestamp, c.options.HasTimestamp
		}
		var err error
		if result, err = x.runner.Batch(r.Context, r, kind, entries, batchOptions); err != nil {
			for f := range fields {
				b.errs[f] = err
			}
			return
		}
	}
	for f, part := range fields {
		if failed && b.errs[f] == nil {
			b.errs[f] = errAborted
		}
		for _, c := range all[part[0]:part[1]] {
			b.outcomes[f] = append(b.outcomes[f], c.inBatch(result))
		}
	}
}

// inBatch is what became of a change of a batch: when its conditions failed,
// nothing was applied, and the row of its key is shown if the back end told it.
func (c *change) inBatch(result *backend.Result) outcome {
	if result == nil {
		return outcome{true, c.cells}
	}
	if applied, _ := statement.Applied(result); applied {
		return outcome{true, c.cells}
	}
	byColumn := map[string]*field{}
	for _, f := range c.entity.fields {
		byColumn[f.cqlName] = f
	}
	cursor := result.Cursor()
	for range result.RowCount {
		cells, keys := make([][]byte, len(c.entity.fields)), 0
		for _, column := range result.Columns {
			cell := cursor.Next()
			f := byColumn[column.Name]
			if f == nil || column.Table != "" && column.Table != c.entity.cqlName {
				continue
			}
			cells[f.at] = cell
			if f.isKey() && bytes.Equal(cell, c.cells[f.at]) {
				keys++
			}
		}
		if keys == len(c.entity.primary()) {
			return outcome{cells: cells}
		}
	}
	return outcome{cells: make([][]byte, len(c.entity.fields))}
}
