//go:build cluster

package cluster

import (
	"errors"
	"net/http"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestDatacenters: two datacenters of a node each, and a gateway in front of each
// of them. They agree on tokens, and each goes on without the other's node.
func TestDatacenters(t *testing.T) {
	cluster, err := cassandra.NewCluster(t.Context(), 2, cassandra.Options{Light: true}, "east", "west")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := cluster.Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	contact := cluster.Nodes[0].Addr // for both, although one of them is not to use it
	east := harness.Start(t, "serve", t.TempDir(), "--cassandra", contact, "--listen", "127.0.1.1")
	west := harness.Start(t, "serve", t.TempDir(), "--cassandra", contact, "--cassandra-dc", "west", "--listen", "127.0.1.2")
	s := &story{t: t, token: east.Token}
	inEast, inWest := s.connect(t, east), s.connect(t, west)
	if got := datacenter(t, inEast); got != "east" {
		t.Errorf("the gateway in the east says it is in %s", got)
	}
	if got := datacenter(t, inWest); got != "west" {
		t.Errorf("the gateway in the west says it is in %s", got)
	}
	for _, statement := range []string{
		`CREATE KEYSPACE k WITH replication = {'class': 'NetworkTopologyStrategy', 'east': 1, 'west': 1}`,
		`CREATE TABLE k.t (id int PRIMARY KEY, v text)`,
	} {
		if err := inEast.Query(statement).Exec(); err != nil {
			t.Fatal(err)
		}
	}
	await(t, 30*time.Second, "the table at the other gateway", func() bool {
		return inWest.Query(`INSERT INTO k.t (id, v) VALUES (1, 'west')`).Consistency(gocql.LocalQuorum).Exec() == nil
	})
	await(t, 30*time.Second, "the row in the other datacenter", func() bool {
		var v string
		return inEast.Query(`SELECT v FROM k.t WHERE id = 1`).Consistency(gocql.LocalQuorum).Scan(&v) == nil && v == "west"
	})
	made := s.createToken(t, west)
	await(t, 30*time.Second, "the token at the other gateway", func() bool { return restStatus(t, east, made) == http.StatusOK })

	cluster.Nodes[0].Kill()
	await(t, time.Minute, "EACH_QUORUM to be unavailable", func() bool {
		err := inWest.Query(`INSERT INTO k.t (id, v) VALUES (2, 'x')`).Consistency(gocql.EachQuorum).Exec()
		var unavailable *gocql.RequestErrUnavailable
		return errors.As(err, &unavailable)
	})
	for id := range 50 {
		if err := inWest.Query(`INSERT INTO k.t (id, v) VALUES (?, 'alone')`, id).Consistency(gocql.LocalQuorum).Exec(); err != nil {
			t.Fatalf("without the other datacenter: %v", err)
		}
	}
	if status := restStatus(t, west, made); status != http.StatusOK {
		t.Errorf("REST without the other datacenter: %d", status)
	}
	// The gateway of the lost datacenter says so, and does not use the other.
	await(t, 30*time.Second, "503 of the gateway without a node", func() bool {
		return restStatus(t, east, made) == http.StatusServiceUnavailable
	})
}

func datacenter(t *testing.T, session *gocql.Session) (name string) {
	t.Helper()
	if err := session.Query(`SELECT data_center FROM system.local WHERE key = 'local'`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}
