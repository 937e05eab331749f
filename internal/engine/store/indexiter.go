package store

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// ValueRange is a range of indexed values; a nil end is open.
type ValueRange struct {
	Start, End                   []byte
	StartInclusive, EndInclusive bool
}

// IndexIter walks index entries.
type IndexIter struct {
	r       *Reader
	l       *Layout
	it      *pebble.Iterator
	err     error
	started bool
	// prefix: all entries wanted begin with it, and are sought within it.
	prefix []byte
	seek   []byte
	// bounded: the iterator has bounds instead.
	bounded bool

	value, partition []byte
	clustering       [][]byte
	buf              []byte
}

// Index reads the entries of one value of an index in order (token,
// partition, clustering), from behind resume if that is not nil. Entries are
// candidates: the row decides.
func (r *Reader) Index(index uint32, l *Layout, value []byte, resume *Position) *IndexIter {
	it := r.indexIter(l)
	it.prefix = appendIndexValue(it.prefix[:0], index, value)
	it.seek = append(it.seek[:0], it.prefix...)
	if resume != nil {
		it.seek = appendResume(it.seek, l, resume)
	}
	return it
}

// IndexRange reads the entries of a range of values, ordered by (value, token,
// partition, clustering), from behind the entry (resumeValue, resume) if resume
// is not nil.
func (r *Reader) IndexRange(index uint32, l *Layout, values ValueRange, resumeValue []byte, resume *Position) *IndexIter {
	it := r.indexIter(l)
	it.prefix = it.prefix[:0]
	lower := appendTable(nil, index)
	lower[0] = spaceIndex
	upper, _ := appendSuccessor(nil, lower)
	if values.Start != nil {
		lower = appendEscaped(lower, values.Start)
		if !values.StartInclusive {
			lower[len(lower)-1]++
		}
	}
	if values.End != nil {
		upper = appendIndexValue(upper[:0], index, values.End)
		if values.EndInclusive {
			upper[len(upper)-1]++
		}
	}
	if it.err == nil {
		it.it.SetBounds(lower, upper)
		it.bounded = true
	}
	it.seek = append(it.seek[:0], lower...)
	if resume != nil {
		it.seek = appendResume(appendIndexValue(it.seek[:0], index, resumeValue), l, resume)
	}
	return it
}

// appendResume appends the rest of the smallest key behind a position.
func appendResume(key []byte, l *Layout, p *Position) []byte {
	key = appendEscaped(appendToken(key, cqltype.Token(p.Partition)), p.Partition)
	if p.PartitionDone {
		key[len(key)-1]++
		return key
	}
	return append(appendClustering(key, l, p.Clustering), 0)
}

func (r *Reader) indexIter(l *Layout) *IndexIter {
	var it *IndexIter
	if n := len(r.indexIters); n > 0 {
		it = r.indexIters[n-1]
		r.indexIters = r.indexIters[:n-1]
	} else {
		it = new(IndexIter)
	}
	it.r, it.l, it.started, it.bounded = r, l, false, false
	it.it, it.err = r.acquire()
	return it
}

// Next moves to the next entry.
func (it *IndexIter) Next() bool {
	if it.err != nil {
		return false
	}
	var ok bool
	switch {
	case it.started:
		ok = it.it.Next()
	case it.bounded:
		ok = it.it.SeekGE(it.seek)
	default:
		ok = it.it.SeekPrefixGE(it.seek)
	}
	it.started = true
	if !ok {
		it.err = it.it.Error()
		return false
	}
	return bytes.HasPrefix(it.it.Key(), it.prefix) && it.parse(it.it.Key())
}

func (it *IndexIter) parse(key []byte) bool {
	rest := key
	ok := len(rest) > indexLen
	if ok {
		it.value, rest, ok = unescape(it.value[:0], rest[indexLen:])
	}
	if ok = ok && len(rest) > 8; ok {
		it.partition, rest, ok = unescape(it.partition[:0], rest[8:])
	}
	if !ok {
		it.err = corruptf("index key %x", key)
		return false
	}
	it.clustering = it.clustering[:0]
	if len(rest) > 0 {
		it.clustering, it.buf, it.err = decodeClustering(it.l, rest, it.clustering, it.buf[:0])
	}
	return it.err == nil
}

// Value is the indexed value of the entry, valid until the next.
func (it *IndexIter) Value() []byte { return it.value }

// Partition is the raw partition key of the entry, valid until the next.
func (it *IndexIter) Partition() []byte { return it.partition }

// Clustering holds the clustering values of the entry, nil for an entry of a
// static column or of a table without clustering columns. They equal the row's,
// but may be written differently (decimals). Valid until the next.
func (it *IndexIter) Clustering() [][]byte {
	if len(it.clustering) == 0 {
		return nil
	}
	return it.clustering
}

// Err returns what ended the iteration early, or nil.
func (it *IndexIter) Err() error { return it.err }

// Close releases the iterator and returns Err.
func (it *IndexIter) Close() error {
	err := it.err
	r := it.r
	if r == nil {
		return err
	}
	if it.it != nil {
		if it.bounded {
			it.it.SetBounds(nil, nil)
		}
		r.idle = append(r.idle, it.it)
	}
	it.r, it.l, it.it, it.err = nil, nil, nil, nil
	r.indexIters = append(r.indexIters, it)
	return err
}
