package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// entered is a server with clients of its doors.
type entered struct {
	*running
	stargate proto.StargateClient
}

func newEntered(t *testing.T) *entered {
	t.Helper()
	e := &entered{running: startServer(t)}
	conn, err := rpc.NewClient(e.grpc, rpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	e.stargate = proto.NewStargateClient(conn)
	return e
}

// session is the token that /v1/auth gives.
func (e *entered) session(t *testing.T, user, password string) string {
	t.Helper()
	code, body, _ := e.call(t, "POST", "/v1/auth", fmt.Sprintf(`{"username":%q,"password":%q}`, user, password))
	token := tokenIn([]byte(body))
	if code != http.StatusCreated || token == "" {
		t.Fatalf("log in as %s: %d %s", user, code, body)
	}
	return token
}

// overGRPC runs a statement as who has the token, nobody for "".
func (e *entered) overGRPC(t *testing.T, token, text string) (rows int, err error) {
	t.Helper()
	ctx := t.Context()
	if token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "x-cassandra-token", token)
	}
	r, err := e.stargate.ExecuteQuery(ctx, &proto.Query{Cql: text})
	return len(r.GetResultSet().GetRows()), err
}

// overCQL logs in and runs a statement.
func (e *entered) overCQL(t *testing.T, user, password, text string) (rows int, err error) {
	t.Helper()
	c := e.dial(t)
	if err := c.Login(user, password, nil); err != nil {
		return 0, err
	}
	r, err := c.Do(wire.OpQuery, &wire.Query{Text: text, Params: wire.QueryParams{Consistency: uint16(backend.LocalQuorum), PageSize: 100}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := r.Result()
	return len(result.Rows.Rows), err
}

// TestSessionTokenInCQL: auth.md §8, case 23.
func TestSessionTokenInCQL(t *testing.T) {
	e := newEntered(t)
	if rows, err := e.overCQL(t, "token", e.session(t, "cassandra", "cassandra"), "SELECT * FROM system.local"); rows != 1 || err != nil {
		t.Errorf("with the session token: %d rows, %v", rows, err)
	}
	_, err := e.overCQL(t, "invalid", "invalid", "")
	if err == nil || !strings.Contains(err.Error(), "Provided username invalid and/or password are incorrect") {
		t.Errorf("invalid: %v", err)
	}
}

// TestTokensInGRPC: auth.md §8, case 24.
func TestTokensInGRPC(t *testing.T) {
	e := newEntered(t)
	const text = "SELECT key FROM system.local"
	for token, want := range map[string]string{"": "No token provided", "not-a-token-that-exists": "Invalid token"} {
		if _, err := e.overGRPC(t, token, text); status.Code(err) != codes.Unauthenticated || status.Convert(err).Message() != want {
			t.Errorf("%q: %v", token, err)
		}
	}
	if rows, err := e.overGRPC(t, e.session(t, "cassandra", "cassandra"), text); rows != 1 || err != nil {
		t.Errorf("with the session token: %d rows, %v", rows, err)
	}
}

// TestRolesOverGRPC: what a role has been granted counts at once (auth.md §8, case 25).
func TestRolesOverGRPC(t *testing.T) {
	e := newEntered(t)
	e.run(t, `CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	e.run(t, `CREATE TABLE ks.t (k int PRIMARY KEY)`)
	e.run(t, `CREATE ROLE web_user WITH PASSWORD = 'secret' AND LOGIN = true`)
	token := e.session(t, "web_user", "secret")
	for _, c := range []struct{ text, denial, grant string }{
		{`CREATE KEYSPACE mine WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
			"User web_user has no CREATE permission on <all keyspaces> or any of its parents", `GRANT CREATE ON ALL KEYSPACES TO web_user`},
		{`SELECT * FROM ks.t`, "User web_user has no SELECT permission on <table ks.t> or any of its parents", `GRANT SELECT ON ks.t TO web_user`},
		{`INSERT INTO ks.t (k) VALUES (1)`, "User web_user has no MODIFY permission on <table ks.t> or any of its parents", `GRANT MODIFY ON ks.t TO web_user`},
	} {
		if _, err := e.overGRPC(t, token, c.text); status.Code(err) != codes.PermissionDenied || status.Convert(err).Message() != c.denial {
			t.Errorf("%s: %v", c.text, err)
		}
		e.run(t, c.grant)
		if _, err := e.overGRPC(t, token, c.text); err != nil {
			t.Errorf("%s, granted: %v", c.text, err)
		}
	}
}

// TestOneTokenAtAllDoors: an application token stands for one role at each door
// (auth.md §8, case 30).
func TestOneTokenAtAllDoors(t *testing.T) {
	e := newEntered(t)
	e.run(t, `CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	e.run(t, `CREATE TABLE ks.t (k int PRIMARY KEY)`)
	e.run(t, `INSERT INTO ks.t (k) VALUES (1)`)
	secret, err := e.access.CreateToken(context.Background(), access.ReadOnlyUser.Name, "")
	if err != nil {
		t.Fatal(err)
	}
	denial := "User " + secret.ClientID + " has no MODIFY permission on <table ks.t> or any of its parents"
	check := func(door string, rows int, err error) {
		t.Helper()
		if rows != 1 || err != nil {
			t.Errorf("%s: %d rows, %v", door, rows, err)
		}
	}
	denied := func(door, answer string) {
		t.Helper()
		if !strings.Contains(answer, denial) {
			t.Errorf("%s: %s", door, answer)
		}
	}
	const read, write = `SELECT k FROM ks.t`, `INSERT INTO ks.t (k) VALUES (2)`
	rows, err := e.overGRPC(t, secret.Token, read)
	check("gRPC", rows, err)
	_, err = e.overGRPC(t, secret.Token, write)
	denied("gRPC", fmt.Sprint(err))
	rows, err = e.overCQL(t, "token", secret.Token, read)
	check("CQL", rows, err)
	_, err = e.overCQL(t, "token", secret.Token, write)
	denied("CQL", fmt.Sprint(err))
	code, body, _ := e.call(t, "GET", "/v2/keyspaces/ks/t/1", "", "X-Cassandra-Token", secret.Token)
	if code != 200 || body != `{"count":1,"data":[{"k":1}]}` {
		t.Errorf("REST: %d %s", code, body)
	}
	_, body, _ = e.call(t, "POST", "/v2/keyspaces/ks/t", `{"k":2}`, "X-Cassandra-Token", secret.Token)
	denied("REST", strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(body))
}
