package store

import (
	"bytes"
	"errors"
	"math"
)

var (
	errStop     = errors.New("store: stop")
	errPosition = errors.New("store: position is of a partition that is not read")
)

// start prepares the walk over partitions: the place in the list, or the bounds
// of the range.
func (it *Iter) start() {
	if p := it.sc.Resume; p != nil && !it.done(p) {
		it.resuming = true
		if p.Clustering != nil {
			it.resume = appendClustering(it.resume[:0], it.l, p.Clustering)
		}
	}
	if it.listed() {
		it.startList()
	} else {
		it.startRange()
	}
}

// done reports whether nothing more is wanted of the position's partition.
func (it *Iter) done(p *Position) bool { return p.PartitionDone || len(it.l.Clustering) == 0 }

func (it *Iter) startList() {
	p := it.sc.Resume
	if p == nil {
		return
	}
	for i, key := range it.sc.Partitions {
		if bytes.Equal(key, p.Partition) {
			it.list = i
			if it.done(p) {
				it.list++
			}
			return
		}
	}
	it.err = errPosition
}

// startRange sets the bounds of the token range. A range without tokens has no
// partition.
func (it *Iter) startRange() {
	t := &it.sc.Tokens
	lower := appendTable(nil, it.l.ID)
	upper, _ := appendSuccessor(nil, lower)
	if t.Start != nil {
		start := *t.Start
		if !t.StartInclusive {
			if start == math.MaxInt64 {
				it.none = true
				return
			}
			start++
		}
		lower = appendToken(lower, start)
	}
	if t.End != nil && !(t.EndInclusive && *t.End == math.MaxInt64) {
		end := *t.End
		if t.EndInclusive {
			end++
		}
		upper = appendToken(appendTable(upper[:0], it.l.ID), end)
	}
	if bytes.Compare(lower, upper) >= 0 {
		it.none = true
		return
	}
	it.it.SetBounds(lower, upper)
	it.bounded = true
	it.seek = append(it.seek[:0], lower...)
	if p := it.sc.Resume; p != nil {
		it.setPartition(p.Partition)
		if it.done(p) {
			it.seek, _ = appendSuccessor(it.seek[:0], it.prefix)
		} else {
			it.seek = append(it.seek[:0], it.prefix...)
		}
	}
}

// nextPartition finds the next partition with any key, live or not.
func (it *Iter) nextPartition() bool {
	it.resumed = false
	if it.listed() {
		if it.list >= len(it.sc.Partitions) {
			return false
		}
		it.setPartition(it.sc.Partitions[it.list])
		it.list++
		it.resumed, it.resuming = it.resuming, false
		it.ok = false
		return true
	}
	switch {
	case it.none:
		return false
	case !it.started:
		it.started = true
		it.at(it.it.SeekGE(it.seek))
	case !it.inPartition():
		// A whole partition was read: the iterator is at the next one, unless it
		// went backward.
		if it.sc.Reverse {
			it.passPartition()
		}
	case it.sc.Reverse:
		it.passPartition()
	default:
		it.at(it.it.NextPrefix())
	}
	if !it.ok {
		return false
	}
	return it.parsePartition()
}

func (it *Iter) passPartition() {
	it.seek, _ = appendSuccessor(it.seek[:0], it.prefix)
	it.at(it.it.SeekGE(it.seek))
}

// parsePartition makes the partition the iterator is at the current one.
func (it *Iter) parsePartition() bool {
	key := it.it.Key()
	n := partitionLen(key)
	if n < 0 || n >= len(key) {
		it.err = corruptf("key %x", key)
		return false
	}
	it.prefix = append(it.prefix[:0], key[:n]...)
	it.token = keyToken(key)
	var ok bool
	if it.partition, _, ok = unescape(it.partition[:0], key[tokenEnd:n]); !ok {
		it.err = corruptf("key %x", key)
		return false
	}
	if it.resuming {
		it.resuming = false
		it.resumed = bytes.Equal(it.partition, it.sc.Resume.Partition)
	}
	return true
}

// readHead reads the entries before the partition's rows.
func (it *Iter) readHead() {
	it.del, it.hasStatic, it.open = Deletion{}, false, true
	it.dels.reset()
	if it.listed() {
		if !it.headed {
			return
		}
		it.seekGE(it.prefix)
	}
	haveStatic := false
	n := len(it.prefix)
	for ; it.inPartition() && len(it.it.Key()) > n && it.it.Key()[n] < kindRow; it.at(it.it.Next()) {
		key := it.it.Key()
		value, err := it.it.ValueAndErr()
		if err != nil {
			it.err = err
			return
		}
		switch key[n] {
		case headPartition:
			it.del, _, err = decodeDeletion(value)
		case headStatic:
			it.statics = append(it.statics[:0], value...)
			haveStatic = true
		case headRange:
			err = it.dels.add(key[n+1:], value)
		default:
			err = corruptf("key %x", key)
		}
		if err != nil {
			it.err = err
			return
		}
	}
	it.latest = max(it.latest, it.del.Timestamp, it.dels.latest())
	it.dels.split()
	it.tombstones += markersOfRange * it.dels.within(it.ranges)
	if haveStatic && !it.sc.NoStatic && it.err == nil {
		it.loadStatic()
	}
}
