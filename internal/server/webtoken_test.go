package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/jwt/jwttest"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/steady"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
)

// shop is a server that takes JSON Web Tokens, with the tables of the
// specification's cases 26 and 27.
type shop struct {
	*running
	calls proto.StargateClient
}

func newShop(t *testing.T, change ...func(*Options)) *shop {
	t.Helper()
	s := &shop{running: startServer(t, change...)}
	s.access.UseWebTokens(jwttest.New(t, webTokenKey).Open(t))
	for _, text := range []string{
		`CREATE KEYSPACE store2 WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
		`CREATE TABLE store2.shopping_cart (userid text PRIMARY KEY, item_count int, last_update_timestamp timestamp)`,
		`CREATE TABLE store2.other (k int PRIMARY KEY)`,
		`INSERT INTO store2.shopping_cart (userid, item_count) VALUES ('1234', 777)`,
		`CREATE TABLE store2.leaves ` + collectionColumns,
		`INSERT INTO store2.leaves JSON '{"key":"1234",` + collectionPath("leaf") + `"leaf":"leaf","text_value":"theirs"}'`,
		`CREATE ROLE web_user WITH PASSWORD = 'secret' AND LOGIN = true`,
		`GRANT SELECT ON store2.shopping_cart TO web_user`,
		`GRANT MODIFY ON store2.shopping_cart TO web_user`,
		`GRANT SELECT ON store2.leaves TO web_user`,
		`GRANT MODIFY ON store2.leaves TO web_user`,
		`CREATE ROLE no_login`,
		`CREATE ROLE chief WITH SUPERUSER = true AND LOGIN = true`,
	} {
		s.run(t, text)
	}
	conn, err := rpc.NewClient(s.grpc, rpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s.calls = proto.NewStargateClient(conn)
	return s
}

// token is one of a role, kept to rows with values in columns.
func (s *shop) token(t *testing.T, role string, columns ...string) string {
	t.Helper()
	return jwttest.Sign(t, webTokenKey, jwttest.Claims(role, columns...))
}

func (s *shop) connect(t *testing.T, password string) *wiretest.Client {
	t.Helper()
	c := s.dial(t)
	if err := c.Login("token", password, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// errorOf is the error of a QUERY, as its text; "" for none.
func errorOf(t *testing.T, c *wiretest.Client, op wire.Opcode, m wire.Body) string {
	t.Helper()
	r, err := c.Do(op, m)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Err(); err != nil {
		return err.Error()
	}
	return ""
}

var shopParams = wire.QueryParams{Consistency: uint16(backend.LocalQuorum), SerialConsistency: uint16(backend.Serial), PageSize: 100}

// TestWebTokenGrants is case 26: the role that a token names is the user, with all
// its grants.
func TestWebTokenGrants(t *testing.T) {
	s := newShop(t)
	c := s.connect(t, s.token(t, "web_user"))
	for text, want := range map[string]string{
		`INSERT INTO store2.shopping_cart (userid, item_count) VALUES ('9876', 2)`:                  "",
		`SELECT * FROM store2.shopping_cart`:                                                        "",
		`UPDATE store2.shopping_cart SET item_count = 3 WHERE userid = '9876'`:                      "",
		`DELETE FROM store2.shopping_cart WHERE userid = '9876'`:                                    "",
		`CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`: "User web_user has no CREATE permission on <all keyspaces> or any of its parents",
		`SELECT * FROM store2.other`:                                                                "User web_user has no SELECT permission on <table store2.other> or any of its parents",
		`INSERT INTO store2.other (k) VALUES (1)`:                                                   "User web_user has no MODIFY permission on <table store2.other> or any of its parents",
	} {
		if got := errorOf(t, c, wire.OpQuery, &wire.Query{Text: text, Params: shopParams}); got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
	// What changes about the role counts at once.
	s.run(t, `GRANT SELECT ON store2.other TO web_user`)
	const text = `SELECT * FROM store2.other`
	if got := errorOf(t, c, wire.OpQuery, &wire.Query{Text: text, Params: shopParams}); got != "" {
		t.Error("after GRANT:", got)
	}
	s.run(t, `DROP ROLE web_user`)
	if got := errorOf(t, c, wire.OpQuery, &wire.Query{Text: text, Params: shopParams}); got == "" {
		t.Error("the role is gone, its token works")
	}
	if err := s.dial(t).Login("token", s.token(t, "web_user"), nil); err == nil {
		t.Error("the role is gone, its token logs in")
	}
}

// TestWebTokenRowsOverHTTP is case 27 at the doors over HTTP: rows of user 9876
// alone are permitted.
func TestWebTokenRowsOverHTTP(t *testing.T) {
	s := newShop(t)
	kept, keptToKey := s.token(t, "web_user", "userid", "9876"), s.token(t, "web_user", "key", "9876")
	const v2, v1, docs = "/v2/keyspaces/store2/shopping_cart", "/v1/keyspaces/store2/tables/shopping_cart/rows", "/v2/namespaces/store2/collections/leaves"
	const denied = "Not allowed to access this resource"
	where := func(text string) string { return v2 + "?where=" + url.QueryEscape(text) }
	graphql := func(text string) string {
		body, _ := json.Marshal(map[string]string{"query": text}) // never fails
		return string(body)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		has                string
	}{
		{"POST", v2, `{"userid":"9876","item_count":2}`, 201, "9876"},
		{"POST", v2, `{"userid":"1234","item_count":2}`, 401, denied},
		{"POST", v2, `{"item_count":2}`, 400, ""},
		{"GET", v2 + "/9876", "", 200, `"item_count":2`},
		{"GET", v2 + "/9876?fields=item_count", "", 200, `"item_count":2`},
		{"GET", v2 + "/1234", "", 401, denied},
		{"GET", v2 + "/rows", "", 401, denied},
		{"GET", v2 + "/rows?fields=item_count", "", 401, denied},
		{"GET", where(`{"userid":{"$eq":"9876"}}`), "", 200, `"item_count":2`},
		{"GET", where(`{"userid":{"$eq":"1234"}}`), "", 401, denied},
		{"GET", where(`{"userid":{"$in":["9876"]}}`), "", 200, `"item_count":2`},
		{"GET", where(`{"userid":{"$in":["9876","1234"]}}`), "", 401, denied},
		{"PUT", v2 + "/9876", `{"item_count":3}`, 200, ""},
		{"PUT", v2 + "/1234", `{"item_count":3}`, 401, denied},
		{"PATCH", v2 + "/9876", `{"item_count":4}`, 200, ""},
		{"PATCH", v2 + "/1234", `{"item_count":4}`, 401, denied},
		{"DELETE", v2 + "/1234", "", 401, denied},
		{"DELETE", v2 + "/9876", "", 204, ""},
		{"POST", "/v2/cql?keyspace=store2", `INSERT INTO shopping_cart (userid, item_count) VALUES ('9876', 5)`, 200, ""},
		{"POST", "/v2/cql?keyspace=store2", `SELECT item_count FROM shopping_cart WHERE userid = '9876'`, 200, "5"},
		{"POST", "/v2/cql?keyspace=store2", `SELECT count(*) FROM shopping_cart`, 401, denied},

		{"POST", v1, `{"columns":[{"name":"userid","value":"9876"},{"name":"item_count","value":6}]}`, 201, ""},
		{"POST", v1, `{"columns":[{"name":"userid","value":"1234"},{"name":"item_count","value":6}]}`, 401, denied},
		{"GET", v1 + "/9876", "", 200, `"item_count":6`},
		{"GET", v1 + "/1234", "", 401, denied},
		{"GET", v1, "", 401, denied},
		{"POST", v1 + "/query", `{"filters":[{"columnName":"userid","operator":"eq","value":["9876"]}]}`, 200, `"item_count":6`},
		{"POST", v1 + "/query", `{"filters":[{"columnName":"userid","operator":"eq","value":["1234"]}]}`, 401, denied},
		{"PUT", v1 + "/9876", `{"changeset":[{"column":"item_count","value":7}]}`, 200, ""},
		{"PUT", v1 + "/1234", `{"changeset":[{"column":"item_count","value":7}]}`, 401, denied},
		{"DELETE", v1 + "/1234", "", 401, denied},

		{"POST", "/graphql/store2", graphql(`mutation { insertshopping_cart(value: {userid: "9876", item_count: 8}) { applied } }`), 200, `"applied":true`},
		{"POST", "/graphql/store2", graphql(`{ shopping_cart(value: {userid: "9876"}) { values { item_count } } }`), 200, `"item_count":8`},
		{"POST", "/graphql/store2", graphql(`{ shopping_cart(filter: {userid: {eq: "9876"}}) { values { item_count } } }`), 200, `"item_count":8`},
		{"POST", "/graphql/store2", graphql(`{ shopping_cart(value: {userid: "1234"}) { values { item_count } } }`), 200, denied},
		{"POST", "/graphql/store2", graphql(`{ shopping_cart(filter: {userid: {in: ["9876", "1234"]}}) { values { item_count } } }`), 200, denied},
		{"POST", "/graphql/store2", graphql(`{ shopping_cart { values { item_count } } }`), 200, denied},
		{"POST", "/graphql/store2", graphql(`mutation { insertshopping_cart(value: {userid: "1234", item_count: 8}) { applied } }`), 200, denied},
		{"POST", "/graphql/store2", graphql(`mutation { updateshopping_cart(value: {userid: "1234", item_count: 8}) { applied } }`), 200, denied},
		{"POST", "/graphql/store2", graphql(`mutation { deleteshopping_cart(value: {userid: "1234"}) { applied } }`), 200, denied},
		{"POST", "/graphql/store2", graphql(`mutation @atomic { a: insertshopping_cart(value: {userid: "9876", item_count: 8}) { applied } b: insertshopping_cart(value: {userid: "1234", item_count: 8}) { applied } }`), 200, denied},

		{"PUT", docs + "/9876", `{"a":1}`, 200, "9876"},
		{"GET", docs + "/9876", "", 200, `"a":1`},
		{"GET", docs + "/1234", "", 401, denied},
		{"PUT", docs + "/1234", `{"a":1}`, 401, denied},
		{"PATCH", docs + "/1234", `{"a":1}`, 401, denied},
		{"DELETE", docs + "/1234", "", 401, denied},
		{"GET", docs, "", 401, denied},
		{"GET", docs + "?where=" + url.QueryEscape(`{"leaf":{"$eq":"theirs"}}`), "", 401, denied},
		{"POST", docs, `{"a":1}`, 401, denied}, // under a name that the server makes
		{"DELETE", docs + "/9876", "", 204, ""},
	} {
		token := kept
		if strings.HasPrefix(c.path, docs) {
			token = keptToKey
		}
		header := []string{"X-Cassandra-Token", token}
		if strings.HasPrefix(c.path, "/v2/cql") {
			header = append(header, "Content-Type", "text/plain")
		}
		status, answer, _ := s.call(t, c.method, c.path, c.body, header...)
		if status != c.status || !strings.Contains(answer, c.has) || strings.Contains(answer, "777") || strings.Contains(answer, "theirs") {
			t.Errorf("%s %s %s\n got %d %s\nwant %d %s", c.method, c.path, c.body, status, answer, c.status, c.has)
		}
	}
	s.unchanged(t)
}

// unchanged checks the rows of user 1234.
func (s *shop) unchanged(t *testing.T) {
	t.Helper()
	_, answer, _ := s.call(t, "GET", "/v2/keyspaces/store2/shopping_cart/1234", "", "X-Cassandra-Token", s.login.Token)
	_, document, _ := s.call(t, "GET", "/v2/namespaces/store2/collections/leaves/1234", "", "X-Cassandra-Token", s.login.Token)
	if !strings.Contains(answer, "777") || !strings.Contains(document, "theirs") {
		t.Errorf("the rows of user 1234 are now %s %s", answer, document)
	}
}

// TestWebTokenRowsInCQL is case 27 over the native protocol: in each message, with
// values in the text and bound by place and by name.
func TestWebTokenRowsInCQL(t *testing.T) {
	s := newShop(t)
	c := s.connect(t, s.token(t, "web_user", "userid", "9876"))
	const denied = "Not allowed to access this resource"
	const insert = `INSERT INTO store2.shopping_cart (userid, item_count) VALUES (?, ?)`
	values := func(userid string) []wire.Value { return []wire.Value{{Bytes: []byte(userid)}, {Bytes: schema.Int(1)}} }
	with := func(values []wire.Value, names ...string) wire.QueryParams {
		p := shopParams
		p.Values = values
		for _, n := range names {
			p.Names = append(p.Names, []byte(n))
		}
		return p
	}
	// Prepared by somebody who is kept to no rows: statements are shared.
	id := prepare(t, s.connect(t, s.login.Token), insert)
	read := prepare(t, c, `SELECT item_count FROM store2.shopping_cart WHERE userid = :u`)
	for userid, want := range map[string]string{"9876": "", "1234": denied} {
		for what, got := range map[string]string{
			"QUERY":          errorOf(t, c, wire.OpQuery, &wire.Query{Text: insert, Params: with(values(userid))}),
			"QUERY by name":  errorOf(t, c, wire.OpQuery, &wire.Query{Text: `INSERT INTO store2.shopping_cart (item_count, userid) VALUES (:i, :u)`, Params: with(values(userid), "u", "i")}),
			"EXECUTE":        errorOf(t, c, wire.OpExecute, &wire.Execute{ID: id, Params: with(values(userid))}),
			"EXECUTE a read": errorOf(t, c, wire.OpExecute, &wire.Execute{ID: read, Params: with(values(userid)[:1])}),
			"BATCH of ids":   errorOf(t, c, wire.OpBatch, batchOf([]wire.BatchEntry{{ID: id}, {ID: id}}, values("9876"), values(userid))),
			"BATCH of texts": errorOf(t, c, wire.OpBatch, batchOf([]wire.BatchEntry{{Text: insert}, {Text: insert}}, values(userid), values("9876"))),
			"a text":         errorOf(t, c, wire.OpQuery, &wire.Query{Text: `BEGIN BATCH ` + insert + `; DELETE FROM store2.shopping_cart WHERE userid = '9876' APPLY BATCH`, Params: with(values(userid))}),
		} {
			if got != want {
				t.Errorf("%s of user %s: %q, wanted %q", what, userid, got, want)
			}
		}
	}
	s.unchanged(t)
}

// batchOf is a BATCH of entries with their values.
func batchOf(entries []wire.BatchEntry, values ...[]wire.Value) *wire.Batch {
	m := &wire.Batch{Params: shopParams}
	for i := range values {
		m.Add(entries[i], values[i]...)
	}
	return m
}

// TestWebTokenRowsInGRPC is case 27 over gRPC.
func TestWebTokenRowsInGRPC(t *testing.T) {
	s := newShop(t)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-cassandra-token", s.token(t, "web_user", "userid", "9876"))
	text := func(v string) *proto.Value { return &proto.Value{Inner: &proto.Value_String_{String_: v}} }
	const insert = `INSERT INTO store2.shopping_cart (userid, item_count) VALUES (?, 1)`
	for userid, want := range map[string]codes.Code{"9876": codes.OK, "1234": codes.PermissionDenied} {
		values := &proto.Values{Values: []*proto.Value{text(userid)}}
		_, inserted := s.calls.ExecuteQuery(ctx, &proto.Query{Cql: insert, Values: values})
		_, read := s.calls.ExecuteQuery(ctx, &proto.Query{Cql: `SELECT item_count FROM store2.shopping_cart WHERE userid = ?`, Values: values})
		_, traced := s.calls.ExecuteQuery(ctx, &proto.Query{Cql: insert, Values: values, Parameters: &proto.QueryParameters{Tracing: true}})
		_, batched := s.calls.ExecuteBatch(ctx, &proto.Batch{Queries: []*proto.BatchQuery{{Cql: insert, Values: values}}})
		for what, err := range map[string]error{"insert": inserted, "read": read, "traced": traced, "batch": batched} {
			st := status.Convert(err)
			if st.Code() != want || want != codes.OK && !strings.HasSuffix(st.Message(), "Not allowed to access this resource") {
				t.Errorf("%s of user %s: %v %s", what, userid, st.Code(), st.Message())
			}
		}
	}
	s.unchanged(t)
}

// TestBadWebTokens: what each door says of a token that is not good. JSON Web
// Tokens are refused as any other is.
func TestBadWebTokens(t *testing.T) {
	expired := jwttest.Claims("web_user")
	expired["exp"] = time.Now().Add(-time.Minute).Unix()
	long := jwttest.Claims("web_user")
	long["padding"] = strings.Repeat("x", 4096)
	signed := func(role string) string { return jwttest.Sign(t, webTokenKey, jwttest.Claims(role)) }
	for name, token := range map[string]string{
		"not signed by the provider": jwttest.Sign(t, jwttest.EC(t, "kitchen"), jwttest.Claims("web_user")),
		"other claims":               strings.Replace(signed("web_user"), ".", ".e", 1),
		"expired":                    jwttest.Sign(t, webTokenKey, expired),
		"two parts":                  strings.TrimRight(strings.Join(strings.Split(signed("web_user"), ".")[:2], "."), "="),
		"too long":                   jwttest.Sign(t, webTokenKey, long),
		"no such role":               signed("nobody"),
		"no login":                   signed("no_login"),
		"a role of Astra's":          signed("Organization Administrator"),
	} {
		t.Run(name, func(t *testing.T) { newShop(t).refuses(t, token) })
	}
	t.Run("not taken by this server", func(t *testing.T) {
		s := newShop(t)
		s.access.UseWebTokens(nil)
		s.refuses(t, signed("web_user"))
	})
}

// refuses checks that no door takes a token.
func (s *shop) refuses(t *testing.T, token string) {
	t.Helper()
	code, answer, _ := s.call(t, "GET", "/v2/schemas/keyspaces", "", "X-Cassandra-Token", token)
	if code != 401 || !strings.Contains(answer, `"Unauthenticated gRPC operation (Status.Code.UNAUTHENTICATED->401): UNAUTHENTICATED: Invalid token"`) {
		t.Errorf("REST v2: %d %s", code, answer)
	}
	for path, want := range map[string]string{
		"/v1/keyspaces": "Role unauthorized for operation: ", "/v2/namespaces/store2/collections": "Invalid token",
		"/graphql/store2?query={__typename}": "", "/v2/databases": "Invalid token",
	} {
		code, answer, _ := s.call(t, "GET", path, "", "X-Cassandra-Token", token, "Authorization", "Bearer "+token)
		if code != 401 || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s", path, code, answer)
		}
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-cassandra-token", token)
	_, err := s.calls.ExecuteQuery(ctx, &proto.Query{Cql: `SELECT * FROM system.local`})
	if st := status.Convert(err); st.Code() != codes.Unauthenticated || st.Message() != "Invalid token" {
		t.Errorf("gRPC: %v", err)
	}
	if err := s.dial(t).Login("token", token, nil); fmt.Sprint(err) != "Provided username token and/or password are incorrect" {
		t.Errorf("CQL: %v", err)
	}
	if code, answer, _ := s.call(t, "POST", "/console/api/session", `{"token":"`+token+`"}`); code != 401 {
		t.Errorf("console: %d %s", code, answer)
	}
}

// TestWebTokenFaults: the older profile tells what is wrong with a token, in the
// words of specification §7.
func TestWebTokenFaults(t *testing.T) {
	s := newShop(t, func(o *Options) { o.API.OldProfile = true })
	expired, noRole := jwttest.Claims("web_user"), jwttest.Claims("")
	expired["exp"] = 1
	for token, want := range map[string]string{
		jwttest.Sign(t, webTokenKey, expired):                            "Invalid JWT: Expired JWT",
		jwttest.Sign(t, webTokenKey, noRole):                             "JWT must have a value for x-stargate-role",
		jwttest.Sign(t, webTokenKey, map[string]any{"exp": 99999999999}): "Failed to parse claim from JWT",
		"a.b":   "Valid JWT should contain 3 parts but provided only contains 2",
		"a.b.c": "Failed to process JWT: it can't be parsed",
		"abc":   "authorization failed - bad token",
	} {
		for _, path := range []string{"/v1/keyspaces", "/v2/schemas/keyspaces"} {
			status, answer, _ := s.call(t, "GET", path, "", "X-Cassandra-Token", token)
			if want := `{"description":"Role unauthorized for operation: ` + want + `","code":401}`; status != 401 || strings.TrimSpace(answer) != want {
				t.Errorf("%s\n got %d %s\nwant %s", path, status, answer, want)
			}
		}
	}
}

// TestTokensBesideWebTokens: application tokens and session tokens are taken as
// before where JSON Web Tokens are taken, too, and /v1/auth gives session tokens.
func TestTokensBesideWebTokens(t *testing.T) {
	s := newShop(t)
	status, answer, _ := s.call(t, "POST", "/v1/auth", `{"username":"web_user","password":"secret"}`)
	if status != 201 {
		t.Fatalf("%d %s", status, answer)
	}
	for what, token := range map[string]string{"application token": s.login.Token, "session token": tokenIn([]byte(answer)), "JSON Web Token": s.token(t, "web_user")} {
		if status, answer, _ := s.call(t, "GET", "/v2/keyspaces/store2/shopping_cart/1234", "", "X-Cassandra-Token", token); status != 200 || !strings.Contains(answer, "777") {
			t.Errorf("%s: %d %s", what, status, answer)
		}
	}
}

// TestWebTokenMakesNoSession: nothing that would outlive a token, or reach more than
// it does, can be had with it.
func TestWebTokenMakesNoSession(t *testing.T) {
	s := newShop(t)
	kept := s.token(t, "chief", "userid", "9876")
	for _, token := range []string{kept, s.token(t, "web_user")} {
		for path, body := range map[string]string{"/v1/auth": `{"username":"token","password":"` + token + `"}`, "/v1/auth/token/generate": `{"key":"token","secret":"` + token + `"}`} {
			if status, answer, _ := s.call(t, "POST", path, body); status != 401 || !strings.Contains(answer, "Provided username token and/or password are incorrect") {
				t.Errorf("%s: %d %s", path, status, answer)
			}
		}
	}
	// A superuser, but for the rows of one user.
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/v2/clientIdSecrets", `{"roles":["R/W User"]}`},
		{"GET", "/v2/clientIdSecrets", ""},
		{"POST", "/v2/organizations/roles", `{"name":"x","policy":{"resources":[],"actions":["db-cql"],"effect":"allow"}}`},
	} {
		if status, answer, _ := s.call(t, c.method, c.path, c.body, "Authorization", "Bearer "+kept); status != 403 {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, answer)
		}
	}
	c := s.connect(t, kept)
	for _, text := range []string{`CREATE ROLE x WITH PASSWORD = 'x' AND LOGIN = true`, `ALTER ROLE chief WITH PASSWORD = 'x'`, `GRANT chief TO web_user`} {
		if got := errorOf(t, c, wire.OpQuery, &wire.Query{Text: text, Params: shopParams}); got != "Not allowed to access this resource" {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// TestWebTokenInConsole: the console's session of a token reaches the APIs as the
// token does.
func TestWebTokenInConsole(t *testing.T) {
	s := newShop(t)
	if status, answer, _ := s.call(t, "POST", "/console/api/session", `{"token":"`+s.token(t, "web_user", "userid", "9876")+`"}`); status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	const denied = "Not allowed to access this resource"
	for _, c := range []struct {
		method, path, body string
		status             int
		has                string
	}{
		{"POST", "/console/api/query", `{"statement":"INSERT INTO store2.shopping_cart (userid, item_count) VALUES ('9876', 1)"}`, 200, ""},
		{"POST", "/console/api/query", `{"statement":"SELECT count(*) FROM store2.shopping_cart"}`, 400, denied},
		{"GET", "/console/api/call/v2/keyspaces/store2/shopping_cart/9876", "", 200, `"item_count":1`},
		{"GET", "/console/api/call/v2/keyspaces/store2/shopping_cart/1234", "", 401, denied},
		{"DELETE", "/console/api/call/v2/keyspaces/store2/shopping_cart/1234", "", 401, denied},
		{"GET", "/console/api/v2/clientIdSecrets", "", 403, ""},
	} {
		status, answer, _ := s.call(t, c.method, c.path, c.body)
		if status != c.status || !strings.Contains(answer, c.has) {
			t.Errorf("%s %s %s\n got %d %s\nwant %d %s", c.method, c.path, c.body, status, answer, c.status, c.has)
		}
	}
	s.unchanged(t)
}

// TestWebTokenEnds: at the end of a token what was opened with it ends, too:
// statements are refused on a connection that is open, and a session of the console
// is over.
func TestWebTokenEnds(t *testing.T) {
	s := newShop(t)
	c := s.dial(t)
	const text = `SELECT * FROM store2.shopping_cart`
	var token string
	steady.Until(t, "a connection logs in before its token ends", func() bool {
		claims := jwttest.Claims("web_user")
		claims["exp"] = time.Now().Add(2 * time.Second).Unix()
		token, c = jwttest.Sign(t, webTokenKey, claims), s.dial(t)
		if c.Login("token", token, nil) != nil {
			return false
		}
		status, _, _ := s.call(t, "POST", "/console/api/session", `{"token":"`+token+`"}`)
		return status == 200 && errorOf(t, c, wire.OpQuery, &wire.Query{Text: text, Params: shopParams}) == ""
	})
	var got string
	steady.Until(t, "the connection is refused what it asks", func() bool {
		got = errorOf(t, c, wire.OpQuery, &wire.Query{Text: text, Params: shopParams})
		return got != ""
	})
	if got != "The JSON Web Token of web_user has expired" {
		t.Error(got)
	}
	if got := errorOf(t, c, wire.OpPrepare, &wire.Prepare{Text: text}); got != "The JSON Web Token of web_user has expired" {
		t.Errorf("PREPARE: %q", got)
	}
	if status, answer, _ := s.call(t, "GET", "/console/api/session", ""); status != 401 {
		t.Errorf("console: %d %s", status, answer)
	}
	if status, answer, _ := s.call(t, "GET", "/v2/schemas/keyspaces", "", "X-Cassandra-Token", token); status != 401 {
		t.Errorf("REST: %d %s", status, answer)
	}
}

// TestWebTokenAudit: the audit log tells the role, and that it came with a JSON Web
// Token, of which it holds nothing.
func TestWebTokenAudit(t *testing.T) {
	s := newShop(t)
	var out bytes.Buffer
	s.access.Audit(slog.New(slog.NewTextHandler(&out, nil)), access.AuditCategories())
	good := s.token(t, "web_user", "userid", "9876")
	bad := jwttest.Sign(t, webTokenKey, map[string]any{"exp": 1})
	for _, token := range []string{good, bad} {
		s.call(t, "GET", "/v2/keyspaces/store2/shopping_cart/9876", "", "X-Cassandra-Token", token)
		s.call(t, "GET", "/v2/keyspaces/store2/shopping_cart/1234", "", "X-Cassandra-Token", token)
		_ = s.dial(t).Login("token", token, nil)
	}
	s.access.Audit(nil, nil)
	for _, want := range []string{
		"operation=SELECT outcome=allowed door=rest principal=web_user role=web_user credential=JWT",
		`operation=SELECT outcome=denied door=rest principal=web_user role=web_user credential=JWT client=127.0.0.1 on=store2.shopping_cart reason="Not allowed to access this resource"`,
		"operation=LOGIN outcome=allowed door=native principal=web_user role=web_user credential=JWT",
		`outcome=denied door=rest principal=… role="" client=127.0.0.1 reason="Invalid JWT: Expired JWT"`,
		`outcome=denied door=native principal=token role="" client=127.0.0.1 reason="Invalid JWT: Expired JWT"`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not tell %s\n%s", want, out.String())
		}
	}
	for _, token := range []string{good, bad} {
		for _, part := range append(strings.Split(token, "."), "9876") {
			if strings.Contains(out.String(), part) {
				t.Errorf("it holds %s\n%s", part, out.String())
			}
		}
	}
}
