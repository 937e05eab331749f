//go:build cluster

package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestThreeNodes is one story: each part goes on where the last one ended.
func TestThreeNodes(t *testing.T) {
	s := &story{t: t}
	s.startNodes()
	s.startGateways()
	s.part("replicas come with the nodes", s.replicasGrow)
	s.part("a node is killed and comes back", s.nodeDies)
	s.part("a node forgets", s.nodeForgets)
	s.part("a node hangs", s.nodeHangs)
	s.part("a gateway is killed", s.gatewayDies)
	s.part("the quorum is lost", s.quorumLost)
	s.part("and comes back", s.quorumBack)
}

type story struct {
	t        *testing.T
	cluster  *cassandra.Cluster
	gateways []*harness.Server
	token    string
	// acked are the ids of all acknowledged writes.
	mu    sync.Mutex
	acked []int
	next  int
}

func (s *story) part(name string, run func(*testing.T)) {
	if s.t.Failed() {
		return
	}
	s.t.Run(name, func(t *testing.T) {
		began := time.Now()
		run(t)
		t.Logf("took %s", time.Since(began).Round(time.Second))
	})
}

// startNodes starts the first node only.
func (s *story) startNodes() {
	var err error
	s.cluster, err = cassandra.NewCluster(s.t.Context(), 3, cassandra.Options{Light: true})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := s.cluster.Stop(); err != nil {
			s.t.Error(err)
		}
	})
}

// startGateways starts two gateways at once, on addresses of their own and one
// port, as drivers expect of the nodes of a cluster.
func (s *story) startGateways() {
	t := s.t
	port := freePort(t)
	s.gateways = make([]*harness.Server, 2)
	dir := t.TempDir()
	var starting sync.WaitGroup
	for i := range s.gateways {
		starting.Go(func() {
			g, err := harness.Launch("serve", filepath.Join(dir, strconv.Itoa(i)), "--cassandra", s.cluster.Nodes[0].Addr,
				"--listen", fmt.Sprintf("127.0.1.%d", i+1), "--cql-port", strconv.Itoa(port))
			if err != nil {
				t.Error(err)
				return
			}
			s.gateways[i] = g
			t.Cleanup(func() {
				if err := g.Stop(); err != nil {
					t.Errorf("%v\n%s", err, g.Output())
				}
				if t.Failed() {
					t.Logf("gateway %d:\n%s", i, g.Output())
				}
			})
		})
	}
	starting.Wait()
	if t.Failed() {
		t.FailNow()
	}
	for _, g := range s.gateways {
		s.token += g.Token
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.1.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// replicasGrow: nodes join, and the tables of access control get replicas there.
func (s *story) replicasGrow(t *testing.T) {
	session := s.connect(t, s.gateways[0])
	if got := s.replication(t); got != "1" {
		t.Errorf("%s replicas on one node", got)
	}
	for range 2 {
		if err := s.cluster.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	await(t, 4*time.Minute, "three replicas of keyspace astrolabe", func() bool { return s.replication(t) == "3" })
	for _, statement := range []string{
		`CREATE KEYSPACE k WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}`,
		`CREATE TABLE k.t (id int PRIMARY KEY, v text)`,
	} {
		if err := session.Query(statement).Exec(); err != nil {
			t.Fatal(err)
		}
	}
}

// replication asks a node how many replicas our own keyspace has, which no gateway
// shows.
func (s *story) replication(t *testing.T) string {
	t.Helper()
	session, err := gocql.NewCluster(s.cluster.Nodes[0].Addr).CreateSession()
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	var options map[string]string
	if err := session.Query(`SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = 'astrolabe'`).Scan(&options); err != nil {
		t.Fatal(err)
	}
	return options["datacenter1"]
}

// enough acknowledged writes in some seconds show that service goes on, on a busy
// machine too.
const enough = 10

// nodeDies: writers at QUORUM go through both gateways while a node is killed
// and comes back. Service goes on, errors are Cassandra's, nothing is lost.
func (s *story) nodeDies(t *testing.T) {
	w := s.write(t, s.gateways...)
	defer w.stop()
	time.Sleep(3 * time.Second)
	s.cluster.Nodes[2].Kill()
	time.Sleep(4 * time.Second) // time to notice
	before := w.counts()
	time.Sleep(6 * time.Second)
	for i, n := range w.counts() {
		if n-before[i] < enough {
			t.Errorf("with a node down gateway %d acknowledged %d writes in 6 s", i, n-before[i])
		}
	}
	s.restart(t, s.cluster.Nodes[2])
	time.Sleep(5 * time.Second)
	w.stop()
	s.checkAcked(t, s.gateways...)
}

// gatewayDies: drivers that know both gateways move to the other.
func (s *story) gatewayDies(t *testing.T) {
	session := s.connect(t, s.gateways...)
	drivers := s.startDrivers(t)
	w := s.writeWith(t, session)
	defer w.stop()
	for _, d := range drivers {
		d.begin(t)
	}
	time.Sleep(2 * time.Second)
	s.gateways[0].Kill()
	time.Sleep(2 * time.Second)
	before := w.counts()[0]
	time.Sleep(4 * time.Second)
	if n := w.counts()[0] - before; n < enough {
		t.Errorf("gocql wrote %d rows in 4 s after a gateway was killed", n)
	}
	w.stop()
	for _, d := range drivers {
		d.check(t)
	}
	s.checkAcked(t, s.gateways[1])
}

// quorumLost: of three nodes two are killed. Statements at QUORUM get
// Cassandra's Unavailable, those at ONE and logins go on.
func (s *story) quorumLost(t *testing.T) {
	session := s.connect(t, s.gateways[1])
	s.cluster.Nodes[1].Kill()
	s.cluster.Nodes[2].Kill()
	var unavailable *gocql.RequestErrUnavailable
	await(t, 90*time.Second, "Unavailable", func() bool {
		err := session.Query(`INSERT INTO k.t (id, v) VALUES (-1, '')`).Consistency(gocql.Quorum).Exec()
		if err != nil && !cassandras(err) {
			t.Errorf("not Cassandra's error: %T %v", err, err)
		}
		return errors.As(err, &unavailable)
	})
	if unavailable != nil && (unavailable.Consistency != gocql.Quorum || unavailable.Required != 2 || unavailable.Alive != 1 ||
		unavailable.Message() != "Cannot achieve consistency level QUORUM") {
		t.Errorf("Unavailable: consistency %s, required %d, alive %d: %s", unavailable.Consistency, unavailable.Required, unavailable.Alive, unavailable.Message())
	}
	began := time.Now() // known at once, long before anything times out (5 s at a node, 12 s here)
	if err := session.Query(`SELECT v FROM k.t WHERE id = 1`).Consistency(gocql.Quorum).Exec(); !errors.As(err, &unavailable) || time.Since(began) > 4*time.Second {
		t.Errorf("a read at QUORUM after %s: %v", time.Since(began), err)
	}
	var v string
	if err := session.Query(`SELECT v FROM k.t WHERE id = ?`, s.acked[0]).Consistency(gocql.One).Scan(&v); err != nil {
		t.Errorf("a read at ONE: %v", err)
	}
	s.connect(t, s.gateways[1]) // a login with a known token
}

// restart starts a killed node; one that hears of no other node in time, on a
// busy machine, ends at its start and is started again.
func (s *story) restart(t *testing.T, n *cassandra.Node) {
	t.Helper()
	err := n.Restart(t.Context())
	for tries := 1; err != nil && tries < 3; tries++ {
		t.Logf("started again: %.200v", err)
		err = n.Restart(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (s *story) quorumBack(t *testing.T) {
	for _, n := range s.cluster.Nodes[1:] {
		s.restart(t, n)
	}
	session := s.connect(t, s.gateways[1])
	await(t, 3*time.Minute, "a write at QUORUM", func() bool {
		return session.Query(`INSERT INTO k.t (id, v) VALUES (-1, '')`).Consistency(gocql.Quorum).Exec() == nil
	})
	s.checkAcked(t, s.gateways[1])
}

func await(t *testing.T, patience time.Duration, what string, seen func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !seen(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in %s: %s", patience, what)
		}
	}
}

// connect opens a session to gateways as an application would.
func (s *story) connect(t *testing.T, gateways ...*harness.Server) *gocql.Session {
	t.Helper()
	var hosts []string
	for _, g := range gateways {
		hosts = append(hosts, g.CQL)
	}
	config := gocql.NewCluster(hosts...)
	config.Timeout = 20 * time.Second
	config.ConnectTimeout = 10 * time.Second
	config.Consistency = gocql.Quorum
	config.ReconnectInterval = time.Second
	config.Logger = gocql.NewLogger(gocql.LogLevelNone)
	config.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: s.token}
	if len(gateways) == 1 { // this one, not those that it knows
		config.HostFilter = gocql.WhiteListHostFilter(strings.Split(gateways[0].CQL, ":")[0])
	}
	session, err := config.CreateSession()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(session.Close)
	return session
}

// cassandras reports whether an error is one that Cassandra answers when nodes
// fail, and not one of a gateway or of a driver that waited in vain.
func cassandras(err error) bool {
	var e gocql.RequestError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case gocql.ErrCodeUnavailable, gocql.ErrCodeWriteTimeout, gocql.ErrCodeReadTimeout, gocql.ErrCodeWriteFailure, gocql.ErrCodeReadFailure, gocql.ErrCodeOverloaded:
		return true
	}
	return false
}

var errStopped = errors.New("stopped")

// context that ends with the test.
func background(t *testing.T) (context.Context, context.CancelCauseFunc) {
	return context.WithCancelCause(t.Context())
}
