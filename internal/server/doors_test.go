package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// TestSessionTokens: what /v1/auth gives counts at the doors (auth.md §8, cases
// 20, 21 and 30).
func TestSessionTokens(t *testing.T) {
	s := newSite(t, APIOptions{})
	w := s.ask(0, "POST", "/api/rest/v1/auth", `{"username":"`+s.login.ClientID+`","password":"`+s.login.ClientSecret+`"}`, "Content-Type", "application/json")
	token := tokenIn(w.Body.Bytes())
	if w.Code != http.StatusCreated || token == "" {
		t.Fatalf("log in: %d %s", w.Code, w.Body)
	}
	if w := s.ask(0, "GET", "/v2/schemas/keyspaces", ""); w.Code != 401 {
		t.Errorf("no token: %d %s", w.Code, w.Body)
	}
	for given, want := range map[string]int{token: 200, s.login.Token: 200, "NotAPassword": 401, uuid.NewString(): 401} {
		if w := s.ask(0, "GET", "/v2/schemas/keyspaces", "", "X-Cassandra-Token", given); w.Code != want {
			t.Errorf("token %.8s…: %d %s", given, w.Code, w.Body)
		}
	}
	if w := s.ask(8082, "POST", "/v2/schemas/keyspaces", `{"name":"ks"}`, "X-Cassandra-Token", token); w.Code != 201 {
		t.Errorf("with a session token: %d %s", w.Code, w.Body)
	}
	if err := s.access.RevokeToken(t.Context(), s.login.ClientID); err != nil {
		t.Fatal(err)
	}
	if w := s.ask(0, "GET", "/v2/schemas/keyspaces", "", "X-Cassandra-Token", token); w.Code != 401 {
		t.Errorf("after revocation: %d %s", w.Code, w.Body)
	}
}

// TestRolesOverREST: a role of CQL logs in with its password, and its
// permissions hold (auth.md §4 and §8, case 25, in REST's words).
func TestRolesOverREST(t *testing.T) {
	s := newSite(t, APIOptions{CQL: true})
	s.run(t, `CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	s.run(t, `CREATE TABLE ks.t (k int PRIMARY KEY)`)
	s.run(t, `CREATE ROLE web_user WITH PASSWORD = 'secret' AND LOGIN = true`)
	s.run(t, `CREATE ROLE nobody WITH PASSWORD = 'secret'`)
	login := func(user string) *httptest.ResponseRecorder {
		return s.ask(8081, "POST", "/v1/auth", `{"username":"`+user+`","password":"secret"}`, "Content-Type", "application/json")
	}
	if w := login("nobody"); w.Code != 401 || w.Body.String() != `{"description":"Failed to create token: Provided username nobody and/or password are incorrect"}` {
		t.Errorf("a role without LOGIN: %d %s", w.Code, w.Body)
	}
	token := tokenIn(login("web_user").Body.Bytes())
	check := func(what, method, path, body string, code int, text string) {
		t.Helper()
		if w := s.ask(8082, method, path, body, "X-Cassandra-Token", token); w.Code != code || !strings.Contains(w.Body.String(), text) {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
	const rows = "/v2/keyspaces/ks/t"
	check("SELECT", "GET", rows+"/1", "", 401, `PERMISSION_DENIED: User web_user has no SELECT permission on <table ks.t> or any of its parents","code":401,"grpcStatus":"PERMISSION_DENIED"`)
	check("MODIFY", "POST", rows, `{"k":1}`, 401, "User web_user has no MODIFY permission on <table ks.t>")
	check("CREATE", "POST", "/v2/schemas/keyspaces", `{"name":"mine"}`, 401, "User web_user has no CREATE permission on <all keyspaces>")
	check("v1", "GET", "/v1/keyspaces/ks/tables/t/rows", "", 401, `{"description":"Role unauthorized for operation: User web_user has no SELECT permission on <table ks.t> or any of its parents","code":401}`)
	s.run(t, `GRANT SELECT ON ks.t TO web_user`)
	check("SELECT, granted", "GET", rows+"/1", "", 200, `"count":0`)
	check("if-not-exists reads", "POST", rows+"?if-not-exists=true", `{"k":1}`, 401, "no MODIFY permission")
	s.run(t, `REVOKE SELECT ON ks.t FROM web_user`)
	s.run(t, `GRANT MODIFY ON ks.t TO web_user`)
	check("MODIFY, granted", "POST", rows, `{"k":1}`, 201, `{"k":1}`)
	check("a condition tells what is there", "POST", rows+"?if-not-exists=true", `{"k":1}`, 401, "no SELECT permission")
	s.run(t, `DROP ROLE web_user`)
	check("a role that is gone", "GET", rows+"/1", "", 401, "Invalid token")
}

// TestStargatePorts: each port of the list has a handler, and there is no other.
func TestStargatePorts(t *testing.T) {
	s := newSite(t, APIOptions{})
	for _, p := range StargatePorts {
		if s.ports[p.Port] == nil {
			t.Errorf("port %d (%s) has no door", p.Port, p.Service)
		}
	}
	if len(s.ports) != len(StargatePorts)+1 {
		t.Errorf("%d handlers for %d ports", len(s.ports)-1, len(StargatePorts))
	}
	for _, c := range []struct {
		port       int
		path, want string
		code       int
	}{
		{8081, "/health", "UP", 200}, {8082, "/health", "UP", 200},
		{8084, "/checker/liveness", "UP", 200}, {8084, "/checker/readiness", "READY", 200}, {8084, "/checker/readiness?check=backend", "READY", 200},
		{8084, "/checker/readiness?check=x", "NOT READY", 503}, {8084, "/checker/readiness?check=deadlocks&check=graphql", "READY", 200},
		{8084, "/checker/readiness?check=grpc", "READY", 200}, {8084, "/checker/readiness?check=datastore&check=storage", "READY", 200},
		{8084, "/admin/healthcheck", `"deadlocks":{"healthy":true}`, 200}, {8084, "/admin/healthcheck", `"graphql":{"healthy":true,"message":"Available"}`, 200},
		{8082, "/stargate/health/started", `"status":"UP"`, 200}, {0, "/stargate/health/ready", `"status":"UP"`, 200},
		{8081, "/metrics", "# HELP", 200}, {0, "/metrics", "# HELP", 200},
		{8081, "/v2/schemas/keyspaces", `{"code":404,"message":"HTTP 404 Not Found"}`, 404},
		{8082, "/console/", `"description":`, 404},
		{8082, "/", "/swagger-ui/", 302}, {8082, "/swagger-ui/documents.json", "/api/rest/openapi?format=json", 200},
		{0, "/api/rest/swagger-ui/documents.json", "/api/rest/openapi?format=json", 200}, {0, "/swagger-ui", "/swagger-ui/", 302},
		{0, "/api/rest/openapi", "openapi: 3.0.3", 200}, {8082, "/api/rest/openapi?format=json", `"openapi":"3.0.3"`, 200},
	} {
		if w := s.ask(c.port, "GET", c.path, ""); w.Code != c.code || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%d %s: %d %.200s", c.port, c.path, w.Code, w.Body)
		}
	}
}

// TestOldProfile: with it the REST API, documents and their port are Stargate
// v1's (rest.md §7, cases 63 and 64; §8; document.md §8).
func TestOldProfile(t *testing.T) {
	s := newSite(t, APIOptions{OldProfile: true})
	for _, c := range []struct{ path, token, want string }{
		{"/", "", "200 It's Alive"}, {"/health", "", "200 UP"},
		{"/v1/keyspaces", "foo", `401 {"description":"Role unauthorized for operation: authorization failed - bad token","code":401}`},
		{"/v2/schemas/keyspaces", "foo", `401 {"description":"Role unauthorized for operation: authorization failed - bad token","code":401}`},
		{"/v2/schemas/keyspaces", "", `401 {"description":"Role unauthorized for operation: authorization failed - missing token","code":401}`},
		{"/v2/schemas/keyspaces", uuid.NewString(), `401 {"description":"Role unauthorized for operation: authorization failed","code":401}`},
		{"/v2/schemas/keyspaces/nope", s.login.Token, `404 {"description":"unable to describe keyspace","code":404}`},
		{"/v2/nope", s.login.Token, `404 {"code":404,"message":"HTTP 404 Not Found"}`},
		{"/v2/schemas/namespaces", "foo", `401 {"description":"Role unauthorized for operation: authorization failed - bad token","code":401}`},
		{"/v2/namespaces/nope/collections/c", s.login.Token, `404 {"description":"Namespace nope does not exist.","code":404}`},
	} {
		w := s.ask(8082, "GET", c.path, "", "X-Cassandra-Token", c.token)
		if got := fmt.Sprintf("%d %s", w.Code, w.Body); got != c.want {
			t.Errorf("%s with %.8q: %s", c.path, c.token, got)
		}
	}
	const missing = `401 {"description":"Role unauthorized for operation: Missing token","code":401}`
	for what, header := range map[string][]string{"no token": nil, "bearer": {"Authorization", "Bearer " + s.login.Token}} {
		if w := s.ask(8082, "GET", "/v1/keyspaces", "", header...); fmt.Sprintf("%d %s", w.Code, w.Body) != missing {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
}

// TestOldGraphQL: Stargate v1's GraphQL has one answer for whoever it does not know
// (auth.md §9).
func TestOldGraphQL(t *testing.T) {
	s := newSite(t, APIOptions{OldProfile: true})
	for what, header := range map[string][]string{
		"no token": nil, "empty": {"X-Cassandra-Token", ""}, "not a UUID": {"X-Cassandra-Token", "foo"}, "unknown": {"X-Cassandra-Token", uuid.NewString()},
	} {
		for _, path := range []string{"/graphql-schema", "/graphql/ks", "/graphql-admin"} {
			w := s.ask(8080, "POST", path, `{"query":"{__typename}"}`, append(header, "Content-Type", "application/json")...)
			if got := fmt.Sprintf("%d %s", w.Code, w.Body); got != `401 {"errors":["Authentication required"]}` {
				t.Errorf("%s at %s: %s", what, path, got)
			}
		}
	}
	if w := s.ask(8080, "POST", "/graphql-schema", `{"query":"{keyspaces{name}}"}`, "X-Cassandra-Token", s.login.Token, "Content-Type", "application/json"); w.Code != 200 {
		t.Errorf("with a token: %d %s", w.Code, w.Body)
	}
}

// TestAstraHost: Astra's host names work, and another database's are refused.
func TestAstraHost(t *testing.T) {
	s := newSite(t, APIOptions{})
	id := s.database.ID.String()
	for host, want := range map[string]int{
		id + "-local.apps.localhost":                     200,
		strings.ToUpper(id) + "-LOCAL.apps.example:8443": 200,
		"localhost:8080":                                 200,
		id:                                               200, // a name, but not of that form
		id + "-other.apps.localhost":                     404,
		uuid.NewString() + "-local.apps.localhost:8080":   404,
		"not-a-uuid-not-a-uuid-not-a-uuid-x-us.localhost": 200,
	} {
		r := s.ask(0, "GET", "http://"+host+"/api/rest/v2/schemas/keyspaces", "", "X-Cassandra-Token", s.login.Token)
		if r.Code != want {
			t.Errorf("%s: %d %s", host, r.Code, r.Body)
		}
	}
}

// TestUsernameToken: off unless the server turns it on (auth.md §8, cases 12, 19).
func TestUsernameToken(t *testing.T) {
	for on, want := range map[bool]int{true: 201, false: 400} {
		s := newSite(t, APIOptions{UsernameToken: on})
		w := s.ask(8081, "POST", "/v1/admin/auth/usernametoken", `{"username":"`+s.login.ClientID+`"}`, "Content-Type", "application/json")
		if w.Code != want {
			t.Errorf("%v: %d %s", on, w.Code, w.Body)
		}
	}
}
