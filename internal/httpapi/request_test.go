package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestSlashes: those that separate nothing go; those that are escaped are of a
// name or a key.
func TestSlashes(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/keyspaces/{ks}/{table}/{key...}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.PathValue("ks") + " " + r.PathValue("table") + " " + r.PathValue("key")))
	})
	for path, want := range map[string][2]string{ // joined, tidied
		"/v2/keyspaces/a/b/c":              {"a b c", "a b c"},
		"//v2//keyspaces///a/b/c":          {"a b c", "a b c"},
		"/v2/keyspaces//a/b/c%2F%2Fd/%20e": {"a b c//d/ e", "a b c//d/ e"},
		"/v2/keyspaces/a/b/c%2F%2Fd":       {"a b c//d", "a b c//d"},
		"/v2/keyspaces/a/b/c//":            {"a b c/", "a b c"},
		"/v2/keyspaces/a/b/c%2F/":          {"a b c//", "a b c/"},
	} {
		for i, change := range []func(*http.Request) *http.Request{JoinSlashes, TidySlashes} {
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, change(httptest.NewRequest("POST", "http://localhost"+path, nil)))
			if w.Code != http.StatusOK || w.Body.String() != want[i] {
				t.Errorf("%s: %d %q, want %q", path, w.Code, w.Body, want[i])
			}
		}
	}
	for _, path := range []string{"/", "//"} {
		if r := TidySlashes(httptest.NewRequest("GET", "http://localhost"+path, nil)); r.URL.Path != "/" {
			t.Errorf("%s becomes %q", path, r.URL.Path)
		}
	}
}
