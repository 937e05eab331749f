package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/casetext"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestGraphQL plays the cases of the GraphQL API – tables and types made by it, rows
// read and written by the schema that is made of them, schemas deployed first – on a
// real Cassandra.
func TestGraphQL(t *testing.T) {
	site := graphqlSite{gateway(t, "--rest-cql")}
	files, err := filepath.Glob("../../internal/gateway/graphql/testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, keyspace := range []string{"ks", "other"} { // of the file before
				site.CQL(t, "DROP KEYSPACE IF EXISTS "+keyspace)
			}
			casetext.Play(t, site, string(text))
		})
	}
}

// graphqlSite is a casetext.Site: a gateway, by its HTTP port alone.
type graphqlSite struct{ *harness.Server }

func (s graphqlSite) CQL(t testing.TB, statement string) {
	t.Helper()
	if status, text := s.post(t, "/v2/cql", "text/plain", []byte(statement)); status >= 300 {
		t.Fatalf("%s: %d %s", statement, status, text)
	}
}

func (s graphqlSite) Post(t testing.TB, path, query, variables string) string {
	t.Helper()
	request := map[string]any{"query": query}
	if variables != "" {
		request["variables"] = json.RawMessage(variables)
	}
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	_, text := s.post(t, path, "application/json", body)
	return text
}

func (s graphqlSite) post(t testing.TB, path, contentType string, body []byte) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.HTTP+path, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Cassandra-Token", s.Token)
	r.Header.Set("Content-Type", contentType)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(all)
}
