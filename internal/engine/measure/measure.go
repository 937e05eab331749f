// Package measure counts what statements on each table cost, and how far batches
// reach, for the tables of latencies, rows, tombstones and batches of
// system_views. It counts from the start of the server on, and nothing of tables
// that were not used.
//
// A statement costs an atomic addition or three, and no allocation.
package measure

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// Tables are the measures of all tables. The zero value has none yet; nil
// measures nothing. It is safe for concurrent use.
type Tables struct {
	// Batches are those of all tables together.
	Batches Batches

	all atomic.Pointer[map[uint32]*Table] // replaced as a whole
	mu  sync.Mutex                        // for replacing it
}

// Batches are the partitions that batches without conditions wrote to, one value
// a batch, by the batch's kind.
type Batches struct{ Logged, Unlogged, Counter Histogram }

// Table is what is known of one table.
type Table struct {
	// Reads are queries of partitions that are named, Scans those of token
	// ranges, Writes what changes rows, conditions or not.
	Reads, Scans, Writes Latency
	// Rows and Tombstones are how many of them a read, or a page of one, passed.
	Rows, Tombstones Histogram
}

// Get returns the measures of a table by its storage number, nil for none.
func (t *Tables) Get(storage uint32) *Table {
	if t == nil {
		return nil
	}
	if all := t.all.Load(); all != nil {
		return (*all)[storage]
	}
	return nil
}

// of is Get, for a table that is being used.
func (t *Tables) of(storage uint32) *Table {
	if m := t.Get(storage); m != nil {
		return m
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make(map[uint32]*Table)
	if old := t.all.Load(); old != nil {
		if m := (*old)[storage]; m != nil {
			return m
		}
		maps.Copy(all, *old)
	}
	m := new(Table)
	all[storage] = m
	t.all.Store(&all)
	return m
}

// Read tells of a query that began at start and ended now: whether partitions
// were named, and what it passed.
func (t *Tables) Read(storage uint32, named bool, start time.Time, rows, tombstones int) {
	if t == nil {
		return
	}
	m := t.of(storage)
	if named {
		m.Reads.since(start)
	} else {
		m.Scans.since(start)
	}
	m.Rows.Add(int64(rows))
	m.Tombstones.Add(int64(tombstones))
}

// Write tells of a statement, or its part of a batch, that began at start and
// ended now.
func (t *Tables) Write(storage uint32, start time.Time) {
	if t == nil {
		return
	}
	t.of(storage).Writes.since(start)
}

// Keep forgets the tables that keep does not know any more.
func (t *Tables) Keep(keep func(storage uint32) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.all.Load()
	if old == nil {
		return
	}
	all := maps.Clone(*old)
	maps.DeleteFunc(all, func(storage uint32, _ *Table) bool { return !keep(storage) })
	if len(all) < len(*old) {
		t.all.Store(&all)
	}
}
