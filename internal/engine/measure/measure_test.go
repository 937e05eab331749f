package measure

import (
	"math"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// A value is within its bucket, which is no wider than a quarter of it.
func TestBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(0, 1<<maxBits-1).Draw(t, "value")
		i := bucketOf(v)
		if v > largest(i) || i > 0 && v <= largest(i-1) {
			t.Fatalf("%d is in bucket %d, from %d to %d", v, i, largest(i-1)+1, largest(i))
		}
		if over := largest(i) - v; over*share > max(v, 1) {
			t.Fatalf("%d is told as %d", v, largest(i))
		}
	})
	for _, v := range []int64{-1, math.MinInt64} {
		if bucketOf(v) != 0 {
			t.Errorf("%d is in bucket %d", v, bucketOf(v))
		}
	}
	if got := bucketOf(math.MaxInt64); got != bucketCount-1 {
		t.Errorf("the largest value is in bucket %d of %d", got, bucketCount)
	}
}

func TestSummary(t *testing.T) {
	var h Histogram
	if got := h.Summary(); got != (Summary{}) {
		t.Errorf("an empty histogram says %+v", got)
	}
	for range 98 {
		h.Add(2)
	}
	h.Add(3)
	h.Add(1000)
	if got, want := h.Summary(), (Summary{Count: 100, Max: 1000, P50: 2, P99: 3, P999: 1000}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTables(t *testing.T) {
	var tables Tables
	var wg sync.WaitGroup
	const workers, each = 4, 100
	for range workers {
		wg.Go(func() {
			for i := range uint32(each) {
				start := time.Now()
				tables.Read(i%3, i%2 == 0, start, 7, 1)
				tables.Write(i%3, start)
			}
		})
	}
	wg.Wait()
	var reads, writes, rows uint64
	for i := range uint32(3) {
		m := tables.Get(i)
		reads += m.Reads.Summary().Count + m.Scans.Summary().Count
		writes += m.Writes.Summary().Count
		rows += m.Rows.Summary().Count
		if got := m.Rows.Summary().P50; got != 7 {
			t.Errorf("table %d: a read has %d rows", i, got)
		}
	}
	if reads != workers*each || writes != workers*each || rows != workers*each {
		t.Errorf("%d reads, %d writes, %d reads' rows, want %d each", reads, writes, rows, workers*each)
	}
	tables.Keep(func(storage uint32) bool { return storage == 1 })
	if tables.Get(0) != nil || tables.Get(1) == nil {
		t.Error("Keep kept the wrong tables")
	}
	var none *Tables
	none.Read(1, true, time.Now(), 1, 1)
	none.Write(1, time.Now())
	if none.Get(1) != nil {
		t.Error("nil measures")
	}
}

// A steady rate is told after a minute or so, and forgotten after some.
func TestRate(t *testing.T) {
	var r rate
	var n uint64
	total := func() uint64 { return n }
	now := int64(1_000_000)
	for range 600 {
		r.tick(now, total)
		now++
		n += 10
	}
	if got := math.Float64frombits(r.perSecond.Load()); math.Abs(got-10) > 0.1 {
		t.Errorf("10 a second are told as %f", got)
	}
	r.tick(now+600, total)
	if got := math.Float64frombits(r.perSecond.Load()); got > 0.5 {
		t.Errorf("ten minutes later it is still %f", got)
	}
}

func TestNoAllocations(t *testing.T) {
	var tables Tables
	tables.Write(7, time.Now())
	if n := steady.Allocs(0, 100, func() {
		tables.Read(7, true, time.Now(), 1, 0)
		tables.Write(7, time.Now())
	}); n != 0 {
		t.Errorf("%f allocations", n)
	}
}
