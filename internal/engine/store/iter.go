package store

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Iter walks partitions and their rows.
//
//	for it.NextPartition() {
//		for it.NextRow() {
//			it.Row()
//		}
//	}
//	if err := it.Err(); err != nil { ... }
type Iter struct {
	r  *Reader
	l  *Layout
	sc *Scan
	it *pebble.Iterator
	// ok: it is at a key.
	ok  bool
	err error
	// headed: a partition may have head entries, so they are read first.
	headed  bool
	bounded bool
	started bool
	// none: the range holds no partition.
	none bool
	// ranges are the Slices in table order; their bounds are in rangeBuf.
	ranges   []keyRange
	rangeBuf []byte
	// list is the next of sc.Partitions.
	list int
	// resume is the encoded clustering key of sc.Resume while its partition is
	// still ahead (resuming) or is the current one (resumed).
	resume            []byte
	resuming, resumed bool

	partitionState
	point      pointRead
	kept       partitionRead
	tombstones int
	// latest is the greatest write time read so far.
	latest int64
}

// partitionState is an Iter's current partition.
type partitionState struct {
	prefix    []byte // of its keys
	partition []byte
	token     int64
	del       Deletion
	dels      rangeDels
	static    Row
	hasStatic bool
	statics   []byte // stored static row
	// open: rows may follow. pending: the current row was not asked for yet.
	open, pending bool
	// slice is the current one of ranges.
	slice int
	// folded: the key the iterator is at hides a long chain of older operands.
	folded  bool
	row     Row
	seek    []byte
	scratch rowScratch
}

// Scan reads partitions and rows of a table as sc says. sc must stay unchanged
// until the Iter is closed.
func (r *Reader) Scan(l *Layout, sc *Scan) *Iter {
	var it *Iter
	if n := len(r.iters); n > 0 {
		it = r.iters[n-1]
		r.iters = r.iters[:n-1]
	} else {
		it = new(Iter)
	}
	it.r, it.l, it.sc = r, l, sc
	it.encodeSlices()
	it.headed = len(l.Clustering) == 0 || r.s.heads.has(l.ID)
	if it.lookUp(); it.point.hit {
		it.err = r.enter()
		return it
	}
	if it.point.hash == 0 {
		it.lookUpPartition()
	}
	if it.kept.rows != nil {
		it.err = r.enter()
		it.start()
		return it
	}
	if it.it, it.err = r.acquire(); it.err != nil {
		return it
	}
	if !it.headed && r.s.heads.has(l.ID) { // asked again: the state is fixed only now
		it.headed, it.point.version, it.kept.version = true, 0, 0
	}
	it.start()
	if it.kept.fill > 0 && it.kept.version != 0 {
		it.fill()
	}
	return it
}

func (it *Iter) encodeSlices() {
	it.ranges, it.rangeBuf = it.ranges[:0], it.rangeBuf[:0]
	if it.sc.Slices == nil {
		it.ranges = append(it.ranges, keyRange{single: len(it.l.Clustering) == 0})
	}
	for i := range it.sc.Slices {
		var r keyRange
		r, it.rangeBuf = appendKeyRange(it.rangeBuf, it.l, &it.sc.Slices[i])
		if !r.empty() {
			it.ranges = append(it.ranges, r)
		}
	}
}

// NextPartition moves to the next partition, past rows not read of the current
// one. Partitions without a live row are skipped; one with only a live static
// row is answered with zero rows (unless Scan.NoStatic), even if all its rows
// lie outside Scan.Slices, but not when Scan.Resume says that it was before.
func (it *Iter) NextPartition() bool {
	if it.point.hit && it.err == nil {
		return it.nextCached()
	}
	for it.err == nil {
		if !it.nextPartition() {
			it.open = false
			return false
		}
		it.readHead()
		it.seekFirst()
		it.pending = it.findRow()
		if it.err != nil {
			break
		}
		if it.pending || it.hasStatic && !it.resumed {
			return true
		}
	}
	it.open, it.pending = false, false
	return false
}

// Latest is the greatest write time in microseconds that was read so far, of
// tombstones and of what they hide too; 0 before anything was. A write that is
// later is not hidden by any of it.
func (it *Iter) Latest() int64 { return it.latest }

// Partition is the raw key of the current partition, valid until the next.
func (it *Iter) Partition() []byte { return it.partition }

// Token of the current partition.
func (it *Iter) Token() int64 { return it.token }

// Static is the static row, nil when nothing of it is live. Valid until the
// next partition.
func (it *Iter) Static() *Row {
	if !it.hasStatic {
		return nil
	}
	return &it.static
}

// NextRow moves to the next row of the current partition.
func (it *Iter) NextRow() bool {
	if it.pending {
		it.pending = false
		return true
	}
	if !it.open || it.err != nil {
		return false
	}
	if it.point.hit {
		it.open = false
		return false
	}
	it.step()
	return it.findRow()
}

// Row is the current row, valid until the next.
func (it *Iter) Row() *Row { return &it.row }

// SkipPartition passes over the remaining rows of the current partition.
func (it *Iter) SkipPartition() { it.open, it.pending = false, false }

// Tombstones is the number of tombstones passed so far: dead cells, rows and
// range tombstones, counted as ReadCommand does.
func (it *Iter) Tombstones() int { return it.tombstones }

// Err returns what ended the iteration early, or nil.
func (it *Iter) Err() error { return it.err }

// Close releases the iterator and returns Err.
func (it *Iter) Close() error {
	err := it.err
	r := it.r
	if r == nil {
		return err
	}
	it.countRead()
	if it.it != nil {
		if it.bounded {
			it.it.SetBounds(nil, nil)
		}
		r.idle = append(r.idle, it.it)
	}
	it.recycle()
	r.iters = append(r.iters, it)
	return err
}

// recycle empties it, keeping its buffers.
func (it *Iter) recycle() {
	p := &it.partitionState
	p.dels.reset()
	*it = Iter{
		ranges: it.ranges[:0], rangeBuf: it.rangeBuf[:0], resume: it.resume[:0],
		partitionState: partitionState{
			prefix: p.prefix[:0], partition: p.partition[:0], dels: p.dels, statics: p.statics[:0], seek: p.seek[:0],
			static: Row{Cells: p.static.Cells[:0]}, row: Row{Clustering: p.row.Clustering[:0], Cells: p.row.Cells[:0]},
			scratch: p.scratch,
		},
		point: pointRead{key: it.point.key[:0], value: it.point.value[:0]},
	}
	it.scratch.trim()
}

// iterate notes where an operation of the Pebble iterator ended.
func (it *Iter) at(ok bool) {
	it.ok, it.folded = ok, false
	if !ok {
		if err := it.it.Error(); err != nil && it.err == nil {
			it.err = err
		}
	}
}

// inPartition reports whether the iterator is at a key of the current partition.
func (it *Iter) inPartition() bool {
	return it.ok && bytes.HasPrefix(it.it.Key(), it.prefix)
}

// listed: partitions come from a list.
func (it *Iter) listed() bool { return it.sc.Partitions != nil }

// seekGE moves to the first key from key on; within the partition if that is
// all that is of interest, for then bloom filters help.
func (it *Iter) seekGE(key []byte) {
	if it.listed() && !it.sc.Reverse {
		it.at(it.it.SeekPrefixGE(key))
	} else {
		it.at(it.it.SeekGE(key))
	}
}

// setPartition makes the partition with that raw key the current one.
func (it *Iter) setPartition(key []byte) {
	it.partition = append(it.partition[:0], key...)
	it.token = cqltype.Token(key)
	it.prefix = appendPartition(it.prefix[:0], it.l.ID, it.token, key)
}
