package store

import (
	"encoding/binary"
	"testing"
	"time"
)

// TestUpdatedOften: a row and a counter that were updated 100,000 times are read
// with no longer a chain of operands than a fresh one may have, and soon after
// they were written, without anybody reading them before.
func TestUpdatedOften(t *testing.T) {
	const updates = 100_000
	s := openMem(t, Options{})
	layouts := map[string]*Layout{"row": plainLayout(1), "counter": crashCounter}
	var rb RowBuilder
	for i := range updates {
		for name, l := range layouts {
			rb.Reset()
			if l.Counter {
				rb.CounterAdd(1, s.Now(), 1)
			} else {
				rb.Cell(1, s.Now(), 0, 0, binary.BigEndian.AppendUint64(nil, uint64(i+1)))
			}
			b := s.NewBatch()
			b.PutRow(l, []byte(name), nil, &rb)
			commit(t, b)
		}
	}
	deadline := time.Now().Add(time.Minute)
	for name, l := range layouts {
		for {
			value, flags := storedCell(t, s, l, name)
			if value != updates {
				t.Fatalf("%s is %d", name, value)
			}
			if flags&flagLong == 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s has a long chain of operands", name)
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// storedCell reads the number in a row's first cell, past the cache of rows, and
// how the row is stored.
func storedCell(t *testing.T, s *Store, l *Layout, partition string) (value uint64, flags byte) {
	t.Helper()
	r := s.NewReader()
	defer r.Close()
	it := r.Scan(l, &Scan{Now: testNow})
	defer it.Close()
	for it.NextPartition() {
		if string(it.Partition()) == partition && it.NextRow() {
			return binary.BigEndian.Uint64(it.Row().Cells[0].Value), it.scratch.dec.flags
		}
		it.SkipPartition()
	}
	t.Fatalf("no row %s: %v", partition, it.Err())
	return 0, 0
}
