package guardrail_test

import (
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// openEngine opens the embedded back end: the one that has everything to be
// guarded.
func openEngine(t *testing.T, g *guardrail.Guard) backend.Backend {
	t.Helper()
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Guard: g, Periodic: true, Address: netip.MustParseAddrPort("127.0.0.1:9042")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func mustPrepare(t testing.TB, b backend.Backend, text string) *backend.Prepared {
	t.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Prepare(t.Context(), parsed.Statement, parsed.Markers, "ks")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustExecute(t testing.TB, b backend.Backend, text string) {
	t.Helper()
	if _, err := b.Execute(t.Context(), mustPrepare(t, b, text), &backend.Query{Consistency: backend.LocalQuorum}); err != nil {
		t.Fatal(err)
	}
}

func newSite(t *testing.T, g *guardrail.Guard) backend.Backend {
	b := g.Backend(openEngine(t, g))
	mustExecute(t, b, "CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}")
	mustExecute(t, b, "CREATE TABLE t (k text PRIMARY KEY, v text, l list<int>)")
	return b
}

// TestBatchMessage: the statements of a BATCH message are checked as others are,
// and what is said of the request is said once.
func TestBatchMessage(t *testing.T) {
	l := guardrail.Astra()
	l.ColumnValueSize = guardrail.Threshold{Warn: guardrail.Off, Fail: 10}
	l.WriteLevels.Warned = []backend.Consistency{backend.Quorum}
	b := newSite(t, guardrail.New(l, nil))
	insert := mustPrepare(t, b, "INSERT INTO t (k, v) VALUES (?, ?)")
	entry := func(k, v string) backend.BatchEntry {
		return backend.BatchEntry{Prepared: insert, Values: []backend.Value{{Bytes: []byte(k)}, {Bytes: []byte(v)}}}
	}
	run := func(c backend.Consistency, entries ...backend.BatchEntry) (*backend.Result, error) {
		return b.ExecuteBatch(t.Context(), &backend.Batch{Entries: entries, Query: backend.Query{Consistency: c}})
	}
	if r, err := run(backend.Quorum, entry("a", "1"), entry("b", "2")); err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "[QUORUM]") {
		t.Errorf("at QUORUM: %v %v", r, err)
	}
	if _, err := run(backend.LocalQuorum, entry("c", "1"), entry("d", strings.Repeat("x", 11))); err == nil || err.Error() != "Value of v of size 11B is greater than the maximum allowed (10B)" {
		t.Errorf("a large value: %v", err)
	}
	r, err := b.Execute(t.Context(), mustPrepare(t, b, "SELECT k FROM t"), &backend.Query{Consistency: backend.LocalQuorum})
	if err != nil || r.RowCount != 2 {
		t.Errorf("a batch that was refused wrote something: %d rows, %v", r.RowCount, err)
	}
}

// TestDisk: past the thresholds writes are warned of, at most once in a while,
// and refused; reads are not.
func TestDisk(t *testing.T) {
	g := guardrail.New(guardrail.Astra(), nil)
	b := newSite(t, g)
	insert := mustPrepare(t, b, "INSERT INTO t (k) VALUES ('x')")
	write := func() (*backend.Result, error) {
		return b.Execute(t.Context(), insert, &backend.Query{Consistency: backend.LocalQuorum})
	}
	look := func(percent int64) {
		g.LookAtDisk(func() (int64, error) { return percent, nil }, slog.New(slog.DiscardHandler))
	}
	look(71)
	for i, want := range []int{1, 0} {
		if r, err := write(); err != nil || len(r.Warnings) != want {
			t.Errorf("write %d at 71 %%: %v %v", i, r, err)
		}
	}
	look(81)
	if _, err := write(); err == nil || err.Error() != "Write request failed because disk usage exceeds failure threshold" {
		t.Errorf("at 81 %%: %v", err)
	}
	if _, err := b.Execute(t.Context(), mustPrepare(t, b, "SELECT k FROM t"), &backend.Query{Consistency: backend.LocalQuorum}); err != nil {
		t.Errorf("a read at 81 %%: %v", err)
	}
	g.LookAtDisk(func() (int64, error) { return 0, errors.New("unknown") }, slog.New(slog.DiscardHandler))
	if _, err := write(); err == nil {
		t.Error("an unknown usage made the disk fine")
	}
	look(10)
	if _, err := write(); err != nil {
		t.Errorf("at 10 %%: %v", err)
	}
}

// TestMetrics counts what was warned of and refused.
func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	g := guardrail.New(guardrail.Astra(), registry)
	b := newSite(t, g)
	p := mustPrepare(t, b, "INSERT INTO t (k) VALUES ('x')")
	for range 2 {
		if _, err := b.Execute(t.Context(), p, &backend.Query{Consistency: backend.One}); err == nil {
			t.Fatal("a write at ONE")
		}
	}
	for _, c := range g.Counts() {
		if c.Guardrail == "write_consistency_levels" && c.Failures != 2 {
			t.Errorf("%+v", c)
		}
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			want := 0.0
			if f.GetName() == "astrolabe_guardrail_failures_total" && m.Label[0].GetValue() == "write_consistency_levels" {
				want = 2
			}
			if m.GetCounter().GetValue() != want {
				t.Errorf("%s{%s} = %v", f.GetName(), m.Label[0].GetValue(), m.GetCounter().GetValue())
			}
		}
	}
}

// TestHotPath: an INSERT that no guardrail minds allocates nothing for that.
func TestHotPath(t *testing.T) {
	g := guardrail.New(guardrail.Astra(), nil)
	b := g.Backend(&still{openEngine(t, g)})
	mustExecute(t, b.(interface{ Unwrap() backend.Backend }).Unwrap().(*still).Backend, "CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}")
	mustExecute(t, b.(interface{ Unwrap() backend.Backend }).Unwrap().(*still).Backend, "CREATE TABLE ks.t (k text PRIMARY KEY, v text, l list<int>)")
	p := mustPrepare(t, b, "INSERT INTO t (k, v, l) VALUES (?, ?, ?)")
	q := &backend.Query{Consistency: backend.LocalQuorum, Values: []backend.Value{{Bytes: []byte("k")}, {Bytes: []byte("v")}, {Bytes: []byte{0, 0, 0, 0}}}}
	ctx := t.Context()
	if n := steady.Allocs(0, 100, func() { _, _ = b.Execute(ctx, p, q) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
