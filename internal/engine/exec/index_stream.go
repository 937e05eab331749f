package exec

import (
	"bytes"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// stream yields what one index has for a condition, in the order of the table:
// keys of rows or of partitions (see store.AppendIndexKey).
type stream struct {
	ix *index.Index
	// it reads the entries of one form from the index, which are in order.
	it   *store.IndexIter
	form []byte
	// found are the entries of a range of forms, sorted; at is the current one.
	found *entries
	at    int
	// key is the current one, nil at the end.
	key []byte
}

// seek moves to the first key from key on.
func (s *stream) seek(key []byte) error {
	s.key = nil
	if s.found != nil {
		s.at = s.found.search(key, s.at)
		if s.at < len(s.found.list) {
			s.key = s.found.key(s.at)
		}
		return nil
	}
	if s.it.Seek(key) {
		s.key = s.it.Key()
	}
	return s.it.Err()
}

// forward is seek from an earlier key on.
func (s *stream) forward(key []byte) error {
	if n := len(s.key); s.key != nil && len(key) == n+1 && key[n] == 0 && bytes.Equal(key[:n], s.key) {
		return s.next() // what follows is behind key
	}
	return s.seek(key)
}

// next moves on to the next key, past the same key under other forms.
func (s *stream) next() error {
	if s.found == nil {
		s.key = nil
		if s.it.Next() {
			s.key = s.it.Key()
		}
		return s.it.Err()
	}
	s.at += s.same()
	s.key = nil
	if s.at < len(s.found.list) {
		s.key = s.found.key(s.at)
	}
	return nil
}

// same counts the entries of the current key.
func (s *stream) same() int {
	if s.found == nil {
		return 1
	}
	n := 1
	for s.at+n < len(s.found.list) && bytes.Equal(s.found.key(s.at+n), s.key) {
		n++
	}
	return n
}

// forms calls f with the forms of the current key's entries.
func (s *stream) forms(f func(form []byte) error) error {
	if s.found == nil {
		return f(s.form)
	}
	for i := range s.same() {
		if err := f(s.found.form(s.at + i)); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) close() error {
	if s.it == nil {
		return nil
	}
	return s.it.Close()
}

// entries are index entries in memory.
type entries struct {
	data []byte
	list []entry
}

// entry says where in entries.data a key and its form are.
type entry struct{ key, form, end uint32 }

func (e *entries) key(i int) []byte  { return e.data[e.list[i].key:e.list[i].form] }
func (e *entries) form(i int) []byte { return e.data[e.list[i].form:e.list[i].end] }

// search returns the first entry from from on whose key is key or behind it.
func (e *entries) search(key []byte, from int) int {
	n, _ := slices.BinarySearchFunc(e.list[from:], key, func(x entry, key []byte) int {
		return bytes.Compare(e.data[x.key:x.form], key)
	})
	return from + n
}

// The bytes of entries that are collected of a range of forms: beside a
// condition that leads to few rows anyway it is not worth much. Tests lower them.
var (
	maxEntries     = 4 << 20
	maxSideEntries = 256 << 10
)

// collect reads the entries of a range of forms whose keys are wanted; ok is
// false when they are more than limit bytes.
func (d *indexRead) collect(t *plan.IndexTerm, values store.ValueRange, limit int) (e *entries, ok bool, err error) {
	e = &entries{}
	it := d.r.IndexRange(t.Index.ID, values)
	ok = true
	passed := 0
	for it.Next() {
		if passed++; passed%checkEvery == 0 && d.ctx.Err() != nil {
			err = d.ctx.Err()
			break
		}
		key := it.Key()
		if !d.inBounds(key, t.Index.OfPartitions()) {
			continue
		}
		if len(e.data)+len(key) > limit {
			ok = false
			break
		}
		x := entry{key: uint32(len(e.data))}
		e.data = append(e.data, key...)
		x.form = uint32(len(e.data))
		e.data = it.AppendValue(e.data)
		x.end = uint32(len(e.data))
		e.list = append(e.list, x)
	}
	if e := it.Close(); err == nil {
		err = e
	}
	slices.SortFunc(e.list, func(a, b entry) int { return bytes.Compare(e.data[a.key:a.form], e.data[b.key:b.form]) })
	return e, ok, err
}
