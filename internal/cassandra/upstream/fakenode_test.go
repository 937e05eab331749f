package upstream

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/steady"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

const testTimeout = steady.Timeout

// fakeNode is a server that speaks the native protocol and does with each
// request what the test says.
type fakeNode struct {
	t        testing.TB
	listener net.Listener
	// serve handles a request behind the handshake; nil answers Void.
	serve func(n *nodeConn, e wire.Envelope)
	// user and password, when set, are asked for.
	user, password string
	// newest is the highest version spoken, 0 all.
	newest wire.Version

	accepted atomic.Int32
	requests atomic.Int32
	beats    atomic.Int32 // heartbeats
	mu       sync.Mutex
	conns    map[*nodeConn]bool
	wg       sync.WaitGroup
}

// nodeConn is a connection of the fake.
type nodeConn struct {
	node *fakeNode
	net.Conn
	in  wire.Stream
	mu  sync.Mutex
	out wire.Output
	v   wire.Version
}

func startNode(t testing.TB, serve func(*nodeConn, wire.Envelope)) *fakeNode {
	t.Helper()
	return startNodeAt(t, "127.0.0.1:0", serve)
}

func startNodeAt(t testing.TB, addr string, serve func(*nodeConn, wire.Envelope)) *fakeNode {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	n := &fakeNode{t: t, listener: l, serve: serve, conns: map[*nodeConn]bool{}}
	n.wg.Go(n.accept)
	t.Cleanup(n.stop)
	return n
}

func (n *fakeNode) addr() string { return n.listener.Addr().String() }

// stop closes the node and its connections.
func (n *fakeNode) stop() {
	_ = n.listener.Close()
	n.cut()
	n.wg.Wait()
}

// cut closes all connections.
func (n *fakeNode) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		_ = c.Close()
	}
}

func (n *fakeNode) accept() {
	for {
		nc, err := n.listener.Accept()
		if err != nil {
			return
		}
		n.accepted.Add(1)
		c := &nodeConn{node: n, Conn: nc, out: wire.NewOutput()}
		n.mu.Lock()
		n.conns[c] = true
		n.mu.Unlock()
		n.wg.Go(c.run)
	}
}

func (c *nodeConn) run() {
	defer c.Close()
	for {
		e, ok, fault := c.in.Next()
		switch {
		case fault != nil:
			return
		case ok:
			c.handle(e)
			continue
		}
		m, err := c.Read(c.in.Space())
		c.in.Filled(m)
		if err != nil && m == 0 {
			return
		}
	}
}

func (c *nodeConn) handle(e wire.Envelope) {
	switch e.Opcode {
	case wire.OpStartup:
		if newest := c.node.newest; newest != 0 && e.Version > newest {
			c.v = newest
			c.answer(e.Stream, wire.OpError, wire.Error{Err: cqlerr.Newf(cqlerr.Protocol, "Invalid or unsupported protocol version (%d)", e.Version)})
			return
		}
		c.v = e.Version
		c.in.Negotiated(e.Version)
		if c.node.user != "" {
			c.answer(e.Stream, wire.OpAuthenticate, wire.Authenticate{Class: "org.apache.cassandra.auth.PasswordAuthenticator"})
		} else {
			c.answer(e.Stream, wire.OpReady, wire.Empty{})
		}
		if c.v.Segmented() {
			c.in.Segment(false)
			c.mu.Lock()
			c.out.Segment()
			c.mu.Unlock()
		}
	case wire.OpAuthResponse:
		m, _ := wire.DecodeAuthToken(e.Body, c.v)
		if string(m.Token) != "\x00"+c.node.user+"\x00"+c.node.password {
			c.answer(e.Stream, wire.OpError, wire.Error{Err: cqlerr.New(cqlerr.BadCredentials, "Provided username and/or password are incorrect")})
			return
		}
		c.answer(e.Stream, wire.OpAuthSuccess, wire.AuthToken{})
	case wire.OpOptions:
		c.node.beats.Add(1)
		if c.node.serve == nil {
			c.answer(e.Stream, wire.OpSupported, &wire.Supported{})
			return
		}
		fallthrough
	default:
		if e.Opcode != wire.OpOptions {
			c.node.requests.Add(1)
		}
		if c.node.serve == nil {
			c.answer(e.Stream, wire.OpResult, wire.Void{})
			return
		}
		c.node.serve(c, e)
	}
}

// answer sends one message.
func (c *nodeConn) answer(stream int16, op wire.Opcode, m wire.Body) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.Put(wire.Header{Version: c.v, Response: true, Opcode: op, Stream: stream}, &wire.Extras{}, m)
	_, _ = c.Write(c.out.Take(nil)) // the test sees what does not arrive
}

// raw sends a body as it is.
func (c *nodeConn) raw(stream int16, op wire.Opcode, flags wire.Flags, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.PutRaw(wire.Header{Version: c.v, Response: true, Opcode: op, Flags: flags, Stream: stream}, body)
	_, _ = c.Write(c.out.Take(nil))
}

func (c *nodeConn) fail(stream int16, code cqlerr.Code, message string) {
	c.answer(stream, wire.OpError, wire.Error{Err: cqlerr.New(code, message)})
}

// startCluster returns a Cluster over nodes, closed when the test ends.
func startCluster(t testing.TB, o Options, nodes ...*fakeNode) *Cluster {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	var members []Node
	for _, n := range nodes {
		members = append(members, Node{ID: n.addr(), Addr: n.addr(), Datacenter: "dc1", Rack: "r1"})
	}
	c.SetNodes(members)
	return c
}

// reply is an Answer that owns its body.
type reply struct {
	op    wire.Opcode
	flags wire.Flags
	body  []byte
	err   *cqlerr.Error
}

// ask forwards a request and returns where the answer comes.
func ask(c *Cluster, f *backend.Forward) <-chan reply {
	answered := make(chan reply, 1)
	f.To = receiver(func(a backend.Answer) backend.Flusher {
		answered <- reply{a.Opcode, a.Flags, append([]byte(nil), a.Body...), a.Err}
		return nil
	})
	if flush := c.Forward(f); flush != nil {
		flush.Flush()
	}
	return answered
}

// await waits for an answer.
func await(t testing.TB, answered <-chan reply) reply {
	t.Helper()
	select {
	case r := <-answered:
		return r
	case <-time.After(testTimeout):
		t.Fatal("no answer")
		return reply{}
	}
}

func query(v wire.Version, text string) *backend.Forward {
	m := wire.Query{Text: text, Params: wire.QueryParams{Consistency: 6, PageSize: -1, SerialConsistency: 8}}
	return &backend.Forward{Version: v, Opcode: wire.OpQuery, Body: m.AppendBody(nil, v), Consistency: 6, Idempotent: true,
		Routes: []*backend.Route{{Text: text, Idempotent: true}}}
}

// write is a query that must not be repeated.
func write(v wire.Version, text string) *backend.Forward {
	f := query(v, text)
	f.Idempotent, f.WriteType = false, "SIMPLE"
	return f
}

// textOf is the text of a QUERY or PREPARE.
func textOf(e wire.Envelope) string {
	r := wire.NewReader(e.Body, e.Version)
	return r.LongString()
}

func (r reply) code(t testing.TB, v wire.Version) cqlerr.Code {
	t.Helper()
	if r.err != nil {
		return r.err.Code
	}
	if r.op != wire.OpError {
		t.Fatalf("the answer is %s, not ERROR", r.op)
	}
	e, err := wire.DecodeError(r.body, v)
	if err != nil {
		t.Fatal(err)
	}
	return e.Code
}
