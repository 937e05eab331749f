package store

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// crashWriters is how many goroutines write while the machine "crashes".
const crashWriters = 4

// TestCrash: writers commit batches to two tables, with folds and flushes going
// on; at random moments the disk is copied as it would be after a power cut,
// with a random part of what was not synced. In the copy every batch that was
// acknowledged before is whole, and every other one whole or absent.
func TestCrash(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	for round := range rounds {
		seed := uint64(round) + 1
		t.Run(fmt.Sprint(seed), func(t *testing.T) { crashOnce(t, seed) })
	}
}

func crashOnce(t *testing.T, seed uint64) {
	fs := vfs.NewCrashableMem()
	s, err := Open(Options{Dir: "data", FS: fs, spareLog: int64(seed%2) << 16})
	if err != nil {
		t.Fatal(err)
	}
	var acknowledged [crashWriters]atomic.Int64
	var stop atomic.Bool
	var wg sync.WaitGroup
	for w := range crashWriters {
		wg.Go(func() {
			for i := int64(1); !stop.Load(); i++ {
				if err := writeCrashBatch(s, w, i); err != nil {
					t.Error(err)
					return
				}
				acknowledged[w].Store(i)
			}
		})
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
	if rng.IntN(2) == 0 {
		if err := s.db.Flush(); err != nil {
			t.Error(err)
		}
	}
	time.Sleep(time.Duration(rng.IntN(5000)) * time.Microsecond)
	var before [crashWriters]int64
	for w := range before {
		before[w] = acknowledged[w].Load()
	}
	clock := s.clock.last.Load()
	disk := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(101), RNG: rng})
	stop.Store(true)
	wg.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}

	after, err := Open(Options{Dir: "data", FS: disk})
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	if before[0] > 0 && after.clock.now(0) < clock-clockAhead {
		t.Errorf("clock went back from %d to %d", clock, after.clock.last.Load())
	}
	for w := range before {
		checkCrashed(t, after, w, before[w])
	}
}

// A batch has a row of its own in table 1, another in table 2 with the same
// number, and one more increment of a counter.
func writeCrashBatch(s *Store, w int, i int64) error {
	var rb RowBuilder
	b := s.NewBatch()
	own := []byte(fmt.Sprintf("%d/%d", w, i))
	for _, id := range []uint32{1, 2} {
		rb.Reset()
		rb.Liveness(s.Now(), 0, 0)
		rb.Cell(1, s.Now(), 0, 0, make([]byte, 100))
		b.PutRow(plainLayout(id), own, nil, &rb)
	}
	rb.Reset()
	rb.CounterAdd(1, s.Now(), 1)
	b.PutRow(crashCounter, []byte(fmt.Sprint(w)), nil, &rb)
	return b.Commit()
}

var crashCounter = &Layout{ID: 3, Counter: true}

func checkCrashed(t *testing.T, s *Store, w int, acknowledged int64) {
	found := int64(0)
	for i := int64(1); ; i++ {
		own := [][]byte{[]byte(fmt.Sprintf("%d/%d", w, i))}
		a := dump(t, s, plainLayout(1), &Scan{Now: testNow, Partitions: own})
		b := dump(t, s, plainLayout(2), &Scan{Now: testNow, Partitions: own})
		if (a == "") != (b == "") {
			t.Fatalf("writer %d: batch %d is half there", w, i)
		}
		if a == "" {
			break
		}
		found = i
	}
	if found < acknowledged {
		t.Errorf("writer %d: %d batches acknowledged, %d found", w, acknowledged, found)
	}
	want := ""
	if found > 0 {
		want = fmt.Sprintf("c1=%+d", found)
	}
	r := s.NewReader()
	defer r.Close()
	it := r.Scan(crashCounter, &Scan{Now: testNow, Partitions: [][]byte{[]byte(fmt.Sprint(w))}})
	defer it.Close()
	got := ""
	if it.NextPartition() && it.NextRow() {
		c := it.Row().Cells[0]
		c.Timestamp = 0
		got = showCell(&c)[:len(want)]
	}
	if got != want {
		t.Errorf("writer %d: counter %q after %d batches", w, got, found)
	}
}

// TestReopenClock: timestamps go on above the last one although the wall clock
// went back.
func TestReopenClock(t *testing.T) {
	fs := vfs.NewMem()
	s := openMem(t, Options{FS: fs})
	ahead := time.Now().Add(time.Hour).UnixMicro()
	last := s.clock.now(ahead)
	if err := writeCrashBatch(s, 0, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openMem(t, Options{FS: fs})
	if now := s.Now(); now <= last || now > last+1000 {
		t.Errorf("after %d came %d", last, now)
	}
}

// TestClientTimestamps: a client's timestamp in the far future does not move the clock.
func TestClientTimestamps(t *testing.T) {
	s := openMem(t, Options{})
	var rb RowBuilder
	rb.Reset()
	rb.Cell(1, 1<<62, 0, 0, []byte("v"))
	b := s.NewBatch()
	b.PutRow(plainLayout(1), []byte("p"), nil, &rb)
	commit(t, b)
	if now, wall := s.Now(), time.Now().UnixMicro(); now > wall+1e6 {
		t.Errorf("clock at %d, wall clock at %d", now, wall)
	}
}
