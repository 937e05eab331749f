package store

import (
	"bytes"
	"context"
	"math"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// minTime is before everything.
const minTime = math.MinInt64

// sweeper removes what compactions never do: tombstones whose gc_grace is over,
// cells long expired, rows of which nothing is left, and what lies under
// partition and range tombstones. It finds them by the property due of files
// and blocks, reads no others, and rewrites the rows, each complete and while
// no writer of its partition is at work.
type sweeper struct {
	s *Store
	// next is where to go on, nil at the beginning.
	next []byte
	// seen counts the values with something due that the walk through the
	// current table met, seenBytes their size. They are garbage now, or were
	// before: rewritten or deleted higher up in the tree.
	seen      int
	seenBytes uint64
	compacted time.Time
}

const (
	// sweepPeriod is the time between two walks through everything.
	sweepPeriod = time.Minute
	// sweepSlice is how long it works before it rests sweepRest times as long.
	sweepSlice = 20 * time.Millisecond
	sweepRest  = 19
	// A table is compacted when a walk has met that many values, and they are
	// more than 1/garbageShare of it: it would meet them again each time. That
	// is not done more often than once in compactPeriod.
	maxGarbage    = 10_000
	garbageShare  = 4
	compactPeriod = time.Hour
)

// sweep is the background task.
func (s *Store) sweep(ctx context.Context) {
	timer := time.NewTimer(sweepPeriod)
	defer timer.Stop()
	w := sweeper{s: s}
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		start, done := time.Now(), true
		s.background("sweep", func() (err error) {
			done, err = w.run(ctx, s.seconds(), start.Add(sweepSlice))
			return err
		})
		if done {
			timer.Reset(sweepPeriod)
		} else {
			timer.Reset(sweepRest * time.Since(start))
		}
	}
}

// run sweeps at a second, from where the last run ended, until the deadline; done
// when it has come to the end.
func (w *sweeper) run(ctx context.Context, now int64, deadline time.Time) (done bool, err error) {
	for ctx.Err() == nil {
		table, ok, err := w.s.tableFrom(w.next)
		if err != nil || !ok {
			w.next = nil
			return true, err
		}
		prefix := appendTable(nil, table)
		if l := w.s.layout(table); l != nil {
			if done, err := w.table(ctx, l, prefix, now, deadline); err != nil || !done {
				if err != nil {
					w.next = nil
				}
				return err != nil, err
			}
		}
		w.seen, w.seenBytes = 0, 0
		if w.next, ok = appendSuccessor(nil, prefix); !ok || w.next[0] != spaceData {
			w.next = nil
			return true, nil
		}
	}
	return true, nil
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
func (w *sweeper) table(ctx context.Context, l *Layout, prefix []byte, now int64, deadline time.Time) (done bool, err error) {
	p := newPurge(l, now)
	lower := prefix
	if bytes.HasPrefix(w.next, prefix) {
		lower = w.next
	}
	upper, _ := appendSuccessor(nil, prefix)
	it, err := w.s.db.NewIter(&pebble.IterOptions{
		LowerBound:      lower,
		UpperBound:      upper,
		PointKeyFilters: []pebble.BlockPropertyFilter{dueFilter{now: now, gcBefore: p.gcBefore}},
	})
	if err != nil {
		return false, err
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		if ctx.Err() != nil || time.Now().After(deadline) {
			w.next = append([]byte(nil), it.Key()...)
			return false, nil
		}
		if err := w.candidate(it, now, &p); err != nil {
			return false, err
		}
	}
	if err := it.Error(); err != nil {
		return false, err
	}
	return true, w.compactGarbage(ctx, prefix, upper)
}

// candidate sweeps the key a filtered iterator is at, if something is due in
// what it shows: which may lack parts of the row, or be outdated, for they may
// be in blocks that are not read.
func (w *sweeper) candidate(it *pebble.Iterator, now int64, p *purge) error {
	value, err := it.ValueAndErr()
	if err != nil {
		return err
	}
	key := it.Key()
	d := noDue
	d.addKey(key, value)
	if !d.at(now, p.gcBefore) {
		return nil
	}
	n := partitionLen(key)
	if n < 0 || n >= len(key) {
		return corruptf("key %x", key)
	}
	w.seen++
	w.seenBytes += uint64(len(key) + len(value))
	switch key[n] {
	case kindRow, headStatic:
		return w.row(key, p)
	case headPartition, headRange:
		return w.deletion(key, n, now, p)
	}
	return corruptf("key %x", key)
}

func (w *sweeper) row(key []byte, p *purge) error {
	stripe := w.s.stripe(key)
	stripe.Lock()
	defer stripe.Unlock()
	return w.s.rewrite(key, p)
}

// compactGarbage compacts a table that is full of what was swept.
func (w *sweeper) compactGarbage(ctx context.Context, lower, upper []byte) error {
	if w.seen < maxGarbage || time.Since(w.compacted) < compactPeriod {
		return nil
	}
	size, err := w.s.db.EstimateDiskUsage(lower, upper)
	if err != nil || w.seenBytes*garbageShare < size {
		return err
	}
	w.compacted = time.Now()
	err = w.s.db.Compact(ctx, lower, upper, false)
	if ctx.Err() != nil {
		return nil // the store is being closed
	}
	return err
}

// sweepNow sweeps everything at once.
func (s *Store) sweepNow(now int64) error {
	w := sweeper{s: s}
	_, err := w.run(context.Background(), now, time.Now().Add(time.Hour))
	return err
}
