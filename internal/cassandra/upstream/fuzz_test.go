package upstream

import (
	"net"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// FuzzAnswers feeds a connection with whatever a node may send, in pieces. No
// input may crash it, and each request gets exactly one answer, at the latest
// when the connection ends.
func FuzzAnswers(f *testing.F) {
	for v := wire.V3; v <= wire.V5; v++ {
		out := wire.NewOutput()
		if v.Segmented() {
			out.Segment()
		}
		put := func(stream int16, op wire.Opcode, m wire.Body) {
			out.Put(wire.Header{Version: v, Response: true, Opcode: op, Stream: stream}, &wire.Extras{Warnings: []string{"w"}}, m)
		}
		put(1, wire.OpResult, wire.Void{})
		unknown := cqlerr.New(cqlerr.Unprepared, "unknown")
		unknown.ID = route("SELECT").ID[:]
		put(0, wire.OpError, wire.Error{Err: unknown})
		put(3, wire.OpResult, &wire.Prepared{ID: route("SELECT").ID})
		put(2, wire.OpError, wire.Error{Err: cqlerr.New(cqlerr.Bootstrapping, "starting")})
		f.Add(uint8(v), uint8(7), out.Take(nil))
		out.PutRaw(wire.Header{Version: v, Response: true, Opcode: wire.OpResult, Stream: 1}, make([]byte, 200<<10))
		f.Add(uint8(v), uint8(255), out.Take(nil))
	}
	f.Fuzz(func(t *testing.T, version, piece uint8, data []byte) {
		v := wire.V3 + wire.Version(version)%3
		cluster, err := New(Options{MaxAnswer: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		defer cluster.Close()
		near, far := net.Pipe()
		defer near.Close()
		defer far.Close()
		n := newNode(cluster, "node")
		in := wire.Stream{Responses: true, MaxEnvelope: cluster.opts.MaxAnswer}
		in.Negotiated(v)
		if v.Segmented() {
			in.Segment(false)
		}
		c := newConn(n.pool(v), near, in, wire.NewOutput(), wire.NoCompression)
		c.in.Admit = c.admit
		var answers [4]int
		for i := range answers {
			r := execute(v, route("SELECT"))
			r.To = receiver(func(backend.Answer) backend.Flusher { answers[i]++; return nil })
			k := newCall(r, forever)
			k.attempts = 1
			if sent, _ := c.send(k); !sent {
				t.Fatal("not sent")
			}
		}
		feed(c, data, int(piece)+1)
		c.closed, c.cause = true, net.ErrClosed
		c.release(c.held.Load())
		c.fail()
		for i, got := range answers {
			if got != 1 {
				t.Errorf("request %d was answered %d times", i, got)
			}
		}
		if held := cluster.held.Load(); held != 0 {
			t.Errorf("%d bytes are held", held)
		}
	})
}

// feed gives c data in pieces until it has enough.
func feed(c *conn, data []byte, piece int) {
	var dirty flushers
	for len(data) > 0 {
		space := c.in.Space()
		n := copy(space[:min(len(space), piece)], data)
		c.in.Filled(n)
		data = data[n:]
		if c.handleBuffered(&dirty) != nil {
			return
		}
	}
}
