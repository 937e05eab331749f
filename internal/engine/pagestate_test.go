package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// pagedQueries are cut in pages of every kind: within partitions, behind static
// rows, groups, filters and indexes.
var pagedQueries = []string{
	"SELECT * FROM ib.t",
	"SELECT * FROM ib.t WHERE k = 1",
	"SELECT * FROM ib.t WHERE k = 1 ORDER BY c DESC",
	"SELECT * FROM ib.t WHERE k IN (3, 1, 2) LIMIT 9",
	"SELECT * FROM ib.t PER PARTITION LIMIT 3",
	"SELECT * FROM ib.t WHERE k = 2 AND c > 2 AND c <= 8",
	"SELECT DISTINCT k, s FROM ib.t",
	"SELECT * FROM ib.t WHERE v = 1 ALLOW FILTERING",
	"SELECT k, c, sum(v) FROM ib.t GROUP BY k, c",
	"SELECT k, count(*), max(v) FROM ib.t GROUP BY k",
	"SELECT JSON k, c, s FROM ib.t WHERE token(k) > -9000000000000000000",
	"SELECT * FROM ib.t WHERE w = 2",
	"SELECT * FROM ib.t WHERE x > 3 ALLOW FILTERING",
	"SELECT * FROM ib.d",
}

// TestPageStatesOutliveRestarts fetches page after page, with a restart in
// between, and gets what one page would have been. Other queries refuse the states.
func TestPageStatesOutliveRestarts(t *testing.T) {
	dir := t.TempDir()
	start := func() *engine.Engine {
		e, err := engine.Open(engine.Options{Dir: dir, Periodic: true})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := start()
	fillPaged(t, e)
	want, got := make([][]string, len(pagedQueries)), make([][]string, len(pagedQueries))
	states := make([][]byte, len(pagedQueries))
	for i, q := range pagedQueries {
		want[i], _ = onePage(t, e, q, 0, nil)
		if len(want[i]) < 4 {
			t.Fatalf("%s: only %d rows", q, len(want[i]))
		}
	}
	for round, going := 0, true; going; round++ {
		going = false
		for i, q := range pagedQueries {
			if round > 0 && states[i] == nil {
				continue
			}
			rows, next := onePage(t, e, q, 1+round%4, states[i])
			got[i], states[i], going = append(got[i], rows...), next, going || next != nil
			refuseState(t, e, pagedQueries[(i+1)%len(pagedQueries)], next)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		e = start()
	}
	for i, q := range pagedQueries {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("%s:\npages    %s\none page %s", q, strings.Join(got[i], "; "), strings.Join(want[i], "; "))
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

// fillPaged makes partitions of ten rows, one with a static row alone, and a
// table of keys that lack their last columns.
func fillPaged(t *testing.T, e *engine.Engine) {
	must(t, e, "CREATE KEYSPACE ib WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	must(t, e, "CREATE TABLE ib.t (k int, c int, s text STATIC, v int, w int, x int, PRIMARY KEY (k, c))")
	must(t, e, "CREATE INDEX ON ib.t (w)")
	must(t, e, "CREATE INDEX ON ib.t (x) USING 'sai'")
	must(t, e, "CREATE TABLE ib.d (k int, c int, d text, v int, PRIMARY KEY (k, c, d)) WITH COMPACT STORAGE")
	number := func(n int) string { return string(rune('0' + n)) }
	for k := range 5 {
		must(t, e, "INSERT INTO ib.t (k, s) VALUES ("+number(k)+", 's')")
		for c := range 10 {
			if k == 4 {
				break
			}
			must(t, e, "INSERT INTO ib.t (k, c, v, w, x) VALUES ("+strings.Join([]string{
				number(k), number(c), number((k + c) % 2), number(c % 3), number(c)}, ", ")+")")
			must(t, e, "INSERT INTO ib.d (k, c, v) VALUES ("+number(k)+", "+number(c)+", 1)")
			must(t, e, "INSERT INTO ib.d (k, c, d, v) VALUES ("+number(k)+", "+number(c)+", '', 2)")
		}
	}
	waitBuilt(t, e, "SELECT * FROM ib.t WHERE w = 1")
	waitBuilt(t, e, "SELECT * FROM ib.t WHERE x = 1")
}

func onePage(t *testing.T, e *engine.Engine, text string, size int, state []byte) (rows []string, next []byte) {
	t.Helper()
	r, err := page(t, e, text, size, state)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	cursor := r.Cursor()
	for range r.RowCount {
		var cells []string
		for _, c := range r.Columns {
			cells = append(cells, string(c.Type.AppendLiteral(nil, cursor.Next())))
		}
		rows = append(rows, strings.Join(cells, ","))
	}
	return rows, r.PagingState
}

func page(t *testing.T, e *engine.Engine, text string, size int, state []byte) (*backend.Result, error) {
	t.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	p, err := e.Prepare(context.Background(), parsed.Statement, parsed.Markers, "")
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return e.Execute(context.Background(), p, &backend.Query{Consistency: backend.One, PageSize: size, PagingState: state})
}

// refuseState checks that a query does not go on with another query's state.
func refuseState(t *testing.T, e *engine.Engine, text string, state []byte) {
	t.Helper()
	if state == nil {
		return
	}
	_, err := page(t, e, text, 2, state)
	var refused *cqlerr.Error
	if !errors.As(err, &refused) || refused.Code != cqlerr.Protocol {
		t.Errorf("%s went on with another query's state: %v", text, err)
	}
}
