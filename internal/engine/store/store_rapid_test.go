package store

import (
	"bytes"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// What the property test draws from: few of everything, so that writes meet.
var (
	testPartitions = []string{"a", "b", "c\x00d", "c\x00", ""}
	testRows       = func() (rows [][2]int) {
		for i := -1; i <= 1; i++ {
			for j := -1; j <= 1; j++ {
				rows = append(rows, [2]int{i, j})
			}
		}
		return rows
	}()
	testSimple  = []uint32{1, 2, 40}
	testComplex = []uint32{3, 41}
	testPaths   = []string{"p", "q", "qq"}
	testStatic  = []uint32{10, 11}
)

const testNow = 1_700_000_000

func pathOf(p string) []byte {
	return append([]byte{byte(len(p))}, p...)
}

// machine drives a store and the model with the same random writes.
type machine struct {
	fs vfs.FS
	s  *Store
	m  model
	l  *Layout
	tt *testing.T
	// rowsOnly: no static rows, and no tombstones of partitions and ranges, so that
	// the caches of rows and partitions are not passed by.
	rowsOnly bool
	// options beside Dir and FS.
	options Options
	// now is the second of scans; tombstones and expiries are up to old seconds
	// before it.
	now, old int64
}

func (c *machine) open(t *rapid.T) {
	o := c.options
	o.Dir, o.FS, o.seconds = "data", c.fs, func() int64 { return c.now }
	o.noRowCache = rapid.Bool().Draw(t, "noRowCache")
	o.eagerPartitions = rapid.Bool().Draw(t, "eagerPartitions")
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	c.s = s
}

func drawTS(t *rapid.T) int64 { return rapid.Int64Range(-3, 12).Draw(t, "ts") }

func drawLocal(t *rapid.T) int64 { return testNow - rapid.Int64Range(1, 5).Draw(t, "age") }

// local draws when a tombstone was made.
func (c *machine) local(t *rapid.T) int64 {
	return drawLocal(t) + c.now - testNow - c.age(t)
}

func (c *machine) age(t *rapid.T) int64 {
	if c.old == 0 || rapid.Bool().Draw(t, "recent") {
		return 0
	}
	return c.old
}

// ttl draws a ttl and the expiry, which is before the test's now or, as the
// clock may advance during the test, well behind it.
func (c *machine) ttl(t *rapid.T) (int32, int64) {
	ttl, expires := drawTTL(t)
	if ttl != 0 {
		expires += c.now - testNow
		if c.old != 0 && expires > c.now {
			expires += 1000
		} else {
			expires -= c.age(t)
		}
	}
	return ttl, expires
}

// drawTTL returns ttl and expiry, about half of them expired at testNow.
func drawTTL(t *rapid.T) (int32, int64) {
	if rapid.IntRange(0, 2).Draw(t, "hasTTL") > 0 {
		return 0, 0
	}
	ttl := rapid.Int32Range(1, 3).Draw(t, "ttl")
	return ttl, testNow + rapid.Int64Range(-2, 2).Draw(t, "expires")
}

func drawBound(t *rapid.T) [][]byte {
	var b [][]byte
	for range rapid.IntRange(0, 2).Draw(t, "boundLen") {
		b = append(b, intBytes(rapid.IntRange(-1, 1).Draw(t, "bound")))
	}
	return b
}

func drawSlice(t *rapid.T) Slice {
	return Slice{Start: drawBound(t), End: drawBound(t), StartInclusive: rapid.Bool().Draw(t, "startIncl"), EndInclusive: rapid.Bool().Draw(t, "endIncl")}
}

func clusteringOf(row [2]int) [][]byte { return [][]byte{intBytes(row[0]), intBytes(row[1])} }

// write draws one write to one row and applies it to batch and model.
func (c *machine) write(t *rapid.T, b *Batch) {
	p := rapid.SampledFrom(testPartitions).Draw(t, "partition")
	w := modelWrite{partition: p, static: !c.rowsOnly && rapid.IntRange(0, 4).Draw(t, "static") == 0}
	w.row = rapid.SampledFrom(testRows).Draw(t, "row")
	if w.static {
		w.row = [2]int{}
	}
	what := 2
	if !c.rowsOnly {
		what = rapid.IntRange(0, 9).Draw(t, "what")
	}
	switch what {
	case 0:
		w = modelWrite{kind: modelPartition, partition: p, ts: drawTS(t), local: c.local(t)}
		b.DeletePartition(c.l, []byte(p), Deletion{Timestamp: w.ts, LocalTime: w.local})
		c.m.add(w)
		return
	case 1:
		w = modelWrite{kind: modelRange, partition: p, ts: drawTS(t), local: c.local(t), slice: drawSlice(t)}
		b.DeleteRange(c.l, []byte(p), w.slice, Deletion{Timestamp: w.ts, LocalTime: w.local})
		c.m.add(w)
		return
	}
	var rb RowBuilder
	rb.Reset()
	for range rapid.IntRange(1, 4).Draw(t, "parts") {
		c.part(t, &rb, w)
	}
	if w.static {
		b.PutStatic(c.l, []byte(p), &rb)
	} else {
		b.PutRow(c.l, []byte(p), clusteringOf(w.row), &rb)
	}
}

func (c *machine) part(t *rapid.T, rb *RowBuilder, w modelWrite) {
	w.ts = drawTS(t)
	simple, complexes := testSimple, testComplex
	if w.static {
		simple, complexes = testStatic[:1], testStatic[1:]
	}
	switch rapid.IntRange(0, 7).Draw(t, "part") {
	case 0:
		if w.static {
			return
		}
		w.kind = modelLiveness
		w.ttl, w.local = c.ttl(t)
		rb.Liveness(w.ts, w.ttl, w.local)
	case 1:
		w.kind, w.local = modelRowDeletion, c.local(t)
		rb.Delete(Deletion{Timestamp: w.ts, LocalTime: w.local})
	case 2:
		w.kind, w.local, w.column = modelTombstone, c.local(t), rapid.SampledFrom(simple).Draw(t, "column")
		rb.Tombstone(w.column, w.ts, w.local)
	case 3:
		w.kind, w.local, w.column = modelComplex, c.local(t), rapid.SampledFrom(complexes).Draw(t, "column")
		rb.DeleteComplex(w.column, Deletion{Timestamp: w.ts, LocalTime: w.local})
	case 4:
		w.kind, w.local, w.column = modelTombstone, c.local(t), rapid.SampledFrom(complexes).Draw(t, "column")
		w.path = rapid.SampledFrom(testPaths).Draw(t, "path")
		rb.PathTombstone(w.column, pathOf(w.path), w.ts, w.local)
	case 5:
		w.kind, w.column = modelCell, rapid.SampledFrom(complexes).Draw(t, "column")
		w.path = rapid.SampledFrom(testPaths).Draw(t, "path")
		w.ttl, w.local = c.ttl(t)
		w.value = rapid.StringMatching(`[x-z]{0,2}`).Draw(t, "value")
		rb.PathCell(w.column, pathOf(w.path), w.ts, w.ttl, w.local, []byte(w.value))
	default:
		w.kind, w.column = modelCell, rapid.SampledFrom(simple).Draw(t, "column")
		w.ttl, w.local = c.ttl(t)
		w.value = rapid.StringMatching(`[x-z]{0,2}`).Draw(t, "value")
		rb.Cell(w.column, w.ts, w.ttl, w.local, []byte(w.value))
	}
	c.m.add(w)
}

// drawScan draws what to read. Slices are made sorted and disjoint from
// drawn cuts between the rows.
func drawScan(t *rapid.T) *Scan {
	sc := &Scan{Now: testNow, Reverse: rapid.Bool().Draw(t, "reverse"), NoStatic: rapid.IntRange(0, 3).Draw(t, "noStatic") == 0}
	switch rapid.IntRange(0, 2).Draw(t, "partitions") {
	case 0:
		for _, p := range rapid.Permutation(testPartitions).Draw(t, "order")[:rapid.IntRange(0, len(testPartitions)).Draw(t, "n")] {
			sc.Partitions = append(sc.Partitions, []byte(p))
		}
		if sc.Partitions == nil {
			sc.Partitions = [][]byte{}
		}
	case 1:
		sc.Tokens = TokenRange{Start: drawToken(t), End: drawToken(t), StartInclusive: rapid.Bool().Draw(t, "ts"), EndInclusive: rapid.Bool().Draw(t, "te")}
	}
	switch rapid.IntRange(0, 3).Draw(t, "slices") {
	case 0:
		sc.Slices = []Slice{drawSlice(t)}
	case 1:
		sc.Slices = drawPoints(t)
	case 2:
		sc.Slices = []Slice{
			{End: [][]byte{intBytes(-1)}, EndInclusive: rapid.Bool().Draw(t, "e")},
			{Start: [][]byte{intBytes(0), intBytes(0)}, StartInclusive: rapid.Bool().Draw(t, "s"), End: [][]byte{intBytes(0)}, EndInclusive: true},
			{Start: [][]byte{intBytes(1)}, StartInclusive: true},
		}
	}
	return sc
}

func drawPoints(t *rapid.T) []Slice {
	rows := slices.Clone(testRows)
	slices.SortFunc(rows, compareRows)
	points := []Slice{}
	for _, row := range rows {
		if rapid.Bool().Draw(t, "in") {
			k := clusteringOf(row)
			points = append(points, Slice{Start: k, End: k, StartInclusive: true, EndInclusive: true})
		}
	}
	return points
}

func drawToken(t *rapid.T) *int64 {
	if rapid.IntRange(0, 2).Draw(t, "open") == 0 {
		return nil
	}
	v := cqltype.Token([]byte(rapid.SampledFrom(testPartitions).Draw(t, "token")))
	return &v
}

func (c *machine) check(t *rapid.T) {
	sc := drawScan(t)
	sc.Now = c.now
	want := c.m.dump(sc, testPartitions, testRows)
	if got := dump(c.tt, c.s, c.l, sc); got != want {
		t.Fatalf("scan %+v\ngot\n%swant\n%s", sc, got, want)
	}
	c.checkPages(t, sc, want)
}

// checkPages reads the same in pages, resuming each time with a new reader.
func (c *machine) checkPages(t *rapid.T, sc *Scan, want string) {
	size := rapid.IntRange(1, 4).Draw(t, "page")
	paged := *sc
	var got bytes.Buffer
	last := ""
	for range 100 {
		more := c.page(t, &paged, size, &got, &last)
		if !more {
			if got.String() != want {
				t.Fatalf("scan %+v in pages of %d\ngot\n%swant\n%s", sc, size, got.String(), want)
			}
			return
		}
	}
	t.Fatalf("scan %+v in pages of %d does not end", sc, size)
}

func (c *machine) page(t *rapid.T, sc *Scan, size int, out *bytes.Buffer, last *string) (more bool) {
	r := c.s.NewReader()
	defer r.Close()
	it := r.Scan(c.l, sc)
	defer it.Close()
	n := 0
	for it.NextPartition() {
		if p := "partition " + string(it.Partition()); p != *last {
			*last = p
			out.WriteString(p)
			if s := it.Static(); s != nil {
				out.WriteString(" static " + showRow(s))
			}
			out.WriteByte('\n')
		}
		at := &Position{Partition: bytes.Clone(it.Partition())}
		for it.NextRow() {
			out.WriteString("  " + showRow(it.Row()) + "\n")
			at.Clustering = nil
			for _, v := range it.Row().Clustering {
				at.Clustering = append(at.Clustering, bytes.Clone(v))
			}
			if n++; n == size {
				sc.Resume = at
				return true
			}
		}
		if n++; n >= size {
			at.PartitionDone = true
			sc.Resume = at
			return true
		}
	}
	if err := it.Err(); err != nil {
		t.Fatal(err)
	}
	return false
}

// TestModel: after any sequence of batches, flushes, compactions, folds and
// restarts every scan answers what the model does.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := &machine{fs: vfs.NewMem(), l: clusteredLayout(7), tt: t, now: testNow, rowsOnly: rapid.Bool().Draw(rt, "rowsOnly")}
		c.open(rt)
		defer func() { c.s.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"write": func(rt *rapid.T) {
				b := c.s.NewBatch()
				for range rapid.IntRange(1, 6).Draw(rt, "writes") {
					c.write(rt, b)
				}
				if err := b.Commit(); err != nil {
					rt.Fatal(err)
				}
			},
			"flush": func(rt *rapid.T) {
				if err := c.s.db.Flush(); err != nil {
					rt.Fatal(err)
				}
			},
			"compact": func(rt *rapid.T) { c.s.compact(t) },
			"fold":    c.fold,
			"reopen": func(rt *rapid.T) {
				if err := c.s.Close(); err != nil {
					rt.Fatal(err)
				}
				c.open(rt)
			},
			"": c.check,
		})
	})
}
