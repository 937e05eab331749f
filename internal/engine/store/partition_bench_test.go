package store

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// The table of the partition benchmarks: partitions of rows, each a wide one.
const (
	benchPartitions    = 500
	benchPartitionRows = 200
)

func eventsLayout(id uint32) *Layout {
	return &Layout{ID: id, GCGraceSeconds: 864000, Clustering: []ClusteringColumn{{Type: cqltype.TypeInt}}}
}

// putEvents adds rows [from, to) of a partition to a batch.
func putEvents(batch *Batch, l *Layout, rb *RowBuilder, partition []byte, from, to int, ts int64) {
	clustering := make([][]byte, 1)
	for i := from; i < to; i++ {
		rb.Reset()
		rb.Liveness(ts, 0, 0)
		rb.Cell(1, ts, 0, 0, []byte("something has happened"))
		rb.Cell(2, ts, 0, 0, []byte("John Smith"))
		clustering[0] = intBytes(i)
		batch.PutRow(l, partition, clustering, rb)
	}
}

// eventsStore holds 100,000 rows in a memtable, or compacted in files.
func eventsStore(b *testing.B, compacted bool) (*Store, *Layout) {
	s, l := benchStore(b), eventsLayout(1)
	var rb RowBuilder
	for p := range benchPartitions {
		batch := s.NewBatch()
		putEvents(batch, l, &rb, intBytes(p), 0, benchPartitionRows, s.Now())
		commit(b, batch)
	}
	if compacted {
		s.compact(b)
	}
	return s, l
}

// BenchmarkSlice reads runs of rows in the middle of partitions.
func BenchmarkSlice(b *testing.B) {
	for _, compacted := range []bool{false, true} {
		for _, rows := range []int{10, 100} {
			b.Run(fmt.Sprintf("compacted=%v/rows=%d", compacted, rows), func(b *testing.B) {
				s, l := eventsStore(b, compacted)
				sc := &Scan{Now: testNow, Partitions: [][]byte{nil}, Slices: []Slice{{StartInclusive: true}}, NoStatic: true}
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					at := i * 7919 % (benchPartitionRows - rows)
					sc.Partitions[0] = intBytes(i * 7907 % benchPartitions)
					sc.Slices[0].Start, sc.Slices[0].End = [][]byte{intBytes(at)}, [][]byte{intBytes(at + rows)}
					r := s.NewReader()
					it := r.Scan(l, sc)
					n := 0
					for it.NextPartition() {
						for it.NextRow() {
							n++
						}
					}
					if n != rows {
						b.Fatal(n, it.Err())
					}
					it.Close()
					r.Close()
				}
			})
		}
	}
}

// BenchmarkBulkLoad writes new rows in batches of fifty of one partition. CPU
// time is what counts: flushes and compactions run beside the writer.
func BenchmarkBulkLoad(b *testing.B) {
	const size = 50
	s, l := benchStore(b), eventsLayout(1)
	var rb RowBuilder
	b.ReportAllocs()
	before, n := processCPU(b), 0
	for ; b.Loop(); n++ {
		batch := s.NewBatch()
		putEvents(batch, l, &rb, intBytes(n), 0, size, s.Now())
		commit(b, batch)
	}
	for s.db.Metrics().Compact.NumInProgress > 0 {
		runtime.Gosched()
	}
	m := s.db.Metrics().Total()
	b.ReportMetric(float64(m.TableBytesFlushed)/float64(n), "flushed-B/op")
	b.ReportMetric(float64(m.TableBytesCompacted)/float64(n), "compacted-B/op")
	b.ReportMetric(float64((processCPU(b)-before).Microseconds())/float64(n), "cpu-µs/op")
}

// processCPU is the CPU time, user and system, that the process has used.
func processCPU(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
