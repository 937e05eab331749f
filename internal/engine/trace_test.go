package engine_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// run runs a statement, with a trace if there is one.
func run(t *testing.T, e *engine.Engine, trace *backend.Trace, text string) *backend.Result {
	t.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Prepare(t.Context(), parsed.Statement, parsed.Markers, "k")
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	r, err := e.Execute(t.Context(), p, &backend.Query{Consistency: backend.One, SerialConsistency: backend.Serial, Trace: trace, Tracing: trace != nil})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

func openEngine(t *testing.T) *engine.Engine {
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true, Address: netip.MustParseAddrPort("127.0.0.1:9042")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	run(t, e, nil, "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	run(t, e, nil, "CREATE TABLE t (p int, c int, v text, PRIMARY KEY (p, c))")
	run(t, e, nil, "CREATE INDEX tv ON t (v)")
	return e
}

// TestTraceEvents: what a trace tells of each kind of statement, with the
// numbers of rows and tombstones that are there to be read.
func TestTraceEvents(t *testing.T) {
	e := openEngine(t)
	for _, c := range []struct{ text, events string }{
		{"INSERT INTO t (p, c, v) VALUES (1, 1, 'a')", "Appending to commitlog|Adding to t memtable"},
		{"INSERT INTO t (p, c, v) VALUES (1, 2, 'a')", "Appending to commitlog|Adding to t memtable"},
		{"INSERT INTO t (p, c, v) VALUES (1, 3, 'b')", "Appending to commitlog|Adding to t memtable"},
		{"DELETE FROM t WHERE p = 1 AND c = 2", "Appending to commitlog|Adding to t memtable"},
		{"SELECT * FROM t WHERE p = 1", "Executing single-partition query on t|Read 2 live rows and 1 tombstone cells"},
		{"SELECT * FROM t WHERE p = 1 AND c = 3", "Executing single-partition query on t|Read 1 live rows and 0 tombstone cells"},
		{"SELECT * FROM t WHERE p IN (1, 2)", "Executing queries of 2 partitions on t|Read 2 live rows and 1 tombstone cells"},
		{"SELECT * FROM t WHERE p = 7", "Executing single-partition query on t|Read 0 live rows and 0 tombstone cells"},
		{"SELECT * FROM t", "Executing seq scan on t|Read 2 live rows and 1 tombstone cells"},
		{"SELECT key FROM system.local", "Executing seq scan on local|Read 1 live rows and 0 tombstone cells"},
		{"INSERT INTO t (p, c) VALUES (1, 1) IF NOT EXISTS", "Reading existing values for CAS precondition|CAS precondition does not match current values"},
		{"UPDATE t SET v = 'x' WHERE p = 1 AND c = 1 IF v = 'a'", "Reading existing values for CAS precondition|CAS precondition is met; proposing client-requested updates|" +
			"Appending to commitlog|CAS applied successfully"},
		{"BEGIN BATCH INSERT INTO t (p, c) VALUES (5, 5); INSERT INTO t (p, c) VALUES (6, 6); APPLY BATCH", "Appending to commitlog|Adding to t memtable"},
		{"TRUNCATE t", "Applying truncation of k.t"},
	} {
		trace, err := backend.NewTrace("Execute CQL3 query", netip.Addr{})
		if err != nil {
			t.Fatal(err)
		}
		run(t, e, trace, c.text)
		var events []string
		for _, event := range trace.Events() {
			events = append(events, event.Activity)
		}
		if got := strings.Join(events, "|"); got != c.events {
			t.Errorf("%s:\n%s\nwant\n%s", c.text, got, c.events)
		}
	}
}

// TestKeptTraces: system_traces shows the last traces, each with its events in
// order, and forgets the oldest before they take more memory than they may.
func TestKeptTraces(t *testing.T) {
	e := openEngine(t)
	long := strings.Repeat("x", backend.MaxTraceText)
	var last *backend.Trace
	for range 200 {
		trace, err := backend.NewTrace("Execute CQL3 query", netip.MustParseAddr("127.0.0.9"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 * backend.MaxTraceEvents {
			trace.Event(backend.TraceRead, "%d %s", i, long)
		}
		trace.Duration = 1500
		e.KeepTrace(trace)
		last = trace
	}
	kept := run(t, e, nil, "SELECT session_id FROM system_traces.sessions").RowCount
	if perTrace := backend.MaxTraceEvents * backend.MaxTraceText; kept == 0 || kept > 8<<20/perTrace+1 {
		t.Errorf("%d traces are kept", kept)
	}
	events := run(t, e, nil, fmt.Sprintf("SELECT activity FROM system_traces.events WHERE session_id = %s", last.ID))
	if events.RowCount != backend.MaxTraceEvents {
		t.Errorf("%d events", events.RowCount)
	}
	c := events.Cursor()
	for i := range events.RowCount {
		if activity := string(c.Next()); !strings.HasPrefix(activity, fmt.Sprint(i)+" ") {
			t.Fatalf("event %d is %.20q", i, activity)
		}
	}
	session := run(t, e, nil, fmt.Sprintf("SELECT ttl(duration), client, request FROM system_traces.sessions WHERE session_id = %s", last.ID))
	c = session.Cursor()
	if ttl := c.Next(); session.RowCount != 1 || len(ttl) != 4 || !slices.Equal(c.Next(), []byte{127, 0, 0, 9}) || string(c.Next()) != "Execute CQL3 query" {
		t.Errorf("session %x", session.Data)
	}
}
