package store

import (
	"bytes"
	"math"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// minTime is before everything.
const minTime = math.MinInt64

// sweeper removes what compactions alone never would: Pebble passes a value
// that is already complete on as it is, so a tombstone or an expired cell in it
// would stay for ever. It finds such values by the property due of files and
// blocks, reads no others, and rewrites them.
//
// One run looks at a bounded number of keys; the next goes on behind them.
type sweeper struct {
	// next is where to go on, nil at the beginning.
	next []byte
	left int
}

const (
	// sweepKeys is how many keys a run looks at.
	sweepKeys = 20_000
	// sweepChunk is how many rows under a tombstone are rewritten while the
	// partition's writers wait.
	sweepChunk = 64
)

// run sweeps at a second, through all tables from where the last run ended.
func (w *sweeper) run(s *Store, now int64) error {
	if s.layouts == nil {
		return nil
	}
	w.left = sweepKeys
	for {
		table, ok, err := s.tableFrom(w.next)
		if err != nil || !ok {
			w.next = nil
			return err
		}
		prefix := appendTable(nil, table)
		if l := s.layouts(table); l != nil {
			if err := w.table(s, l, prefix, now); err != nil {
				w.next = nil
				return err
			}
			if w.left <= 0 {
				return nil
			}
		}
		if w.next, ok = appendSuccessor(nil, prefix); !ok || w.next[0] != spaceData {
			w.next = nil
			return nil
		}
	}
}

// tableFrom returns the table of the first data key from key on.
func (s *Store) tableFrom(key []byte) (table uint32, ok bool, err error) {
	if key == nil {
		key = []byte{spaceData}
	}
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: key, UpperBound: []byte{spaceData + 1}})
	if err != nil {
		return 0, false, err
	}
	if it.First() && len(it.Key()) >= tableLen {
		table, ok = keyTable(it.Key()), true
	}
	return table, ok, it.Close()
}

// table sweeps one table.
func (w *sweeper) table(s *Store, l *Layout, prefix []byte, now int64) error {
	p := newPurge(l, now)
	upper, _ := appendSuccessor(nil, prefix)
	lower := prefix
	if bytes.HasPrefix(w.next, prefix) {
		lower = w.next
	}
	it, err := s.db.NewIter(&pebble.IterOptions{
		LowerBound:      lower,
		UpperBound:      upper,
		PointKeyFilters: []pebble.BlockPropertyFilter{dueFilter{now: now, gcBefore: p.gcBefore}},
	})
	if err != nil {
		return err
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		if w.left--; w.left <= 0 {
			w.next = append([]byte(nil), it.Key()...)
			break
		}
		select {
		case <-s.stop:
			return nil
		default:
		}
		// What the filtered iterator shows may lack parts of the row; it only
		// finds candidates.
		d := noDue
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		d.addKey(it.Key(), value)
		if !d.at(now, p.gcBefore) {
			continue
		}
		if err := s.sweepKey(it.Key(), now, &p); err != nil {
			return err
		}
	}
	return it.Error()
}

func (s *Store) sweepKey(key []byte, now int64, p *purge) error {
	n := partitionLen(key)
	if n < 0 || n >= len(key) {
		return corruptf("key %x", key)
	}
	switch key[n] {
	case kindRow, headStatic:
		stripe := &s.stripes[stripeOf(keyToken(key))]
		stripe.Lock()
		defer stripe.Unlock()
		return s.rewrite(key, Deletion{}, 0)
	case headPartition, headRange:
		return s.sweepDeletion(key, n, now, p)
	}
	return corruptf("key %x", key)
}

// sweepDeletion removes the rows under a partition or range tombstone, then
// marks it as swept or, after gc_grace, removes it.
func (s *Store) sweepDeletion(key []byte, n int, now int64, p *purge) error {
	stored, closer, err := s.db.Get(key)
	if err == pebble.ErrNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	del, flags, err := decodeDeletion(stored)
	closer.Close()
	if err != nil {
		return err
	}
	expired := p.purgeable(del.LocalTime)
	if !expired && (flags&deletionSwept != 0 || del.LocalTime+sweepDelay > now) {
		return nil
	}
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
		if lower, err = s.sweepRows(lower, upper, n, del); err != nil {
			return err
		}
	}
	return s.finishDeletion(key, del, expired)
}

// sweepRows rewrites the first rows from lower on and returns where to go on,
// or nil.
func (s *Store) sweepRows(lower, upper []byte, n int, del Deletion) (next []byte, err error) {
	stripe := &s.stripes[stripeOf(keyToken(lower))]
	stripe.Lock()
	defer stripe.Unlock()
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
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
		if err := s.rewrite(it.Key(), del, 0); err != nil {
			return nil, err
		}
	}
	return nil, it.Error()
}

// finishDeletion replaces a tombstone whose rows are gone, unless a later one
// has taken its place meanwhile.
func (s *Store) finishDeletion(key []byte, del Deletion, expired bool) error {
	stripe := &s.stripes[stripeOf(keyToken(key))]
	stripe.Lock()
	defer stripe.Unlock()
	stored, closer, err := s.db.Get(key)
	if err == pebble.ErrNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	now, _, err := decodeDeletion(stored)
	closer.Close()
	if err != nil || now != del {
		return err
	}
	if expired {
		return s.db.Delete(key, pebble.NoSync)
	}
	return s.db.Set(key, appendDeletion(nil, del, deletionSwept), pebble.NoSync)
}

// sweepNow sweeps everything at once, for tests and for Compact.
func (s *Store) sweepNow(now time.Time) error {
	var w sweeper
	for {
		if err := w.run(s, now.Unix()); err != nil || w.next == nil {
			return err
		}
	}
}
