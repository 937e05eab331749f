//go:build cluster

package cluster

import (
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestTLS: a node that asks for TLS and for a client's certificate is reached on
// both ways to it, the decoded one and the one that passes requests through.
func TestTLS(t *testing.T) {
	node, err := cassandra.Start(t.Context(), cassandra.Options{TLS: true, FastSchema: true, Light: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := node.Stop(); err != nil {
			t.Error(err)
		}
	}()
	g := harness.Start(t, "serve", t.TempDir(), "--cassandra", node.Addr,
		"--cassandra-ca", node.CAFile(), "--cassandra-cert", node.CertFile(), "--cassandra-key", node.KeyFile())
	s := &story{t: t, token: g.Token}
	session := s.connect(t, g)
	for _, statement := range []string{
		`CREATE KEYSPACE k WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}`, // decoded
		`CREATE TABLE k.t (id int PRIMARY KEY, v text)`,
		`INSERT INTO k.t (id, v) VALUES (1, 'passed through')`,
	} {
		if err := session.Query(statement).Exec(); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	var v string
	if err := session.Query(`SELECT v FROM k.t WHERE id = ?`, 1).Scan(&v); err != nil || v != "passed through" {
		t.Errorf("read %q, %v", v, err)
	}
	if n := metric(t, g, "astrolabe_cluster_requests_total"); n < 2 {
		t.Errorf("%v requests passed through", n)
	}

	// With another authority, and without a certificate, the node is not reached.
	other := gocql.NewCluster(node.Addr)
	other.ConnectTimeout, other.Timeout = 5*time.Second, 5*time.Second
	other.Logger = gocql.NewLogger(gocql.LogLevelNone)
	if session, err := other.CreateSession(); err == nil {
		session.Close()
		t.Error("the node takes connections without TLS: nothing was tested")
	}
	mustEnd(t, "--cassandra-ca: ", "--cassandra", node.Addr, "--cassandra-ca", node.CertFile(), "--cassandra-cert", node.CertFile(), "--cassandra-key", node.KeyFile())
	mustEnd(t, "--cassandra-cert: ", "--cassandra", node.Addr, "--cassandra-ca", node.CAFile())
}
