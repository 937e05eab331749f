package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// logBuffer is a log that several goroutines write to.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// TestLogsKeepNoSecrets: passwords, values and tokens go through every door, in
// what is allowed, refused and broken; neither the server's log, debugging
// included, nor the audit log has any of them, though the latter has all of it.
func TestLogsKeepNoSecrets(t *testing.T) {
	const planted = "pl4nted-s3cret"
	var out logBuffer
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r := startServer(t, func(o *Options) { o.Log = log })
	r.access.Audit(log, access.AuditCategories())
	r.run(t, `CREATE KEYSPACE vault WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	r.run(t, `CREATE TABLE vault.t (k text PRIMARY KEY, v text)`)
	statements := []string{
		`CREATE ROLE %s WITH PASSWORD = '` + planted + `' AND LOGIN = true`,
		`ALTER ROLE %s WITH PASSWORD = '` + planted + `'`, // soon after: refused
		`CREATE USER %s WITH PASSWORD '` + planted + `'`,  // is there
		`CREATE ROLE %s WITH PASSWORD = '` + planted + `' AND AND`,
		`INSERT INTO vault.t (k, v) VALUES ('%s', '` + planted + `')`,
		`INSERT INTO vault.t (k, v) VALUES ('%s', ` + planted + `)`,
	}
	throughCQL(t, r, planted, statements)
	throughGRPC(t, r, planted, statements)
	throughHTTP(t, r, planted, statements)

	got := out.String()
	for what, secret := range map[string]string{"the planted secret": planted, "the token": r.login.Token[30:], "the client's secret": r.login.ClientSecret} {
		if i := strings.Index(got, secret); i >= 0 {
			t.Errorf("%s is in the log: %s", what, got[max(0, i-400):min(len(got), i+100)])
		}
	}
	for _, door := range []string{"native", "grpc", "rest", "graphql", "document", "auth", "devops", "console"} {
		if !strings.Contains(got, `"door":"`+door+`"`) {
			t.Errorf("the audit log tells nothing of door %s", door)
		}
	}
	for _, told := range []string{`"operation":"CREATE ROLE"`, `"operation":"ALTER ROLE"`, `"operation":"INSERT"`, `"operation":"LOGIN"`, `"outcome":"denied"`} {
		if !strings.Contains(got, told) {
			t.Errorf("the audit log has no %s", told)
		}
	}
}

// throughCQL says the statements by QUERY and PREPARE, traced, and logs in.
func throughCQL(t *testing.T, r *running, planted string, statements []string) {
	t.Helper()
	c := r.dial(t)
	if err := c.Login("token", r.login.Token, nil); err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		text := fmt.Sprintf(s, "native")
		params := wire.QueryParams{Consistency: uint16(backend.LocalQuorum), PageSize: 100}
		for op, m := range map[wire.Opcode]wire.Body{wire.OpPrepare: &wire.Prepare{Text: text}, wire.OpQuery: &wire.Query{Text: text, Params: params}} {
			if _, err := c.Do(op, m); err != nil {
				t.Fatal(err)
			}
		}
	}
	for user, password := range map[string]string{"native": planted, "nobody": planted, "token": planted, r.login.ClientID: planted} {
		err := r.dial(t).Login(user, password, nil)
		if (err == nil) != (user == "native") {
			t.Errorf("login as %s: %v", user, err)
		}
	}
}

func throughGRPC(t *testing.T, r *running, planted string, statements []string) {
	t.Helper()
	conn, err := rpc.NewClient(r.grpc, rpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := proto.NewStargateClient(conn)
	for _, s := range statements {
		_, _ = client.ExecuteQuery(metadata.AppendToOutgoingContext(t.Context(), "x-cassandra-token", r.login.Token), &proto.Query{Cql: fmt.Sprintf(s, "grpc")})
	}
	_, err = client.ExecuteQuery(metadata.AppendToOutgoingContext(t.Context(), "x-cassandra-token", planted), &proto.Query{Cql: "SELECT key FROM system.local"})
	if err == nil {
		t.Error("gRPC: a wrong token works")
	}
}

func throughHTTP(t *testing.T, r *running, planted string, statements []string) {
	t.Helper()
	token, bearer := []string{"X-Cassandra-Token", r.login.Token}, []string{"Authorization", "Bearer " + r.login.Token}
	wrong, wrongBearer := []string{"X-Cassandra-Token", planted}, []string{"Authorization", "Bearer " + planted}
	json := func(format string) string { return fmt.Sprintf(format, planted) }
	for _, c := range []struct {
		status             int
		method, path, body string
		header             []string
	}{
		{201, "POST", "/v2/keyspaces/vault/t", json(`{"k":"rest","v":"%s"}`), token},
		{400, "POST", "/v2/keyspaces/vault/t", json(`{"k":"rest","%s":1}`), token},
		{400, "POST", "/v2/keyspaces/vault/t", json(`{"k":"%s"`), token},
		{200, "GET", json("/v2/keyspaces/vault/t/%s"), "", token},
		{401, "GET", "/v2/keyspaces/vault/t/a", "", wrong},
		{201, "POST", "/v2/namespaces/vault/collections/c", json(`{"a":"%s"}`), token},
		{401, "GET", "/v2/namespaces/vault/collections", "", wrong},
		{200, "POST", "/graphql/vault", json(`{"query":"mutation{insertt(value:{k:\"g\",v:\"%s\"}){applied}}"}`), token},
		{200, "POST", "/graphql/vault", json(`{"query":"mutation{insertt(value:{k:\"g\",%s:1}){applied}}"}`), token},
		{200, "PUT", "/v2/organizations/users", json(`{"email":"ann","roles":[],"password":"%s"}`), bearer},
		{409, "PUT", "/v2/organizations/users", json(`{"email":"ann","roles":[],"password":"%s"}`), bearer},
		{404, "PUT", "/v2/organizations/users/joe/password", json(`{"password":"%s"}`), bearer},
		{400, "PUT", "/v2/organizations/users/ann/password", json(`{"password":"%s"`), bearer},
		{401, "GET", "/v2/currentOrg", "", wrongBearer},
		{201, "POST", "/v1/auth", json(`{"username":"ann","password":"%s"}`), nil},
		{401, "POST", "/v1/auth", json(`{"username":"nobody","password":"%s"}`), nil},
		{401, "POST", "/console/api/session", json(`{"token":"%s"}`), nil},
		{200, "POST", "/console/api/session", `{"token":"` + r.login.Token + `"}`, nil},
		{200, "POST", "/console/api/query", json(`{"statement":"INSERT INTO vault.t (k, v) VALUES ('c', '%s')"}`), nil},
		{400, "POST", "/console/api/query", json(`{"statement":"CREATE ROLE ann WITH PASSWORD = '%s'"}`), nil},
	} {
		if status, body, _ := r.call(t, c.method, c.path, c.body, c.header...); status != c.status {
			t.Errorf("%s %s: %d, want %d: %s", c.method, c.path, status, c.status, body)
		}
	}
	for _, s := range statements {
		_, _, _ = r.call(t, "POST", "/v2/cql", fmt.Sprintf(s, "rest"), append(token, "Content-Type", "text/plain")...)
	}
}
