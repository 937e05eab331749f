package store

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"
)

// maxPendingFolds bounds the queue of keys to fold; more requests are dropped,
// for the next read or write of the key asks again.
const maxPendingFolds = 64

// requestFold asks for a key's chain of operands to be replaced by one value.
func (s *Store) requestFold(key []byte) {
	select {
	case s.folds <- key:
	default:
	}
}

// fold replaces what is stored of a row by one complete value, without what can
// be purged. It needs no fsync: the log keeps the order, so whatever it
// replaces is there if the fold is not.
func (s *Store) fold(key []byte) error {
	p := purge{now: minTime, gcBefore: minTime}
	if l := s.layout(keyTable(key)); l != nil {
		p = newPurge(l, s.seconds())
	}
	p.flags = flagFolded
	stripe := s.stripe(key)
	stripe.Lock()
	defer stripe.Unlock()
	return s.rewrite(key, &p)
}

// rewrite replaces a stored row by what p leaves of it, or deletes it when that
// is nothing. The caller holds the key's stripe.
func (s *Store) rewrite(key []byte, p *purge) error {
	value, closer, err := s.db.Get(key)
	if err == pebble.ErrNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	defer closer.Close()
	var m rowMerger
	row, err := m.purge(nil, value, p)
	switch {
	case err != nil:
		return err
	case isEmptyRow(row):
		return s.db.Delete(key, pebble.NoSync)
	case p.flags == 0 && bytes.Equal(row, value):
		return nil
	}
	return s.db.Set(key, row, pebble.NoSync)
}

// layout is the layout of a table, nil if it is not known.
func (s *Store) layout(table uint32) *Layout {
	if s.layouts == nil {
		return nil
	}
	return s.layouts(table)
}
