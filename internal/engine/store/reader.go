package store

import (
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// Reader reads one consistent state of the store, the one at its first use. It
// is not safe for concurrent use and must be closed. Iterators of one Reader
// may be used side by side, all in that state; they must be closed before it.
type Reader struct {
	s *Store
	// first fixed the state. The others are its clones.
	first *pebble.Iterator
	idle  []*pebble.Iterator
	// iters and indexIters wait to be used again.
	iters      []*Iter
	indexIters []*IndexIter
	entered    bool
}

var readerPool = sync.Pool{New: func() any { return new(Reader) }}

// NewReader returns a reader. It is cheap: one per statement.
func (s *Store) NewReader() *Reader {
	r := readerPool.Get().(*Reader)
	r.s = s
	s.reads.Add(1)
	return r
}

// Reads is how many readers there were so far: statements that read.
func (s *Store) Reads() int64 { return s.reads.Load() }

// readOptions of all reading iterators. Filters on the last level too: LWT asks
// for what is not there all the time.
var readOptions = pebble.IterOptions{UseL6Filters: true}

// acquire returns an iterator without bounds in the reader's state.
func (r *Reader) acquire() (*pebble.Iterator, error) {
	if n := len(r.idle); n > 0 {
		it := r.idle[n-1]
		r.idle = r.idle[:n-1]
		return it, nil
	}
	if r.first != nil {
		return r.first.Clone(pebble.CloneOptions{})
	}
	if err := r.enter(); err != nil {
		return nil, err
	}
	it, err := r.s.db.NewIter(&readOptions)
	if err != nil {
		return nil, err
	}
	r.first = it
	return it, nil
}

// enter notes the use of the store, once.
func (r *Reader) enter() error {
	if r.entered {
		return nil
	}
	err := r.s.enter()
	r.entered = err == nil
	return err
}

// release takes an iterator without bounds back.
func (r *Reader) release(it *pebble.Iterator) { r.idle = append(r.idle, it) }

// Close releases the reader.
func (r *Reader) Close() error {
	var err error
	for _, it := range r.idle {
		if e := it.Close(); e != nil && err == nil {
			err = e
		}
	}
	if r.entered {
		r.s.leave()
	}
	clear(r.idle)
	*r = Reader{idle: r.idle[:0], iters: r.iters, indexIters: r.indexIters}
	readerPool.Put(r)
	return err
}
