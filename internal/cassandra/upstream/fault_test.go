package upstream

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/steady"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// connected waits until c has connections to n nodes in version v, so that a
// test knows where requests may go.
func connected(t *testing.T, c *Cluster, v wire.Version, n int) {
	t.Helper()
	steady.Until(t, "all nodes are connected", func() bool {
		up := 0
		for _, node := range c.topology.Load().nodes() {
			node.pool(v).pick()
			if len(node.pool(v).list()) == c.opts.Connections {
				up++
			}
		}
		return up == n
	})
}

// TestDropped checks what happens to a request whose connection ends before the
// answer: one that may be repeated is, on another node; another one is answered
// as a write whose outcome is unknown, once.
func TestDropped(t *testing.T) {
	drop := func(c *nodeConn, _ wire.Envelope) { c.Close() }
	bad, good := startNode(t, drop), startNode(t, nil)
	c := startCluster(t, Options{Connections: 1, ReconnectMin: time.Hour, ReconnectMax: time.Hour}, bad, good)
	connected(t, c, wire.V4, 2)
	for range 2 { // one of the two goes to the bad node first
		if r := await(t, ask(c, query(wire.V4, "SELECT"))); r.op != wire.OpResult {
			t.Errorf("a read: %+v", r)
		}
	}
	if bad.requests.Load() != 1 || good.requests.Load() != 2 {
		t.Errorf("the nodes had %d and %d requests, want 1 and 2", bad.requests.Load(), good.requests.Load())
	}

	bad = startNode(t, drop)
	c = startCluster(t, Options{Connections: 1}, bad)
	connected(t, c, wire.V4, 1)
	f := write(wire.V4, "INSERT")
	f.WriteType, f.Consistency = "CAS", 8
	r := await(t, ask(c, f))
	if r.err == nil || r.err.Code != cqlerr.WriteTimeout || r.err.WriteType != "CAS" || r.err.Consistency != 8 || !strings.Contains(r.err.Message, bad.addr()) {
		t.Errorf("a write: %+v", r.err)
	}
	if n := bad.requests.Load(); n != 1 {
		t.Errorf("the write was sent %d times", n)
	}
	f = query(wire.V4, "SELECT")
	f.Idempotent = false
	if r := await(t, ask(c, f)); r.err == nil || r.err.Code != cqlerr.ReadTimeout {
		t.Errorf("a read that may not be repeated: %+v", r)
	}
}

// TestUnsent checks that even a write goes to another node when nothing of it
// was given to the socket.
func TestUnsent(t *testing.T) {
	first, second := startNode(t, nil), startNode(t, nil)
	c := startCluster(t, Options{Connections: 1, ReconnectMin: time.Hour, ReconnectMax: time.Hour}, first, second)
	connected(t, c, wire.V5, 2)
	answered := make(chan reply, 2)
	for range 2 { // to both nodes, neither of which gets it yet
		f := write(wire.V5, "INSERT")
		f.To = receiver(func(a backend.Answer) backend.Flusher {
			answered <- reply{op: a.Opcode, err: a.Err}
			return nil
		})
		c.Forward(f)
	}
	first.stop()
	// What was collected for the other node leaves with its own flush.
	steady.Until(t, "the connection is gone", func() bool { return len(c.topology.Load().local[0].pool(wire.V5).list()) == 0 })
	c.flush()
	for range 2 {
		if r := await(t, answered); r.op != wire.OpResult {
			t.Errorf("%+v", r)
		}
	}
	if first.requests.Load() != 0 || second.requests.Load() != 2 {
		t.Errorf("the nodes had %d and %d requests, want 0 and 2", first.requests.Load(), second.requests.Load())
	}
}

// TestRefused checks that a node that is starting is passed over, and that an
// overload is the client's to know.
func TestRefused(t *testing.T) {
	starting := startNode(t, func(c *nodeConn, e wire.Envelope) {
		c.fail(e.Stream, cqlerr.Bootstrapping, "Cannot read from a bootstrapping node")
	})
	good := startNode(t, nil)
	c := startCluster(t, Options{}, starting, good)
	connected(t, c, wire.V5, 2)
	for range 4 {
		if r := await(t, ask(c, write(wire.V5, "INSERT"))); r.op != wire.OpResult {
			t.Errorf("%+v", r)
		}
	}
	if starting.requests.Load() == 0 {
		t.Error("the starting node was never asked")
	}
	only := startCluster(t, Options{}, starting)
	if r := await(t, ask(only, query(wire.V5, "SELECT"))); r.code(t, wire.V5) != cqlerr.Bootstrapping {
		t.Errorf("%+v", r)
	}
	busy := startNode(t, func(c *nodeConn, e wire.Envelope) { c.fail(e.Stream, cqlerr.Overloaded, "busy") })
	c = startCluster(t, Options{}, busy)
	if r := await(t, ask(c, query(wire.V5, "SELECT"))); r.code(t, wire.V5) != cqlerr.Overloaded || busy.requests.Load() != 1 {
		t.Errorf("%+v after %d requests", r, busy.requests.Load())
	}
}

// TestSlow checks that a request ends when its node takes too long, and that the
// late answer goes to nobody.
func TestSlow(t *testing.T) {
	var held atomic.Int32
	release := make(chan struct{})
	n := startNode(t, func(c *nodeConn, e wire.Envelope) {
		stream, text := e.Stream, textOf(e)
		if text == "fast" {
			c.raw(stream, wire.OpResult, 0, []byte(text))
			return
		}
		held.Add(1)
		go func() {
			<-release
			c.raw(stream, wire.OpResult, 0, []byte(text))
		}()
	})
	c := startCluster(t, Options{Connections: 1, RequestTimeout: 100 * time.Millisecond, HeartbeatInterval: time.Hour}, n)
	connected(t, c, wire.V5, 1)
	r := await(t, ask(c, query(wire.V5, "slow read")))
	if r.err == nil || r.err.Code != cqlerr.ReadTimeout || r.err.Received != 0 {
		t.Errorf("a read: %+v", r)
	}
	if r = await(t, ask(c, write(wire.V5, "slow write"))); r.err == nil || r.err.Code != cqlerr.WriteTimeout || r.err.WriteType != "SIMPLE" {
		t.Errorf("a write: %+v", r)
	}
	close(release)
	fast := 0
	steady.Until(t, "20 fast answers", func() bool {
		r := await(t, ask(c, query(wire.V5, "fast")))
		if late := r.err != nil && r.err.Code == cqlerr.ReadTimeout; late { // on a busy machine this may be slow, too
			return false
		}
		if string(r.body) != "fast" {
			t.Fatalf("%+v", r)
		}
		fast++
		return fast == 20
	})
	conn := c.topology.Load().local[0].pool(wire.V5).pick()
	steady.Until(t, "no stream is lost", func() bool {
		conn.mu.Lock()
		defer conn.mu.Unlock()
		return conn.orphans == 0
	})
}

// TestAbandoned checks that a connection on which too much was not answered is
// given up.
func TestAbandoned(t *testing.T) {
	n := startNode(t, func(*nodeConn, wire.Envelope) {})
	c := startCluster(t, Options{Connections: 1, RequestTimeout: 20 * time.Millisecond, MaxInFlight: 4}, n)
	connected(t, c, wire.V4, 1)
	for range 4 {
		ask(c, query(wire.V4, "SELECT"))
	}
	steady.Until(t, "another connection is made", func() bool { return n.accepted.Load() >= 2 })
}

// TestSilent checks that a node that says nothing any more is found out by its
// missing heartbeat, and its requests go on elsewhere.
func TestSilent(t *testing.T) {
	silent, good := startNode(t, func(*nodeConn, wire.Envelope) {}), startNode(t, nil)
	// Only heartbeats can end these requests. On a busy machine the good node may
	// miss one, too; then it is asked again.
	o := Options{Connections: 1, RequestTimeout: 2 * testTimeout, HeartbeatInterval: 20 * time.Millisecond, HeartbeatTimeout: 200 * time.Millisecond}
	c := startCluster(t, o, silent, good)
	connected(t, c, wire.V5, 2)
	for range 4 {
		steady.Until(t, "an answer", func() bool { return await(t, ask(c, query(wire.V5, "SELECT"))).op == wire.OpResult })
	}
	if silent.requests.Load() == 0 || silent.beats.Load() == 0 {
		t.Errorf("the silent node had %d requests and %d heartbeats", silent.requests.Load(), silent.beats.Load())
	}
}

// TestHeartbeats checks that the connection to a node that answers them is kept.
func TestHeartbeats(t *testing.T) {
	n := startNode(t, nil)
	c := startCluster(t, Options{Connections: 1, HeartbeatInterval: 20 * time.Millisecond, HeartbeatTimeout: testTimeout}, n)
	connected(t, c, wire.V5, 1)
	steady.Until(t, "some heartbeats", func() bool { return n.beats.Load() >= 3 })
	if n.accepted.Load() != 1 {
		t.Errorf("it was connected to %d times", n.accepted.Load())
	}
}

// TestWrongStreams checks that a node that answers what was not asked is not
// believed: the connection ends, and nobody gets another's answer.
func TestWrongStreams(t *testing.T) {
	for name, stream := range map[string]func(int16) int16{
		"unknown":  func(s int16) int16 { return s + 100 },
		"negative": func(int16) int16 { return -7 },
		"twice":    func(s int16) int16 { return s },
	} {
		t.Run(name, func(t *testing.T) {
			bad := startNode(t, func(c *nodeConn, e wire.Envelope) {
				if name == "twice" {
					c.answer(e.Stream, wire.OpResult, wire.Void{})
				}
				c.answer(stream(e.Stream), wire.OpResult, wire.Void{})
			})
			c := startCluster(t, Options{Connections: 1}, bad)
			r := await(t, ask(c, write(wire.V4, "INSERT")))
			if want := name == "twice"; want != (r.op == wire.OpResult) {
				t.Errorf("%+v", r)
			}
			steady.Until(t, "another connection is made", func() bool { return bad.accepted.Load() >= 2 })
		})
	}
}

// TestHugeAnswer checks that an answer past the limit ends its request alone.
func TestHugeAnswer(t *testing.T) {
	for v := wire.V4; v <= wire.V5; v++ {
		n := startNode(t, func(c *nodeConn, e wire.Envelope) {
			if textOf(e) == "huge" {
				c.raw(e.Stream, wire.OpResult, 0, make([]byte, 300<<10))
				return
			}
			c.raw(e.Stream, wire.OpResult, 0, make([]byte, 100<<10))
		})
		c := startCluster(t, Options{Connections: 1, MaxAnswer: 200 << 10}, n)
		if r := await(t, ask(c, query(v, "huge"))); r.err == nil || r.err.Code != cqlerr.Overloaded || !strings.Contains(r.err.Message, "too large") {
			t.Errorf("%s: %+v", v, r.err)
		}
		if r := await(t, ask(c, query(v, "small"))); len(r.body) != 100<<10 {
			t.Errorf("%s: behind it: %+v", v, r.err)
		}
		if n.accepted.Load() != 1 {
			t.Errorf("%s: the connection was given up", v)
		}
		full := startCluster(t, Options{Connections: 1, MaxAnswerBytes: 50 << 10}, n)
		if r := await(t, ask(full, query(v, "small"))); v == wire.V4 && (r.err == nil || !strings.Contains(r.err.Message, "hold")) {
			t.Errorf("%s: past the limit of all: %+v", v, r.err)
		}
	}
}

// TestCorrupt checks that a connection whose checksums don't match ends.
func TestCorrupt(t *testing.T) {
	n := startNode(t, func(c *nodeConn, _ wire.Envelope) { _, _ = c.Write(make([]byte, 100)) })
	c := startCluster(t, Options{Connections: 1}, n)
	if r := await(t, ask(c, write(wire.V5, "INSERT"))); r.err == nil || !strings.Contains(r.err.Message, "CRC mismatch") {
		t.Errorf("%+v", r)
	}
}

// TestClose checks that closing ends what is in flight.
func TestClose(t *testing.T) {
	n := startNode(t, func(*nodeConn, wire.Envelope) {})
	c := startCluster(t, Options{}, n)
	waiting := ask(c, query(wire.V5, "SELECT"))
	c.Close()
	if r := await(t, waiting); r.err == nil {
		t.Errorf("%+v", r)
	}
	if r := await(t, ask(c, query(wire.V5, "SELECT"))); r.err == nil || r.err.Code != cqlerr.Overloaded {
		t.Errorf("behind Close: %+v", r)
	}
}
