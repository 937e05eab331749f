package exec

import (
	"bytes"
	"context"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// predicates binds the predicates and parts those that a partition decides
// from those that each row does.
func (x *selectRun) predicates() error {
	all, err := x.p.Where.Predicates(&x.env)
	if err != nil || len(all) == 0 {
		return err
	}
	for _, p := range all {
		if p.Column.Kind == schema.PartitionKey || p.Column.Kind == schema.Static {
			x.partitionPredicates = append(x.partitionPredicates, p)
		} else {
			x.rowPredicates = append(x.rowPredicates, p)
		}
	}
	return nil
}

// indexable reports whether the index helps: a partition of one row, or with
// entries for the whole partition, is better read at once when it is named.
func (x *selectRun) indexable(ix *plan.IndexPlan) bool {
	if x.scan.Partitions == nil {
		return true
	}
	return len(x.scan.Partitions) == 1 && len(x.p.Table.Clustering) > 0 && ix.Column.Kind != schema.Static &&
		ix.Column.Kind != schema.PartitionKey
}

// maxStaleDrops bounds the stale entries that one read removes.
const maxStaleDrops = 128

// indexRead reads the rows that an index has under one value.
type indexRead struct {
	x     *selectRun
	r     *store.Reader
	ix    *index.Index
	form  []byte
	drops int
	scan  store.Scan
	one   [1][]byte
	slice [1]store.Slice
	// only is the one partition wanted, nil for all.
	only []byte
	last []byte
}

// readIndex feeds the rows that ix finds, in the order of the table.
func (x *selectRun) readIndex(ctx context.Context, r *store.Reader, ip *plan.IndexPlan) error {
	form, err := ip.Value(&x.env)
	if err != nil {
		return err
	}
	d := &indexRead{x: x, r: r, ix: index.New(x.p.Table, ip.Index), form: form, scan: x.scan}
	d.scan.Resume = nil
	var from *store.Position
	if len(x.scan.Partitions) == 1 {
		d.only = x.scan.Partitions[0]
		from = &store.Position{Partition: d.only}
	}
	if resume := x.scan.Resume; resume != nil {
		from = resume
		if d.ix.Column.Kind == schema.Static && !resume.PartitionDone {
			// The entry of the partition the page ended in is behind us: read on in it.
			d.scan.Resume = resume
			if err = d.entry(ctx, resume.Partition, nil); err != nil {
				return err
			}
			d.scan.Resume = nil
			from = &store.Position{Partition: resume.Partition, PartitionDone: true}
		}
	}
	it := r.Index(ip.Index.Storage, x.p.Layout, form, from)
	for !x.done() && it.Next() {
		if err = ctx.Err(); err != nil {
			break
		}
		key := it.Partition()
		if d.only != nil && !bytes.Equal(key, d.only) {
			break
		}
		if !inTokens(&x.scan.Tokens, key) {
			continue
		}
		if err = d.entry(ctx, key, it.Clustering()); err != nil {
			break
		}
	}
	if e := it.Err(); err == nil {
		err = e
	}
	if e := it.Close(); err == nil {
		err = e
	}
	return err
}

func inTokens(t *store.TokenRange, key []byte) bool {
	if t.Start == nil && t.End == nil {
		return true
	}
	k := cqltype.Token(key)
	if t.Start != nil && (k < *t.Start || k == *t.Start && !t.StartInclusive) {
		return false
	}
	return t.End == nil || k < *t.End || k == *t.End && t.EndInclusive
}

// entry reads the row, or for an entry of a static column or a table without
// clustering columns the partition, that an entry leads to.
func (d *indexRead) entry(ctx context.Context, key []byte, clustering [][]byte) error {
	x := d.x
	if clustering != nil && !x.p.Where.Within(x.scan.Slices, clustering) {
		return nil
	}
	d.one[0] = key
	d.scan.Partitions = d.one[:]
	if clustering != nil {
		d.slice[0] = store.Slice{Start: clustering, End: clustering, StartInclusive: true, EndInclusive: true}
		d.scan.Slices = d.slice[:]
	}
	it := d.r.Scan(x.p.Layout, &d.scan)
	err := d.feed(ctx, it)
	if err == nil {
		err = it.Err()
	}
	if e := it.Close(); err == nil {
		err = e
	}
	return err
}

func (d *indexRead) feed(ctx context.Context, it *store.Iter) error {
	x := d.x
	static := d.ix.Column.Kind == schema.Static
	if !it.NextPartition() {
		return d.dropStale()
	}
	left := x.inPartition
	ok, err := x.startPartition(it.Partition(), it.Static())
	if err != nil {
		return err
	}
	if bytes.Equal(d.last, it.Partition()) {
		x.inPartition = left // the entry before was of this partition too
	}
	d.last = append(d.last[:0], it.Partition()...)
	var row *store.Row
	if !static && it.NextRow() {
		row = it.Row()
	}
	fresh, err := d.ix.Covers(it.Partition(), row, it.Static(), d.form)
	switch {
	case err != nil:
		return err
	case !fresh:
		return d.dropStale()
	case !ok || x.inPartition == 0:
		return nil
	case static && x.p.Distinct:
		return x.distinct(it)
	case static:
		return x.rowsOf(ctx, it)
	}
	x.view.row = row
	if ok, err = x.meets(x.rowPredicates); err != nil || !ok {
		return err
	}
	_, err = x.add()
	return err
}

// dropStale removes the current entry, whose row does not have the value (any more).
func (d *indexRead) dropStale() error {
	if d.drops++; d.drops > maxStaleDrops {
		return nil
	}
	x := d.x
	var clustering [][]byte
	if d.scan.Slices != nil {
		clustering = d.slice[0].Start
	}
	scan := d.scan
	scan.Resume = nil
	return x.db.Store.DropIndexEntry(d.ix.ID, d.form, d.one[0], x.p.Layout, clustering, func(r *store.Reader) (bool, error) {
		it := r.Scan(x.p.Layout, &scan)
		stale := true
		var err error
		if it.NextPartition() {
			var row *store.Row
			if d.ix.Column.Kind != schema.Static && it.NextRow() {
				row = it.Row()
			}
			var fresh bool
			fresh, err = d.ix.Covers(it.Partition(), row, it.Static(), d.form)
			stale = !fresh
		}
		if e := it.Close(); err == nil {
			err = e
		}
		return stale, err
	})
}
