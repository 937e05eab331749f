package store

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"
)

// ValueRange is a range of indexed values; a nil end is open.
type ValueRange struct {
	Start, End                   []byte
	StartInclusive, EndInclusive bool
}

// IndexIter walks index entries.
type IndexIter struct {
	r       *Reader
	it      *pebble.Iterator
	err     error
	started bool
	// prefix: all entries wanted begin with it, and are sought within it.
	prefix []byte
	seek   []byte
	// bounded: the iterator has bounds instead.
	bounded bool

	// value and row are the parts of the current key, once parsed.
	value []byte
	row   []byte
}

// Index reads the entries of one value of an index in order (token,
// partition, clustering), from the key from on if that is not nil (see
// IndexKey). Entries are candidates: the row decides.
func (r *Reader) Index(index uint32, value, from []byte) *IndexIter {
	it := r.indexIter()
	it.prefix = appendIndexValue(it.prefix[:0], index, value)
	it.seek = append(append(it.seek[:0], it.prefix...), from...)
	return it
}

// IndexRange reads the entries of a range of values, ordered by (value, token,
// partition, clustering).
func (r *Reader) IndexRange(index uint32, values ValueRange) *IndexIter {
	it := r.indexIter()
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
	return it
}

func (r *Reader) indexIter() *IndexIter {
	var it *IndexIter
	if n := len(r.indexIters); n > 0 {
		it = r.indexIters[n-1]
		r.indexIters = r.indexIters[:n-1]
	} else {
		it = new(IndexIter)
	}
	it.r, it.started, it.bounded = r, false, false
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
	return it.at(ok)
}

// Seek moves to the first entry of the value, which Index was asked for, whose
// key is key or behind it.
func (it *IndexIter) Seek(key []byte) bool {
	if it.err != nil {
		return false
	}
	it.started = true
	it.seek = append(append(it.seek[:0], it.prefix...), key...)
	return it.at(it.it.SeekPrefixGE(it.seek))
}

func (it *IndexIter) at(ok bool) bool {
	if !ok {
		it.err = it.it.Error()
		return false
	}
	key := it.it.Key()
	if !it.bounded {
		if !bytes.HasPrefix(key, it.prefix) {
			return false
		}
		it.row = key[len(it.prefix):]
		return true
	}
	if len(key) > indexLen {
		if n := escapedLen(key[indexLen:]); n >= 0 {
			it.value, it.row = key[indexLen:indexLen+n], key[indexLen+n:]
			return true
		}
	}
	it.err = corruptf("index key %x", key)
	return false
}

// AppendValue appends the indexed value of the entry, which IndexRange found.
func (it *IndexIter) AppendValue(dst []byte) []byte {
	dst, _, _ = unescape(dst, it.value)
	return dst
}

// Key tells the row of the entry, or its partition: keys compare bytewise as
// rows stand in the table, that of a partition before those of its rows. Valid
// until the iterator moves. See IndexKey.
func (it *IndexIter) Key() []byte { return it.row }

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
	it.r, it.it, it.err, it.value, it.row = nil, nil, nil, nil, nil
	r.indexIters = append(r.indexIters, it)
	return err
}
