package store

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// TestData runs the cases in testdata/cases against one store with table 1:
// two int clustering columns, the second descending, gc_grace 100 s; and table
// 2, the same with counters.
//
//	batch              one write a line:
//	  row P C1,C2 PART...        static P PART...        in table 1
//	  counter P C1,C2 PART...                            in table 2
//	  delete P @TS/LOCAL         delete P SLICE @TS/LOCAL
//	  index ID VALUE P [C1,C2]   meta NAME=VALUE         drop-table ID   drop-index ID
//	  PART is live@TS[/TTL/EXPIRES], del@TS/LOCAL, cN=VALUE@TS[/TTL/EXPIRES],
//	  cN=null@TS/LOCAL, cN[PATH]=..., cN=del@TS/LOCAL (all its cells), cN+=DELTA@TS
//	  SLICE is [BOUND..BOUND] with < or > where the bound is not in
//	scan               of all, or partitions=P,P; slices=SLICE;SLICE; reverse;
//	                   nostatic; now=SECONDS; table=2; limit=N
//	index ID VALUE     entries of one value
//	meta PREFIX
//	keys               what is in Pebble, as space and kind
//	flush, compact, reopen, sweep now=SECONDS, gc-grace SECONDS (of table 1)
func TestData(t *testing.T) {
	datadriven.Walk(t, "testdata/cases", func(t *testing.T, path string) {
		d := &dataRunner{fs: vfs.NewMem(), layouts: map[uint32]*Layout{1: clusteredLayout(1), 2: clusteredLayout(2)}}
		d.layouts[2].Counter = true
		d.open(t)
		defer func() { d.s.Close() }()
		datadriven.RunTest(t, path, d.run)
	})
}

type dataRunner struct {
	fs      vfs.FS
	s       *Store
	layouts map[uint32]*Layout
}

func (d *dataRunner) open(t *testing.T) {
	// Only sweeps purge, at the time the case says.
	o := Options{Dir: "data", FS: d.fs, seconds: func() int64 { return 0 }}
	o.Layouts = func(id uint32) *Layout { return d.layouts[id] }
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	d.s = s
}

func (d *dataRunner) run(t *testing.T, c *datadriven.TestData) string {
	switch c.Cmd {
	case "batch":
		b := d.s.NewBatch()
		for line := range strings.Lines(c.Input) {
			if err := d.write(b, strings.Fields(line)); err != nil {
				c.Fatalf(t, "%s: %v", line, err)
			}
		}
		commit(t, b)
		return ""
	case "scan":
		table, sc := d.scan(t, c)
		return dump(t, d.s, d.layouts[table], sc)
	case "index":
		return d.index(t, c)
	case "meta":
		return d.meta(t, c)
	case "keys":
		return d.keys(t)
	case "flush":
		if err := d.s.db.Flush(); err != nil {
			t.Fatal(err)
		}
		return ""
	case "compact":
		d.s.compact(t)
		return ""
	case "sweep":
		var now int64
		c.ScanArgs(t, "now", &now)
		if err := d.s.sweepNow(now); err != nil {
			t.Fatal(err)
		}
		return ""
	case "gc-grace":
		l := *d.layouts[1]
		l.GCGraceSeconds = int32(number(c.CmdArgs[0].Key))
		d.layouts[1] = &l
		return ""
	case "reopen":
		if err := d.s.Close(); err != nil {
			t.Fatal(err)
		}
		d.open(t)
		return ""
	}
	c.Fatalf(t, "unknown command %s", c.Cmd)
	return ""
}

func (d *dataRunner) write(b *Batch, f []string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	var rb RowBuilder
	rb.Reset()
	switch f[0] {
	case "row":
		buildRow(&rb, f[3:])
		b.PutRow(d.layouts[1], []byte(f[1]), parseClustering(f[2]), &rb)
	case "counter":
		buildRow(&rb, f[3:])
		b.PutRow(d.layouts[2], []byte(f[1]), parseClustering(f[2]), &rb)
	case "static":
		buildRow(&rb, f[2:])
		b.PutStatic(d.layouts[1], []byte(f[1]), &rb)
	case "delete":
		del := parseDeletion(f[len(f)-1])
		if len(f) == 3 {
			b.DeletePartition(d.layouts[1], []byte(f[1]), del)
		} else {
			b.DeleteRange(d.layouts[1], []byte(f[1]), parseSlice(f[2]), del)
		}
	case "index":
		var ck [][]byte
		if len(f) > 4 {
			ck = parseClustering(f[4])
		}
		b.PutIndex(uint32(number(f[1])), []byte(f[2]), []byte(f[3]), d.layouts[1], ck)
	case "meta":
		name, value, _ := strings.Cut(f[1], "=")
		b.SetMeta([]byte(name), []byte(value))
	case "drop-table":
		b.DropTable(uint32(number(f[1])))
	case "drop-index":
		b.DropIndex(uint32(number(f[1])))
	default:
		return fmt.Errorf("unknown write")
	}
	return nil
}

func number(s string) int64 {
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return v
}

func parseClustering(s string) [][]byte {
	var out [][]byte
	for _, v := range strings.Split(s, ",") {
		if v != "" {
			out = append(out, intBytes(int(number(v))))
		}
	}
	return out
}

func parseSlice(s string) Slice {
	start, end, ok := strings.Cut(s[1:len(s)-1], "..")
	if !ok {
		panic("slice without ..")
	}
	return Slice{Start: parseClustering(start), End: parseClustering(end), StartInclusive: s[0] == '[', EndInclusive: s[len(s)-1] == ']'}
}

func parseDeletion(s string) Deletion {
	ts, local, _ := strings.Cut(strings.TrimLeft(s, "del@"), "/")
	return Deletion{Timestamp: number(ts), LocalTime: number(local)}
}

func buildRow(rb *RowBuilder, parts []string) {
	for _, p := range parts {
		what, at, _ := strings.Cut(p, "@")
		times := strings.Split(at, "/")
		ts := number(times[0])
		var ttl, local int64
		switch len(times) {
		case 2:
			local = number(times[1])
		case 3:
			ttl, local = number(times[1]), number(times[2])
		}
		name, value, _ := strings.Cut(what, "=")
		name, counter := strings.CutSuffix(name, "+")
		name, path, hasPath := strings.Cut(strings.TrimSuffix(name, "]"), "[")
		switch {
		case name == "live":
			rb.Liveness(ts, int32(ttl), local)
			continue
		case name == "del":
			rb.Delete(Deletion{Timestamp: ts, LocalTime: local})
			continue
		}
		column := uint32(number(strings.TrimPrefix(name, "c")))
		var pathKey []byte
		if hasPath {
			pathKey = pathOf(path)
		}
		switch {
		case counter:
			rb.CounterAdd(column, ts, number(value))
		case value == "null":
			rb.PathTombstone(column, pathKey, ts, local)
		case value == "del":
			rb.DeleteComplex(column, Deletion{Timestamp: ts, LocalTime: local})
		default:
			rb.PathCell(column, pathKey, ts, int32(ttl), local, []byte(value))
		}
	}
}

func (d *dataRunner) scan(t *testing.T, c *datadriven.TestData) (uint32, *Scan) {
	table, sc := uint32(1), &Scan{Now: 1000}
	for _, a := range c.CmdArgs {
		switch a.Key {
		case "table":
			table = uint32(number(a.Vals[0]))
		case "partitions":
			for _, p := range strings.Split(a.Vals[0], ",") {
				sc.Partitions = append(sc.Partitions, []byte(p))
			}
		case "slices":
			for _, s := range strings.Split(a.Vals[0], ";") {
				sc.Slices = append(sc.Slices, parseSlice(s))
			}
		case "reverse":
			sc.Reverse = true
		case "nostatic":
			sc.NoStatic = true
		case "now":
			sc.Now = number(a.Vals[0])
		case "limit":
			sc.TombstoneLimit = int(number(a.Vals[0]))
		default:
			c.Fatalf(t, "unknown argument %s", a.Key)
		}
	}
	return table, sc
}

func (d *dataRunner) index(t *testing.T, c *datadriven.TestData) string {
	var sb strings.Builder
	r := d.s.NewReader()
	defer r.Close()
	it := r.Index(uint32(number(c.CmdArgs[0].Key)), []byte(c.CmdArgs[1].Key), nil)
	var key IndexKey
	for it.Next() {
		if err := key.Parse(d.layouts[1], it.Key()); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&sb, "%s", key.Partition)
		for _, v := range key.Clustering {
			fmt.Fprintf(&sb, " %d", intOf(v))
		}
		sb.WriteByte('\n')
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	return sb.String()
}

func (d *dataRunner) meta(t *testing.T, c *datadriven.TestData) string {
	var sb strings.Builder
	r := d.s.NewReader()
	defer r.Close()
	prefix := ""
	if len(c.CmdArgs) > 0 {
		prefix = c.CmdArgs[0].Key
	}
	err := r.ScanMeta([]byte(prefix), func(name, value []byte) error {
		fmt.Fprintf(&sb, "%s=%s\n", name, value)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sb.String()
}

// keys shows the rows and tombstones that are stored, live or not.
func (d *dataRunner) keys(t *testing.T) string {
	kinds := map[byte]string{headPartition: "partition tombstone", headStatic: "static row", headRange: "range tombstone", kindRow: "row"}
	var sb strings.Builder
	it, err := d.s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{spaceData}, UpperBound: []byte{spaceData + 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		n := partitionLen(it.Key())
		p, _, _ := unescape(nil, it.Key()[tokenEnd:n])
		empty := ""
		if it.Key()[n] == kindRow && isEmptyRow(it.Value()) {
			empty = " (empty)"
		}
		fmt.Fprintf(&sb, "%d %s %s%s\n", keyTable(it.Key()), p, kinds[it.Key()[n]], empty)
	}
	return sb.String()
}
