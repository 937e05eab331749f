package store

import (
	"bytes"
	"slices"
	"sync/atomic"
)

// partitionCache holds small partitions of which slices are read again and
// again, whole: what a slice costs is mostly the seek in a memtable, and that
// Pebble hands out each row as a merge of one operand.
//
// It serves no old rows by the rules of rowCache, whose shards it shares: a
// partition is dropped when a batch has written to it, is neither served nor
// kept while one is being applied, and is not kept by a reader that began before
// one was. Tables with head entries go past it, as they go past rowCache.
//
// A partition is kept once as much was read of it, since it was last kept, as
// reading it whole costs. As nobody knows how large it is, that is tried when so
// much was read as a small one holds, and again each time when it was twice as
// much. So what is kept, or tried, in vain costs no more than the reads before.
type partitionCache struct {
	// limit of bytes, held what is kept of them.
	limit int64
	held  atomic.Int64
	// hand goes round the shards in search of what to drop.
	hand atomic.Uint32
	// eager keeps partitions when they are first read.
	eager bool
}

// The sizes of the cache of partitions. Larger partitions are not kept.
const (
	partitionCacheShare    = 1024 // of the machine's memory
	minPartitionCacheBytes = 2 << 20
	maxPartitionCacheBytes = 32 << 20
	maxPartitionBytes      = 256 << 10
	maxPartitionRows       = 4096
)

// What is counted of reads, in rows.
const (
	seekUnits = 16 // about what a seek costs
	// fillUnits must be read of a partition before it is tried to keep it.
	fillUnits = 512
	// largeUnits must be read of a partition that proved to be too large before it
	// is looked at again.
	largeUnits = 16 * maxPartitionRows
)

func (c *partitionCache) init(memory int64, eager bool) {
	c.limit = min(max(memory/partitionCacheShare, minPartitionCacheBytes), maxPartitionCacheBytes)
	c.eager = eager
}

// cachedPartition is the stored rows of a partition in clustering order, one
// behind the other. It does not change once it is kept, so rows that are read
// from it are parts of it.
type cachedPartition struct {
	prefix []byte // of its keys
	// ends[2i] is where in data the encoded clustering key of row i ends,
	// ends[2i+1] where its value does.
	data []byte
	ends []uint32
	used atomic.Bool // since the hand came by
}

func (p *cachedPartition) len() int { return len(p.ends) / 2 }

func (p *cachedPartition) start(i int) uint32 {
	if i == 0 {
		return 0
	}
	return p.ends[2*i-1]
}

// key is the encoded clustering key of row i.
func (p *cachedPartition) key(i int) []byte { return p.data[p.start(i):p.ends[2*i]] }

func (p *cachedPartition) value(i int) []byte {
	return p.data[p.ends[2*i]:p.ends[2*i+1]:p.ends[2*i+1]]
}

// search returns the first row whose key is not before ck.
func (p *cachedPartition) search(ck []byte) int {
	lo, hi := 0, p.len()
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if bytes.Compare(p.key(mid), ck) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// add appends a row; false when that makes more than rows.
func (p *cachedPartition) add(ck, value []byte, rows int) bool {
	if p.len() >= rows || len(p.data)+len(ck)+len(value) > maxPartitionBytes {
		return false
	}
	p.data = append(p.data, ck...)
	p.ends = append(p.ends, uint32(len(p.data)))
	p.data = append(p.data, value...)
	p.ends = append(p.ends, uint32(len(p.data)))
	return true
}

// partitionSize is about what a cached partition takes beside its bytes.
const partitionSize = 256

func (p *cachedPartition) size() int64 {
	return partitionSize + int64(len(p.prefix)+cap(p.data)+4*cap(p.ends))
}

// partitionShard is the part of the cache for one stripe, under the lock of the
// stripe's rowShard.
type partitionShard struct {
	kept map[uint64]*cachedPartition // by the hash of prefix
	// reads are what was read of the partitions that are read most (Misra and
	// Gries' frequent items); one of 0 units is free.
	reads [8]partitionReads
}

// partitionReads is what was read of a partition, by the hash of its prefix. Less
// than 0: it is too large.
type partitionReads struct {
	hash  uint64
	units int
	// tried is with how many units it could not be kept.
	tried int
}

func (s *partitionShard) find(hash uint64) *partitionReads {
	for i := range s.reads {
		if r := &s.reads[i]; r.hash == hash && r.units != 0 {
			return r
		}
	}
	return nil
}

// read counts what was read of a partition. One that finds no room takes as much
// off all others.
func (s *partitionShard) read(hash uint64, units int) {
	r := s.find(hash)
	for i := 0; r == nil && i < len(s.reads); i++ {
		if s.reads[i].units == 0 {
			r = &s.reads[i]
			*r = partitionReads{hash: hash}
		}
	}
	if r != nil {
		r.units += units
		return
	}
	for i := range s.reads {
		if r := &s.reads[i]; r.units > 0 {
			r.units = max(0, r.units-units)
		} else {
			r.units = min(0, r.units+units)
		}
	}
}

// worth is how many rows of a partition it is worth to read so as to keep it, 0
// for none.
func (s *partitionShard) worth(hash uint64) int {
	if r := s.find(hash); r != nil && r.units >= max(fillUnits, 2*r.tried) {
		return min(r.units, maxPartitionRows)
	}
	return 0
}

// keptWith notes that a partition was kept.
func (s *partitionShard) keptWith(hash uint64) {
	if r := s.find(hash); r != nil {
		*r = partitionReads{}
	}
}

// partition finds a partition. If it is not there, version is what keep needs,
// 0 when it must not be kept; it is to be if it has no more than fill rows.
func (s *rowShard) partition(c *partitionCache, hash uint64, prefix []byte) (p *cachedPartition, version uint64, fill int) {
	if s.pending.Load() != 0 {
		return nil, 0, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p = s.partitions.kept[hash]; p == nil {
		if fill = s.partitions.worth(hash); c.eager {
			fill = maxPartitionRows
		}
		return nil, s.version + 1, fill
	}
	if !bytes.Equal(p.prefix, prefix) {
		return nil, 0, 0 // another partition with this hash
	}
	p.used.Store(true)
	return p, 0, 0
}

// count notes that units were read of a partition in the store.
func (s *rowShard) count(hash uint64, units int) {
	s.mu.Lock()
	s.partitions.read(hash, units)
	s.mu.Unlock()
}

// tooLarge notes that a partition has more than so many rows, or is not to be
// kept at all.
func (s *rowShard) tooLarge(hash uint64, rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.partitions.find(hash)
	switch {
	case r == nil:
	case rows < maxPartitionRows:
		r.tried = rows
	default:
		*r = partitionReads{hash: hash, units: -largeUnits}
	}
}

// keep keeps a partition that was read after partition gave version, unless its
// stripe was written to meanwhile.
func (c *partitionCache) keep(rows *rowCache, stripe uint8, version, hash uint64, p *cachedPartition) {
	p.data, p.ends = bytes.Clone(p.data), slices.Clone(p.ends) // without room to grow
	c.makeRoom(rows, p.size())
	s := &rows[stripe]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending.Load() != 0 || s.version+1 != version || s.partitions.kept[hash] != nil {
		return
	}
	if s.partitions.kept == nil {
		s.partitions.kept = map[uint64]*cachedPartition{}
	}
	s.partitions.kept[hash] = p
	c.held.Add(p.size())
	s.partitions.keptWith(hash)
}

// makeRoom drops partitions that were not used lately until there is room for
// size bytes more.
func (c *partitionCache) makeRoom(rows *rowCache, size int64) {
	for range 2 * stripeCount { // the second round finds all unused
		if c.held.Load()+size <= c.limit {
			return
		}
		s := &rows[c.hand.Add(1)%stripeCount]
		s.mu.Lock()
		for hash, p := range s.partitions.kept {
			if !p.used.Swap(false) {
				c.drop(s, hash)
			}
		}
		s.mu.Unlock()
	}
}

// drop drops a partition, if it is there, under the lock of s.
func (c *partitionCache) drop(s *rowShard, hash uint64) {
	if p := s.partitions.kept[hash]; p != nil {
		delete(s.partitions.kept, hash)
		c.held.Add(-p.size())
	}
}

// dropAll drops all partitions of a stripe, under the lock of s.
func (c *partitionCache) dropAll(s *rowShard) {
	for hash := range s.partitions.kept {
		c.drop(s, hash)
	}
}
