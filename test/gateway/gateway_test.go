// Package gateway runs the binary in front of a real Apache Cassandra: one node
// of the newest release, with logins, which it starts and stops. What needs
// several nodes, or kills them, is in package cluster.
package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/conformance"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// The node's first superuser.
const user, password = "cassandra", "cassandra"

// node is the Cassandra of all tests here.
var node *cassandra.Node

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), 12*time.Minute)
	defer cancel()
	var err error
	if node, err = cassandra.Start(ctx, cassandra.Options{FastSchema: true, Logins: true, Light: true, Patient: true, Heap: "768m"}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer node.Stop()
	if err := awaitUser(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// awaitUser waits for the superuser, which Cassandra makes some time after it
// accepts connections.
func awaitUser(ctx context.Context) error {
	for {
		session, err := direct()
		if err == nil {
			session.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// direct connects to the node itself.
func direct() (*gocql.Session, error) {
	cluster := gocql.NewCluster(node.Addr)
	cluster.Authenticator = gocql.PasswordAuthenticator{Username: user, Password: password}
	cluster.Consistency = gocql.One
	cluster.Timeout, cluster.ConnectTimeout = requestTimeout, requestTimeout
	return cluster.CreateSession()
}

// flags are those that put a gateway in front of the node.
func flags(t *testing.T) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"--cassandra", node.Addr, "--cassandra-user", user, "--cassandra-password-file", file}
}

// start starts a gateway on a data directory. A second one finds the
// organization made, and takes the token of the first.
func start(t *testing.T, dir string, more ...string) *harness.Server {
	t.Helper()
	return harness.Start(t, "serve", dir, append(serving(t), more...)...)
}

// serving are the flags of a gateway that is as patient as the node.
func serving(t *testing.T) []string {
	t.Helper()
	return append(flags(t), "--cassandra-timeout", "2m")
}

// shared is the data directory of all gateways here: what is to be kept is in
// the cluster, but for the administrator's token.
var shared string

func dataDirectory(t *testing.T) string {
	t.Helper()
	if shared == "" {
		dir, err := os.MkdirTemp("", "astrolabe-gateway-")
		if err != nil {
			t.Fatal(err)
		}
		shared = dir
	}
	dir := t.TempDir()
	if token, err := os.ReadFile(filepath.Join(shared, "admin-token")); err == nil {
		if err := os.WriteFile(filepath.Join(dir, "admin-token"), token, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// gateway starts a gateway of a test.
func gateway(t *testing.T, more ...string) *harness.Server {
	t.Helper()
	s := start(t, dataDirectory(t), more...)
	if err := os.WriteFile(filepath.Join(shared, "admin-token"), []byte(s.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBackend runs the suite of all back ends, and the rest of the tests of
// package cassandra, on the node.
func TestBackend(t *testing.T) {
	c := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-count=1", "-run", "^TestRealNode$", "./internal/cassandra")
	c.Dir = harness.Root()
	c.Env = append(os.Environ(), "ASTROLABE_TEST_CASSANDRA="+node.Addr, "ASTROLABE_TEST_CASSANDRA_USER="+user, "ASTROLABE_TEST_CASSANDRA_PASSWORD="+password)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestConformance plays the cases that were recorded from Cassandra on the
// gateway in front of Cassandra.
func TestConformance(t *testing.T) {
	s := gateway(t)
	t.Run("statements", func(t *testing.T) { conformance.PlayOnce(t, "*.cql", s.CQL, s.Token) })
	// The sizes of terms are the nodes' to judge, and they exempt superusers, as whom
	// gateways log in.
	t.Run("access", func(t *testing.T) { conformance.Play(t, "access/*.cql", s.CQL, s.Token, "term_sizes.cql") })
}

// TestMistakes: what can't be right ends the start with one line.
func TestMistakes(t *testing.T) {
	good := flags(t)
	wrong := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong, []byte("wrong"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		`--cassandra-user: Provided username cassandra and/or password are incorrect`: {"--cassandra", node.Addr, "--cassandra-user", user, "--cassandra-password-file", wrong},
		`--cassandra-user: the cluster asks for a login, but no user is given`:        {"--cassandra", node.Addr},
		`--cassandra-dc: the cluster has no datacenter "nowhere", but "datacenter1"`:  append(good, "--cassandra-dc", "nowhere"),
		`--cassandra-password-file: open `:                                            {"--cassandra", node.Addr, "--cassandra-user", user, "--cassandra-password-file", "/nonexistent"},
		`--cassandra-ca: open `:                                                       append(good, "--cassandra-ca", "/nonexistent"),
		`--peers: `:                                                                   append(good, "--peers", "nonsense"),
	} {
		ctx, cancel := context.WithTimeout(t.Context(), requestTimeout)
		c := exec.CommandContext(ctx, harness.Binary(), append([]string{"serve", "--data", t.TempDir(), "--http-port", "0", "--cql-port", "0", "--grpc-port", "0"}, args...)...)
		out, _ := c.CombinedOutput()
		cancel()
		last := out[strings.LastIndex(strings.TrimSpace(string(out)), "\n")+1:]
		if code := c.ProcessState.ExitCode(); code != 1 || !strings.HasPrefix(string(last), "astrolabe: "+want) {
			t.Errorf("%v: exit %d, want 1 and %q\n%s", args, code, want, out)
		}
	}
}

// TestUnreachable: the doors of a gateway that waits for its cluster say so.
func TestUnreachable(t *testing.T) {
	port, err := harness.FreePort("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprint("127.0.0.1:", port)
	c := exec.Command(harness.Binary(), "serve", "--data", t.TempDir(), "--http-port", strconv.Itoa(port), "--cql-port", "0", "--grpc-port", "0", "--cassandra", "127.0.0.1:1")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := c.Wait(); err != nil {
			t.Errorf("ended with %v", err)
		}
	}()
	for path, want := range map[string]string{
		"/health/ready":         "connection refused",
		"/v2/schemas/keyspaces": "Not in service yet",
		"/console/":             "Not in service yet",
	} {
		var status int
		var body string
		// The first reason is that no connection was tried yet.
		for deadline := time.Now().Add(requestTimeout); time.Now().Before(deadline) && !strings.Contains(body, want); time.Sleep(50 * time.Millisecond) {
			status, body = get(t, "http://"+at+path, "")
		}
		if status != http.StatusServiceUnavailable || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// get returns status and body, 0 when there is no answer.
func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Cassandra-Token", token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// TestChangesElsewhere: a table that a plain driver makes on the cluster is in
// the REST schemas soon, and its rows can be read.
func TestChangesElsewhere(t *testing.T) {
	s := gateway(t)
	session, err := direct()
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	for _, statement := range []string{
		"DROP KEYSPACE IF EXISTS elsewhere",
		"CREATE KEYSPACE elsewhere WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}",
		"CREATE TABLE elsewhere.things (id int PRIMARY KEY, name text, at tuple<int, text>)",
		"INSERT INTO elsewhere.things (id, name, at) VALUES (1, 'one', (2, null))",
	} {
		if err := session.Query(statement).Exec(); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	await(t, "the table", func() bool {
		status, _ := get(t, "http://"+s.HTTP+"/v2/schemas/keyspaces/elsewhere/tables/things", s.Token)
		return status == http.StatusOK
	})
	status, body := get(t, "http://"+s.HTTP+"/v2/keyspaces/elsewhere/things/1", s.Token)
	var rows struct{ Data []map[string]any }
	if err := json.Unmarshal([]byte(body), &rows); err != nil || status != http.StatusOK || len(rows.Data) != 1 || rows.Data[0]["name"] != "one" {
		t.Errorf("%d %s", status, body)
	}
}

// TestTwoGateways: a driver that knows one gateway learns of the other, and of
// no node of the cluster.
func TestTwoGateways(t *testing.T) {
	first, second := gateway(t), gateway(t)
	cluster := gocql.NewCluster(first.CQL)
	cluster.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: first.Token}
	session, err := cluster.CreateSession()
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	hosts := map[string]bool{}
	for deadline := time.Now().Add(requestTimeout); len(hosts) < 2 && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		for _, h := range session.GetHosts() {
			hosts[h.ConnectAddressAndPort()] = true
			if h.DataCenter() != "datacenter1" {
				t.Errorf("%s is in datacenter %q", h.ConnectAddressAndPort(), h.DataCenter())
			}
		}
	}
	if len(hosts) != 2 || !hosts[first.CQL] || !hosts[second.CQL] {
		t.Errorf("the driver knows %v; the gateways are %s and %s", hosts, first.CQL, second.CQL)
	}
}
