package cassandra_test

import (
	"context"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/backend/backendtest"
	"github.com/astrolabe-db/astrolabe/internal/cassandra"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/gateway/native"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// The node of these tests is our own server on the embedded engine: it starts
// in milliseconds and can be made to fail. TestRealNode runs the same suite on
// a real Cassandra.

// node is a server to connect to.
type node struct {
	address string
	backend backend.Backend
	server  *native.Server
}

// startNode serves b as a node at address; port 0 picks a free one.
func startNode(t *testing.T, address string, b backend.Backend) *node {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{address: l.Addr().String(), backend: b}
	if n.server, err = native.New(native.Options{Listener: l, Backend: b}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- n.server.Serve() }()
	t.Cleanup(func() {
		n.stop(t)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return n
}

// stop cuts all connections off.
func (n *node) stop(t *testing.T) {
	t.Helper()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = n.server.Close(ended) // what it had to cut off is no error here
}

// startEngine opens an engine that tells drivers to connect to address.
func startEngine(t *testing.T, address string) *engine.Engine {
	t.Helper()
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true, Address: netip.MustParseAddrPort(address)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// connect opens a cluster and waits for it.
func connect(t *testing.T, o cassandra.Options) *cassandra.Cluster {
	t.Helper()
	c, err := cassandra.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), steady.Timeout)
	defer cancel()
	if err := c.Connected(ctx); err != nil {
		t.Fatal(err)
	}
	return c
}

// onEngine starts a node on an engine and connects to it.
func onEngine(t *testing.T) *cassandra.Cluster {
	t.Helper()
	address := steady.Address(t)
	startNode(t, address, startEngine(t, address))
	return connect(t, cassandra.Options{Hosts: []string{address}, OpenLocal: openLocal})
}

// TestBackend runs the suite of all back ends.
func TestBackend(t *testing.T) { backendtest.Run(t, onEngine(t)) }

// TestProtocol4 runs it as on a cluster before 4.0, which knows no keyspace of a
// request and no id of a result's metadata.
func TestProtocol4(t *testing.T) {
	address := steady.Address(t)
	startNode(t, address, startEngine(t, address))
	backendtest.Run(t, connect(t, cassandra.Options{Hosts: []string{address}, Protocol: 4}))
}

// TestRealNode runs it on a real Cassandra, whose host:port is in
// ASTROLABE_TEST_CASSANDRA; the test module starts one (test/gateway).
func TestRealNode(t *testing.T) {
	address := os.Getenv("ASTROLABE_TEST_CASSANDRA")
	if address == "" {
		t.Skip("ASTROLABE_TEST_CASSANDRA names no node; test/gateway runs this test on one")
	}
	const patience = 4 * time.Minute // the node shares a busy machine with others
	backendtest.Run(t, connect(t, cassandra.Options{Hosts: []string{address}, OpenLocal: openLocal, Timeout: patience,
		User: os.Getenv("ASTROLABE_TEST_CASSANDRA_USER"), Password: os.Getenv("ASTROLABE_TEST_CASSANDRA_PASSWORD")}))
}
