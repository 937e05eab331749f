package store

import "hash/maphash"

// pointRead is what an Iter keeps of a scan for one row by its whole primary
// key, which the row cache may answer.
type pointRead struct {
	// hit: the row came from the cache. It is answered once.
	hit bool
	row cachedRow
	// version for rowShard.put of the row, 0 when it is not to be kept.
	version uint64
	hash    uint64
	key     []byte
	value   []byte // buffer of row.value
}

// lookUp asks the row cache, if the scan is for one row and may be answered by
// it alone: the reader must not have read anything yet, for all its scans show
// one state, and the partition must have no head but its tombstone.
func (it *Iter) lookUp() {
	if it.r.first != nil || len(it.sc.Partitions) != 1 || len(it.ranges) != 1 || !it.ranges[0].single || it.sc.Resume != nil || it.sc.Reverse {
		return
	}
	if len(it.l.Clustering) > 0 && it.headed {
		return
	}
	s := it.r.s
	it.setPartition(it.sc.Partitions[0])
	p := &it.point
	p.key = append(append(append(p.key[:0], it.prefix...), kindRow), it.ranges[0].lo...)
	p.hash = maphash.Bytes(s.seed, p.key)
	p.row, p.hit, p.version = s.rows[stripeOf(it.token)].get(p.hash, p.key, p.value[:0])
	if p.hit {
		p.value = p.row.value
	}
}

// keep puts the row that was just read into the cache.
func (it *Iter) keep(value []byte) {
	p := &it.point
	it.r.s.rows[stripeOf(it.token)].put(p.version, p.hash, p.key, cachedRow{value, it.del})
	p.version = 0
}

// nextCached answers the partition of a row from the cache, once.
func (it *Iter) nextCached() bool {
	p := &it.point
	if it.list > 0 {
		it.open = false
		return false
	}
	it.list++
	it.del, it.open = p.row.deletion, true
	it.latest = max(it.latest, it.del.Timestamp)
	it.pending = it.loadStored(p.key[len(it.prefix)+1:], p.row.value, it.del)
	it.open = it.pending
	return it.pending
}
