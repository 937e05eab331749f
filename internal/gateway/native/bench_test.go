package native

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// cannedConn is a client without a network: it asks what it was given, in
// pieces of some requests, and reads answers into nothing.
type cannedConn struct {
	net.Conn
	piece []byte // whole envelopes or segments
	rest  []byte // of the piece being asked
	left  int    // pieces still to be asked
	sent  atomic.Int64
}

func (c *cannedConn) Read(b []byte) (int, error) {
	if len(c.rest) == 0 {
		if c.left == 0 {
			return 0, io.EOF
		}
		c.left--
		c.rest = c.piece
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *cannedConn) Write(b []byte) (int, error)     { c.sent.Add(int64(len(b))); return len(b), nil }
func (c *cannedConn) Close() error                    { return nil }
func (c *cannedConn) SetReadDeadline(time.Time) error { return nil }
func (c *cannedConn) RemoteAddr() net.Addr            { return &net.TCPAddr{} }

// BenchmarkExecute measures this package alone: from the bytes of an EXECUTE
// to the bytes of its answer, with a back end that does nothing. INSERT runs in a
// goroutine of its own, SELECT by key in the reading one.
func BenchmarkExecute(b *testing.B) {
	f := newFake()
	row := backend.AppendCell(backend.AppendCell(nil, []byte("key")), make([]byte, 100))
	void, rows := &backend.Result{Kind: backend.Void}, &backend.Result{Kind: backend.Rows, RowCount: 1, Data: row}
	f.execute = func(_ context.Context, p *backend.Prepared, _ *backend.Query) (*backend.Result, error) {
		if _, ok := p.Statement.(*cql.Insert); ok {
			return void, nil
		}
		if rows.Columns == nil {
			rows.Columns = p.Result
		}
		return rows, nil
	}
	for _, bench := range []struct{ name, text string }{
		{"INSERT", "INSERT INTO ks.t (k, v) VALUES (?, ?)"},
		{"SELECT", selectT},
	} {
		for _, v := range []wire.Version{wire.V4, wire.V5} {
			for _, pipelined := range []int{1, 64} {
				b.Run(fmt.Sprintf("%s/v%d/%d", bench.name, v, pipelined), func(b *testing.B) {
					benchmarkCanned(b, f, v, bench.text, pipelined)
				})
			}
		}
	}
}

func benchmarkCanned(b *testing.B, f *fakeBackend, v wire.Version, text string, pipelined int) {
	s := startServer(b, Options{Backend: f})
	p := prepare(b, connect(b, s, v, nil), text)
	values := []wire.Value{{Bytes: []byte("key")}}
	if len(p.Bind.Columns) == 2 {
		values = append(values, wire.Value{Bytes: make([]byte, 100)})
	}
	out := wire.NewOutput()
	if v.Segmented() {
		out.Segment()
	}
	for i := range pipelined {
		out.Put(wire.Header{Version: v, Opcode: wire.OpExecute, Stream: int16(i)}, &wire.Extras{}, execute(p, values...))
	}
	canned := &cannedConn{piece: out.Take(nil), left: (b.N + pipelined - 1) / pipelined}
	c := newConn(s, canned)
	c.version, c.negotiated = v, true
	c.in.Negotiated(v)
	c.setFraming(wire.NoCompression)
	var everybody Session = anonymous{}
	c.session.Store(&everybody)
	c.becomeReady()
	b.ReportAllocs()
	b.ResetTimer()
	c.finish(c.read())
	b.StopTimer()
	if canned.sent.Load() < int64(b.N)*10 {
		b.Fatalf("%d bytes answered", canned.sent.Load())
	}
}

// BenchmarkLoopback is BenchmarkExecute over a real socket, the client's work
// included.
func BenchmarkLoopback(b *testing.B) {
	f := newFake()
	row := backend.AppendCell(backend.AppendCell(nil, []byte("key")), make([]byte, 100))
	f.execute = func(_ context.Context, p *backend.Prepared, _ *backend.Query) (*backend.Result, error) {
		return &backend.Result{Kind: backend.Rows, Columns: p.Result, RowCount: 1, Data: row}, nil
	}
	for _, inFlight := range []int{1, 64} {
		for _, text := range []string{selectT, "UPDATE ks.t SET v = 'v' WHERE k = ?"} {
			b.Run(fmt.Sprintf("%s/%d", text[:6], inFlight), func(b *testing.B) {
				s := startServer(b, Options{Backend: f})
				c := connect(b, s, wire.V5, nil)
				_ = c.Conn.SetDeadline(time.Time{})
				e := execute(prepare(b, c, text), wire.Value{Bytes: []byte("key")})
				b.ResetTimer()
				for done := 0; done < b.N; done += inFlight {
					for i := range inFlight {
						c.Put(wire.OpExecute, int16(i), e)
					}
					if err := c.Flush(); err != nil {
						b.Fatal(err)
					}
					for range inFlight {
						if _, err := c.Receive(); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}
