package exec_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
)

// prepare plans a modification once, as a prepared statement is.
func (e *miniEngine) prepare(text string) *plan.Modify {
	p, err := cql.Parse(text)
	if err != nil {
		e.t.Fatal(err)
	}
	m, err := modifyPlan(e.context(p), p.Statement)
	if err != nil {
		e.t.Fatal(err)
	}
	return m
}

func bigint(n int64) backend.Value {
	return backend.Value{Bytes: binary.BigEndian.AppendUint64(nil, uint64(n))}
}

func text(s string) backend.Value { return backend.Value{Bytes: []byte(s)} }

// BenchmarkInsert is a prepared INSERT of a row of five columns, without the
// log's fsync.
func BenchmarkInsert(b *testing.B) {
	e := newMiniEngine(b)
	e.must("CREATE TABLE t (k bigint PRIMARY KEY, a text, b text, c bigint, d text)")
	m := e.prepare("INSERT INTO t (k, a, b, c, d) VALUES (?, ?, ?, ?, ?)")
	key := make([]byte, 8)
	q := &backend.Query{Consistency: backend.LocalOne, Values: []backend.Value{
		{Bytes: key}, text("forty bytes of text, more or less, here."), text("someone@example.org"), bigint(7), text("short"),
	}}
	b.ReportAllocs()
	var n uint64
	for b.Loop() {
		n++
		binary.BigEndian.PutUint64(key, n*0x9e3779b97f4a7c15)
		if _, err := e.db.Modify(b.Context(), m, q); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInsertClustered is the same with a composite key and an index.
func BenchmarkInsertClustered(b *testing.B) {
	for _, indexed := range []bool{false, true} {
		b.Run(fmt.Sprintf("indexed=%v", indexed), func(b *testing.B) {
			e := newMiniEngine(b)
			e.must("CREATE TABLE t (k bigint, j text, c bigint, a text, b bigint, PRIMARY KEY ((k, j), c))")
			if indexed {
				e.must("CREATE INDEX ON t (a)")
			}
			m := e.prepare("INSERT INTO t (k, j, c, a, b) VALUES (?, ?, ?, ?, ?)")
			key, clustering := make([]byte, 8), make([]byte, 8)
			q := &backend.Query{Consistency: backend.LocalOne, Values: []backend.Value{
				{Bytes: key}, text("tenant"), {Bytes: clustering}, text("a value"), bigint(7),
			}}
			b.ReportAllocs()
			var n uint64
			for b.Loop() {
				n++
				binary.BigEndian.PutUint64(key, n/100)
				binary.BigEndian.PutUint64(clustering, n)
				if _, err := e.db.Modify(b.Context(), m, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkUpdate is a prepared UPDATE of two columns of one of 1000 rows.
func BenchmarkUpdate(b *testing.B) {
	e := newMiniEngine(b)
	e.must("CREATE TABLE t (k bigint PRIMARY KEY, a text, c bigint)")
	m := e.prepare("UPDATE t SET a = ?, c = ? WHERE k = ?")
	key := make([]byte, 8)
	q := &backend.Query{Consistency: backend.LocalOne, Values: []backend.Value{text("a value"), bigint(7), {Bytes: key}}}
	b.ReportAllocs()
	var n uint64
	for b.Loop() {
		n++
		binary.BigEndian.PutUint64(key, n%1000)
		if _, err := e.db.Modify(b.Context(), m, q); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInsertIfNotExists is a conditional INSERT of a new row.
func BenchmarkInsertIfNotExists(b *testing.B) {
	e := newMiniEngine(b)
	e.must("CREATE TABLE t (k bigint PRIMARY KEY, a text, c bigint)")
	m := e.prepare("INSERT INTO t (k, a, c) VALUES (?, ?, ?) IF NOT EXISTS")
	key := make([]byte, 8)
	q := &backend.Query{Consistency: backend.LocalOne, Values: []backend.Value{{Bytes: key}, text("a value"), bigint(7)}}
	b.ReportAllocs()
	var n uint64
	for b.Loop() {
		n++
		binary.BigEndian.PutUint64(key, n*0x9e3779b97f4a7c15)
		if _, err := e.db.Modify(b.Context(), m, q); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCounter is an increment of one of 1000 counters.
func BenchmarkCounter(b *testing.B) {
	e := newMiniEngine(b)
	e.must("CREATE TABLE t (k bigint PRIMARY KEY, n counter)")
	m := e.prepare("UPDATE t SET n = n + ? WHERE k = ?")
	key := make([]byte, 8)
	q := &backend.Query{Consistency: backend.LocalOne, Values: []backend.Value{bigint(1), {Bytes: key}}}
	b.ReportAllocs()
	var n uint64
	for b.Loop() {
		n++
		binary.BigEndian.PutUint64(key, n%1000)
		if _, err := e.db.Modify(b.Context(), m, q); err != nil {
			b.Fatal(err)
		}
	}
}
