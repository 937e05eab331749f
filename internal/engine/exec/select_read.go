package exec

import (
	"bytes"
	"context"
	"errors"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// read feeds the sink from an index, the store or a table in memory.
func (x *selectRun) read(ctx context.Context) error {
	if x.p.Layout == nil {
		if x.db.Virtual == nil {
			return cqlerr.Unsupportedf("Table %s.%s", x.p.Table.Keyspace, x.p.Table.Name)
		}
		it, err := x.db.Virtual.Open(ctx, x.p.Table, &x.scan)
		if err != nil {
			return err
		}
		return x.drain(ctx, it)
	}
	r := x.db.Store.NewReader()
	err := x.readStore(ctx, r)
	if e := r.Close(); err == nil {
		err = e
	}
	if errors.Is(err, store.ErrTooManyTombstones) {
		return x.tooManyTombstones()
	}
	return err
}

func (x *selectRun) readStore(ctx context.Context, r *store.Reader) error {
	if ix := x.p.Where.Index(); ix != nil && x.indexable(ix) {
		return x.readIndex(ctx, r, ix)
	}
	return x.drain(ctx, r.Scan(x.p.Layout, &x.scan))
}

// drain reads it to the end, or until the answer is complete, and closes it.
func (x *selectRun) drain(ctx context.Context, it RowIter) error {
	err := x.partitions(ctx, it)
	if err == nil {
		err = it.Err()
	}
	x.countTombstones(it)
	if e := it.Close(); err == nil {
		err = e
	}
	return err
}

func (x *selectRun) partitions(ctx context.Context, it RowIter) error {
	for !x.done() && it.NextPartition() {
		if err := x.pause(ctx); err != nil {
			return err
		}
		ok, err := x.startPartition(it.Partition(), it.Static())
		if err != nil {
			return err
		}
		if !ok {
			it.SkipPartition()
			continue
		}
		if x.p.Distinct {
			err = x.distinct(it)
		} else {
			err = x.rowsOf(ctx, it)
		}
		if err != nil {
			return err
		}
		if len(x.scan.Partitions) > 1 {
			x.warnTombstones(it)
		}
	}
	x.warnTombstones(it)
	return nil
}

// pause looks at the context now and then.
func (x *selectRun) pause(ctx context.Context) error {
	if x.seen++; x.seen%checkEvery == 0 {
		return ctx.Err()
	}
	return nil
}

// done reports whether the answer, or its page, is complete. A sink that holds
// a row back decides itself.
func (x *selectRun) done() bool { return x.full || x.remaining == 0 }

// startPartition makes the partition the current one; false when it does not
// meet the predicates.
func (x *selectRun) startPartition(key []byte, static *store.Row) (bool, error) {
	x.view.partition, x.view.static, x.view.row = key, static, nil
	if static != nil && x.p.Layout != nil {
		x.live++ // as Cassandra counts it
	}
	var ok bool
	if x.view.key, ok = cqltype.SplitPartitionKey(x.view.key[:0], key, len(x.p.Table.PartitionKey)); !ok {
		return false, cqlerr.Newf(cqlerr.ServerError, "malformed partition key of %d bytes in %s.%s", len(key), x.p.Table.Keyspace, x.p.Table.Name)
	}
	x.inPartition = x.perPartition
	if r := x.resume; r != nil && bytes.Equal(r.position.Partition, key) {
		x.inPartition = min(r.inPartition, x.perPartition)
	}
	return x.meets(x.partitionPredicates)
}

// rowsOf feeds the rows of the current partition.
func (x *selectRun) rowsOf(ctx context.Context, it RowIter) error {
	some := false
	for !x.done() && it.NextRow() {
		some = true
		x.live++
		if err := x.pause(ctx); err != nil {
			return err
		}
		x.view.row = it.Row()
		ok, err := x.meets(x.rowPredicates)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		skip, err := x.add()
		if err != nil {
			return err
		}
		if skip {
			it.SkipPartition()
			return nil
		}
	}
	if some || x.done() || x.view.static == nil || !x.p.StaticRows {
		return nil
	}
	if r := x.resume; r != nil && bytes.Equal(r.position.Partition, x.view.partition) {
		return nil // its rows were on the page before
	}
	x.view.row = nil
	_, err := x.add()
	return err
}

// distinct feeds the current partition as one row.
func (x *selectRun) distinct(it RowIter) error {
	if x.view.static == nil && !it.NextRow() {
		return nil
	}
	x.live++
	x.view.row = nil
	_, err := x.add()
	it.SkipPartition()
	return err
}

// add feeds the current row; skip: no more of the partition is wanted.
func (x *selectRun) add() (skip bool, err error) {
	skip, err = x.sink.row(x)
	if err == nil && len(x.out) > MaxResult {
		err = cqlerr.Newf(cqlerr.ServerError, "The answer exceeds %d MB; set a page size or a LIMIT", MaxResult>>20)
	}
	return skip, err
}

// meets reports whether the current row meets the predicates.
func (x *selectRun) meets(predicates []plan.Predicate) (bool, error) {
	for i := range predicates {
		v, longer, err := x.view.value(predicates[i].Column, x.filterBuffer[:0])
		if err != nil {
			return false, err
		}
		x.filterBuffer = longer
		if !predicates[i].Matches(v) {
			return false, nil
		}
	}
	return true, nil
}
