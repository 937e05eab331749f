package store

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// readOne returns the only cell of a partition's only row, nil when there is none.
func readOne(t testing.TB, r *Reader, l *Layout, partition []byte) []byte {
	t.Helper()
	it := r.Scan(l, &Scan{Now: testNow, Partitions: [][]byte{partition}})
	defer it.Close()
	if !it.NextPartition() || !it.NextRow() {
		if err := it.Err(); err != nil {
			t.Error(err)
		}
		return nil
	}
	return append([]byte{}, it.Row().Cells[0].Value...)
}

// TestFoldLosesNothing: increments of a few counters from many writers, while
// the same keys are folded all the time, all count.
func TestFoldLosesNothing(t *testing.T) {
	s := openMem(t, Options{Periodic: true})
	const writers, each, keys = 4, 1500, 3
	var stop atomic.Bool
	var folders, wg sync.WaitGroup
	folders.Go(func() {
		for i := 0; !stop.Load(); i++ {
			p := []byte(fmt.Sprint(i % keys))
			if err := s.fold(append(appendPartition(nil, crashCounter.ID, cqltype.Token(p), p), kindRow)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range writers {
		wg.Go(func() {
			var rb RowBuilder
			for i := range each {
				b := s.NewBatch()
				for k := range keys {
					rb.Reset()
					rb.CounterAdd(1, s.Now(), 1)
					b.PutRow(crashCounter, []byte(fmt.Sprint(k)), nil, &rb)
				}
				if err := b.Commit(); err != nil {
					t.Error(err)
					return
				}
				if i%500 == 0 {
					if err := s.db.Flush(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	stop.Store(true)
	folders.Wait()
	r := s.NewReader()
	defer r.Close()
	for k := range keys {
		if got := binary.BigEndian.Uint64(readOne(t, r, crashCounter, []byte(fmt.Sprint(k)))); got != writers*each {
			t.Errorf("counter %d is %d, want %d", k, got, writers*each)
		}
	}
}

// TestHotKeyIsFolded: a key that is only written gets folded, and one whose
// chain is long when it is read.
func TestHotKeyIsFolded(t *testing.T) {
	s := openMem(t, Options{Periodic: true})
	put := func(i int) {
		var rb RowBuilder
		rb.Reset()
		rb.CounterAdd(1, s.Now(), int64(i))
		b := s.NewBatch()
		b.PutRow(crashCounter, []byte("hot"), nil, &rb)
		commit(t, b)
	}
	flags := func() byte {
		r := s.NewReader()
		defer r.Close()
		it := r.Scan(crashCounter, &Scan{Now: testNow, Partitions: [][]byte{[]byte("hot")}})
		defer it.Close()
		if !it.NextPartition() {
			t.Fatal("no row", it.Err())
		}
		return it.scratch.dec.flags
	}
	for range 2 * maxChain {
		put(1)
	}
	steady.Until(t, "the key is folded", func() bool { return flags()&flagFolded != 0 })
	steady.Until(t, "its chain is short", func() bool { return flags()&flagLong == 0 })
	if got := binary.BigEndian.Uint64(func() []byte { r := s.NewReader(); defer r.Close(); return readOne(t, r, crashCounter, []byte("hot")) }()); got != 2*maxChain {
		t.Errorf("sum is %d", got)
	}
}

// TestStaleIndexEntries: while rows change their indexed value and readers drop
// stale entries, a row's current value always has its entry.
func TestStaleIndexEntries(t *testing.T) {
	s := openMem(t, Options{Periodic: true})
	l := plainLayout(1)
	values := []string{"red", "green", "blue"}
	partitions := []string{"a", "b"}
	const index = 9
	var stop atomic.Bool
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 1))
			var rb RowBuilder
			for !stop.Load() {
				p, v := []byte(partitions[rng.IntN(2)]), []byte(values[rng.IntN(3)])
				rb.Reset()
				rb.Cell(1, s.Now(), 0, 0, v)
				b := s.NewBatch()
				b.PutRow(l, p, nil, &rb)
				b.PutIndex(index, v, p, l, nil)
				if err := b.Commit(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	dropped := 0
	begin := time.Now()
	for took := time.Duration(0); (took < 500*time.Millisecond || dropped == 0 && took < steady.Timeout) && !t.Failed(); took = time.Since(begin) {
		r := s.NewReader()
		entries := map[string]bool{}
		for _, v := range values {
			it := r.Index(index, []byte(v), nil)
			var key IndexKey
			for it.Next() {
				if err := key.Parse(l, it.Key()); err != nil {
					t.Error(err)
				}
				entries[v+string(key.Partition)] = true
			}
			if err := it.Close(); err != nil {
				t.Error(err)
			}
		}
		for _, p := range partitions {
			current := readOne(t, r, l, []byte(p))
			if current != nil && !entries[string(current)+p] {
				t.Errorf("partition %s has %s without an entry", p, current)
			}
			for _, v := range values {
				if !entries[v+p] || v == string(current) {
					continue
				}
				err := s.DropIndexEntry(index, []byte(v), []byte(p), l, nil, func(r *Reader) (bool, error) {
					return string(readOne(t, r, l, []byte(p))) != v, nil
				})
				if err != nil {
					t.Error(err)
				}
				dropped++
			}
		}
		r.Close()
	}
	stop.Store(true)
	wg.Wait()
	if dropped == 0 {
		t.Error("no entry was stale")
	}
}

// TestLock: read-compare-write under Lock is exclusive, and locks over several
// partitions do not deadlock.
func TestLock(t *testing.T) {
	s := openMem(t, Options{Periodic: true})
	l := plainLayout(1)
	var wg sync.WaitGroup
	const writers, each = 4, 200
	for w := range writers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 2))
			var rb RowBuilder
			for range each {
				own := []byte("shared")
				keys := [][]byte{own, []byte(fmt.Sprint(rng.IntN(1000))), []byte(fmt.Sprint(rng.IntN(1000)))}
				rng.Shuffle(3, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
				unlock := s.Lock(keys...)
				r := s.NewReader()
				n := uint64(0)
				if v := readOne(t, r, l, own); v != nil {
					n = binary.BigEndian.Uint64(v)
				}
				r.Close()
				rb.Reset()
				rb.Cell(1, s.Now(), 0, 0, binary.BigEndian.AppendUint64(nil, n+1))
				b := s.NewBatch()
				b.PutRow(l, own, nil, &rb)
				if err := b.Commit(); err != nil {
					t.Error(err)
				}
				unlock()
			}
		})
	}
	wg.Wait()
	r := s.NewReader()
	defer r.Close()
	if n := binary.BigEndian.Uint64(readOne(t, r, l, []byte("shared"))); n != writers*each {
		t.Errorf("%d of %d", n, writers*each)
	}
}

// TestReaderIsConsistent: what a reader answers does not change while it is
// open, whatever is written, flushed and dropped.
func TestReaderIsConsistent(t *testing.T) {
	s := openMem(t, Options{})
	l := clusteredLayout(1)
	var rb RowBuilder
	for i := range 20 {
		rb.Reset()
		rb.Cell(1, int64(i), 0, 0, []byte("v"))
		b := s.NewBatch()
		b.PutRow(l, []byte("p"), clusteringOf([2]int{i, i}), &rb)
		commit(t, b)
	}
	r := s.NewReader()
	defer r.Close()
	sc := &Scan{Now: testNow}
	want := dumpReader(t, r, l, sc)
	b := s.NewBatch()
	b.DropTable(1)
	b.PutStatic(l, []byte("new"), &rb)
	commit(t, b)
	s.compact(t)
	if got := dumpReader(t, r, l, sc); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := dump(t, s, l, sc); got == want {
		t.Error("the table was not dropped")
	}
}

// TestCheckpoint: the copy opens and has all that was committed before.
func TestCheckpoint(t *testing.T) {
	fs := vfs.NewMem()
	s := openMem(t, Options{FS: fs})
	for i := range int64(10) {
		if err := writeCrashBatch(s, 0, i+1); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Checkpoint("copy"); err != nil {
		t.Fatal(err)
	}
	if err := writeCrashBatch(s, 0, 11); err != nil {
		t.Fatal(err)
	}
	copied := openMem(t, Options{FS: fs, Dir: "copy"})
	sc := &Scan{Now: testNow, Partitions: [][]byte{[]byte("0/10")}}
	if got, want := dump(t, copied, plainLayout(1), sc), dump(t, s, plainLayout(1), sc); got != want || got == "" {
		t.Errorf("copy has %q, want %q", got, want)
	}
	sc.Partitions[0] = []byte("0/11")
	if got := dump(t, copied, plainLayout(1), sc); got != "" {
		t.Errorf("copy has what came later: %q", got)
	}
}

// TestSweepKeepsLaterDeletion: a tombstone that came while the rows under an
// earlier one were swept is not removed with that one.
func TestSweepKeepsLaterDeletion(t *testing.T) {
	s := openMem(t, Options{})
	l := clusteredLayout(1)
	first, later := Deletion{Timestamp: 5, LocalTime: 900}, Deletion{Timestamp: 7, LocalTime: 950}
	b := s.NewBatch()
	b.DeletePartition(l, []byte("p"), later)
	var rb RowBuilder
	rb.Reset()
	rb.Cell(1, 6, 0, 0, []byte("v"))
	b.PutRow(l, []byte("p"), clusteringOf([2]int{1, 1}), &rb)
	commit(t, b)
	key := append(appendPartition(nil, l.ID, cqltype.Token([]byte("p")), []byte("p")), headPartition)
	gcBefore := map[bool]int64{false: 0, true: 2000}
	for _, expired := range []bool{false, true} {
		p := purge{outer: first, gcBefore: gcBefore[expired]}
		if err := s.finishDeletion(key, &p); err != nil {
			t.Fatal(err)
		}
		if got := dump(t, s, l, &Scan{Now: testNow}); got != "" {
			t.Errorf("the row is back: %s", got)
		}
	}
	if err := s.finishDeletion(key, &purge{outer: later, gcBefore: gcBefore[true]}); err != nil {
		t.Fatal(err)
	}
	if got := dump(t, s, l, &Scan{Now: testNow}); got == "" {
		t.Error("the tombstone is still there")
	}
}
