package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestTolerateSlashes(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/keyspaces/{ks}/{table}/{key...}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.PathValue("ks") + " " + r.PathValue("table") + " " + r.PathValue("key")))
	})
	for path, want := range map[string]string{
		"/v2/keyspaces/a/b/c":              "a b c",
		"//v2//keyspaces///a/b/c":          "a b c",
		"/v2/keyspaces//a/b/c%2F%2Fd/%20e": "a b c//d/ e",
		"/v2/keyspaces/a/b/c%2F%2Fd":       "a b c//d",
	} {
		w := httptest.NewRecorder()
		tolerateSlashes(mux).ServeHTTP(w, httptest.NewRequest("POST", "http://localhost"+path, nil))
		if w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s: %d %q, want %q", path, w.Code, w.Body, want)
		}
	}
}
