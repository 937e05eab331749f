package engine

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// hotEngine is an engine with tables to run statements on.
type hotEngine struct {
	*testing.T
	engine *Engine
}

func newHotEngine(t *testing.T, statements ...string) *hotEngine {
	e, err := Open(Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	h := &hotEngine{t, e}
	h.run("CREATE KEYSPACE h WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	for _, s := range statements {
		h.run(s)
	}
	return h
}

func (h *hotEngine) prepare(statement string) *backend.Prepared {
	h.Helper()
	parsed, err := cql.Parse(statement)
	if err != nil {
		h.Fatal(err)
	}
	p, err := h.engine.Prepare(h.Context(), parsed.Statement, parsed.Markers, "h")
	if err != nil {
		h.Fatalf("%s: %v", statement, err)
	}
	return p
}

func (h *hotEngine) execute(p *backend.Prepared, values ...backend.Value) {
	h.Helper()
	if _, err := h.engine.Execute(h.Context(), p, &backend.Query{Consistency: backend.One, Values: values}); err != nil {
		h.Fatal(err)
	}
}

func (h *hotEngine) run(statement string) {
	h.Helper()
	h.execute(h.prepare(statement))
}

// TestPlainWritesDoNotRead: only conditions, and list elements by their index,
// make a write read; indexes don't.
func TestPlainWritesDoNotRead(t *testing.T) {
	h := newHotEngine(t,
		"CREATE TABLE t (k int, c int, s int STATIC, v int, w text, l list<int>, m map<int, int>, e set<int>, PRIMARY KEY (k, c))",
		"CREATE INDEX ON t (v)", "CREATE INDEX ON t (e)", "CREATE TABLE n (k int PRIMARY KEY, v counter)")
	for statement, reads := range map[string]bool{
		"INSERT INTO t (k, c, s, v, w, l, m, e) VALUES (1, 2, 3, 4, 'x', [5], {6: 7}, {8})":      false,
		"INSERT INTO t (k, c, v) VALUES (1, 2, 3) USING TTL 100 AND TIMESTAMP 5":                 false,
		`INSERT INTO t JSON '{"k": 1, "c": 2, "v": 3}'`:                                          false,
		"UPDATE t SET v = 5, w = null, l = l + [1], m[3] = 4, e = e - {8} WHERE k = 1 AND c = 2": false,
		"UPDATE t SET l = [2] + l, l = l - [9] WHERE k = 1 AND c IN (1, 2)":                      true, // the subtraction
		"UPDATE t SET l = [2] + l WHERE k = 1 AND c IN (1, 2)":                                   false,
		"UPDATE t SET s = 1 WHERE k IN (1, 2)":                                                   false,
		"UPDATE n SET v = v + 1 WHERE k = 1":                                                     false,
		"DELETE v, m[1] FROM t WHERE k = 1 AND c = 2":                                            false,
		"DELETE FROM t WHERE k = 1 AND c = 2":                                                    false,
		"DELETE FROM t WHERE k = 1 AND c > 2":                                                    false,
		"DELETE FROM t WHERE k = 1":                                                              false,
		"BEGIN BATCH INSERT INTO t (k, c) VALUES (1, 1); DELETE FROM t WHERE k = 2; APPLY BATCH": false,
		"INSERT INTO t (k, c, l) VALUES (9, 9, [1])":                                             false,
		"UPDATE t SET v = 1 WHERE k = 1 AND c = 1 IF EXISTS":                                     true,
		"SELECT v FROM t WHERE k = 1":                                                            true,
	} {
		n := int64(1)
		for tries := 0; n > 0 && tries < 10; tries++ { // indexes are built in the background, which reads, too
			before := h.engine.store.Reads()
			h.run(statement)
			n = h.engine.store.Reads() - before
		}
		if (n > 0) != reads {
			t.Errorf("%s: %d reads", statement, n)
		}
	}
}

// TestHotPathsAllocateNoCells: a prepared INSERT and a prepared SELECT by key
// allocate as often for a row of 40 cells as for one of 4.
func TestHotPathsAllocateNoCells(t *testing.T) {
	const usual, slack = 8, 1.5 // buffers that grow
	insertFew, selectFew := allocations(t, 4, usual, usual)
	insertMany, selectMany := allocations(t, 40, insertFew+slack, selectFew+slack)
	t.Logf("allocations: INSERT %v for 4 cells, %v for 40; SELECT %v, %v", insertFew, insertMany, selectFew, selectMany)
	if insertMany > insertFew+slack {
		t.Errorf("INSERT allocates %v times for 4 cells, %v times for 40", insertFew, insertMany)
	}
	if selectMany > selectFew+slack {
		t.Errorf("SELECT allocates %v times for 4 cells, %v times for 40", selectFew, selectMany)
	}
	if insertFew > usual || selectFew > usual {
		t.Errorf("INSERT allocates %v times, SELECT %v times", insertFew, selectFew)
	}
}

// allocations are how often an INSERT of cells and a SELECT of them allocate, the
// least of some measurements if it is more than wanted.
func allocations(t *testing.T, cells int, wantInsert, wantSelect float64) (insert, choose float64) {
	columns, markers := "", ""
	values := []backend.Value{{Bytes: []byte{0, 0, 0, 1}}}
	for i := range cells {
		columns += fmt.Sprintf(", v%d", i)
		markers += ", ?"
		values = append(values, backend.Value{Bytes: []byte("some text of a usual length")})
	}
	h := newHotEngine(t, "CREATE TABLE t (k int PRIMARY KEY"+strings.ReplaceAll(columns+",", ",", " text,")[5:]+"w int)")
	put := h.prepare("INSERT INTO t (k" + columns + ") VALUES (?" + markers + ")")
	get := h.prepare("SELECT * FROM t WHERE k = ?")
	write := &backend.Query{Consistency: backend.One, Values: values}
	read := &backend.Query{Consistency: backend.One, Values: values[:1], PageSize: 5000}
	do := func(p *backend.Prepared, q *backend.Query) func() {
		return func() {
			if _, err := h.engine.Execute(t.Context(), p, q); err != nil {
				t.Fatal(err)
			}
		}
	}
	do(put, write)()
	return steady.Allocs(wantInsert, 2000, do(put, write)), steady.Allocs(wantSelect, 2000, do(get, read))
}

// TestPartitionReadsAllocateNoRows: a page of 200 rows is read with as many
// allocations as one of 10, from the store and from the cache of partitions.
func TestPartitionReadsAllocateNoRows(t *testing.T) {
	h := newHotEngine(t, "CREATE TABLE t (k int, c int, v text, w text, PRIMARY KEY (k, c))")
	put := h.prepare("INSERT INTO t (k, c, v, w) VALUES (?, ?, 'some text', 'more of it')")
	const rows, wide = 300, 4200 // in a partition; one of so many is not cached
	for k, n := range []int{rows, wide} {
		for c := range n {
			h.execute(put, intValue(k), intValue(c))
		}
	}
	get := h.prepare("SELECT * FROM t WHERE k = ? AND c >= ? AND c < ?")
	for k, where := range []string{"cached", "stored"} {
		read := func(rows int, want float64) float64 {
			q := &backend.Query{Consistency: backend.One, Values: []backend.Value{intValue(k), intValue(50), intValue(50 + rows)}, PageSize: 5000}
			do := func() {
				r, err := h.engine.Execute(t.Context(), get, q)
				if err != nil || r.RowCount != rows {
					t.Fatal(r, err)
				}
				if r.Recycle != nil {
					r.Recycle(r.Data)
				}
			}
			for range 100 {
				do()
			}
			return steady.Allocs(want, 500, do)
		}
		const usual, slack = 8, 2.5 // pools that the collector empties
		few := read(10, usual)
		many := read(200, few+slack)
		t.Logf("%s: %v allocations for 10 rows, %v for 200", where, few, many)
		if many > few+slack || few > usual {
			t.Errorf("%s: %v allocations for 10 rows, %v for 200", where, few, many)
		}
	}
}

// TestBatchesAllocateNoRows: a BATCH of 60 rows of a partition is written with as
// many allocations as one of 10.
func TestBatchesAllocateNoRows(t *testing.T) {
	h := newHotEngine(t, "CREATE TABLE t (k int, c int, v text, w text, PRIMARY KEY (k, c))")
	put := h.prepare("INSERT INTO t (k, c, v, w) VALUES (?, ?, ?, ?)")
	text := backend.Value{Bytes: []byte("some text of a usual length")}
	write := func(rows int, want float64) float64 {
		b := &backend.Batch{Kind: cql.Unlogged, Query: backend.Query{Consistency: backend.One}}
		for c := range rows {
			b.Entries = append(b.Entries, backend.BatchEntry{Prepared: put, Values: []backend.Value{intValue(rows), intValue(c), text, text}})
		}
		do := func() {
			if _, err := h.engine.ExecuteBatch(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		for range 20 {
			do()
		}
		return steady.Allocs(want, 50, do) // fewer than make a row's chain be folded
	}
	const usual, slack = 25, 3 // buffers that grow
	few := write(10, usual)
	many := write(60, few+slack)
	t.Logf("%v allocations for 10 rows, %v for 60", few, many)
	if many > few+slack || few > usual {
		t.Errorf("%v allocations for 10 rows, %v for 60", few, many)
	}
}

func intValue(n int) backend.Value {
	return backend.Value{Bytes: binary.BigEndian.AppendUint32(nil, uint32(n))}
}
