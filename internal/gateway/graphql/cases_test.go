package graphql

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/casetext"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
)

// everyone is a caller who may do everything.
type everyone struct{}

func (everyone) Token(context.Context, string) (exec.Session, error) { return everyone{}, nil }
func (everyone) Caller() backend.Caller                              { return backend.Caller{Name: "everyone"} }
func (everyone) Authorize(cql.Statement, string) error               { return nil }
func (everyone) Visible(string, string) bool                         { return true }

// onEngine opens the embedded engine on an empty directory behind a door.
func onEngine(t testing.TB) *Handler {
	t.Helper()
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(Options{Backend: e, Auth: everyone{}})
}

func run(t testing.TB, b backend.Backend, text string) {
	t.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	p, err := b.Prepare(t.Context(), parsed.Statement, parsed.Markers, "")
	if err == nil {
		_, err = b.Execute(t.Context(), p, &backend.Query{Consistency: backend.LocalQuorum})
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// post asks one thing; variables is JSON or "".
func post(t testing.TB, h http.Handler, path, query, variables string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	if variables != "" {
		body = append(body[:len(body)-1], `,"variables":`+variables+`}`...)
	}
	r := httptest.NewRequest("POST", path, bytes.NewReader(body))
	r.Header.Set("X-Cassandra-Token", "secret")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String()
}

// TestCases makes the calls of testdata/*.txt. Each file has a database of its own;
// testdata/README.md tells the form.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			casetext.Play(t, door{onEngine(t)}, string(text))
		})
	}
}

// door is a casetext.Site.
type door struct{ *Handler }

func (d door) CQL(t testing.TB, statement string) { run(t, d.backend, statement) }

func (d door) Post(t testing.TB, path, query, variables string) string {
	return post(t, d, path, query, variables)
}
