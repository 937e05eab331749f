package native

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/steady"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

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
	s := startServer(t, Options{Bytes: inflight.New(1 << 20)})
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
	waitReleased(t, s.bytes)
}

// TestLargeTimeout: a client that announces a large request and does not send it
// is cut off, and what was held for it is given back.
func TestLargeTimeout(t *testing.T) {
	s := startServer(t, Options{LargeTimeout: 10 * time.Millisecond})
	c := connect(t, s, wire.V4, nil)
	if _, err := c.Conn.Write(append(announced(1<<20), "the beginning"...)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Receive(); !hungUp(err) {
		t.Fatal(err)
	}
	waitReleased(t, s.bytes)
}

// announced is the header of a QUERY of v4 with n bytes to come.
func announced(n uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{byte(wire.V4), 0, 0, 1, byte(wire.OpQuery)}, n)
}

// deadlineConn notes the last deadline set.
type deadlineConn struct {
	*cannedConn
	last time.Time
}

func (c *deadlineConn) SetReadDeadline(at time.Time) error {
	c.last = at
	return nil
}

// TestLargeArrived: after a large request has come a client may be silent for as
// long as it likes.
func TestLargeArrived(t *testing.T) {
	s := startServer(t, Options{})
	const size = 1 << 20
	whole := append(announced(size), make([]byte, size)...)
	for _, length := range []int{len(whole) - 1, len(whole)} {
		nc := &deadlineConn{cannedConn: &cannedConn{piece: whole[:length], left: 1}}
		c := newConn(s, nc)
		c.version, c.negotiated = wire.V4, true
		c.in.Negotiated(wire.V4)
		var everybody Session = anonymous{}
		c.session.Store(&everybody)
		c.becomeReady()
		c.finish(c.read())
		if waits := !nc.last.IsZero(); waits != (length < len(whole)) {
			t.Errorf("%d of %d bytes: deadline %v", length, len(whole), nc.last)
		}
	}
	waitReleased(t, s.bytes)
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
	s := startServer(t, Options{HandshakeTimeout: 200 * time.Millisecond, Auth: onlyCassandra{}})
	ready := loggedIn(t, s)
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
		// On a machine that does nothing else for so long the end comes here already.
		if err := send(c); err != nil && !hungUp(err) {
			t.Fatal(name, err)
		}
		_ = c.Conn.SetReadDeadline(time.Now().Add(testTimeout))
		if _, err := c.Receive(); !hungUp(err) {
			t.Errorf("%s: %v", name, err)
		}
		_ = c.Close()
	}
	mustResult(t, ready, wire.OpQuery, query(selectLocal))
}

// hungUp reports whether err says that the server has closed the connection.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// loggedIn returns a ready client of a server with a short HandshakeTimeout, in
// which a busy machine may not finish at the first try.
func loggedIn(t *testing.T, s *Server) *wiretest.Client {
	t.Helper()
	for deadline := time.Now().Add(testTimeout); ; {
		c, err := wiretest.Dial(s.Addr().String(), wire.V4)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Conn.SetDeadline(deadline)
		if err = c.Login("cassandra", "cassandra", nil); err == nil {
			t.Cleanup(func() { _ = c.Close() })
			return c
		}
		_ = c.Close()
		if !hungUp(err) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
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
	steady.Until(t, "no worker waits any more", func() bool {
		s.workers.trim()
		return s.workers.idle.Load() == 0
	})
	mustResult(t, c, wire.OpQuery, query(selectLocal))
}

// TestBrokenCompression: a large body that does not decompress ends its
// connection and holds nothing.
func TestBrokenCompression(t *testing.T) {
	s := startServer(t, Options{})
	for _, comp := range []string{"lz4", "snappy"} {
		c := connect(t, s, wire.V4, options(comp))
		q := query("SELECT key FROM system.local WHERE key = ?")
		q.Params.Values = []wire.Value{{Bytes: make([]byte, 200_000)}}
		out := wire.NewOutput()
		algorithm, err := wire.ParseCompression(comp, wire.V4)
		if err != nil {
			t.Fatal(err)
		}
		out.Compress(algorithm)
		out.Put(wire.Header{Version: wire.V4, Opcode: wire.OpQuery}, &wire.Extras{}, q)
		b := out.Take(nil)
		for i := range b[wire.HeaderSize+8:] {
			b[wire.HeaderSize+8+i] = 0xff
		}
		if _, err := c.Conn.Write(b); err != nil {
			t.Fatal(err)
		}
		if r, err := c.Receive(); err == nil {
			t.Errorf("%s: answered %+v", comp, r)
		}
	}
	waitReleased(t, s.bytes)
}

// waitReleased waits until nothing of l is held. Bytes are given back only after
// the answer was written, so that a client may read it earlier.
func waitReleased(t *testing.T, l interface{ Used() int64 }) {
	t.Helper()
	steady.Until(t, "nothing is held any more", func() bool { return l.Used() == 0 })
}
