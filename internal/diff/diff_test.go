package diff_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/diff"
	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// pair is a diff back end over two engines, and what it told.
type pair struct {
	backend.Backend
	one, two *engine.Engine
	log      bytes.Buffer
	cases    string
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{one: open(t), two: open(t), cases: filepath.Join(t.TempDir(), "found.cql")}
	cases, err := diff.OpenCases(p.cases, false)
	if err != nil {
		t.Fatal(err)
	}
	p.Backend = diff.New(diff.Options{
		Answering: diff.Side{Name: "engine", Backend: p.one}, Other: diff.Side{Name: "cluster", Backend: p.two},
		Cases: cases, Log: slog.New(slog.NewJSONHandler(&p.log, nil)),
	})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func open(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// records are the differences told since the last call.
func (p *pair) records(t *testing.T) []map[string]string {
	t.Helper()
	var all []map[string]string
	for line := range strings.Lines(p.log.String()) {
		record := map[string]string{}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		all = append(all, record)
	}
	p.log.Reset()
	return all
}

func execute(ctx context.Context, b backend.Backend, text string, values ...[]byte) (*backend.Result, error) {
	parsed, err := cql.Parse(text)
	if err != nil {
		return nil, err
	}
	p, err := b.Prepare(ctx, parsed.Statement, parsed.Markers, "k")
	if err != nil {
		return nil, err
	}
	q := &backend.Query{Consistency: backend.One}
	for _, v := range values {
		q.Values = append(q.Values, backend.Value{Bytes: v})
	}
	return b.Execute(ctx, p, q)
}

// TestSame runs what two servers answer alike, although clocks and random
// numbers are in it.
func TestSame(t *testing.T) {
	script, err := os.ReadFile("testdata/same.cql")
	if err != nil {
		t.Fatal(err)
	}
	p := newPair(t)
	ran := 0
	for _, span := range cql.SplitStatements(string(script)) {
		text := string(script[span.Start:span.End])
		_, _ = execute(t.Context(), p, text) // errors are answers too
		for _, r := range p.records(t) {
			t.Errorf("%s: %v", text, r)
		}
		ran++
	}
	if ran < 20 {
		t.Errorf("only %d statements", ran)
	}
}

// TestDifferences makes the two sides different and looks at what is told.
func TestDifferences(t *testing.T) {
	p := newPair(t)
	must := func(b backend.Backend, text string) {
		t.Helper()
		if _, err := execute(t.Context(), b, text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	must(p, "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	must(p, "CREATE TABLE k.t (k int PRIMARY KEY, v text)")
	must(p, "INSERT INTO k.t (k, v) VALUES (1, 'one')")
	must(p.two, "INSERT INTO k.t (k, v) VALUES (2, 'two')")
	must(p.one, "CREATE TABLE k.here (k int PRIMARY KEY)")
	must(p.one, "ALTER TABLE k.t ADD extra int")
	if r := p.records(t); len(r) != 0 {
		t.Fatalf("told already: %v", r)
	}
	for _, test := range []struct{ statement, what, engine, cluster string }{
		{"SELECT v FROM k.t WHERE k = 1", "", "", ""},
		{"SELECT v FROM k.t WHERE k = 2", "rows", "v text\n(0 rows)", "v text\n'two'\n(1 rows)"},
		{"SELECT * FROM k.t WHERE k = 3", "columns", "k int | extra int | v text\n(0 rows)", "k int | v text\n(0 rows)"},
		{"SELECT * FROM k.here", "error", "no error", "error 0x2200 table here does not exist"},
		{"SELECT extra FROM k.t", "error", "no error", "error 0x2200 Undefined column name extra in table k.t"},
	} {
		_, _ = execute(t.Context(), p, test.statement)
		records := p.records(t)
		switch {
		case test.what == "" && len(records) > 0, test.what != "" && len(records) != 1:
			t.Errorf("%s: told %v", test.statement, records)
		case test.what == "":
		case records[0]["what"] != test.what || records[0]["engine"] != test.engine || records[0]["cluster"] != test.cluster:
			t.Errorf("%s: told %v", test.statement, records[0])
		}
	}
	checkCases(t, p)
}

// checkCases plays the file of cases on the second engine, which is taken for
// right: it agrees with every one.
func checkCases(t *testing.T, p *pair) {
	t.Helper()
	file, err := conformance.ReadFile(p.cases)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, c := range file.Cases {
		found = append(found, fmt.Sprintf("%s => %s", strings.ReplaceAll(c.Statement, "\n", " "), strings.ReplaceAll(c.Answer, "\n", "; ")))
	}
	want := []string{
		"INSERT INTO t (k, v) VALUES (1, 'one') => OK",
		"SELECT v FROM t WHERE k = 2 => v text; 'two'; (1 row)",
		"SELECT * FROM here => ERR 0x2200 table here does not exist",
	}
	for _, w := range want {
		if !strings.Contains(strings.Join(found, "\n"), w) {
			t.Errorf("no case %q in:\n%s", w, strings.Join(found, "\n"))
		}
	}
	if !strings.HasPrefix(found[0], "CREATE TABLE t (k int, v text, extra int") && !strings.HasPrefix(found[0], "CREATE TABLE t (k int") {
		t.Errorf("the first case is %s", found[0])
	}
}

// TestPages: both sides are read page by page, each with its own paging state.
func TestPages(t *testing.T) {
	p := newPair(t)
	for _, text := range []string{
		"CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE k.t (k int PRIMARY KEY)",
	} {
		if _, err := execute(t.Context(), p, text); err != nil {
			t.Fatal(err)
		}
	}
	for i := range byte(10) {
		if _, err := execute(t.Context(), p, "INSERT INTO k.t (k) VALUES (?)", []byte{0, 0, 0, i}); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := cql.Parse("SELECT k FROM k.t")
	if err != nil {
		t.Fatal(err)
	}
	prepared, err := p.Prepare(t.Context(), parsed.Statement, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	q := &backend.Query{Consistency: backend.One, PageSize: 3}
	rows := 0
	for pages := 0; ; pages++ {
		r, err := p.Execute(t.Context(), prepared, q)
		if err != nil {
			t.Fatal(err)
		}
		rows += r.RowCount
		if pages == 1 { // the second side loses a row of a page to come
			all, err := execute(t.Context(), p.two, "SELECT k FROM k.t")
			if err != nil {
				t.Fatal(err)
			}
			cursor := all.Cursor()
			var last []byte
			for range all.RowCount {
				last = cursor.Next()
			}
			if _, err := execute(t.Context(), p.two, "DELETE FROM k.t WHERE k = "+string(cqltype.TypeInt.AppendLiteral(nil, last))); err != nil {
				t.Fatal(err)
			}
			if told := p.records(t); len(told) > 0 {
				t.Errorf("of equal pages: %v", told)
			}
		}
		if q.PagingState = r.PagingState; q.PagingState == nil {
			break
		}
	}
	if told := p.records(t); rows != 10 || len(told) != 1 {
		t.Errorf("%d rows, told %v", rows, told)
	}
	q.PagingState = []byte{7, 7}
	if _, err := p.Execute(t.Context(), prepared, q); err == nil {
		t.Error("a damaged paging state was taken")
	}
}
