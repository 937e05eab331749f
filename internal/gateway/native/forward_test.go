package native

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/steady"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
)

// forwardFake is a fakeBackend that forwards what is about the table ks.t.
// Unqualified names are put into keyspace ks, in capitals, so that it shows.
type forwardFake struct {
	*fakeBackend
	newest wire.Version

	mu   sync.Mutex
	got  []backend.Forward // with bodies of their own
	next func(*backend.Forward) backend.Answer
	held []*backend.Forward // not answered yet, when next is nil
}

func newForwardFake() *forwardFake {
	f := &forwardFake{fakeBackend: newFake(), newest: wire.V5}
	f.next = f.serve
	return f
}

func (f *forwardFake) Newest() wire.Version { return f.newest }

func (f *forwardFake) Route(stmt cql.Statement, text, keyspace string) *backend.Route {
	names, isQualified := tables(stmt, keyspace)
	if len(names) == 0 || names[0].Keyspace == "system" {
		return nil
	}
	r := &backend.Route{Text: text, Keyspace: "ks", Conditional: cql.Conditional(stmt), Idempotent: true}
	if !isQualified {
		r.Text = strings.ToUpper(text)
	}
	if modification(stmt) {
		r.WriteType = "SIMPLE"
	}
	r.ID = wire.NewStatementID("", r.Text)
	return r
}

// serve answers PREPARE as a server would and everything else with the body it
// was asked.
func (f *forwardFake) serve(r *backend.Forward) backend.Answer {
	if r.Opcode != wire.OpPrepare {
		return backend.Answer{Opcode: wire.OpResult, Body: bytes.Clone(r.Body)}
	}
	columns := []wire.Column{{Keyspace: "ks", Table: "t", Name: "k", Type: tableT().Columns["k"].Type}, {Keyspace: "ks", Table: "t", Name: "v", Type: tableT().Columns["v"].Type}}
	text := r.Routes[0].Text
	m := wire.Prepared{ID: wire.NewStatementID("", text), PartitionKey: []uint16{0}, Bind: columns[:strings.Count(text, "?")], Result: columns}
	if strings.Count(text, "?") == 0 {
		m.PartitionKey = nil
	}
	return backend.Answer{Opcode: wire.OpResult, Body: m.AppendBody(nil, r.Version)}
}

func (f *forwardFake) Forward(r *backend.Forward) backend.Flusher {
	f.mu.Lock()
	own := *r
	own.Body, own.Key, own.Routes = bytes.Clone(r.Body), bytes.Clone(r.Key), append([]*backend.Route(nil), r.Routes...)
	f.got = append(f.got, own)
	if f.next == nil {
		f.held = append(f.held, r)
		f.mu.Unlock()
		return nil
	}
	a := f.next(r)
	f.mu.Unlock()
	return r.To.Answered(a)
}

// last is the request that was forwarded last.
func (f *forwardFake) last(t *testing.T) backend.Forward {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.got) == 0 {
		t.Fatal("nothing was forwarded")
	}
	return f.got[len(f.got)-1]
}

func (f *forwardFake) answer(next func(*backend.Forward) backend.Answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = next
}

// do sends one request and returns the raw answer.
func do(t *testing.T, c *wiretest.Client, op wire.Opcode, m wire.Body) *wiretest.Response {
	t.Helper()
	r, err := c.Do(op, m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func text(s string) wire.Value { return wire.Value{Bytes: []byte(s)} }

// TestForwardBodies checks that requests leave with the body that came and
// answers come with the body that the server gave, with and without compression,
// in all versions, and that what is asked for along with them is kept.
func TestForwardBodies(t *testing.T) {
	f := newForwardFake()
	s := startServer(t, Options{Backend: f, Auth: onlyCassandra{}})
	for _, v := range []wire.Version{wire.V3, wire.V4, wire.V5} {
		for _, comp := range []string{"", "lz4"} {
			t.Run(fmt.Sprintf("%s %s", v, comp), func(t *testing.T) {
				f.answer(f.serve)
				c := connect(t, s, v, options(comp))
				id := prepare(t, c, insertQualified)
				e := execute(id, text("key"), text(strings.Repeat("value ", 300)))
				e.Params.HasTimestamp, e.Params.Timestamp = true, 77
				q := query("SELECT v FROM ks.t")
				q.Params.PagingState = []byte("state")
				b := &wire.Batch{Kind: 1, Params: wire.QueryParams{Consistency: 6, SerialConsistency: 8, PageSize: -1, HasTimestamp: true, Timestamp: 5}}
				b.Add(wire.BatchEntry{ID: id.ID}, text("k"), text("v"))
				b.Add(wire.BatchEntry{Text: "DELETE FROM ks.t WHERE k = 'x'"})
				for op, m := range map[wire.Opcode]wire.Body{wire.OpExecute: e, wire.OpQuery: q, wire.OpBatch: b} {
					want := m.AppendBody(nil, v)
					r := do(t, c, op, m)
					if got := f.last(t); got.Opcode != op || got.Version != v || !bytes.Equal(got.Body, want) || !got.Idempotent {
						t.Errorf("%s was forwarded as %+v", op, got)
					}
					if r.Opcode != wire.OpResult || !bytes.Equal(r.Body, want) {
						t.Errorf("%s was answered by %s, %d bytes", op, r.Opcode, len(r.Body))
					}
				}
				if v < wire.V4 {
					return
				}
				c.Flags, c.Payload = wire.FlagTracing|wire.FlagCustomPayload, map[string][]byte{"p": []byte("payload")}
				extras := wire.Extras{TracingID: &[16]byte{1}, Warnings: []string{"careful"}, CustomPayload: map[string][]byte{"q": []byte("back")}}
				f.answer(func(*backend.Forward) backend.Answer {
					body, flags := extras.Append(nil, v)
					return backend.Answer{Opcode: wire.OpResult, Flags: flags, Body: append(body, "rest"...)}
				})
				r := do(t, c, wire.OpExecute, e)
				if *r.TracingID != *extras.TracingID || len(r.Warnings) != 1 || string(r.CustomPayload["q"]) != "back" || string(r.Body) != "rest" {
					t.Errorf("the answer is %+v", r)
				}
				want := append(wire.AppendBytesMap(nil, c.Payload), e.AppendBody(nil, v)...)
				if got := f.last(t); got.Flags != wire.FlagTracing|wire.FlagCustomPayload || !bytes.Equal(got.Body, want) {
					t.Errorf("with a payload: %+v", got)
				}
			})
		}
	}
}

const insertQualified = "INSERT INTO ks.t (k, v) VALUES (?, ?)"

// TestForwardErrors checks that a server's errors come with all their bytes,
// those of the way to it with their code, and that both are counted.
func TestForwardErrors(t *testing.T) {
	f := newForwardFake()
	s := startServer(t, Options{Backend: f, Auth: onlyCassandra{}})
	c := connect(t, s, wire.V5, nil)
	body := wire.Error{Err: &cqlerr.Error{Code: cqlerr.Unavailable, Message: "Cannot achieve consistency level QUORUM", Consistency: 4, BlockFor: 2, Alive: 1}}.AppendBody(nil, wire.V5)
	f.answer(func(*backend.Forward) backend.Answer {
		return backend.Answer{Opcode: wire.OpError, Body: bytes.Clone(body)}
	})
	if r := do(t, c, wire.OpQuery, query("SELECT v FROM ks.t")); r.Opcode != wire.OpError || !bytes.Equal(r.Body, body) {
		t.Errorf("%+v", r)
	}
	f.answer(func(*backend.Forward) backend.Answer {
		return backend.Answer{Err: cqlerr.New(cqlerr.Overloaded, "No node of the cluster can be reached")}
	})
	mustFail(t, c, wire.OpQuery, query("SELECT v FROM ks.t"), cqlerr.Overloaded)
	for code, want := range map[string]float64{"0x1000": 1, "0x1001": 1} {
		if got := testutil.ToFloat64(s.metrics.errors.WithLabelValues(code)); got != want {
			t.Errorf("%s counted %v times", code, got)
		}
	}
	f.answer(func(*backend.Forward) backend.Answer { return backend.Answer{Opcode: wire.OpError, Body: []byte{1}} })
	mustFail(t, c, wire.OpQuery, query("SELECT v FROM ks.t"), cqlerr.ServerError)
	f.answer(func(*backend.Forward) backend.Answer {
		return backend.Answer{Opcode: wire.OpResult, Body: []byte{0, 0, 0, 1}}
	})
	mustFail(t, c, wire.OpPrepare, &wire.Prepare{Text: insertQualified}, cqlerr.ServerError)
}

// TestForwardNotAuthorized checks that nothing leaves that the role may not run.
func TestForwardNotAuthorized(t *testing.T) {
	f := newForwardFake()
	s := startServer(t, Options{Backend: f, Auth: onlyCassandra{}})
	c := connect(t, s, wire.V4, nil)
	id := prepare(t, c, "TRUNCATE ks.t")
	before := len(f.got)
	mustFail(t, c, wire.OpQuery, query("TRUNCATE ks.t"), cqlerr.Unauthorized)
	mustFail(t, c, wire.OpExecute, execute(id), cqlerr.Unauthorized)
	if len(f.got) != before {
		t.Errorf("%d requests were forwarded", len(f.got)-before)
	}
	mustResult(t, c, wire.OpQuery, query(selectLocal))
	if len(f.got) != before {
		t.Error("a table of the gateway's own was forwarded")
	}
	mustFail(t, c, wire.OpExecute, &wire.Execute{ID: make([]byte, 16), Params: wire.QueryParams{PageSize: -1}}, cqlerr.Unprepared)
}

// TestForwardHidden: a statement that is hidden from who executes it is as one that
// nobody prepared, and is not forwarded.
func TestForwardHidden(t *testing.T) {
	f := newForwardFake()
	s := startServer(t, Options{Backend: f, Auth: hidesAll{}})
	c := connect(t, s, wire.V5, nil)
	id := prepare(t, c, "SELECT v FROM ks.t WHERE k = ?")
	before := len(f.got)
	e := mustFail(t, c, wire.OpExecute, execute(id, text("k")), cqlerr.Unprepared)
	if !bytes.Equal(e.ID, id.ID) {
		t.Errorf("the error names %x, want %x", e.ID, id.ID)
	}
	b := &wire.Batch{Params: wire.QueryParams{PageSize: -1, SerialConsistency: 8}}
	b.Add(wire.BatchEntry{ID: id.ID}, text("k"))
	mustFail(t, c, wire.OpBatch, b, cqlerr.Unprepared)
	if len(f.got) != before {
		t.Errorf("%d requests were forwarded", len(f.got)-before)
	}
}

// hidesAll is who may nothing, and is told of nothing that others prepared.
type hidesAll struct{ denyAll }

func (hidesAll) Login(context.Context, string, string) (Session, error) { return hidesAll{}, nil }
func (hidesAll) Hides(cql.Statement, string) bool                       { return true }

// TestForwardUnqualified checks that statements with names of the connection's
// keyspace go out qualified, that clients keep the ids that Cassandra gives in
// that keyspace, also in errors, and the warning about USE.
func TestForwardUnqualified(t *testing.T) {
	f := newForwardFake()
	s := startServer(t, Options{Backend: f, Auth: onlyCassandra{}})
	c := connect(t, s, wire.V5, nil)
	mustResult(t, c, wire.OpQuery, query("USE ks"))
	const insert = "INSERT INTO t (k, v) VALUES (?, ?)"
	theirs, ours := wire.NewStatementID("", strings.ToUpper(insert)), wire.NewStatementID("ks", insert)
	res, r := mustResult(t, c, wire.OpPrepare, &wire.Prepare{Text: insert})
	if string(res.Prepared.ID) != string(ours[:]) {
		t.Errorf("prepared under %x, want %x", res.Prepared.ID, ours)
	}
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], fmt.Sprintf("%x", ours)) {
		t.Errorf("warnings %q", r.Warnings)
	}
	e := execute(res.Prepared, text("k"), text("v"))
	do(t, c, wire.OpExecute, e)
	e.ID = theirs[:]
	if got := f.last(t); !bytes.Equal(got.Body, e.AppendBody(nil, wire.V5)) {
		t.Errorf("EXECUTE was forwarded as %q", got.Body)
	}
	e.ID = ours[:]

	q := query("SELECT v FROM t")
	do(t, c, wire.OpQuery, q)
	if got := f.last(t); !bytes.Contains(got.Body, []byte("SELECT V FROM T")) {
		t.Errorf("QUERY was forwarded as %q", got.Body)
	}
	b := &wire.Batch{Params: e.Params}
	b.Add(wire.BatchEntry{ID: ours[:]}, text("k"), text("v"))
	b.Add(wire.BatchEntry{Text: "DELETE FROM t WHERE k = 'x'"})
	do(t, c, wire.OpBatch, b)
	if got := f.last(t); !bytes.Contains(got.Body, theirs[:]) || !bytes.Contains(got.Body, []byte("DELETE FROM T")) || got.WriteType != "BATCH" {
		t.Errorf("BATCH was forwarded as %+v", got)
	}
	f.answer(func(*backend.Forward) backend.Answer {
		err := cqlerr.New(cqlerr.Unprepared, "unknown")
		err.ID = theirs[:]
		return backend.Answer{Opcode: wire.OpError, Body: wire.Error{Err: err}.AppendBody(nil, wire.V5)}
	})
	for op, m := range map[wire.Opcode]wire.Body{wire.OpExecute: e, wire.OpBatch: b} {
		if err := mustFail(t, c, op, m, cqlerr.Unprepared); string(err.ID) != string(ours[:]) || !strings.Contains(err.Message, fmt.Sprintf("%x", ours)) {
			t.Errorf("%s: %+v", op, err)
		}
	}
}

// TestForwardKey checks the partition keys that requests are routed by.
func TestForwardKey(t *testing.T) {
	r := &request{}
	st := func(bind int, key ...uint16) *statement {
		return &statement{prepared: &backend.Prepared{Bind: make([]backend.Column, bind), PartitionKeyBind: key}}
	}
	values := []wire.Value{text("a"), text("bc"), {}, {Unset: true}}
	for _, c := range []struct {
		st   *statement
		want string
	}{
		{st(4, 1), "bc"},
		{st(4, 1, 0), "\x00\x02bc\x00\x00\x01a\x00"},
		{st(4, 2), ""}, {st(4, 3), ""}, {st(4, 0, 2), ""}, {st(4), ""}, {st(3, 0), ""},
	} {
		if got := r.partitionKey(c.st, values, nil); string(got) != c.want || c.want == "" && got != nil {
			t.Errorf("%v: %q, want %q", c.st.prepared.PartitionKeyBind, got, c.want)
		}
	}
	if got := r.partitionKey(st(4, 1), values, [][]byte{[]byte("a")}); got != nil {
		t.Errorf("named values: %q", got)
	}
}

// TestForwardVersions checks that clients come down to what the servers speak.
func TestForwardVersions(t *testing.T) {
	f := newForwardFake()
	f.newest = wire.V4
	s := startServer(t, Options{Backend: f})
	c, err := wiretest.Dial(s.Addr().String(), wire.V5)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r, err := c.Startup(nil)
	if err == nil || r.Version != wire.V4 || !strings.Contains(err.Error(), "Invalid or unsupported protocol version (5); supported versions are (3/v3, 4/v4)") {
		t.Errorf("%v, %v", r, err)
	}
	mustResult(t, connect(t, s, wire.V4, nil), wire.OpQuery, query(selectLocal))
}

// TestForwardSlowClient checks that a client that does not read its answers
// holds up nobody, holds only so much, and is cut off.
func TestForwardSlowClient(t *testing.T) {
	f := newForwardFake()
	s := startServer(t, Options{Backend: f, Answers: outbound.New(inflight.New(8<<20), outbound.Patience{}), WriteTimeout: testTimeout})
	slow, other := connect(t, s, wire.V4, nil), connect(t, s, wire.V4, nil)
	id := prepare(t, slow, selectT)
	f.answer(nil)
	for i := range int16(64) {
		if err := slow.Send(wire.OpExecute, i, execute(id, text("k"))); err != nil {
			t.Fatal(err)
		}
	}
	steady.Until(t, "all requests have arrived", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.held) == 64
	})
	body := make([]byte, 1<<20)
	began := time.Now()
	for _, r := range f.held {
		if flush := r.To.Answered(backend.Answer{Opcode: wire.OpResult, Body: body}); flush != nil {
			flush.Flush()
		}
		if held := s.answers.Used(); held > 8<<20 {
			t.Fatalf("%d bytes are held", held)
		}
	}
	if took := time.Since(began); took > testTimeout/2 { // a write that waits for the client takes all of it
		t.Errorf("the answers took %s", took)
	}
	if n := testutil.ToFloat64(s.metrics.slow); n != 1 {
		t.Errorf("%v slow consumers counted", n)
	}
	f.answer(f.serve)
	if r := do(t, other, wire.OpQuery, query("SELECT v FROM ks.t")); r.Opcode != wire.OpResult {
		t.Errorf("the other client: %+v", r)
	}
	waitReleased(t, s.answers)
}

// TestForwardPatientClient checks that a client that reads late, but reads, gets
// all of its answers, in whatever pieces the socket takes them.
func TestForwardPatientClient(t *testing.T) {
	f := newForwardFake()
	s := startServer(t, Options{Backend: f})
	c := connect(t, s, wire.V5, nil)
	id := prepare(t, c, selectT)
	f.answer(func(*backend.Forward) backend.Answer {
		return backend.Answer{Opcode: wire.OpResult, Body: bytes.Repeat([]byte("0123456789abcdef"), 64<<10)}
	})
	const n = 24
	go func() {
		for i := range int16(n) {
			_ = c.Send(wire.OpExecute, i, execute(id, text("k"))) // what is missing is seen below
		}
	}()
	time.Sleep(50 * time.Millisecond)
	for range n {
		r, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Body) != 1<<20 || string(r.Body[len(r.Body)-16:]) != "0123456789abcdef" {
			t.Fatalf("%d bytes", len(r.Body))
		}
	}
}

// TestForwardNothingOfRows: the servers don't know whose rows are whose. What a
// session asks that is kept to some is executed by the back end, with whom it is
// for, also when others have prepared it.
func TestForwardNothingOfRows(t *testing.T) {
	f := newForwardFake()
	var mu sync.Mutex
	var callers []backend.Caller
	note := func(c backend.Caller) {
		mu.Lock()
		defer mu.Unlock()
		callers = append(callers, c)
	}
	f.execute = func(_ context.Context, _ *backend.Prepared, q *backend.Query) (*backend.Result, error) {
		note(q.Caller)
		return nil, nil
	}
	f.batch = func(b *backend.Batch) (*backend.Result, error) {
		note(b.Query.Caller)
		return &backend.Result{Kind: backend.Void}, nil
	}
	s := startServer(t, Options{Backend: f, Auth: onlyCassandra{}})
	others := prepare(t, connect(t, s, wire.V5, nil), insertQualified)
	c, err := wiretest.Dial(s.Addr().String(), wire.V5)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login("kept", "x", nil); err != nil {
		t.Fatal(err)
	}
	own := prepare(t, c, "SELECT * FROM ks.t")
	mine := func() *wire.Batch { return &wire.Batch{Params: wire.QueryParams{PageSize: -1}} }
	ids, texts := mine(), mine()
	ids.Add(wire.BatchEntry{ID: others.ID}, text("a"), text("b"))
	texts.Add(wire.BatchEntry{Text: insertQualified}, text("a"), text("b"))
	before := len(f.forwards())
	requests := []struct {
		op wire.Opcode
		m  wire.Body
	}{
		{wire.OpQuery, query("SELECT * FROM ks.t")}, {wire.OpExecute, execute(others, text("a"), text("b"))}, {wire.OpExecute, execute(own)},
		{wire.OpBatch, ids}, {wire.OpBatch, texts},
	}
	for _, r := range requests {
		if err := do(t, c, r.op, r.m).Err(); err != nil {
			t.Errorf("%s: %v", r.op, err)
		}
	}
	if n := len(f.forwards()); n != before {
		t.Errorf("%d requests were forwarded", n-before)
	}
	if len(callers) != len(requests) {
		t.Fatalf("%d requests were executed", len(callers))
	}
	for _, caller := range callers {
		if caller.Name != "kept" || caller.Rows != "mine" {
			t.Errorf("a request was executed for %+v", caller)
		}
	}
}

// forwards are the requests that were forwarded.
func (f *forwardFake) forwards() []backend.Forward {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.got
}
