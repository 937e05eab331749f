package exec

import (
	"bytes"
	"context"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
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

// checkIndexes refuses a search by an index that is not built yet. The replica
// of a storage-attached one tells so, that of another does not.
func (x *selectRun) checkIndexes(s *plan.IndexSearch) error {
	if x.db.IndexBuilt == nil {
		return nil
	}
	var err error
	s.Indexes(func(ix *index.Index) {
		if err != nil || x.db.IndexBuilt(ix.ID) {
			return
		}
		const replica = "127.0.0.1"
		reason, code := "UNKNOWN", uint16(0)
		if ix.SAI {
			reason, code = "INDEX_NOT_AVAILABLE", indexNotAvailable
		}
		err = &cqlerr.Error{
			Code:        cqlerr.ReadFailure,
			Message:     "Operation failed - received 0 responses and 1 failures: " + reason + " from /" + replica + ":7000",
			Consistency: uint16(x.consistency), BlockFor: 1, Failures: map[string]uint16{replica: code},
		}
	})
	return err
}

// indexNotAvailable is a reason code (RequestFailureReason).
const indexNotAvailable = 6

// indexable reports whether the search helps: a partition of one row, or one
// that is a candidate as a whole, is better read at once when it is named.
func (x *selectRun) indexable(s *plan.IndexSearch) bool {
	if len(s.Terms) == 0 {
		return false
	}
	if x.scan.Partitions == nil {
		return true
	}
	if len(x.scan.Partitions) != 1 || len(x.p.Table.Clustering) == 0 || x.p.Where.OneRow() {
		return false
	}
	for _, t := range s.Terms {
		if !t.IsRange() && !t.Index.OfPartitions() {
			return true
		}
	}
	return false
}

// maxStaleDrops bounds the stale entries that one read removes.
const maxStaleDrops = 512

// indexRead reads the rows that indexes have in common.
type indexRead struct {
	ctx context.Context
	x   *selectRun
	r   *store.Reader
	// rows are the streams of row keys, partitions those of partition keys; one
	// may be empty.
	rows, partitions []*stream
	// from and to bound the keys that are wanted; to, which may be nil, is a
	// beginning of the last ones.
	from, to []byte
	drops    int
	scan     store.Scan
	key      store.IndexKey
	one      [1][]byte
	slice    [1]store.Slice
	// last is the partition read last.
	last []byte
	// live rows and tombstones of what the indexes led to.
	live, tombstones int
	// regular are the columns whose tombstones count in a partition that had a
	// candidate before, with which its static row was counted; nil until there is one.
	regular []uint32
	// cursor is the key that streams are moved to next.
	cursor []byte
}

// readIndex feeds the rows that the search finds, in the order of the table.
// When an index has too much for it, the table is read from end to end.
func (x *selectRun) readIndex(ctx context.Context, r *store.Reader, s *plan.IndexSearch) error {
	d := &indexRead{ctx: ctx, x: x, r: r, scan: x.scan}
	d.scan.Resume = nil
	d.bounds()
	ok, err := d.open(s)
	switch {
	case err != nil:
	case !ok:
		err = x.drain(ctx, r.Scan(x.p.Layout, &x.scan))
	case len(d.rows) > 0:
		err = d.readRows()
	default:
		err = d.readPartitions()
	}
	for _, list := range [][]*stream{d.rows, d.partitions} {
		for _, s := range list {
			if e := s.close(); err == nil {
				err = e
			}
		}
	}
	x.tellTombstones(d.last, d.live, d.tombstones)
	return err
}

// bounds works out from where to where keys are wanted.
func (d *indexRead) bounds() {
	x := d.x
	if len(x.scan.Partitions) == 1 {
		d.from = store.AppendIndexKey(nil, x.scan.Partitions[0], x.p.Layout, nil)
		d.to = d.from
	} else {
		t := &x.scan.Tokens
		if t.Start != nil {
			d.from = store.AppendIndexToken(nil, *t.Start)
		}
		if t.End != nil {
			d.to = store.AppendIndexToken(nil, *t.End)
		}
	}
	if p := x.scan.Resume; p != nil {
		// What is behind a row begins with its key; what is behind a partition or
		// a row of a whole partition does not begin with the partition's.
		d.from = append(store.AppendIndexKey(nil, p.Partition, x.p.Layout, p.Clustering), 0)
		if p.PartitionDone || len(x.p.Table.Clustering) == 0 {
			d.from = store.AppendIndexKey(nil, p.Partition, x.p.Layout, nil)
			d.from[len(d.from)-1]++
		}
	}
}

// inBounds reports whether a key is wanted.
func (d *indexRead) inBounds(key []byte, partition bool) bool {
	from := d.from
	if partition && d.x.resumesInside() {
		from = store.IndexKeyPartition(from)
	}
	if bytes.Compare(key, from) < 0 {
		return false
	}
	n := min(len(key), len(d.to))
	return (d.to == nil || bytes.Compare(key[:n], d.to) <= 0) && d.inTokens(key)
}

// inTokens reports whether a key within the bounds is of a token that is wanted:
// the ends of a range may be left out.
func (d *indexRead) inTokens(key []byte) bool {
	t := &d.x.scan.Tokens
	if d.x.scan.Partitions != nil || t.Start == nil && t.End == nil {
		return true
	}
	k := store.IndexKeyToken(key)
	return (t.Start == nil || k > *t.Start || t.StartInclusive && k == *t.Start) && (t.End == nil || k < *t.End || t.EndInclusive && k == *t.End)
}

// resumesInside: the page before ended between the rows of a partition.
func (x *selectRun) resumesInside() bool {
	return x.scan.Resume != nil && !x.scan.Resume.PartitionDone && len(x.p.Table.Clustering) > 0
}

// open opens the streams; ok is false when nothing is left of the search.
func (d *indexRead) open(s *plan.IndexSearch) (ok bool, err error) {
	limit := maxEntries
	for _, t := range s.Terms {
		if t.IsRange() {
			continue
		}
		values, err := t.Bind(&d.x.env)
		if err != nil {
			return false, err
		}
		form := values.Values.Start
		d.add(&stream{ix: t.Index, it: d.r.Index(t.Index.ID, form, nil), form: form})
		limit = maxSideEntries
	}
	for _, t := range s.Terms {
		if !t.IsRange() {
			continue
		}
		values, err := t.Bind(&d.x.env)
		if err != nil {
			return false, err
		}
		found, ok, err := d.collect(t, values.Values, limit)
		if err != nil {
			return false, err
		}
		if !ok {
			if err := d.tidy(t.Index, found); err != nil {
				return false, err
			}
			continue
		}
		d.add(&stream{ix: t.Index, found: found})
	}
	return len(d.rows)+len(d.partitions) > 0, nil
}

func (d *indexRead) add(s *stream) {
	if s.ix.OfPartitions() {
		d.partitions = append(d.partitions, s)
	} else {
		d.rows = append(d.rows, s)
	}
}

// readRows feeds the rows that all streams have.
func (d *indexRead) readRows() error {
	key := d.from
	for !d.x.done() {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		found, err := meet(d.rows, key)
		if err != nil || found == nil || !d.inBounds(found, false) && d.past(found) {
			return err
		}
		at := store.IndexKeyPartition(found)
		partition, err := meet(d.partitions, at)
		switch {
		case err != nil:
			return err
		case len(d.partitions) > 0 && partition == nil:
			return nil
		case len(d.partitions) > 0 && !bytes.Equal(partition, at):
			d.cursor = append(d.cursor[:0], partition...)
			key = d.cursor
			continue
		}
		d.cursor = append(append(d.cursor[:0], found...), 0)
		key = d.cursor
		if d.inBounds(found, false) {
			if err := d.candidate(found); err != nil {
				return err
			}
		}
	}
	return nil
}

// readPartitions feeds the rows of the partitions that all streams have.
func (d *indexRead) readPartitions() error {
	key := d.from
	if d.x.resumesInside() {
		key = store.IndexKeyPartition(key)
	}
	for !d.x.done() {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		found, err := meet(d.partitions, key)
		if err != nil || found == nil || !d.inBounds(found, true) && d.past(found) {
			return err
		}
		d.cursor = append(append(d.cursor[:0], found...), 0)
		key = d.cursor
		if d.inBounds(found, true) {
			if err := d.candidate(found); err != nil {
				return err
			}
		}
	}
	return nil
}

// past reports whether no key behind this one is wanted.
func (d *indexRead) past(key []byte) bool {
	n := min(len(key), len(d.to))
	return d.to != nil && bytes.Compare(key[:n], d.to) > 0
}

// meet moves streams to the first key from key on that all of them have, and
// returns it; nil when there is none.
func meet(streams []*stream, key []byte) ([]byte, error) {
	agree := 0
	for i := 0; len(streams) > 0; i = (i + 1) % len(streams) {
		s := streams[i]
		if s.key == nil || bytes.Compare(s.key, key) < 0 {
			if err := s.forward(key); err != nil || s.key == nil {
				return nil, err
			}
		}
		if bytes.Equal(s.key, key) {
			agree++
		} else {
			key, agree = s.key, 1
		}
		if agree == len(streams) {
			return s.key, nil
		}
	}
	return nil, nil
}

// candidate reads the row or the partition that a key leads to.
func (d *indexRead) candidate(key []byte) error {
	x := d.x
	if err := d.key.Parse(x.p.Layout, key); err != nil {
		return err
	}
	if d.key.Clustering != nil && !x.p.Where.Within(x.scan.Slices, d.key.Clustering) {
		return nil
	}
	d.one[0] = d.key.Partition
	d.scan.Partitions, d.scan.Slices, d.scan.Resume = d.one[:], x.scan.Slices, nil
	if d.key.Clustering != nil {
		d.slice[0] = store.Slice{Start: d.key.Clustering, End: d.key.Clustering, StartInclusive: true, EndInclusive: true}
		d.scan.Slices = d.slice[:]
	} else if x.resumesInside() && bytes.Equal(x.scan.Resume.Partition, d.key.Partition) {
		d.scan.Resume = x.scan.Resume
	}
	d.scan.Counted = nil
	if bytes.Equal(d.last, d.key.Partition) {
		if d.regular == nil {
			d.regular = storages(x.p.Table.Regular)
		}
		d.scan.Counted = d.regular
	}
	it := d.r.Scan(x.p.Layout, &d.scan)
	before := x.live
	ok, err := d.feed(it)
	if err == nil {
		err = it.Err()
	}
	if ok || err != nil {
		err = d.count(it, x.live-before, err)
	}
	if e := it.Close(); err == nil {
		err = e
	}
	if err == nil && (!ok || d.several()) {
		err = d.dropStale()
	}
	return err
}

// count adds up what was met in the candidate; of all candidates together there
// may not be too many tombstones.
func (d *indexRead) count(it *store.Iter, live int, err error) error {
	x := d.x
	x.tombstones += it.Tombstones()
	d.live += live
	d.tombstones += it.Tombstones()
	d.last = append(d.last[:0], d.key.Partition...)
	if limit := d.scan.TombstoneLimit; err == nil && limit > 0 && d.tombstones > limit {
		return store.ErrTooManyTombstones
	}
	return err
}

// feed feeds the candidate; ok is false when it is not what the entries said.
func (d *indexRead) feed(it *store.Iter) (ok bool, err error) {
	x := d.x
	if !it.NextPartition() {
		return false, nil
	}
	left := x.inPartition
	if ok, err = x.startPartition(it.Partition(), it.Static()); err != nil || !ok {
		return false, err
	}
	if bytes.Equal(d.last, it.Partition()) {
		x.inPartition = left // the candidate before was of this partition too
		if it.Static() != nil {
			x.live-- // which was counted with it
		}
	}
	switch {
	case x.inPartition == 0:
		return true, nil
	case len(d.rows) == 0 && x.p.Distinct:
		return true, x.distinct(it)
	case len(d.rows) == 0:
		return true, x.rowsOf(d.ctx, it)
	case !it.NextRow():
		return false, nil
	}
	x.view.row = it.Row()
	if ok, err = x.meets(x.rowPredicates); err != nil {
		return false, err
	} else if !ok {
		return d.fresh(it.Partition(), it.Row(), it.Static())
	}
	x.live++
	_, err = x.add()
	return true, err
}

// several: an index has the candidate under more than one form, of which one
// at most is not stale, unless it is of a collection.
func (d *indexRead) several() bool {
	for _, s := range d.rows {
		if s.same() > 1 {
			return true
		}
	}
	for _, s := range d.partitions {
		if s.same() > 1 {
			return true
		}
	}
	return false
}
