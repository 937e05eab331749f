package rest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestDirectRoutes: a request for rows comes to the endpoint, and with the names,
// that the tree of all routes has for it.
func TestDirectRoutes(t *testing.T) {
	h := New(Options{Backend: newFake(t), Auth: everyone{}, CQL: true})
	var came string
	seen := map[string]int{}
	for i := range h.direct {
		for _, routes := range []map[string]*route{h.direct[i].rows, h.direct[i].row} {
			for _, rt := range routes {
				rt.endpoint = func(c *call) error {
					came = fmt.Sprintf("%s %q", c.r.Pattern, c.target)
					return nil
				}
			}
		}
	}
	segments := []string{"ks", "t", "rows", "a b", "%2F", "%25", "%2E", ".", "..", "", "é"}
	var tails []string
	for _, ks := range segments {
		tails = append(tails, "/"+ks)
		for _, table := range segments {
			tails = append(tails, "/"+ks+"/"+table, "/"+ks+"/"+table+"/")
			for _, key := range append(segments, "1/2", "rows/1", "1/rows", "1/", "1//2", "a;b") {
				tails = append(tails, "/"+ks+"/"+table+"/"+key)
			}
		}
	}
	for _, base := range []string{"", "/api/rest", "/api/rest/api/rest", "/"} {
		for _, prefix := range []string{"/v2/keyspaces", "/v1/keyspaces", "/v2/schemas/keyspaces", "/v2"} {
			for _, tail := range tails {
				for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"} {
					r := httptest.NewRequest(method, "/", nil)
					u, err := url.ParseRequestURI(base + prefix + strings.ReplaceAll(tail, " ", "%20"))
					if err != nil {
						t.Fatal(err)
					}
					r.URL = u
					r.Header.Set("X-Cassandra-Token", "secret")
					rt, _ := h.directRoute(r)
					if rt == nil {
						continue
					}
					seen[rt.pattern]++
					came = ""
					h.ServeHTTP(httptest.NewRecorder(), r)
					direct := came
					came = ""
					h.mux.ServeHTTP(httptest.NewRecorder(), r)
					if direct != came || came == "" {
						t.Fatalf("%s %s comes to %s, not to %s", method, u, direct, came)
					}
				}
			}
		}
	}
	for _, base := range bases {
		for _, pattern := range []string{"GET " + base + rowsPath, "POST " + base + rowsPath, "GET " + base + rowPath, "PUT " + base + rowPath, "PATCH " + base + rowPath, "DELETE " + base + rowPath} {
			if seen[pattern] == 0 {
				t.Errorf("nothing came to %s", pattern)
			}
		}
	}
	if rt, _ := h.directRoute(httptest.NewRequest(http.MethodGet, userPath, nil)); rt == nil {
		t.Error("a row by its key is not direct")
	}
}
