package store

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// benchStore is on the disk; periodic, so that the disk's fsync is not what is
// measured.
func benchStore(b *testing.B) *Store {
	b.Helper()
	s, err := Open(Options{Dir: b.TempDir(), Periodic: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

var benchValue = make([]byte, 50)

// benchRow fills rb with a row of about 200 bytes in four columns.
func benchRow(rb *RowBuilder, ts int64) {
	rb.Reset()
	rb.Liveness(ts, 0, 0)
	for c := uint32(1); c <= 4; c++ {
		rb.Cell(c, ts, 0, 0, benchValue)
	}
}

func uuidKey(dst []byte, i uint64) []byte {
	dst = binary.BigEndian.AppendUint64(dst[:0], i*0x9e3779b97f4a7c15)
	return binary.BigEndian.AppendUint64(dst, i)
}

func plainLayout(id uint32) *Layout { return &Layout{ID: id, GCGraceSeconds: 864000} }

func BenchmarkWrite(b *testing.B) { benchWrites(b, benchStore(b)) }

// BenchmarkWriteAlone has one writer, who waits for each fsync.
func BenchmarkWriteAlone(b *testing.B) {
	s, err := Open(Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	benchWrites(b, s)
}

// benchWrites writes one row after the other.
func benchWrites(b *testing.B, s *Store) {
	l := plainLayout(1)
	var rb RowBuilder
	key := make([]byte, 16)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		benchRow(&rb, s.Now())
		batch := s.NewBatch()
		batch.PutRow(l, uuidKey(key, uint64(i)), nil, &rb)
		if err := batch.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWriteDurable has many writers that share fsyncs.
func BenchmarkWriteDurable(b *testing.B) {
	s, err := Open(Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	l := plainLayout(1)
	var n atomic.Uint64
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		var rb RowBuilder
		key := make([]byte, 16)
		for pb.Next() {
			benchRow(&rb, s.Now())
			batch := s.NewBatch()
			batch.PutRow(l, uuidKey(key, n.Add(1)), nil, &rb)
			if err := batch.Commit(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func benchRead(b *testing.B, s *Store, l *Layout, key func(i uint64) []byte) {
	b.Helper()
	sc := &Scan{Now: testNow, Partitions: [][]byte{nil}}
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		sc.Partitions[0] = key(i)
		r := s.NewReader()
		it := r.Scan(l, sc)
		if !it.NextPartition() || !it.NextRow() || len(it.Row().Cells) != 4 {
			b.Fatal("row not found", it.Err())
		}
		if it.NextRow() {
			b.Fatal("two rows")
		}
		it.Close()
		r.Close()
	}
}

// BenchmarkRead reads single rows by partition key.
func BenchmarkRead(b *testing.B) {
	const rows = 100_000
	for _, where := range []string{"memtable", "compacted", "levels"} {
		b.Run(where, func(b *testing.B) {
			s, l := benchStore(b), plainLayout(1)
			var rb RowBuilder
			key := make([]byte, 16)
			for round := range 2 {
				n := rows
				if where == "memtable" {
					n = 10_000
				}
				for i := range n {
					benchRow(&rb, s.Now())
					batch := s.NewBatch()
					batch.PutRow(l, uuidKey(key, uint64(i)), nil, &rb)
					commit(b, batch)
				}
				switch {
				case where == "compacted" || where == "levels" && round == 0:
					s.compact(b)
				case where == "levels":
					s.db.Flush()
				}
			}
			n := uint64(rows)
			if where == "memtable" {
				n = 10_000
			}
			benchRead(b, s, l, func(i uint64) []byte { return uuidKey(key, i*7919%n) })
		})
	}
}

// BenchmarkReadMissing asks for partitions that are not there.
func BenchmarkReadMissing(b *testing.B) {
	s, l := benchStore(b), plainLayout(1)
	var rb RowBuilder
	key := make([]byte, 16)
	for i := range 100_000 {
		benchRow(&rb, s.Now())
		batch := s.NewBatch()
		batch.PutRow(l, uuidKey(key, uint64(i)), nil, &rb)
		commit(b, batch)
	}
	s.compact(b)
	sc := &Scan{Now: testNow, Partitions: [][]byte{nil}}
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		sc.Partitions[0] = uuidKey(key, 1<<40+i)
		r := s.NewReader()
		it := r.Scan(l, sc)
		if it.NextPartition() {
			b.Fatal("found")
		}
		it.Close()
		r.Close()
	}
}

// BenchmarkReadChain reads a row that many operands make up, with folding off.
func BenchmarkReadChain(b *testing.B) {
	for _, operands := range []int{1, 3, 64, 100, 10_000} {
		b.Run(fmt.Sprint(operands), func(b *testing.B) {
			s, l := benchStore(b), plainLayout(1)
			s.folds = nil // nobody folds
			var rb RowBuilder
			key := []byte("hot")
			for range operands {
				benchRow(&rb, s.Now())
				batch := s.NewBatch()
				batch.PutRow(l, key, nil, &rb)
				commit(b, batch)
			}
			benchRead(b, s, l, func(uint64) []byte { return key })
		})
	}
}

// BenchmarkHotRow writes and reads one row again and again, as a counter or a
// session does: folding keeps its chain short.
func BenchmarkHotRow(b *testing.B) {
	s, l := benchStore(b), plainLayout(1)
	var rb RowBuilder
	key := []byte("hot")
	sc := &Scan{Now: testNow, Partitions: [][]byte{key}}
	b.ReportAllocs()
	for b.Loop() {
		benchRow(&rb, s.Now())
		batch := s.NewBatch()
		batch.PutRow(l, key, nil, &rb)
		commit(b, batch)
		r := s.NewReader()
		it := r.Scan(l, sc)
		if !it.NextPartition() {
			b.Fatal(it.Err())
		}
		it.Close()
		r.Close()
	}
}

// BenchmarkScan reads a partition of 1,000 rows; the figure is for one row.
func BenchmarkScan(b *testing.B) {
	for _, reverse := range []bool{false, true} {
		b.Run(fmt.Sprintf("reverse=%v", reverse), func(b *testing.B) {
			const rows = 1000
			s, l := benchStore(b), clusteredLayout(1)
			var rb RowBuilder
			for i := range rows {
				benchRow(&rb, s.Now())
				batch := s.NewBatch()
				batch.PutRow(l, []byte("wide"), clusteringOf([2]int{i / 10, i % 10}), &rb)
				commit(b, batch)
			}
			s.compact(b)
			sc := &Scan{Now: testNow, Partitions: [][]byte{[]byte("wide")}, Reverse: reverse}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				r := s.NewReader()
				it := r.Scan(l, sc)
				it.NextPartition()
				for it.NextRow() {
					n++
				}
				if err := it.Close(); err != nil {
					b.Fatal(err)
				}
				r.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/row")
		})
	}
}

// BenchmarkRowBuilder encodes a row of 24 columns that are written in another order
// than they are stored in.
func BenchmarkRowBuilder(b *testing.B) {
	var rb RowBuilder
	var out []byte
	l := &Layout{}
	b.ReportAllocs()
	for b.Loop() {
		rb.Reset()
		rb.Liveness(1, 0, 0)
		for i := range uint32(24) {
			rb.Cell(i*7%24, 1, 0, 0, out)
		}
		out = rb.appendTo(out[:0], l, nil)[:0]
	}
}

// BenchmarkDecode takes a stored row of 200 bytes apart.
func BenchmarkDecode(b *testing.B) {
	var rb RowBuilder
	benchRow(&rb, 1_700_000_000_000_000)
	row := rb.appendTo(nil, plainLayout(1), nil)
	it := &Iter{l: &Layout{}, sc: &Scan{Now: testNow}}
	b.ReportAllocs()
	for b.Loop() {
		if !it.assemble(&it.row, row, Deletion{}) {
			b.Fatal("not live")
		}
	}
}

// BenchmarkOpen makes a store in an empty directory.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		s, err := Open(Options{Dir: dir, FS: vfs.Default})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
