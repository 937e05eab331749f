package store

import (
	"context"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// TestPurge: with tombstones and ttls of all ages, nothing that flushes,
// compactions, folds and sweeps drop changes what scans answer. (Writes are
// over when folds and sweeps begin: one with an old timestamp that comes after
// them and gc_grace is no longer covered, in Cassandra either.)
func TestPurge(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := clusteredLayout(7)
		layouts := func(uint32) *Layout { return l }
		c := &machine{fs: vfs.NewMem(), l: l, tt: t, now: time.Now().Unix()}
		c.old = rapid.SampledFrom([]int64{0, 90, 110, 3500, 3700, 8000}).Draw(rt, "old")
		c.options = Options{Layouts: layouts}
		c.open(rt)
		defer func() { c.s.Close() }()
		for range rapid.IntRange(1, 8).Draw(rt, "batches") {
			b := c.s.NewBatch()
			for range rapid.IntRange(1, 6).Draw(rt, "writes") {
				c.write(rt, b)
			}
			commit(t, b)
			if rapid.IntRange(0, 3).Draw(rt, "flush") == 0 {
				c.s.db.Flush()
			}
		}
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			c.maintain(rt)
			c.check(rt)
		}
	})
}

// maintain does one of the things that may purge.
func (c *machine) maintain(t *rapid.T) {
	var err error
	switch rapid.IntRange(0, 4).Draw(t, "maintain") {
	case 0:
		err = c.s.db.Flush()
	case 1:
		err = c.s.db.Compact(context.Background(), []byte{0}, []byte{0xff}, false)
	case 2:
		err = c.s.sweepNow(time.Now().Unix())
	case 3:
		c.fold(t)
	case 4:
		if err = c.s.Close(); err == nil {
			c.open(t)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (c *machine) fold(t *rapid.T) {
	row := rapid.SampledFrom(testRows).Draw(t, "row")
	p := []byte(rapid.SampledFrom(testPartitions).Draw(t, "partition"))
	key := appendPartition(nil, c.l.ID, cqltype.Token(p), p)
	if err := c.s.fold(appendClustering(append(key, kindRow), c.l, clusteringOf(row))); err != nil {
		t.Fatal(err)
	}
}
