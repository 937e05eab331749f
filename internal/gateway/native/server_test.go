package native

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
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

// TestLargeMessages: requests and answers of many sizes, in every framing.
func TestLargeMessages(t *testing.T) {
	f := newFake()
	f.execute = func(_ context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
		if len(q.Values) == 0 {
			return nil, nil
		}
		data := backend.AppendCell(nil, q.Values[0].Bytes) // the value comes back as a row
		return &backend.Result{Kind: backend.Rows, Columns: p.Result, RowCount: 1, Data: data}, nil
	}
	s := startServer(t, Options{Backend: f})
	for _, framing := range framings {
		c := connect(t, s, framing.version, options(framing.comp))
		for _, size := range []int{0, 1, 600, 60_000, 131_000, 131_071, 131_072, 300_000, 5_000_000} {
			for _, noisy := range []bool{false, true} {
				value := bytes.Repeat([]byte("value"), size/5+1)[:size]
				if noisy {
					for i := range value {
						value[i] = byte(i * i >> 3 * (i | 7))
					}
				}
				q := query("SELECT key FROM system.local WHERE key = ?")
				q.Params.Values = []wire.Value{{Bytes: value}}
				res, _ := mustResult(t, c, wire.OpQuery, q)
				if got := res.Rows.Rows[0][0]; !bytes.Equal(got, value) {
					t.Fatalf("v%d %s: %d bytes came back as %d", framing.version, framing.comp, size, len(got))
				}
			}
		}
	}
	if n := s.bytes.used.Load(); n != 0 {
		t.Errorf("%d bytes are still held", n)
	}
}

func options(compression string) map[string]string {
	if compression == "" {
		return nil
	}
	return map[string]string{wire.OptionCompression: compression}
}

// TestPipelining: many requests at a time, each is answered on its stream.
func TestPipelining(t *testing.T) {
	f := newFake()
	f.execute = func(_ context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
		return &backend.Result{Kind: backend.Rows, Columns: p.Result, RowCount: 1, Data: backend.AppendCell(nil, q.Values[0].Bytes)}, nil
	}
	s := startServer(t, Options{Backend: f, MaxInFlight: 8, MaxInFlightTotal: 16}) // far fewer than are sent
	var wg sync.WaitGroup
	for _, framing := range framings {
		c := connect(t, s, framing.version, options(framing.comp))
		prepared := prepare(t, c, "SELECT key FROM system.local WHERE key = ?")
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := pipeline(c, prepared, 2000); err != nil {
				t.Errorf("v%d %s: %v", framing.version, framing.comp, err)
			}
		}()
	}
	wg.Wait()
}

// pipeline sends n requests, half QUERY and half EXECUTE, each with its number as
// value, and checks the answers.
func pipeline(c *wiretest.Client, prepared wire.PreparedResult, n int) error {
	sent := make(chan error, 1)
	go func() {
		for i := range n {
			value := []wire.Value{{Bytes: fmt.Appendf(nil, "%d", i)}}
			if i%2 == 0 {
				q := query("SELECT key FROM system.local WHERE key = ?")
				q.Params.Values = value
				c.Put(wire.OpQuery, int16(i), q)
			} else {
				c.Put(wire.OpExecute, int16(i), execute(prepared, value...))
			}
			if i%50 == 49 {
				if err := c.Flush(); err != nil {
					sent <- err
					return
				}
			}
		}
		sent <- c.Flush()
	}()
	answered := make([]bool, n)
	for range n {
		r, err := c.Receive()
		if err != nil {
			return err
		}
		res, err := r.Result()
		if err != nil {
			return err
		}
		if got, want := string(res.Rows.Rows[0][0]), fmt.Sprint(r.Stream); got != want || answered[r.Stream] {
			return fmt.Errorf("stream %d: %q (answered before: %v)", r.Stream, got, answered[r.Stream])
		}
		answered[r.Stream] = true
	}
	return <-sent
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

// TestOutOfOrder: a request that waits does not hold up those behind it.
func TestOutOfOrder(t *testing.T) {
	f := newFake()
	started, release := blocking(f)
	defer release()
	s := startServer(t, Options{Backend: f})
	c := connect(t, s, wire.V4, nil)
	if err := c.Send(wire.OpQuery, 1, query(insertT)); err != nil {
		t.Fatal(err)
	}
	<-started
	if err := c.Send(wire.OpQuery, 2, query(selectLocal)); err != nil {
		t.Fatal(err)
	}
	if r, err := c.Receive(); err != nil || r.Stream != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	release()
	if r, err := c.Receive(); err != nil || r.Stream != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
}

// TestOverload: with THROW_ON_OVERLOAD what is too much is answered with
// Overloaded; without, it waits and succeeds.
func TestOverload(t *testing.T) {
	for _, throw := range []bool{true, false} {
		for _, limits := range []Options{{MaxInFlight: 2}, {MaxInFlightTotal: 2}} {
			f := newFake()
			started, release := blocking(f)
			defer release()
			limits.Backend = f
			s := startServer(t, limits)
			var o map[string]string
			if throw {
				o = map[string]string{wire.OptionThrowOnOverload: "1"}
			}
			c := connect(t, s, wire.V4, o)
			for i := range int16(3) {
				if err := c.Send(wire.OpQuery, i, query(insertT)); err != nil {
					t.Fatal(err)
				}
			}
			<-started
			<-started
			if throw {
				r, err := c.Receive()
				var e *cqlerr.Error
				if err != nil || r.Stream != 2 || !errors.As(r.Err(), &e) || e.Code != cqlerr.Overloaded {
					t.Fatalf("%+v %v %v", r, err, e)
				}
			}
			release()
			want := 3
			if throw {
				want = 2
			}
			for range want {
				r, err := c.Receive()
				if err != nil || r.Err() != nil {
					t.Fatal(err, r.Err())
				}
			}
		}
	}
}

// TestOverloadTimeout: a request does not wait for ever either.
func TestOverloadTimeout(t *testing.T) {
	f := newFake()
	started, release := blocking(f)
	defer release()
	s := startServer(t, Options{Backend: f, MaxInFlight: 1, OverloadTimeout: 20 * time.Millisecond})
	c := connect(t, s, wire.V5, nil)
	if err := c.Send(wire.OpQuery, 1, query(insertT)); err != nil {
		t.Fatal(err)
	}
	<-started
	if err := c.Send(wire.OpQuery, 2, query(insertT)); err != nil {
		t.Fatal(err)
	}
	r, err := c.Receive()
	var e *cqlerr.Error
	if err != nil || r.Stream != 2 || !errors.As(r.Err(), &e) || e.Code != cqlerr.Overloaded {
		t.Fatalf("%+v %v", r, err)
	}
}

// TestRequestBytes: large bodies that together pass the limit are refused, and
// nothing else is.
func TestRequestBytes(t *testing.T) {
	s := startServer(t, Options{MaxRequestBytes: 1 << 20})
	for _, framing := range framings {
		c := connect(t, s, framing.version, options(framing.comp))
		q := query("SELECT key FROM system.local WHERE key = ?")
		q.Params.Values = []wire.Value{{Bytes: make([]byte, 2<<20)}}
		e := mustFail(t, c, wire.OpQuery, q, cqlerr.Overloaded)
		if !strings.Contains(e.Message, "bytes in flight") {
			t.Errorf("v%d %s: %s", framing.version, framing.comp, e.Message)
		}
		mustResult(t, c, wire.OpQuery, query(selectLocal))
	}
	if n := s.bytes.used.Load(); n != 0 {
		t.Errorf("%d bytes are still held", n)
	}
}

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
	if n := s.inFlight.used.Load(); n != 0 {
		t.Errorf("%d requests are still counted in flight", n)
	}
}

// TestMaxConnections: one connection too many is closed, and makes room when
// another one leaves.
func TestMaxConnections(t *testing.T) {
	registry := prometheus.NewRegistry()
	s := startServer(t, Options{MaxConnections: 1, Registerer: registry})
	first := connect(t, s, wire.V4, nil)
	second, err := wiretest.Dial(s.Addr().String(), wire.V4)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if _, err := second.Startup(nil); err == nil {
		t.Error("a second connection was served")
	}
	_ = first.Close()
	deadline := time.Now().Add(testTimeout)
	for {
		third, err := wiretest.Dial(s.Addr().String(), wire.V4)
		if err != nil {
			t.Fatal(err)
		}
		_, err = third.Startup(nil)
		_ = third.Close()
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no room after the first connection has left: %v", err)
		}
	}
	if testutil.ToFloat64(s.metrics.refused) < 1 {
		t.Error("the refusal was not counted")
	}
}

// TestSilentConnections: a client that does not finish the handshake is cut
// off; one that has may be silent.
func TestSilentConnections(t *testing.T) {
	s := startServer(t, Options{HandshakeTimeout: 50 * time.Millisecond, Auth: onlyCassandra{}})
	ready := connect(t, s, wire.V4, nil)
	for name, send := range map[string]func(c *wiretest.Client) error{
		"nothing":        func(*wiretest.Client) error { return nil },
		"half a header":  func(c *wiretest.Client) error { _, err := c.Conn.Write([]byte{4, 0, 0}); return err },
		"only OPTIONS":   func(c *wiretest.Client) error { _, err := c.Do(wire.OpOptions, wire.Empty{}); return err },
		"no credentials": func(c *wiretest.Client) error { _, err := c.Startup(nil); return err },
	} {
		c, err := wiretest.Dial(s.Addr().String(), wire.V4)
		if err != nil {
			t.Fatal(err)
		}
		if err := send(c); err != nil {
			t.Fatal(name, err)
		}
		_ = c.Conn.SetReadDeadline(time.Now().Add(testTimeout))
		if _, err := c.Receive(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
		_ = c.Close()
	}
	mustResult(t, ready, wire.OpQuery, query(selectLocal))
}

// TestSlowConsumer: a client that asks and never reads is cut off, and holds
// only so much until then, whoever serves its requests.
func TestSlowConsumer(t *testing.T) {
	f := newFake()
	big := backend.AppendCell(backend.AppendCell(nil, nil), make([]byte, 1<<20))
	f.execute = func(_ context.Context, p *backend.Prepared, _ *backend.Query) (*backend.Result, error) {
		return &backend.Result{Kind: backend.Rows, Columns: p.Result, RowCount: 1, Data: big}, nil
	}
	s := startServer(t, Options{Backend: f, WriteTimeout: 100 * time.Millisecond, MaxInFlight: 4})
	c := connect(t, s, wire.V4, nil)
	read := execute(prepare(t, c, selectT), wire.Value{Bytes: []byte("k")})
	server := s.connections()[0]
	var err error
	for err == nil { // until the buffers on the way are full, and then until the cut
		if err = c.Send(wire.OpQuery, 1, query("SELECT * FROM ks.t")); err == nil {
			err = c.Send(wire.OpExecute, 1, read)
		}
		server.w.mu.Lock()
		n := server.w.out.Len()
		server.w.mu.Unlock()
		if n > maxPending+2<<20 {
			t.Fatalf("%d bytes wait", n)
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the client could go on asking")
	}
	if n := testutil.ToFloat64(s.metrics.slow); n != 1 {
		t.Errorf("%v slow consumers counted", n)
	}
	mustResult(t, connect(t, s, wire.V4, nil), wire.OpPrepare, &wire.Prepare{Text: selectLocal})
}

// TestWorkersTrimmed: goroutines that a burst has left go away.
func TestWorkersTrimmed(t *testing.T) {
	f := newFake()
	started, release := blocking(f)
	s := startServer(t, Options{Backend: f})
	c := connect(t, s, wire.V4, nil)
	const burst = 20
	for i := range int16(burst) {
		if err := c.Send(wire.OpQuery, i, query(insertT)); err != nil {
			t.Fatal(err)
		}
	}
	for range burst {
		<-started
	}
	release()
	for range burst {
		if _, err := c.Receive(); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(testTimeout); s.workers.idle.Load() != 0; {
		s.workers.trim()
		if time.Now().After(deadline) {
			t.Fatalf("%d workers wait", s.workers.idle.Load())
		}
		time.Sleep(time.Millisecond)
	}
	mustResult(t, c, wire.OpQuery, query(selectLocal))
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
