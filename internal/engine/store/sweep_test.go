package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// TestSweepFreesDisk: rows whose ttl is over leave the disk, in slices of
// sweeping and without any more writes.
func TestSweepFreesDisk(t *testing.T) {
	const rows, ttl = 12_000, 60
	l := plainLayout(1)
	l.GCGraceSeconds = 0
	now := int64(testNow)
	s := openMem(t, Options{FS: vfs.NewMem(), seconds: func() int64 { return now }, Layouts: func(uint32) *Layout { return l }})
	var rb RowBuilder
	for i := range rows {
		rb.Reset()
		rb.Cell(1, testNow*1e6, ttl, testNow+ttl, fmt.Appendf(nil, "%0100d", i*7919))
		b := s.NewBatch()
		b.PutRow(l, []byte(fmt.Sprint(i)), nil, &rb)
		commit(t, b)
	}
	s.compact(t)
	used := func() uint64 {
		n, err := s.db.EstimateDiskUsage([]byte{spaceData}, []byte{spaceData + 1})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := used()
	now += ttl + expiryMargin
	slices := 1
	for w := (sweeper{s: s}); ; slices++ {
		done, err := w.run(context.Background(), now, time.Now().Add(time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		if done {
			break
		}
	}
	if slices < 2 {
		t.Errorf("%d slices", slices)
	}
	if after := used(); after > before/100 {
		t.Errorf("%d bytes before, %d after", before, after)
	}
}
