package server

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/elide/elidetest"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// TestLargeValues: at every HTTP door a value over the guardrail is refused with its
// size and never reaches the back end whole, but for whom the guardrail is not for.
func TestLargeValues(t *testing.T) {
	const most = 60_000
	limits := guardrail.Cassandra()
	limits.ColumnValueSize = guardrail.Threshold{Warn: guardrail.Off, Fail: most}
	guard := guardrail.New(limits, nil, access.Keyspace)
	back, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = back.Close() })
	store, err := access.Open(t.Context(), back)
	if err != nil {
		t.Fatal(err)
	}
	guard.Exempt(store.SuperuserRole)
	var login *access.Secret
	if _, err := store.Bootstrap(t.Context(), "test", "local", "a file", func(secret access.Secret) error { login = &secret; return nil }); err != nil {
		t.Fatal(err)
	}
	watch := &elidetest.Watch{Backend: guard.Backend(store.Backend())}
	all, err := doors(Options{Backend: watch, Access: store, Guard: guard, API: APIOptions{CQL: true}, Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry()}, bounds{})
	if err != nil {
		t.Fatal(err)
	}
	handlers := map[string]http.Handler{}
	for _, d := range all {
		handlers[d.name] = d.handler
	}
	for _, text := range []string{
		`CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`, `CREATE TABLE ks.t (k int PRIMARY KEY, v text)`,
		`CREATE ROLE super WITH PASSWORD = 'secret' AND SUPERUSER = true AND LOGIN = true`,
	} {
		runOn(t, watch.Backend, text, login.ClientID)
	}
	super, err := store.Door("auth", "").OpenSession(t.Context(), "super", "secret")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(door, token, path, media, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set(httpapi.TokenHeader, token)
		r.Header.Set("Content-Type", media)
		w := httptest.NewRecorder()
		handlers[door].ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct{ door, path, media, body string }{
		{"rest", "/v2/keyspaces/ks/t", "application/json", `{"k":1,"v":"%"}`},
		{"rest", "/v1/keyspaces/ks/tables/t/rows", "application/json", `{"columns":[{"name":"k","value":1},{"name":"v","value":"%"}]}`},
		{"rest", "/v2/cql", "text/plain", `INSERT INTO ks.t (k, v) VALUES (1, '%')`},
		{"document", "/v2/namespaces/ks/collections/c", "application/json", `{"a":["%"]}`},
		{"graphql", "/graphql/ks", "application/json", `{"query":"mutation($v: String) { insertt(value: {k: 1, v: $v}) { applied } }","variables":{"v":"%"}}`},
		{"graphql", "/graphql/ks", "application/graphql", `mutation { insertt(value: {k: 1, v: "%"}) { applied } }`},
	} {
		for size, refused := range map[int]bool{most: false, most + 1: true, 9 << 20: true} {
			body := strings.Replace(c.body, "%", strings.Repeat("-", size), 1)
			watch.Take()
			w := ask(c.door, login.Token, c.path, c.media, body)
			if told := strings.Contains(w.Body.String(), "this exceeds the failure threshold of 60000"); told != refused || strings.Contains(w.Body.String(), "error") != told && c.door == "graphql" || w.Code >= 400 != told && c.door != "graphql" {
				t.Errorf("%s %s, %d bytes: %d %.300s", c.door, c.path, size, w.Code, w.Body)
			}
			if n := watch.Take(); n > maxKey+200 {
				t.Errorf("%s %s, %d bytes: a value of %d bytes reached the back end", c.door, c.path, size, n)
			}
		}
		if c.door == "document" {
			continue // whose strings are indexed, and so no larger than a key
		}
		w := ask(c.door, super, c.path, c.media, strings.Replace(c.body, "%", strings.Repeat("-", 1<<20), 1))
		if w.Code >= 300 || strings.Contains(w.Body.String(), "error") {
			t.Errorf("%s %s, a superuser: %d %.300s", c.door, c.path, w.Code, w.Body)
		}
		if n := watch.Take(); n < 1<<20 {
			t.Errorf("%s %s, a superuser: a value of %d bytes reached the back end", c.door, c.path, n)
		}
	}
}

// runOn runs a statement on a back end.
func runOn(t *testing.T, back backend.Backend, text, role string) {
	t.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	prepared, err := back.Prepare(t.Context(), parsed.Statement, parsed.Markers, "")
	if err == nil {
		_, err = back.Execute(t.Context(), prepared, &backend.Query{Consistency: backend.LocalQuorum, Caller: backend.Caller{Name: role}})
	}
	if err != nil {
		t.Fatal(err)
	}
}
