package native

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// framings are the versions and compressions that tests go through.
var framings = []struct {
	version wire.Version
	comp    string
}{{wire.V3, ""}, {wire.V4, ""}, {wire.V4, "lz4"}, {wire.V4, "snappy"}, {wire.V5, ""}, {wire.V5, "lz4"}}

// connect returns a ready client.
func connect(t testing.TB, s *Server, v wire.Version, options map[string]string) *wiretest.Client {
	t.Helper()
	c, err := wiretest.Dial(s.Addr().String(), v)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Conn.SetDeadline(time.Now().Add(testTimeout)); err != nil {
		t.Fatal(err)
	}
	if err := c.Login("cassandra", "cassandra", options); err != nil {
		t.Fatal(err)
	}
	return c
}

func query(text string) *wire.Query {
	return &wire.Query{Text: text, Params: wire.QueryParams{Consistency: 1, PageSize: -1, SerialConsistency: 8}}
}

const selectLocal = "SELECT key FROM system.local"

// mustResult sends a request and returns its RESULT.
func mustResult(t testing.TB, c *wiretest.Client, op wire.Opcode, m wire.Body) (wire.Result, *wiretest.Response) {
	t.Helper()
	r, err := c.Do(op, m)
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Result()
	if err != nil {
		t.Fatal(err)
	}
	return res, r
}

// mustFail sends a request and checks the code of its ERROR.
func mustFail(t testing.TB, c *wiretest.Client, op wire.Opcode, m wire.Body, code cqlerr.Code) *cqlerr.Error {
	t.Helper()
	r, err := c.Do(op, m)
	if err != nil {
		t.Fatal(err)
	}
	var e *cqlerr.Error
	if !errors.As(r.Err(), &e) || e.Code != code {
		t.Fatalf("%s: %v, want code 0x%04X", r.Opcode, r.Err(), code)
	}
	return e
}

func options(compression string) map[string]string {
	if compression == "" {
		return nil
	}
	return map[string]string{wire.OptionCompression: compression}
}

func prepare(t testing.TB, c *wiretest.Client, text string) wire.PreparedResult {
	t.Helper()
	res, _ := mustResult(t, c, wire.OpPrepare, &wire.Prepare{Text: text})
	return res.Prepared
}

func execute(p wire.PreparedResult, values ...wire.Value) *wire.Execute {
	return &wire.Execute{ID: p.ID, ResultMetadataID: p.ResultMetadataID,
		Params: wire.QueryParams{Consistency: 1, PageSize: -1, SerialConsistency: 8, SkipMetadata: true, Values: values}}
}

// blocking makes f's INSERTs wait until release is called, and tells how many do.
func blocking(f *fakeBackend) (started chan struct{}, release func()) {
	started = make(chan struct{}, 1000)
	gate := make(chan struct{})
	f.execute = func(ctx context.Context, p *backend.Prepared, _ *backend.Query) (*backend.Result, error) {
		if _, ok := p.Statement.(*cql.Insert); !ok {
			return nil, nil
		}
		started <- struct{}{}
		select {
		case <-gate:
			return &backend.Result{Kind: backend.Void}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return started, sync.OnceFunc(func() { close(gate) })
}

const insertT = "INSERT INTO ks.t (k, v) VALUES ('k', 'v')"

// TestPanic: a request that panics is answered, and nothing else notices.
func TestPanic(t *testing.T) {
	f := newFake()
	f.execute = func(_ context.Context, p *backend.Prepared, _ *backend.Query) (*backend.Result, error) {
		switch p.Statement.(type) {
		case *cql.Insert:
			panic("insert")
		case *cql.Update: // a result that can't be encoded
			return &backend.Result{Kind: backend.Rows, Columns: []backend.Column{{Name: "no type"}}}, nil
		}
		return nil, nil
	}
	s := startServer(t, Options{Backend: f})
	for _, framing := range framings {
		c := connect(t, s, framing.version, options(framing.comp))
		for _, text := range []string{insertT, "UPDATE ks.t SET v = 'v' WHERE k = 'k'"} {
			e := mustFail(t, c, wire.OpQuery, query(text), cqlerr.ServerError)
			if e.Message != "Internal error, see the server's log" {
				t.Error(e.Message)
			}
			mustResult(t, c, wire.OpQuery, query(selectLocal))
		}
	}
	waitReleased(t, s.inFlight)
}

// TestClose: requests in flight are answered, then everything is closed.
func TestClose(t *testing.T) {
	f := newFake()
	started, release := blocking(f)
	s, err := New(Options{Addr: "127.0.0.1:0", Backend: f})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	idle, busy := connect(t, s, wire.V5, nil), connect(t, s, wire.V5, nil)
	if err := busy.Send(wire.OpQuery, 7, query(insertT)); err != nil {
		t.Fatal(err)
	}
	<-started
	closed := make(chan error, 1)
	go func() { closed <- s.Close(context.Background()) }()
	if _, err := idle.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("idle connection: %v", err)
	}
	if _, err := net.Dial("tcp", s.Addr().String()); err == nil {
		t.Error("still listening")
	}
	release()
	if r, err := busy.Receive(); err != nil || r.Stream != 7 || r.Err() != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := busy.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("busy connection: %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// TestCloseInTime: when its time is up Close does not wait for what hangs.
func TestCloseInTime(t *testing.T) {
	f := newFake()
	started, release := blocking(f)
	defer release()
	s, err := New(Options{Addr: "127.0.0.1:0", Backend: f})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve() }()
	c := connect(t, s, wire.V4, nil)
	if err := c.Send(wire.OpQuery, 1, query(insertT)); err != nil {
		t.Fatal(err)
	}
	<-started
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// TestDisconnect: what a client that left has asked for is cancelled.
func TestDisconnect(t *testing.T) {
	f := newFake()
	cancelled := make(chan struct{})
	started := make(chan struct{})
	f.execute = func(ctx context.Context, _ *backend.Prepared, _ *backend.Query) (*backend.Result, error) {
		close(started)
		<-ctx.Done()
		close(cancelled)
		return nil, ctx.Err()
	}
	s := startServer(t, Options{Backend: f})
	c := connect(t, s, wire.V4, nil)
	if err := c.Send(wire.OpQuery, 1, query(selectLocal)); err != nil {
		t.Fatal(err)
	}
	<-started
	_ = c.Close()
	select {
	case <-cancelled:
	case <-time.After(testTimeout):
		t.Error("still running")
	}
}

// TestListenError names the address.
func TestListenError(t *testing.T) {
	s := startServer(t, Options{})
	_, err := New(Options{Addr: s.Addr().String(), Backend: newFake()})
	if err == nil || !strings.Contains(err.Error(), s.Addr().String()) {
		t.Error(err)
	}
}

// TestMetrics: what happens is counted under documented names.
// TestStatistics: requests are counted by whether they were prepared.
func TestStatistics(t *testing.T) {
	s := startServer(t, Options{})
	c := connect(t, s, wire.V5, nil)
	before := s.Statistics()
	p := prepare(t, c, selectT)
	mustResult(t, c, wire.OpExecute, execute(p, wire.Value{Bytes: []byte("k")}))
	mustResult(t, c, wire.OpQuery, query(selectLocal))
	mustResult(t, c, wire.OpQuery, query(selectLocal))
	after := s.Statistics()
	if after.Prepared != before.Prepared+1 || after.Executed != before.Executed+1 || after.Queries != before.Queries+2 ||
		after.Requests != before.Requests+4 || after.Limit <= 0 {
		t.Errorf("a statement prepared and executed, and two queries: %+v after %+v", after, before)
	}
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	s := startServer(t, Options{Registerer: registry})
	c := connect(t, s, wire.V4, nil)
	mustResult(t, c, wire.OpQuery, query(selectLocal))
	mustFail(t, c, wire.OpQuery, query("SELEC"), cqlerr.Syntax)
	want, err := os.ReadFile("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	if err := testutil.GatherAndCompare(registry, bytes.NewReader(want), "astrolabe_native_requests_total",
		"astrolabe_native_errors_total", "astrolabe_native_connections", "astrolabe_native_requests_in_flight"); err != nil {
		t.Error(err)
	}
}
