package store

import "github.com/cockroachdb/pebble/v2"

// sweepChunk is how many rows under a tombstone are rewritten while the
// partition's writers wait.
const sweepChunk = 64

// deletion removes the rows under a partition or range tombstone, then marks
// it as swept or, after gc_grace, removes it. n is the length of the partition's
// prefix.
func (w *sweeper) deletion(key []byte, n int, now int64, p *purge) error {
	del, flags, err := w.s.getDeletion(key)
	if err != nil || del.Live() {
		return err
	}
	if !p.purgeable(del.LocalTime) && (flags&deletionSwept != 0 || del.LocalTime+sweepDelay > now) {
		return nil
	}
	under := *p
	under.outer = del
	lower := append(append([]byte(nil), key[:n]...), headStatic)
	upper := append(append([]byte(nil), key[:n]...), kindRow+1)
	if key[n] == headRange {
		r, _, err := decodeKeyRange(key[n+1:], nil)
		if err != nil {
			return err
		}
		lower = append(append(lower[:n], kindRow), r.lo...)
		if r.hi != nil {
			upper = append(append(upper[:n], kindRow), r.hi...)
		}
	}
	for lower != nil {
		if lower, err = w.rowsUnder(key, lower, upper, n, &under); err != nil {
			return err
		}
	}
	return nil
}

// rowsUnder rewrites the first rows from lower on under the tombstone at key,
// and returns where to go on. After the last it finishes the tombstone, at once,
// so that in a partition of ordinary size no write comes between.
func (w *sweeper) rowsUnder(key, lower, upper []byte, n int, p *purge) (next []byte, err error) {
	stripe := w.s.stripe(key)
	stripe.Lock()
	defer stripe.Unlock()
	it, err := w.s.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return nil, err
	}
	defer it.Close()
	done := 0
	for ok := it.First(); ok; ok = it.Next() {
		if it.Key()[n] == headRange {
			continue
		}
		if done == sweepChunk {
			return append([]byte(nil), it.Key()...), nil
		}
		done++
		if err := w.s.rewrite(it.Key(), p); err != nil {
			return nil, err
		}
	}
	if err := it.Error(); err != nil {
		return nil, err
	}
	return nil, w.s.finishDeletion(key, p)
}

// finishDeletion removes or marks a tombstone whose rows are gone, unless a
// later one than p.outer has taken its place meanwhile. The caller holds the
// stripe.
func (s *Store) finishDeletion(key []byte, p *purge) error {
	del, _, err := s.getDeletion(key)
	if err != nil || del != p.outer {
		return err
	}
	if p.purgeable(del.LocalTime) {
		return s.db.Delete(key, pebble.NoSync)
	}
	return s.db.Set(key, appendDeletion(nil, del, deletionSwept), pebble.NoSync)
}

// getDeletion reads a stored tombstone; the zero Deletion when there is none.
func (s *Store) getDeletion(key []byte) (Deletion, byte, error) {
	stored, closer, err := s.db.Get(key)
	if err == pebble.ErrNotFound {
		return Deletion{}, 0, nil
	}
	if err != nil {
		return Deletion{}, 0, err
	}
	defer closer.Close()
	return decodeDeletion(stored)
}
