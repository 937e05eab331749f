package store

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// clock gives write timestamps that never go back, not even when the machine's
// clock does while the process is down: a mark that is above every timestamp
// committed so far is kept in the store. It is raised by clockAhead at a time,
// in the batch that is about to pass it, so it costs nothing most of the time
// and a restart begins at most that much ahead of the real time.
type clock struct {
	last   atomic.Int64 // the last timestamp given
	stored atomic.Int64 // the mark in the store
}

// clockAhead is how far ahead of the clock the mark is set, in microseconds.
const clockAhead = 200_000

var clockKey = []byte{spaceStore, 'c'}

// Now returns the time in microseconds since the epoch: strictly increasing,
// across restarts too. Timestamps that clients choose do not move it.
func (s *Store) Now() int64 { return s.clock.now(time.Now().UnixMicro()) }

func (c *clock) now(wall int64) int64 {
	for {
		last := c.last.Load()
		next := max(wall, last+1)
		if c.last.CompareAndSwap(last, next) {
			return next
		}
	}
}

// mark adds a new mark to a batch when the clock has passed the stored one, and
// returns it; else 0.
func (c *clock) mark(b *pebble.Batch) int64 {
	last := c.last.Load()
	if last <= c.stored.Load() {
		return 0
	}
	return c.write(b, last+clockAhead)
}

func (c *clock) write(b *pebble.Batch, mark int64) int64 {
	var v [8]byte
	binary.BigEndian.PutUint64(v[:], uint64(mark))
	_ = b.Merge(clockKey, v[:], nil)
	return mark
}

// marked is called after the batch with a mark is applied. The log keeps the
// order of batches, so every later one is lost if that one is.
func (c *clock) marked(mark int64) {
	for {
		stored := c.stored.Load()
		if mark <= stored || c.stored.CompareAndSwap(stored, mark) {
			return
		}
	}
}

// load starts the clock from the stored mark.
func (c *clock) load(db *pebble.DB) error {
	v, closer, err := db.Get(clockKey)
	if err == pebble.ErrNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	defer closer.Close()
	if len(v) != 8 {
		return corruptf("clock mark of %d bytes", len(v))
	}
	mark := int64(binary.BigEndian.Uint64(v))
	c.last.Store(mark)
	c.stored.Store(mark)
	return nil
}

// settle replaces the mark, which is ahead of the time, by the last timestamp
// given: nothing more will be.
func (c *clock) settle(db *pebble.DB) error {
	var v [8]byte
	binary.BigEndian.PutUint64(v[:], uint64(c.last.Load()))
	return db.Set(clockKey, v[:], pebble.Sync)
}
