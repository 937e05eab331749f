package store

import "hash/maphash"

// partitionRead is what an Iter keeps of a scan of one partition, which the
// cache of partitions may answer.
type partitionRead struct {
	// rows are those of the partition, nil when they are read from the store; at
	// is the one the iterator is at, -1 or their number when it is at none.
	rows *cachedPartition
	at   int
	// version for partitionCache.keep of the partition, 0 when it is not to be
	// kept; it is if it has no more than fill rows.
	version uint64
	fill    int
	hash    uint64
	// loaded counts the rows read from the store.
	loaded int
}

// lookUpPartition asks the cache of partitions, if the scan is of one partition
// and may be answered by it alone: see lookUp.
func (it *Iter) lookUpPartition() {
	s := it.r.s
	if s.partitions.limit == 0 || it.headed || it.r.first != nil || len(it.sc.Partitions) != 1 {
		return
	}
	it.setPartition(it.sc.Partitions[0])
	p := &it.kept
	p.hash, p.at = maphash.Bytes(s.seed, it.prefix), -1
	p.rows, p.version, p.fill = s.rows[stripeOf(it.token)].partition(&s.partitions, p.hash, it.prefix)
}

// fill reads the whole partition, keeps it and answers from it. One that is too
// large is read as if there were no cache.
func (it *Iter) fill() {
	p, s := &it.kept, it.r.s
	rows := &cachedPartition{prefix: append([]byte(nil), it.prefix...)}
	it.seek = append(append(it.seek[:0], it.prefix...), kindRow)
	n := len(it.seek)
	for it.at(it.it.SeekPrefixGE(it.seek)); it.inPartition(); it.next() {
		key := it.it.Key()
		value, err := it.it.ValueAndErr()
		if err == nil && (len(key) < n || len(value) < 2) {
			err = corruptf("key %x", key)
		}
		if err != nil {
			it.err = err
			return
		}
		it.passed(key, value[1])
		if !rows.add(key[n:], value, p.fill) {
			most := p.fill
			if rows.len() < p.fill { // it has too many bytes
				most = maxPartitionRows
			}
			s.rows[stripeOf(it.token)].tooLarge(p.hash, most)
			return
		}
	}
	if it.err == nil {
		s.partitions.keep(&s.rows, stripeOf(it.token), p.version, p.hash, rows)
		p.rows = rows
	}
}

// countRead tells the cache of partitions what was read in the store of a
// partition that it does not have.
func (it *Iter) countRead() {
	if p := &it.kept; p.version != 0 && p.rows == nil {
		it.r.s.rows[stripeOf(it.token)].count(p.hash, seekUnits+p.loaded)
	}
}
