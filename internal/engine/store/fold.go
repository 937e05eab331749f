package store

import (
	"bytes"
	"time"

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
	stripe := &s.stripes[stripeOf(keyToken(key))]
	stripe.Lock()
	defer stripe.Unlock()
	return s.rewrite(key, Deletion{}, flagFolded)
}

// rewrite does what fold does, for a caller that holds the stripe. outer is a
// tombstone over the row.
func (s *Store) rewrite(key []byte, outer Deletion, flags byte) error {
	value, closer, err := s.db.Get(key)
	if err == pebble.ErrNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	defer closer.Close()
	p := purge{outer: outer, now: minTime, gcBefore: minTime}
	if s.layouts != nil {
		if l := s.layouts(keyTable(key)); l != nil {
			p = newPurge(l, time.Now().Unix())
			p.outer = outer
		}
	}
	p.flags = flags
	var m rowMerger
	row, err := m.purge(nil, value, &p)
	if err != nil {
		return err
	}
	if flags == 0 && bytes.Equal(row, value) {
		return nil
	}
	if isEmptyRow(row) {
		return s.db.Delete(key, pebble.NoSync)
	}
	return s.db.Set(key, row, pebble.NoSync)
}
