package store

import (
	"bytes"
	"encoding/binary"
	"sync"
	"sync/atomic"
)

// rowCache holds stored rows that were read by their whole primary key, as one
// value each, so that reading them again asks neither memtables nor blocks: a
// seek in a full memtable costs many times what the rest of a read does.
//
// It never serves an old row. Of each stripe of partitions, pending counts the
// batches that are being applied; while there are any, the stripe's rows are
// neither served nor kept. When a batch has been applied, its rows are dropped
// and the stripe's version changes, so that a reader that began before keeps
// nothing. So whoever sees a write – by a scan, or by its acknowledgement –
// finds it in all later reads.
//
// Rows lie one behind the other in two buffers a stripe, without pointers, so
// that the collector does not look at them. New ones go to the young buffer, and
// so do those of the old one that are read again; when the young one is full it
// becomes the old one.
type rowCache [stripeCount]rowShard

// rowShard is the part of the cache for one stripe.
type rowShard struct {
	pending atomic.Int32

	mu      sync.Mutex
	version uint64
	young   rowGeneration
	old     rowGeneration
	// limit of each generation, in bytes.
	limit int
	// requests, and hits among them, while the cache served.
	requests, hits int64

	partitions partitionShard

	_ [64]byte // shards are written by different cores
}

// rowGeneration is rows that were kept at about the same time.
type rowGeneration struct {
	index map[uint64]uint32 // hash of a row's key -> place in rows
	rows  []byte
}

// The sizes of the cache. What is longer than maxCachedRow is read from the
// store each time.
const (
	rowCacheShare    = 512 // of the machine's memory
	minRowCacheBytes = 4 << 20
	maxRowCacheBytes = 64 << 20
	maxCachedRow     = 4 << 10
)

// rowHeader is what precedes a row: the partition's tombstone, and the lengths
// of key and value.
const rowHeader = 8 + 8 + 4 + 4

// init sets the size for a machine with that memory in bytes. A cache that is
// not initialized keeps nothing.
func (c *rowCache) init(memory int64) {
	limit := min(max(memory/rowCacheShare, minRowCacheBytes), maxRowCacheBytes) / (2 * stripeCount)
	for i := range c {
		c[i].limit = int(limit)
	}
}

// begin notes that a batch on these stripes is about to be applied.
func (c *rowCache) begin(t *stripeSet) { t.each(func(i int) { c[i].pending.Add(1) }) }

// end drops what the batch has written, when it has been applied, or failed.
func (c *rowCache) end(b *Batch) {
	partitions := &b.s.partitions
	if b.emptied {
		c.clear(&b.stripes, partitions)
	}
	for i := 0; i < len(b.touched); {
		stripe := b.touched[i].stripe
		s := &c[stripe]
		s.mu.Lock()
		for ; i < len(b.touched) && b.touched[i].stripe == stripe; i++ {
			row := &b.touched[i]
			delete(s.young.index, row.hash)
			delete(s.old.index, row.hash)
			partitions.drop(s, row.partition)
		}
		s.version++
		s.mu.Unlock()
	}
	b.stripes.each(func(i int) { c[i].pending.Add(-1) })
}

// clear drops all rows and partitions of the stripes.
func (c *rowCache) clear(t *stripeSet, partitions *partitionCache) {
	t.each(func(i int) {
		s := &c[i]
		s.mu.Lock()
		s.young.clear()
		s.old.clear()
		partitions.dropAll(s)
		s.version++
		s.mu.Unlock()
	})
}

// touchedRow is a row that a batch writes.
type touchedRow struct {
	hash      uint64
	partition uint64 // hash of its key's prefix
	stripe    uint8
}

// cachedRow is a row that was found: its stored value, and the tombstone of its
// partition.
type cachedRow struct {
	value    []byte
	deletion Deletion
}

// get finds a row and appends its value to dst. If it is not there, version is
// what put needs to keep it; 0 when it must not be kept.
func (s *rowShard) get(hash uint64, key, dst []byte) (row cachedRow, ok bool, version uint64) {
	if s.pending.Load() != 0 {
		return row, false, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	stored := s.young.find(hash)
	if stored == nil {
		if stored = s.old.find(hash); stored == nil {
			return row, false, s.version + 1
		}
		delete(s.old.index, hash)
		stored = s.renew(hash, stored)
	}
	n := int(binary.LittleEndian.Uint32(stored[16:]))
	if !bytes.Equal(stored[rowHeader:rowHeader+n], key) {
		return row, false, 0 // another row with this hash
	}
	s.hits++
	row.deletion.Timestamp = int64(binary.LittleEndian.Uint64(stored))
	row.deletion.LocalTime = int64(binary.LittleEndian.Uint64(stored[8:]))
	row.value = append(dst, stored[rowHeader+n:]...)
	return row, true, 0
}

// put keeps a row that was read after get gave version, unless its stripe was
// written to meanwhile.
func (s *rowShard) put(version, hash uint64, key []byte, row cachedRow) {
	if rowHeader+len(key)+len(row.value) > min(maxCachedRow, s.limit) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending.Load() != 0 || s.version+1 != version || s.young.find(hash) != nil || s.old.find(hash) != nil {
		return
	}
	g := s.room(rowHeader + len(key) + len(row.value))
	at := len(g.rows)
	b := binary.LittleEndian.AppendUint64(g.rows, uint64(row.deletion.Timestamp))
	b = binary.LittleEndian.AppendUint64(b, uint64(row.deletion.LocalTime))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(key)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(row.value)))
	g.rows = append(append(b, key...), row.value...)
	g.index[hash] = uint32(at)
}

// room returns the young generation with room for a row of size bytes.
func (s *rowShard) room(size int) *rowGeneration {
	if len(s.young.rows)+size > s.limit {
		s.young, s.old = s.old, s.young
		s.young.clear()
	}
	if s.young.index == nil {
		s.young.index = map[uint64]uint32{}
	}
	return &s.young
}

// renew moves a row in stored form, which may lie in the old generation, to the
// young one.
func (s *rowShard) renew(hash uint64, stored []byte) []byte {
	g := s.room(len(stored))
	at := len(g.rows)
	g.rows = append(g.rows, stored...) // also right where it overlaps
	g.index[hash] = uint32(at)
	return g.find(hash)
}

// find returns a row in stored form, or nil.
func (g *rowGeneration) find(hash uint64) []byte {
	at, ok := g.index[hash]
	if !ok {
		return nil
	}
	h := g.rows[at:]
	n := rowHeader + binary.LittleEndian.Uint32(h[16:]) + binary.LittleEndian.Uint32(h[20:])
	return h[:n:n]
}

func (g *rowGeneration) clear() {
	clear(g.index)
	g.rows = g.rows[:0]
}
