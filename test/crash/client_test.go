package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// requestTimeout is more than a living server takes on a busy machine; what is
// asked of a killed one ends with the client's context.
const requestTimeout = time.Minute

// client speaks CQL and REST to one running server.
type client struct {
	// alive ends when the server is killed, for a driver may wait a while for
	// its return.
	alive   context.Context
	dead    context.CancelFunc
	session *gocql.Session
	http    *http.Client
	base    string
	token   string
}

func connect(t *testing.T, server *harness.Server) *client {
	t.Helper()
	cluster := gocql.NewCluster(server.CQL)
	cluster.Consistency = gocql.LocalQuorum
	cluster.Timeout = requestTimeout
	cluster.ConnectTimeout = requestTimeout
	cluster.DisableInitialHostLookup = true
	cluster.NumConns = 2
	cluster.WriteCoalesceWaitTime = 0 // requests are made one by one
	cluster.Logger = gocql.NewLogger(gocql.LogLevelNone)
	cluster.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: server.Token}
	session, err := cluster.CreateSession()
	if err != nil {
		t.Fatalf("connecting: %v\n%s", err, server.Output())
	}
	alive, dead := context.WithCancel(context.Background())
	return &client{
		alive:   alive,
		dead:    dead,
		session: session,
		http:    &http.Client{Timeout: requestTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: 8}},
		base:    "http://" + server.HTTP,
		token:   server.Token,
	}
}

func (c *client) close() {
	c.dead()
	c.session.Close()
	c.http.CloseIdleConnections()
}

func (c *client) createSchema(t *testing.T) {
	t.Helper()
	for _, statement := range []string{
		`CREATE KEYSPACE crash WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
		`CREATE TABLE crash.left (writer int, n int, v text, PRIMARY KEY (writer, n))`,
		`CREATE TABLE crash.right (id text PRIMARY KEY, v text, tags set<text>)`,
		`CREATE TABLE crash.counts (id int PRIMARY KEY, n counter)`,
		`CREATE TABLE crash.registers (id int PRIMARY KEY, v int)`,
		`CREATE TABLE crash.rest (id text PRIMARY KEY, v int)`,
		`CREATE TABLE crash.expiring (writer int, n int, short boolean, v int, PRIMARY KEY (writer, n, short))`,
		`CREATE TABLE crash.pairs (id int PRIMARY KEY, n counter)`,
		`CREATE TABLE crash.indexed (id int PRIMARY KEY, v int, tags set<text>)`,
		`CREATE INDEX ON crash.indexed (v)`,
		`CREATE INDEX ON crash.indexed (tags)`,
		`CREATE TABLE crash.altered (id int PRIMARY KEY)`,
	} {
		if err := c.exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// timeout bounds one request.
func (c *client) timeout() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.alive, requestTimeout)
}

func (c *client) exec(statement string, values ...any) error {
	ctx, cancel := c.timeout()
	defer cancel()
	return c.session.Query(statement, values...).ExecContext(ctx)
}

// scan reads one row into dest; found is false when there is none.
func (c *client) scan(statement string, values []any, dest ...any) (found bool, err error) {
	ctx, cancel := c.timeout()
	defer cancel()
	err = c.session.Query(statement, values...).ScanContext(ctx, dest...)
	if err == gocql.ErrNotFound {
		return false, nil
	}
	return err == nil, err
}

// rest sends a JSON request and returns the status and body.
func (c *client) rest(method, path string, body any) (int, []byte, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(c.alive, method, c.base+path, reader)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("X-Cassandra-Token", c.token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := c.http.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return 0, nil, err
	}
	return answer.StatusCode, text, nil
}

// expect returns an error unless the request is answered with the status.
func (c *client) expect(status int, method, path string, body any) error {
	got, text, err := c.rest(method, path, body)
	if err == nil && got != status {
		err = wrongf("%s %s: %d %s", method, path, got, text)
	}
	return err
}
