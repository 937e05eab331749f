package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// statement runs one statement without values.
func statement(t testing.TB, e *engine.Engine, text string) (*backend.Result, error) {
	t.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	p, err := e.Prepare(context.Background(), parsed.Statement, parsed.Markers, "ib")
	if err != nil {
		return nil, err
	}
	return e.Execute(context.Background(), p, &backend.Query{Consistency: backend.One})
}

func must(t testing.TB, e *engine.Engine, text string) *backend.Result {
	t.Helper()
	r, err := statement(t, e, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

// keys are the values of the first column, as text.
func keys(r *backend.Result) (list []string) {
	cursor := r.Cursor()
	for range r.RowCount {
		for i, c := range r.Columns {
			cell := cursor.Next()
			if i == 0 {
				list = append(list, string(c.Type.AppendLiteral(nil, cell)))
			}
		}
	}
	return list
}

const buildRows = 25_000 // more than one chunk of a build

// fill makes a table of buildRows rows.
func fill(t *testing.T, e *engine.Engine) {
	must(t, e, "CREATE KEYSPACE ib WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	must(t, e, "CREATE TABLE t (k int PRIMARY KEY, v int, w int)")
	for k := 0; k < buildRows; {
		text := "BEGIN UNLOGGED BATCH "
		for range 500 {
			text += fmt.Sprintf("INSERT INTO t (k, v, w) VALUES (%d, %d, %d); ", k, k%100, k%7)
			k++
		}
		must(t, e, text+"APPLY BATCH")
	}
}

// waitBuilt runs a query until the index that it needs is built.
func waitBuilt(t *testing.T, e *engine.Engine, query string) *backend.Result {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		r, err := statement(t, e, query)
		if err == nil {
			return r
		}
		if cqlerr.From(err).Code != cqlerr.ReadFailure || time.Now().After(deadline) {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

// TestIndexBuildUnderWrites: what is written while an index is built is found
// by it, and what was there before.
func TestIndexBuildUnderWrites(t *testing.T) {
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	fill(t, e)
	var stop atomic.Bool
	var writers sync.WaitGroup
	for w := range 3 {
		writers.Go(func() {
			for i := w; !stop.Load(); i += 3 {
				text := fmt.Sprintf("UPDATE t SET v = %d WHERE k = %d", i%150, (i*7919)%(buildRows+1000))
				if i%11 == 0 {
					text = fmt.Sprintf("DELETE FROM t WHERE k = %d", (i*7919)%buildRows)
				}
				if _, err := statement(t, e, text); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	must(t, e, "CREATE INDEX t_v ON t (v)")
	must(t, e, "CREATE INDEX t_w ON t (w) USING 'sai'")
	waitBuilt(t, e, "SELECT k FROM t WHERE v = 1 LIMIT 1")
	waitBuilt(t, e, "SELECT k FROM t WHERE w = 1 LIMIT 1")
	stop.Store(true)
	writers.Wait()
	for _, where := range []string{"v = 7", "v = 120", "w = 3"} {
		got := keys(must(t, e, "SELECT k FROM t WHERE "+where))
		want := filtered(t, e, where)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d rows, want %d", where, len(got), len(want))
		}
	}
}

// filtered reads the whole table and keeps the rows that meet column = number.
func filtered(t *testing.T, e *engine.Engine, where string) (list []string) {
	column, number, _ := cutEqual(where)
	r := must(t, e, "SELECT k, "+column+" FROM t")
	cursor := r.Cursor()
	for range r.RowCount {
		k, v := cursor.Next(), cursor.Next()
		if v != nil && string(r.Columns[1].Type.AppendLiteral(nil, v)) == number {
			list = append(list, string(r.Columns[0].Type.AppendLiteral(nil, k)))
		}
	}
	return list
}

func cutEqual(where string) (column, number string, ok bool) {
	_, err := fmt.Sscanf(where, "%s = %s", &column, &number)
	return column, number, err == nil
}

// TestIndexBuildGoesOn: a build that the end of the server interrupts goes on at
// the next start.
func TestIndexBuildGoesOn(t *testing.T) {
	dir := t.TempDir()
	open := func() *engine.Engine {
		e, err := engine.Open(engine.Options{Dir: dir, Periodic: true})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := open()
	fill(t, e)
	for i := range 4 {
		must(t, e, "CREATE INDEX t_"+strconv.Itoa(i)+" ON t ("+[]string{"v", "w", "v", "w"}[i]+") USING '"+[]string{"sai", "sai", "legacy_local_table", "legacy_local_table"}[i]+"'")
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open()
	defer e.Close()
	for _, where := range []string{"v = 7", "w = 3"} {
		got := keys(waitBuilt(t, e, "SELECT k FROM t WHERE "+where))
		if want := filtered(t, e, where); !slices.Equal(got, want) {
			t.Errorf("%s: %d rows, want %d", where, len(got), len(want))
		}
	}
}
