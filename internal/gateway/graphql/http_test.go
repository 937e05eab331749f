package graphql

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// get asks for a path with a token.
func get(h *Handler, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("X-Cassandra-Token", "secret")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestPlayground: the page is below both bases, and may load nothing from
// elsewhere.
func TestPlayground(t *testing.T) {
	h := New(Options{Auth: everyone{}, Pages: fstest.MapFS{"playground.html": {Data: []byte("<title>playground</title>")}, "assets/a.js": {Data: []byte("1")}}})
	for _, base := range []string{"", "/api"} {
		if w := get(h, base+"/playground"); w.Code != 302 || w.Header().Get("Location") != base+"/playground/" {
			t.Errorf("%s: %d %v", base, w.Code, w.Header())
		}
		w := get(h, base+"/playground/")
		if w.Code != 200 || !strings.Contains(w.Body.String(), "playground") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s: %d %s %v", base, w.Code, w.Body, w.Header())
		}
		if w := get(h, base+"/playground/assets/a.js"); w.Code != 200 {
			t.Errorf("%s: %d", base, w.Code)
		}
		for _, other := range []string{"assets/", "index.html", "assets/b.js"} {
			if w := get(h, base+"/playground/"+other); w.Code != 404 {
				t.Errorf("%s %s: %d", base, other, w.Code)
			}
		}
	}
}

// TestFiles: graphql.md §6, cases 32 and 36.
func TestFiles(t *testing.T) {
	h := onEngine(t)
	run(t, h.backend, `CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	var versions []string
	expected := "null"
	for i := range 15 {
		schema := fmt.Sprintf(`type User { id: ID! name%d: String } type Query { getUser(id: ID!): User }`, i)
		answer := post(t, h, "/graphql-admin", fmt.Sprintf(`mutation { deploySchema(keyspace: "ks", expectedVersion: %s, schema: "%s") { version } }`, expected, schema), "")
		_, rest, found := strings.Cut(answer, `"version":"`)
		version, _, _ := strings.Cut(rest, `"`)
		if !found {
			t.Fatal(answer)
		}
		versions = append(versions, version)
		expected = `"` + version + `"`
	}
	for i, version := range versions {
		want := 200
		if i < 5 {
			want = 404
		}
		if w := get(h, "/graphql-files/keyspace/ks.graphql?version="+version); w.Code != want || want == 200 && !strings.Contains(w.Body.String(), fmt.Sprintf("name%d", i)) {
			t.Errorf("version %d: %d %s", i, w.Code, w.Body)
		}
	}
	for path, want := range map[string]string{
		"/graphql-files/cql_directives.graphql":                                           "200 directive @cql_input",
		"/api/graphql-files/keyspace/ks.graphql":                                          "200 type User",
		"/graphql-files/keyspace/unknown.graphql":                                         "404 ",
		"/graphql-files/keyspace/ks.graphql?version=4ff9c6cf-5a17-4b4a-9a2e-6a3dba1c3b0e": "404 ",
		"/graphql-files/keyspace/malformed%20%23!%3F.graphql":                             "400 ",
		"/graphql-files/keyspace/ks.graphql?version=NOT%20A%20UUID":                       "400 ",
		"/graphql-schema":                            `400 {"errors":[{"message":"You must provide a GraphQL query as a URL parameter"}]}`,
		"/graphql/nope?query={a}":                    `404 {"errors":[{"message":"Unknown keyspace 'nope'"}]}`,
		"/graphql/ks?query={__typename}&variables=[": "400 {\"errors\":[{\"message\":\"Could not parse variables: ",
	} {
		w := get(h, path)
		status, text, _ := strings.Cut(want, " ")
		if got := fmt.Sprint(w.Code); got != status || !strings.Contains(w.Body.String(), text) {
			t.Errorf("%s: %d %s, want %s", path, w.Code, w.Body, want)
		}
	}
}

// TestMultipart: deploySchemaFile with a file, and its trace (case 53).
func TestMultipart(t *testing.T) {
	h := onEngine(t)
	run(t, h.backend, `CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	body := strings.ReplaceAll(`--B
Content-Disposition: form-data; name="operations"

{"query":"mutation($f: Upload!) { deploySchemaFile(keyspace: \"ks\", schemaFile: $f) { cqlChanges } }","variables":{"f":null}}
--B
Content-Disposition: form-data; name="map"

{"0":["variables.f"]}
--B
Content-Disposition: form-data; name="0"; filename="s.graphql"

type User @key { id: ID! name: String } type Query { getUser(id: ID!): User }
--B--
`, "\n", "\r\n")
	r := httptest.NewRequest("POST", "/graphql-admin", strings.NewReader(body))
	r.Header.Set("X-Cassandra-Token", "secret")
	r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Body.String() != `{"data":{"deploySchemaFile":{"cqlChanges":["Create table User"]}}}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	r = httptest.NewRequest("GET", "/graphql/ks?query={_service{sdl}}", nil)
	r.Header.Set("X-Cassandra-Token", "secret")
	r.Header.Set("apollo-federation-include-trace", "ftv1")
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), `"extensions":{"ftv1":"`) {
		t.Errorf("no trace: %s", w.Body)
	}
}
