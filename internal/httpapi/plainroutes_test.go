package httpapi

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// named is a handler that can be told from others.
type named struct{ pattern string }

func (*named) ServeHTTP(http.ResponseWriter, *http.Request) {}

// TestPlainRoutes: whatever plainRoutes finds, a ServeMux of the same patterns finds,
// for all paths of a few segments.
func TestPlainRoutes(t *testing.T) {
	paths := append(pathsOf([]string{"v2", "a", "b", "c", "api", "rest", "", "..", "%2F"}, 4),
		pathsOf([]string{"v1", "v2", "a", "auth", "metrics", "api", "rest", "openapi", "swagger-ui", "", ".", "..", ".a", "%20", "%2E", "%C3%BC"}, 3)...)
	for name, patterns := range map[string][]string{
		"a shared port": {"GET /metrics", "GET /{$}", "/v1/", "/v2/", "/api/rest/", "/v2/a", "/v2/b", "/v2/b/", "/v2/c/", "/api/rest/v2/c/",
			"GET /api/rest/openapi", "GET /swagger-ui", "GET /swagger-ui/", "POST /v1/auth", "/v1/auth"},
		"a door's own": {"/", "GET /metrics", "GET /{$}", "GET /swagger-ui/", "/v1/{x}/a", "/v2/b/{y...}"},
		"a host's":     {"/v2/", "b.example/v2/a", "b.example/v1/", "/v1/auth/{$}"},
	} {
		t.Run(name, func(t *testing.T) {
			routes := NewRoutes()
			for _, pattern := range patterns {
				routes.Guarded(pattern, &named{pattern})
			}
			found := 0
			for _, path := range paths {
				for _, method := range []string{"GET", "POST", "HEAD", "CONNECT"} {
					r := httptest.NewRequest(method, "http://b.example/", nil)
					u, err := url.ParseRequestURI(path)
					if err != nil {
						t.Fatal(err)
					}
					r.URL.Path, r.URL.RawPath = u.Path, u.RawPath
					h, pattern := routes.plain.find(r.URL)
					if h == nil {
						continue
					}
					found++
					if want, wantPattern := routes.mux.Handler(r); h != want || pattern != wantPattern {
						t.Fatalf("%s %s: %s, want %s", method, path, pattern, wantPattern)
					}
				}
			}
			if found == 0 {
				t.Error("nothing was found")
			}
		})
	}
}

// pathsOf are all paths of up to most of the segments, with and without a slash at
// the end.
func pathsOf(segments []string, most int) []string {
	paths, last := []string{"/"}, []string{""}
	for range most {
		var longer []string
		for _, path := range last {
			for _, s := range segments {
				longer = append(longer, path+"/"+s)
			}
		}
		for _, path := range longer {
			paths = append(paths, path)
			if len(path) < 20 {
				paths = append(paths, path+"/")
			}
		}
		last = longer
	}
	return paths
}

// TestPlainRoutesFind: what requests are made of is found without the ServeMux.
func TestPlainRoutesFind(t *testing.T) {
	routes := NewRoutes()
	for _, pattern := range []string{"/v2/", "/v2/namespaces/", "/graphql", "GET /metrics", "GET /{$}"} {
		routes.Guarded(pattern, &named{pattern})
	}
	for path, want := range map[string]string{
		"/v2/keyspaces/ks/t/1": "/v2/", "/v2/namespaces/a": "/v2/namespaces/", "/graphql": "/graphql", "/v2/keyspaces/ks/t/a b": "/v2/",
		"/metrics": "", "/": "", "/v2/namespaces": "", "/v2//a": "", "/v2/../a": "", "/v2": "", "": "",
	} {
		if _, pattern := routes.plain.find(&url.URL{Path: path}); pattern != want {
			t.Errorf("%s: %q, want %q", path, pattern, want)
		}
	}
}

func BenchmarkRoutes(b *testing.B) {
	routes := NewRoutes()
	for _, pattern := range strings.Fields("/v1/ /v2/ /api/rest/ /v2/currentOrg /v2/databases /v2/databases/ /v2/organizations/ /v2/tokens /v2/namespaces/ /v2/schemas/namespaces /graphql /graphql/ /console/") {
		routes.Guarded(pattern, &named{pattern})
	}
	r := httptest.NewRequest("GET", "/v2/keyspaces/bench/users/1", nil)
	w := httptest.NewRecorder()
	for name, h := range map[string]http.Handler{"Routes": routes, "ServeMux": routes.mux} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}
