package store

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// MaxBatchBytes is the most a Batch may hold; Commit refuses a larger one.
const MaxBatchBytes = 256 << 20

// Batch collects writes, to any tables, that are applied and made durable
// together or not at all. It is not safe for concurrent use. Every Batch ends
// with Commit or Discard and must not be used after. Arguments are copied.
type Batch struct {
	s       *Store
	b       *pebble.Batch
	key     []byte
	value   []byte
	stripes stripeSet
	// The partition that key begins with, whose prefix has prefixLen bytes; 0 when
	// it begins otherwise.
	table      uint32
	raw        []byte
	prefixLen  int
	prefixHash uint64
	// heads are tables that get their first head entry: see headTables.
	heads []uint32
	hot   [][]byte
	// touched are the rows written, for the row cache; emptied says that rows
	// went that are not listed.
	touched []touchedRow
	emptied bool
}

var batchPool = sync.Pool{New: func() any { return new(Batch) }}

// NewBatch returns an empty batch.
func (s *Store) NewBatch() *Batch {
	b := batchPool.Get().(*Batch)
	b.s, b.b = s, s.db.NewBatch()
	return b
}

// partition starts b.key with a partition's prefix, which is there already when
// the write before was to the same partition.
func (b *Batch) partition(l *Layout, partition []byte) {
	if b.prefixLen > 0 && b.table == l.ID && bytes.Equal(b.raw, partition) {
		b.key = b.key[:b.prefixLen]
		return
	}
	token := cqltype.Token(partition)
	b.stripes.add(stripeOf(token))
	b.key = appendPartition(b.key[:0], l.ID, token, partition)
	b.table, b.raw, b.prefixLen = l.ID, append(b.raw[:0], partition...), len(b.key)
	b.prefixHash = maphash.Bytes(b.s.seed, b.key)
}

// other starts b.key with something else.
func (b *Batch) other() []byte {
	b.prefixLen = 0
	return b.key[:0]
}

func (b *Batch) merge() {
	_ = b.b.Merge(b.key, b.value, nil) // it has no error to return
	if cap(b.value) > maxPooledBuffer {
		b.value = nil // not to be held while the batch is written
	}
}

// PutRow adds what r holds to a row. A table without clustering columns has
// clustering nil.
func (b *Batch) PutRow(l *Layout, partition []byte, clustering [][]byte, r *RowBuilder) {
	b.partition(l, partition)
	b.key = appendClustering(append(b.key, kindRow), l, clustering)
	b.value = r.appendTo(b.value[:0], l, clustering)
	b.merge()
	if b.s.hot.touch(b.touch()) {
		b.hot = append(b.hot, append([]byte(nil), b.key...))
	}
}

// maxTouched bounds touched; a batch of more rows drops all of its stripes.
const maxTouched = 4096

// touch notes that the row at b.key is written, and returns the key's hash.
func (b *Batch) touch() uint64 {
	hash := maphash.Bytes(b.s.seed, b.key)
	if len(b.touched) == maxTouched {
		b.emptied = true
	} else {
		b.touched = append(b.touched, touchedRow{hash, b.prefixHash, stripeOf(keyToken(b.key))})
	}
	return hash
}

// PutStatic adds what r holds to the partition's static row.
func (b *Batch) PutStatic(l *Layout, partition []byte, r *RowBuilder) {
	b.partition(l, partition)
	b.head(l)
	b.key = append(b.key, headStatic)
	b.value = r.appendTo(b.value[:0], l, nil)
	b.merge()
}

// DeletePartition deletes a partition, its static row included.
func (b *Batch) DeletePartition(l *Layout, partition []byte, d Deletion) {
	b.partition(l, partition)
	b.head(l)
	b.key = append(b.key, headPartition)
	b.value = appendDeletion(b.value[:0], d, 0)
	b.merge()
	if len(l.Clustering) == 0 {
		b.key[len(b.key)-1] = kindRow
		b.touch()
	}
}

// DeleteRange deletes the rows of a partition within a slice.
func (b *Batch) DeleteRange(l *Layout, partition []byte, s Slice, d Deletion) {
	r := newKeyRange(l, &s)
	if r.empty() {
		return
	}
	b.partition(l, partition)
	b.head(l)
	b.key = r.appendTo(append(b.key, headRange))
	b.value = appendDeletion(b.value[:0], d, 0)
	b.merge()
}

// head notes that l's table has head entries from now on.
func (b *Batch) head(l *Layout) {
	if len(l.Clustering) == 0 || b.s.heads.has(l.ID) {
		return
	}
	_ = b.b.Set(appendHeadKey(nil, l.ID), nil, nil)
	b.heads = append(b.heads, l.ID)
}

// PutIndex adds an index entry: value (any bytes; their order is the order of
// IndexRange) to the row. clustering is nil for an entry of a static column or
// of a table without clustering columns.
func (b *Batch) PutIndex(index uint32, value, partition []byte, l *Layout, clustering [][]byte) {
	b.stripes.add(stripeOf(cqltype.Token(partition)))
	b.key = appendIndexEntry(b.other(), index, value, partition, l, clustering)
	_ = b.b.Set(b.key, nil, nil)
}

// SetMeta stores a small named value (catalog, identity, ...).
func (b *Batch) SetMeta(name, value []byte) {
	b.key = appendMetaKey(b.other(), name)
	_ = b.b.Set(b.key, value, nil)
}

// DeleteMeta removes a named value.
func (b *Batch) DeleteMeta(name []byte) {
	b.key = appendMetaKey(b.other(), name)
	_ = b.b.Delete(b.key, nil)
}

// DropTable removes all rows of a table, whatever their timestamps (DROP, TRUNCATE).
func (b *Batch) DropTable(id uint32) {
	b.drop(appendTable(b.other(), id))
}

// DropIndex removes all entries of an index.
func (b *Batch) DropIndex(id uint32) {
	prefix := appendTable(b.other(), id)
	prefix[0] = spaceIndex
	b.drop(prefix)
}

func (b *Batch) drop(prefix []byte) {
	// Nothing may rewrite a row of the table while it goes.
	b.stripes.addAll()
	b.emptied = true
	b.key = prefix
	b.value, _ = appendSuccessor(b.value[:0], prefix)
	_ = b.b.DeleteRange(b.key, b.value, nil)
}

// Len is the number of keys written so far.
func (b *Batch) Len() int { return int(b.b.Count()) }

// Size is the number of bytes that will go to the log.
func (b *Batch) Size() int { return b.b.Len() }

// Commit applies the batch: visible at once, durable when it returns nil
// (unless Options.Periodic). After an error nothing or everything of it may be
// found after a restart, as after a lost answer. It ends the batch.
func (b *Batch) Commit() error {
	defer b.Discard()
	if b.b.Empty() {
		return nil
	}
	if b.b.Len() > MaxBatchBytes {
		return fmt.Errorf("store: batch of %d bytes is larger than %d", b.b.Len(), MaxBatchBytes)
	}
	s := b.s
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if err := s.disk.writable(); err != nil {
		return err
	}
	for _, id := range b.heads {
		s.heads.add(id)
	}
	if err := s.write(b, s.clock.mark(b.b)); err != nil {
		return err
	}
	for _, key := range b.hot {
		s.requestFold(key)
	}
	return s.disk.failure()
}

// write applies the batch and, unless in periodic mode, waits until it is durable.
func (s *Store) write(b *Batch, mark int64) error {
	switch {
	case s.periodic:
		s.unsynced.Store(true)
		return s.apply(b, mark, pebble.NoSync)
	case s.syncs.claim():
		began := time.Now()
		defer func() { s.syncs.done(1, time.Since(began)) }()
		if err := s.apply(b, mark, pebble.Sync); err != nil {
			return err
		}
		return b.b.SyncWait()
	default:
		if err := s.apply(b, mark, pebble.NoSync); err != nil {
			return err
		}
		return s.syncs.wait()
	}
}

// apply makes the batch visible; nobody folds a row of its partitions meanwhile. A
// sync that is asked for is begun, not waited for.
func (s *Store) apply(b *Batch, mark int64, o *pebble.WriteOptions) (err error) {
	s.stripes.rlock(&b.stripes)
	defer s.stripes.runlock(&b.stripes)
	s.rows.begin(&b.stripes)
	defer s.rows.end(b)
	if o.Sync {
		err = s.db.ApplyNoSyncWait(b.b, o)
	} else {
		err = s.db.Apply(b.b, o)
	}
	if err == nil {
		s.clock.marked(mark)
	}
	return err
}

// Discard ends the batch without a write.
func (b *Batch) Discard() {
	if b.b == nil {
		return
	}
	_ = b.b.Close() // it only gives the memory back
	b.s, b.b, b.stripes, b.prefixLen = nil, nil, stripeSet{}, 0
	b.heads, b.hot, b.touched, b.emptied = b.heads[:0], nil, b.touched[:0], false
	if cap(b.value) > maxPooledBuffer {
		b.value = nil
	}
	batchPool.Put(b)
}
