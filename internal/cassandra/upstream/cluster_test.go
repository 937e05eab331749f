package upstream

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/steady"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// TestBodiesPass checks that bodies and flags pass untouched both ways, in each
// version, small ones and ones that span segments.
func TestBodiesPass(t *testing.T) {
	for v := wire.V3; v <= wire.V5; v++ {
		for _, size := range []int{0, 100, 200 << 10, 20 << 20} {
			t.Run(fmt.Sprintf("%s %d", v, size), func(t *testing.T) {
				answer := bytes.Repeat([]byte("answer "), size/7+1)
				got := make(chan wire.Envelope, 1)
				n := startNode(t, func(c *nodeConn, e wire.Envelope) {
					e.Body = bytes.Clone(e.Body)
					got <- e
					c.raw(e.Stream, wire.OpResult, wire.FlagTracing|wire.FlagWarning, answer)
				})
				c := startCluster(t, Options{}, n)
				f := &backend.Forward{Version: v, Opcode: wire.OpExecute, Flags: wire.FlagCustomPayload, Body: bytes.Repeat([]byte("r"), min(size, 10<<20))}
				r := await(t, ask(c, f))
				if r.err != nil || r.op != wire.OpResult || r.flags != wire.FlagTracing|wire.FlagWarning || !bytes.Equal(r.body, answer) {
					t.Errorf("answer: %v %v flags %v, %d bytes", r.err, r.op, r.flags, len(r.body))
				}
				e := <-got
				if e.Version != v || e.Opcode != wire.OpExecute || e.Flags != wire.FlagCustomPayload || !bytes.Equal(e.Body, f.Body) {
					t.Errorf("request: %+v, %d bytes", e.Header, len(e.Body))
				}
				// They are given back after the answer was handed out.
				steady.Until(t, "no bytes are held", func() bool { return c.held.Load() == 0 })
			})
		}
	}
}

// TestPick checks which connection of a pool a request takes.
func TestPick(t *testing.T) {
	idle, few, many, large := &conn{}, &conn{}, &conn{}, &conn{}
	few.inFlight.Store(crowd - 1)
	many.inFlight.Store(crowd + 1)
	large.inFlight.Store(1)
	large.held.Store(1 << 20)
	crowded := &conn{}
	crowded.inFlight.Store(crowd)
	for _, test := range []struct {
		name string
		list []*conn
		want *conn
	}{
		{"one is enough", []*conn{few, idle}, few},
		{"the first is crowded", []*conn{many, idle}, idle},
		{"a large answer comes on the first", []*conn{large, few}, few},
		{"all are crowded", []*conn{many, crowded}, crowded},
		{"all have something", []*conn{many, large}, large},
	} {
		p := &pool{}
		p.conns.Store(&test.list)
		if got := p.pick(); got != test.want {
			t.Errorf("%s: another connection is taken", test.name)
		}
	}
}

// TestSideBySide checks that many requests of many goroutines share the
// connections and that each gets its own answer, in whatever order they come.
func TestSideBySide(t *testing.T) {
	var held []func()
	n := startNode(t, nil)
	n.serve = func(c *nodeConn, e wire.Envelope) {
		text, stream := []byte(textOf(e)), e.Stream
		held = append(held, func() { c.raw(stream, wire.OpResult, 0, text) })
		if len(held) == 16 { // last come, first served
			for i := range held {
				held[len(held)-1-i]()
			}
			held = nil
		}
	}
	c := startCluster(t, Options{Connections: 1}, n)
	var waiting []<-chan reply
	for i := range 160 {
		waiting = append(waiting, ask(c, query(wire.V5, fmt.Sprint("statement ", i))))
	}
	for i, w := range waiting {
		if r := await(t, w); string(r.body) != fmt.Sprint("statement ", i) {
			t.Fatalf("request %d got %q (%v)", i, r.body, r.err)
		}
	}
	if got := n.accepted.Load(); got != 1 {
		t.Errorf("%d connections, want 1", got)
	}
}

// TestStreamsRunOut checks that requests past the streams of all connections
// wait for room and then are refused.
func TestStreamsRunOut(t *testing.T) {
	release := make(chan struct{})
	n := startNode(t, func(c *nodeConn, e wire.Envelope) {
		stream := e.Stream
		go func() {
			<-release
			c.answer(stream, wire.OpResult, wire.Void{})
		}()
	})
	c := startCluster(t, Options{Connections: 1, MaxInFlight: 3, ConnectTimeout: 200 * time.Millisecond}, n)
	connected(t, c, wire.V4, 1) // ConnectTimeout is also how long requests wait for room
	var waiting []<-chan reply
	for range 3 {
		waiting = append(waiting, ask(c, query(wire.V4, "SELECT")))
	}
	r := await(t, ask(c, query(wire.V4, "one too many")))
	if r.err == nil || r.err.Code != cqlerr.Overloaded || !strings.Contains(r.err.Message, "no room") {
		t.Errorf("one too many: %+v", r.err)
	}
	close(release)
	for _, w := range waiting {
		if r := await(t, w); r.op != wire.OpResult {
			t.Errorf("%+v", r)
		}
	}
	if r := await(t, ask(c, query(wire.V4, "SELECT"))); r.op != wire.OpResult {
		t.Errorf("when there is room again: %+v", r)
	}
}

// TestCredentials checks PLAIN logins, right and wrong.
func TestCredentials(t *testing.T) {
	for password, want := range map[string]string{"right": "", "wrong": "refuses the credentials", "": "none were given"} {
		n := startNode(t, nil)
		n.user, n.password = "gateway", "right"
		o := Options{Username: "gateway", Password: password}
		if password == "" {
			o.Username = ""
		}
		r := await(t, ask(startCluster(t, o, n), query(wire.V5, "SELECT")))
		switch {
		case want == "" && r.op != wire.OpResult:
			t.Errorf("password %q: %+v", password, r)
		case want != "" && (r.err == nil || r.err.Code != cqlerr.Overloaded || !strings.Contains(r.err.Message, want)):
			t.Errorf("password %q: %v", password, r.err)
		}
		if r.err != nil && password != "" && strings.Contains(r.err.Message, password) && !strings.Contains(want, password) {
			t.Errorf("the error tells the password: %s", r.err.Message)
		}
	}
}

// TestUnknownVersion checks the error of nodes that don't speak the version.
func TestUnknownVersion(t *testing.T) {
	n := startNode(t, nil)
	n.newest = wire.V4
	c := startCluster(t, Options{}, n)
	if r := await(t, ask(c, query(wire.V5, "SELECT"))); r.err == nil || !strings.Contains(r.err.Message, "does not speak this version") {
		t.Errorf("version 5: %+v", r)
	}
	if r := await(t, ask(c, query(wire.V4, "SELECT"))); r.op != wire.OpResult {
		t.Errorf("version 4: %+v", r)
	}
}

// TestNobodyThere checks that requests fail at once when nothing listens, and
// succeed once a node has come up.
func TestNobodyThere(t *testing.T) {
	addr := steady.Address(t)
	// Whoever waits for a connection here waits for longer than the test does.
	c := startCluster(t, Options{ReconnectMax: 50 * time.Millisecond, ConnectTimeout: 2 * testTimeout})
	c.SetNodes([]Node{{ID: addr, Addr: addr, Datacenter: "dc1", Rack: "r1"}})
	r := await(t, ask(c, query(wire.V4, "SELECT")))
	if r.err == nil || r.err.Code != cqlerr.Overloaded || !strings.Contains(r.err.Message, addr) {
		t.Errorf("%+v", r)
	}
	startNodeAt(t, addr, nil)
	steady.Until(t, "the node is found again", func() bool {
		return await(t, ask(c, query(wire.V4, "SELECT"))).op == wire.OpResult
	})
	none := startCluster(t, Options{})
	if r := await(t, ask(none, query(wire.V4, "SELECT"))); r.err == nil || r.err.Code != cqlerr.Overloaded {
		t.Errorf("without a topology: %+v", r)
	}
}

// TestNodesLeave checks that connections to a node that is gone from the
// topology are closed once its requests are answered.
func TestNodesLeave(t *testing.T) {
	release := make(chan struct{})
	n := startNode(t, func(c *nodeConn, e wire.Envelope) {
		stream := e.Stream
		go func() {
			<-release
			c.answer(stream, wire.OpResult, wire.Void{})
		}()
	})
	other := startNode(t, nil)
	c := startCluster(t, Options{}, n)
	waiting := ask(c, write(wire.V4, "INSERT"))
	steady.Until(t, "the request is in flight", func() bool { return n.requests.Load() == 1 })
	c.SetNodes([]Node{{ID: "other", Addr: other.addr()}})
	if r := await(t, ask(c, write(wire.V4, "INSERT"))); r.op != wire.OpResult || other.requests.Load() != 1 {
		t.Errorf("behind the change: %+v, %d requests", r, other.requests.Load())
	}
	close(release)
	if r := await(t, waiting); r.op != wire.OpResult {
		t.Errorf("in flight during the change: %+v", r)
	}
	closed := make(chan struct{})
	go func() {
		_ = n.listener.Close()
		n.wg.Wait()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(testTimeout):
		t.Error("the connections stay open")
	}
}
