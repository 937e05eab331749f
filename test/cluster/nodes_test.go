//go:build cluster

package cluster

import (
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// nodeForgets: a node is restarted and has forgotten all prepared statements.
// Drivers' ids stay valid: the gateway tells the node again.
func (s *story) nodeForgets(t *testing.T) {
	session := s.connect(t, s.gateways[0])
	insert := func(id int) error {
		return session.Query(`INSERT INTO k.t (id, v) VALUES (?, ?)`, id, "again").Consistency(gocql.Quorum).Idempotent(true).Exec()
	}
	for id := range 100 { // every node knows it
		if err := insert(-1000 - id); err != nil {
			t.Fatal(err)
		}
	}
	node := s.cluster.Nodes[1]
	forget(t, node)
	node.Kill()
	s.restart(t, node)
	before := metric(t, s.gateways[0], "astrolabe_cluster_prepared_again_total")
	await(t, time.Minute, "a statement that is prepared again", func() bool {
		for id := range 100 {
			if err := insert(-1000 - id); err != nil {
				t.Fatalf("an id from before the restart: %v", err)
			}
		}
		return metric(t, s.gateways[0], "astrolabe_cluster_prepared_again_total") > before
	})
}

// forget empties the table from which a node knows after its start what was
// prepared on it.
func forget(t *testing.T, node *cassandra.Node) {
	t.Helper()
	host, _, err := net.SplitHostPort(node.Addr)
	if err != nil {
		t.Fatal(err)
	}
	config := gocql.NewCluster(node.Addr)
	config.HostFilter = gocql.WhiteListHostFilter(host)
	config.Timeout, config.ConnectTimeout = 30*time.Second, 30*time.Second
	direct, err := config.CreateSession()
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	if err := direct.Query(`TRUNCATE system.prepared_statements`).Consistency(gocql.One).Exec(); err != nil {
		t.Fatal(err)
	}
	var text string
	if err := direct.Query(`SELECT query_string FROM system.prepared_statements LIMIT 1 ALLOW FILTERING`).Consistency(gocql.One).Scan(&text); err == nil && text != "" {
		t.Logf("prepared since: %s", text)
	}
}

// hangPatience is how long a read may take while a node hangs: far less than the
// node is given to answer, but a machine may be busy.
const hangPatience = 6 * time.Second

// nodeHangs: a node stops without closing its connections. A gateway that
// executes speculatively answers reads from another.
func (s *story) nodeHangs(t *testing.T) {
	g := harness.Start(t, "serve", filepath.Join(t.TempDir(), "speculative"), "--cassandra", s.cluster.Nodes[0].Addr,
		"--listen", "127.0.1.3", "--cassandra-speculative", "100ms")
	session := s.connect(t, g)
	read := func(id int) error {
		var v string
		return session.Query(`SELECT v FROM k.t WHERE id = ?`, id).Consistency(gocql.One).Scan(&v)
	}
	const rows = 60
	for id := range rows {
		insert := session.Query(`INSERT INTO k.t (id, v) VALUES (?, 'here')`, -2000-id).Consistency(gocql.All)
		if err := errors.Join(insert.Exec(), read(-2000-id)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.cluster.Nodes[2].Freeze(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.cluster.Nodes[2].Thaw(); err != nil {
			t.Error(err)
		}
	}()
	var slowest time.Duration
	for id := range rows {
		began := time.Now()
		if err := read(-2000 - id); err != nil {
			t.Errorf("while a node hangs: %v", err)
		}
		slowest = max(slowest, time.Since(began))
	}
	if slowest > hangPatience {
		t.Errorf("a read took %s", slowest)
	}
	t.Logf("the slowest of %d reads took %s", rows, slowest.Round(time.Millisecond))
}
