package apidocs

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// TestPages: the page, its list of documents, and what keeps it to itself.
func TestPages(t *testing.T) {
	h := New(Options{
		Pages:     fstest.MapFS{"index.html": {Data: []byte("<page>")}, "start.js": {Data: []byte("start")}, "sub/x": {Data: []byte("x")}},
		Documents: []Document{{"REST", "/api/rest/openapi?format=json"}},
	})
	for path, want := range map[string]string{
		"/swagger-ui":                         "302 /swagger-ui/",
		"/swagger-ui/":                        "200 <page>",
		"/swagger-ui/start.js":                "200 start",
		"/swagger-ui/documents.json":          `200 [{"name":"REST","url":"/api/rest/openapi?format=json"}]`,
		"/swagger-ui/sub/":                    "404 404 page not found",
		"/swagger-ui/nope":                    "404 404 page not found",
		"/api/rest/swagger-ui":                "302 /api/rest/swagger-ui/",
		"/api/rest/swagger-ui/documents.json": `200 [{"name":"REST","url":"/api/rest/openapi?format=json"}]`,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		got := w.Result().Status[:4] + strings.TrimSpace(w.Body.String())
		if w.Code == 302 {
			got = w.Result().Status[:4] + w.Header().Get("Location")
		}
		if got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: Content-Security-Policy is %q", path, csp)
		}
	}
}
