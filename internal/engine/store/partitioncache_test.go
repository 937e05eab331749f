package store

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// writeRows writes n into rows 0 to count-1 of a partition of clusteredLayout at
// once.
func writeRows(t testing.TB, s *Store, l *Layout, partition []byte, count, n int) {
	t.Helper()
	var rb RowBuilder
	b, ts := s.NewBatch(), s.Now()
	for i := range count {
		rb.Reset()
		rb.Liveness(ts, 0, 0)
		rb.Cell(1, ts, 0, 0, intBytes(n))
		b.PutRow(l, partition, clusteringOf([2]int{i, 0}), &rb)
	}
	commit(t, b)
}

// partitionScan reads rows from to to-1 of what writeRows writes.
func partitionScan(partition []byte, from, to int) *Scan {
	return &Scan{Now: testNow, Partitions: [][]byte{partition}, Slices: []Slice{{
		Start: [][]byte{intBytes(from)}, End: [][]byte{intBytes(to)}, StartInclusive: true}}}
}

// readInts returns the rows of a scan and what writeRows wrote into them, and
// whether they came from the cache.
func readInts(t testing.TB, s *Store, l *Layout, sc *Scan) (rows, values []int, cached bool) {
	t.Helper()
	r := s.NewReader()
	defer r.Close()
	it := r.Scan(l, sc)
	defer it.Close()
	cached = it.it == nil
	for it.NextPartition() {
		if string(it.Partition()) != string(sc.Partitions[0]) {
			t.Errorf("partition %q", it.Partition())
		}
		for it.NextRow() {
			rows = append(rows, intOf(it.Row().Clustering[0]))
			values = append(values, intOf(it.Row().Cells[0].Value))
		}
	}
	if err := it.Err(); err != nil {
		t.Error(err)
	}
	return rows, values, cached
}

// TestPartitionCacheDrops: what is written to a partition, in whatever way, is
// read at once; in between, its slices come from the cache.
func TestPartitionCacheDrops(t *testing.T) {
	s := openCached(t, Options{Periodic: true, eagerPartitions: true})
	l, key := clusteredLayout(1), []byte("key")
	see := func(what string, want []int, wantCached bool) {
		t.Helper()
		if rows, _, cached := readInts(t, s, l, partitionScan(key, 1, 4)); !slices.Equal(rows, want) || cached != wantCached {
			t.Errorf("%s: rows %v, cached %v; want %v, %v", what, rows, cached, want, wantCached)
		}
	}
	see("nothing yet", nil, false)
	see("nothing yet, again", nil, true)
	writeRows(t, s, l, key, 3, 1)
	see("written", []int{1, 2}, false)
	see("written, again", []int{1, 2}, true)
	writeRow(t, s, l, key, clusteringOf([2]int{3, 7}), 2)
	see("one more", []int{1, 2, 3}, false)
	see("one more, again", []int{1, 2, 3}, true)
	writeRow(t, s, l, []byte("another"), clusteringOf([2]int{1, 1}), 2)
	see("another partition written", []int{1, 2, 3}, true)
	var rb RowBuilder
	rb.Reset()
	rb.Delete(Deletion{Timestamp: s.Now(), LocalTime: testNow})
	b := s.NewBatch()
	b.PutRow(l, key, clusteringOf([2]int{2, 0}), &rb)
	commit(t, b)
	see("a row deleted", []int{1, 3}, false)
	see("a row deleted, again", []int{1, 3}, true)
	b = s.NewBatch()
	b.DropTable(l.ID)
	commit(t, b)
	see("dropped", nil, false)
	writeRows(t, s, l, key, 5, 1)
	see("written anew", []int{1, 2, 3}, false)
	see("written anew, again", []int{1, 2, 3}, true)
	b = s.NewBatch()
	b.DeleteRange(l, key, Slice{Start: [][]byte{intBytes(2)}, StartInclusive: true}, Deletion{Timestamp: s.Now(), LocalTime: testNow})
	commit(t, b)
	see("a range deleted", []int{1}, false)
	see("a range deleted, again", []int{1}, false) // the partition's head must be read from now on
}

// TestPartitionCacheScans: a cached partition is read as one in the store, in
// slices, in reverse, and from a position on.
func TestPartitionCacheScans(t *testing.T) {
	s := openCached(t, Options{Periodic: true, eagerPartitions: true})
	plain := openMem(t, Options{Periodic: true})
	l, key := clusteredLayout(1), []byte("key")
	for _, s := range []*Store{s, plain} {
		writeRows(t, s, l, key, 20, 1)
	}
	bound := func(n int) [][]byte { return [][]byte{intBytes(n)} }
	for name, sc := range map[string]Scan{
		"all":         {},
		"slices":      {Slices: []Slice{{End: bound(2), EndInclusive: true}, {Start: bound(5), End: bound(5), StartInclusive: true, EndInclusive: true}, {Start: bound(17)}}},
		"a gap":       {Slices: []Slice{{Start: bound(30), StartInclusive: true}}},
		"behind":      {Resume: &Position{Partition: key, Clustering: clusteringOf([2]int{12, 0})}},
		"behind all":  {Resume: &Position{Partition: key, Clustering: clusteringOf([2]int{19, 0})}},
		"done":        {Resume: &Position{Partition: key, PartitionDone: true}},
		"two columns": {Slices: []Slice{{Start: clusteringOf([2]int{3, 0}), End: bound(6), StartInclusive: true}}},
	} {
		for _, reverse := range []bool{false, true} {
			sc := sc
			sc.Now, sc.Partitions, sc.Reverse = testNow, [][]byte{key}, reverse
			want, _, _ := readInts(t, plain, l, &sc)
			first, _, _ := readInts(t, s, l, &sc)
			again, _, cached := readInts(t, s, l, &sc)
			if !cached || !slices.Equal(first, want) || !slices.Equal(again, want) {
				t.Errorf("%s, reverse=%v: %v, then %v (cached %v), want %v", name, reverse, first, again, cached, want)
			}
		}
	}
}

// TestPartitionCacheBounds: large partitions are not kept, small ones not before
// they are read often, and what is kept stays within the limit.
func TestPartitionCacheBounds(t *testing.T) {
	s := openCached(t, Options{Periodic: true})
	l := clusteredLayout(1)
	s.partitions.limit = 100 << 10
	reads := func(key []byte, rows, most int) int {
		writeRows(t, s, l, key, rows, 1)
		for n := range most {
			if rows, _, cached := readInts(t, s, l, partitionScan(key, 0, 10)); cached {
				return n
			} else if len(rows) != 10 {
				t.Errorf("%d rows", len(rows))
			}
		}
		return most
	}
	if n := reads([]byte("small"), 10, 100); n < 10 || n > 25 {
		t.Errorf("a partition of 10 rows was kept after %d reads of all of it", n)
	}
	if n := reads([]byte("larger"), 1500, 200); n < 1500/26 || n > 2*1500/26 {
		t.Errorf("a partition of 1500 rows was kept after %d reads of 10", n)
	}
	if n := reads([]byte("large"), maxPartitionRows+1, 500); n != 500 {
		t.Errorf("a large partition was kept after %d reads", n)
	}
	for i := range 400 {
		reads(fmt.Append(nil, "key", i), 10, 30)
	}
	if n := s.partitions.held.Load(); n > s.partitions.limit || n < s.partitions.limit/2 {
		t.Errorf("%d bytes are kept, the limit is %d", n, s.partitions.limit)
	}
	var sum int64
	for i := range s.rows {
		for _, p := range s.rows[i].partitions.kept {
			sum += p.size()
		}
	}
	if n := s.partitions.held.Load(); n != sum {
		t.Errorf("%d bytes are kept, %d are counted", sum, n)
	}
}

// TestPartitionCacheServesNoOldRow: one writer a partition writes ever greater
// numbers into all of its rows at once. Readers never see two numbers in one
// read, nor a smaller one than they know of.
func TestPartitionCacheServesNoOldRow(t *testing.T) {
	const partitions, rows, writes = 3, 5, 1500
	s := openCached(t, Options{Periodic: true, eagerPartitions: true})
	l := clusteredLayout(1)
	var acknowledged [partitions]atomic.Int64
	var stop atomic.Bool
	var writers, readers sync.WaitGroup
	for k := range partitions {
		key := fmt.Append(nil, "key", k)
		writeRows(t, s, l, key, rows, 0)
		writers.Go(func() {
			for n := 1; n <= writes; n++ {
				writeRows(t, s, l, key, rows, n)
				acknowledged[k].Store(int64(n))
				if n%3 == 0 {
					readInts(t, s, l, partitionScan(key, 0, 2))
				}
			}
		})
		for range 2 {
			readers.Go(func() {
				slice, scan := partitionScan(key, 1, rows), partitionScan(key, 0, rows)
				scan.Partitions = append(scan.Partitions, []byte("another")) // past the cache
				for i := 0; !stop.Load(); i++ {
					known := int(acknowledged[k].Load())
					if i%3 == 0 {
						_, values, _ := readInts(t, s, l, scan)
						known = max(known, values[0])
					}
					_, values, cached := readInts(t, s, l, slice)
					if len(values) != rows-1 || slices.Min(values) != slices.Max(values) || values[0] < known {
						t.Errorf("partition %d: read %v (cached: %v), knew of %d", k, values, cached, known)
						return
					}
				}
			})
		}
	}
	writers.Wait()
	stop.Store(true)
	readers.Wait()
	for k := range partitions { // the first read may have to fill the cache
		scan := partitionScan(fmt.Append(nil, "key", k), 1, rows)
		readInts(t, s, l, scan)
		if _, _, cached := readInts(t, s, l, scan); !cached {
			t.Errorf("partition %d does not come from the cache", k)
		}
	}
}
