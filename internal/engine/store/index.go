package store

import (
	"github.com/cockroachdb/pebble/v2"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// DropIndexEntry removes an index entry that a reader found stale, if stale,
// which is given the state after all writes so far to that partition, still
// says so. No write to the partition is applied meanwhile, so stale must be
// quick and must not write. It takes effect at once, without a Batch.
func (s *Store) DropIndexEntry(index uint32, value, partition []byte, l *Layout, clustering [][]byte, stale func(*Reader) (bool, error)) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if err := s.disk.writable(); err != nil {
		return err
	}
	stripe := &s.stripes[stripeOf(cqltype.Token(partition))]
	stripe.Lock()
	defer stripe.Unlock()
	r := s.NewReader()
	yes, err := stale(r)
	if e := r.Close(); err == nil {
		err = e
	}
	if err != nil || !yes {
		return err
	}
	// An entry that comes back after a crash is found stale again: no fsync.
	return s.db.Delete(appendIndexEntry(nil, index, value, partition, l, clustering), pebble.NoSync)
}
