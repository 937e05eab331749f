package index

import (
	"fmt"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// testTable is p int, c int, v text, s int static, m map<text, int>.
func testTable() *schema.Table {
	t := &schema.Table{Keyspace: "ks", Name: "t", Storage: 7, Columns: map[string]*schema.Column{}}
	add := func(list *[]*schema.Column, name string, kind schema.ColumnKind, typ *cqltype.Type, storage uint32) {
		c := &schema.Column{Keyspace: "ks", Table: "t", Name: name, Kind: kind, Type: typ, Storage: storage}
		*list, t.Columns[name] = append(*list, c), c
	}
	add(&t.PartitionKey, "p", schema.PartitionKey, cqltype.TypeInt, 0)
	add(&t.Clustering, "c", schema.Clustering, cqltype.TypeInt, 0)
	add(&t.Static, "s", schema.Static, cqltype.TypeInt, 1)
	add(&t.Regular, "m", schema.Regular, cqltype.NewMap(cqltype.TypeText, cqltype.TypeInt, false), 2)
	add(&t.Regular, "v", schema.Regular, cqltype.TypeText, 3)
	return t
}

func wireInt(n byte) []byte { return []byte{0, 0, 0, n} }

// TestBuild builds each kind of index over rows that are there, and asks of
// every entry whether the row it names is under its value.
func TestBuild(t *testing.T) {
	s, err := store.Open(store.Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	table := testTable()
	l := layoutOf(table)
	b := s.NewBatch()
	const rows = 3
	for i := byte(1); i <= rows; i++ {
		var r store.RowBuilder
		r.Liveness(1, 0, 0)
		r.Cell(3, 1, 0, 0, []byte{'a' + i%2})
		r.PathCell(2, store.AppendPath(nil, table.Columns["m"].Type, []byte("key")), 1, 0, 0, wireInt(i))
		b.PutRow(l, wireInt(9), [][]byte{wireInt(i)}, &r)
	}
	var static store.RowBuilder
	static.Cell(1, 1, 0, 0, wireInt(5))
	b.PutStatic(l, wireInt(9), &static)
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		column         string
		target         schema.IndexTarget
		element, value []byte
		want           int
	}{
		{"v", schema.TargetValue, nil, []byte("b"), 2},
		{"v", schema.TargetValue, nil, []byte("z"), 0},
		{"s", schema.TargetValue, nil, wireInt(5), 1},
		{"c", schema.TargetValue, nil, wireInt(3), 1},
		{"p", schema.TargetValue, nil, wireInt(9), 1},
		{"m", schema.TargetKeys, []byte("key"), nil, rows},
		{"m", schema.TargetValues, nil, wireInt(2), 1},
		{"m", schema.TargetEntries, []byte("key"), wireInt(2), 1},
	}
	for i, c := range cases {
		for _, class := range []string{"", "sai"} {
			t.Run(fmt.Sprintf("%s_%d_%s", c.column, i, class), func(t *testing.T) {
				def := &schema.Index{Name: "ix", Column: c.column, Target: c.target, Storage: uint32(100 + 2*i + len(class)%2)}
				def.Options = map[string]string{schema.IndexClassOption: class}
				ix := New(table, def)
				for range 2 { // a second build changes nothing
					build := Build{Store: s, Table: table, Index: def, Now: func() int64 { return 10 }}
					if err := build.Run(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				form := ix.AppendCell(nil, c.element, c.value)
				r := s.NewReader()
				defer r.Close()
				it := r.Index(ix.ID, form, nil)
				var key store.IndexKey
				n := 0
				for it.Next() {
					n++
					if err := key.Parse(l, it.Key()); err != nil {
						t.Fatal(err)
					}
					checkCovers(t, r, ix, l, key.Partition, key.Clustering, form)
				}
				if err := it.Close(); err != nil {
					t.Fatal(err)
				}
				if n != c.want {
					t.Errorf("%d entries, want %d", n, c.want)
				}
			})
		}
	}
}

// checkCovers: the row of an entry is under the entry's value and no other.
func checkCovers(t *testing.T, r *store.Reader, ix *Index, l *store.Layout, partition []byte, clustering [][]byte, value []byte) {
	t.Helper()
	sc := store.Scan{Partitions: [][]byte{partition}, Now: 10}
	if clustering != nil {
		sc.Slices = []store.Slice{{Start: clustering, End: clustering, StartInclusive: true, EndInclusive: true}}
	}
	it := r.Scan(l, &sc)
	defer it.Close()
	if !it.NextPartition() || !it.NextRow() {
		t.Fatalf("no row for the entry: %v", it.Err())
	}
	for _, c := range []struct {
		value []byte
		want  bool
	}{{value, true}, {append([]byte{1}, value...), false}} {
		ok, err := ix.Covers(partition, it.Row(), it.Static(), c.value)
		if err != nil {
			t.Fatal(err)
		}
		if ok != c.want {
			t.Errorf("Covers(%x) = %v, want %v", c.value, ok, c.want)
		}
	}
}
