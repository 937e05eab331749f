package store

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// writeRow writes n into the row of a partition.
func writeRow(t testing.TB, s *Store, l *Layout, partition []byte, clustering [][]byte, n int) {
	t.Helper()
	var rb RowBuilder
	rb.Reset()
	ts := s.Now()
	rb.Liveness(ts, 0, 0)
	rb.Cell(1, ts, 0, 0, intBytes(n))
	b := s.NewBatch()
	b.PutRow(l, partition, clustering, &rb)
	commit(t, b)
}

// pointScan reads the row of a partition by its whole primary key.
func pointScan(partition []byte, clustering [][]byte) *Scan {
	sc := &Scan{Now: testNow, Partitions: [][]byte{partition}}
	if clustering != nil {
		sc.Slices = []Slice{{Start: clustering, End: clustering, StartInclusive: true, EndInclusive: true}}
	}
	return sc
}

// readInt returns what writeRow wrote, -1 when there is no row, and whether it
// came from the cache.
func readInt(t testing.TB, s *Store, l *Layout, sc *Scan) (n int, cached bool) {
	t.Helper()
	r := s.NewReader()
	defer r.Close()
	it := r.Scan(l, sc)
	defer it.Close()
	n = -1
	for it.NextPartition() {
		for it.NextRow() {
			n = intOf(it.Row().Cells[0].Value)
			if want := len(l.Clustering); len(it.Row().Clustering) != want {
				t.Errorf("a row with %d clustering columns, want %d", len(it.Row().Clustering), want)
			}
		}
	}
	if err := it.Err(); err != nil {
		t.Error(err)
	}
	return n, it.point.hit
}

// TestRowCacheDrops: what is written to a row, in whatever way, is read at once;
// in between, reads come from the cache.
func TestRowCacheDrops(t *testing.T) {
	s := openCached(t, Options{Periodic: true})
	key := []byte("key")
	for _, l := range []*Layout{plainLayout(1), clusteredLayout(2)} {
		var clustering [][]byte
		if len(l.Clustering) > 0 {
			clustering = clusteringOf([2]int{1, 2})
		}
		sc := pointScan(key, clustering)
		see := func(what string, want int, wantCached bool) {
			t.Helper()
			if n, cached := readInt(t, s, l, sc); n != want || cached != wantCached {
				t.Errorf("table %d, %s: %d, cached %v; want %d, %v", l.ID, what, n, cached, want, wantCached)
			}
		}
		see("nothing yet", -1, false)
		writeRow(t, s, l, key, clustering, 1)
		see("written", 1, false)
		see("read again", 1, true)
		writeRow(t, s, l, key, clustering, 2)
		see("overwritten", 2, false)
		see("overwritten, again", 2, true)
		b := s.NewBatch()
		b.DropTable(l.ID)
		commit(t, b)
		see("dropped", -1, false)
		writeRow(t, s, l, key, clustering, 3)
		see("written anew", 3, false)
		see("written anew, again", 3, true)
		b = s.NewBatch()
		b.DeletePartition(l, key, Deletion{Timestamp: s.Now(), LocalTime: testNow})
		commit(t, b)
		see("deleted", -1, false)
		if clustering == nil { // the partition's tombstone is kept with the row
			see("deleted, again", -1, true)
		} else { // the partition's head must be read from now on
			see("deleted, again", -1, false)
		}
	}
}

// TestRowCacheBounds: a cache that is full goes on with what was read last, and
// long rows do not get in.
func TestRowCacheBounds(t *testing.T) {
	var c rowCache
	c.init(0)
	s := &c[0]
	value := make([]byte, 100)
	keep := func(i uint64) {
		if _, ok, version := s.get(i, fmt.Append(nil, i), nil); !ok {
			s.put(version, i, fmt.Append(nil, i), cachedRow{value: value})
		}
	}
	for i := range uint64(1000) {
		keep(0) // read all the time
		keep(i)
	}
	for hash, want := range map[uint64]bool{0: true, 999: true, 1: false} {
		row, ok, _ := s.get(hash, fmt.Append(nil, hash), nil)
		if ok != want || ok && !bytes.Equal(row.value, value) {
			t.Errorf("row %d: %v, %d bytes", hash, ok, len(row.value))
		}
	}
	if n := len(s.young.rows) + len(s.old.rows); n > minRowCacheBytes/stripeCount {
		t.Errorf("it holds %d bytes", n)
	}
	if _, ok, version := s.get(999, []byte("another key"), nil); ok || version != 0 {
		t.Error("a key with the same hash is taken for the row")
	}
	_, _, version := s.get(5000, []byte("long"), nil)
	s.put(version, 5000, []byte("long"), cachedRow{value: make([]byte, maxCachedRow)})
	if _, ok, _ := s.get(5000, []byte("long"), nil); ok {
		t.Error("a long row is kept")
	}
}

// TestRowCacheServesNoOldRow: one writer a row counts up; readers that know of
// a number, be it by its acknowledgement or from a scan, never read a smaller one.
func TestRowCacheServesNoOldRow(t *testing.T) {
	const rows, writes = 4, 2000
	s := openCached(t, Options{Periodic: true})
	l := plainLayout(1)
	var acknowledged [rows]atomic.Int64
	var stop atomic.Bool
	var writers, readers sync.WaitGroup
	key := func(k int) []byte { return fmt.Append(nil, "key", k) }
	for k := range rows {
		writeRow(t, s, l, key(k), nil, 0)
		writers.Go(func() {
			for n := 1; n <= writes; n++ {
				writeRow(t, s, l, key(k), nil, n)
				acknowledged[k].Store(int64(n))
			}
		})
		readers.Go(func() {
			point, scan := pointScan(key(k), nil), pointScan(key(k), nil)
			scan.Partitions = append(scan.Partitions, []byte("another")) // past the cache
			for i := 0; !stop.Load(); i++ {
				known := int(acknowledged[k].Load())
				if i%3 == 0 {
					known, _ = readInt(t, s, l, scan)
				}
				if n, cached := readInt(t, s, l, point); n < known {
					t.Errorf("row %d: read %d (cached: %v), knew of %d", k, n, cached, known)
					return
				}
			}
		})
	}
	writers.Wait()
	stop.Store(true)
	readers.Wait()
}

// TestRowCacheLateReader: a reader that began before a batch was applied, or
// comes while it is, keeps nothing.
func TestRowCacheLateReader(t *testing.T) {
	var c rowCache
	c.init(0)
	const hash = 7
	key, b := []byte("key"), &Batch{s: &Store{}, touched: []touchedRow{{hash: hash, stripe: 3}}}
	b.stripes.add(3)
	_, _, before := c[3].get(hash, key, nil)
	c.begin(&b.stripes)
	_, _, during := c[3].get(hash, key, nil)
	c[3].put(before, hash, key, cachedRow{})
	c.end(b)
	if during != 0 {
		t.Error("a reader during the batch may keep what it reads")
	}
	c[3].put(before, hash, key, cachedRow{})
	if _, ok, _ := c[3].get(hash, key, nil); ok {
		t.Error("a row is kept that was read before the batch")
	}
}
