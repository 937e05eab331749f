package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// publicPages are the patterns that ask for no token, and what is asked there:
// a path and the status of its answer, or several. What all ports have is here
// once; the port of others stands in front.
var publicPages = map[string]string{
	"GET /metrics": "/metrics 200", "GET /health": "/health 200", "GET /health/ready": "/health/ready 200", "GET /health/live": "/health/live 200",
	"GET /stargate/health": "/stargate/health 200", "GET /stargate/health/ready": "/stargate/health/ready 200",
	"GET /stargate/health/live": "/stargate/health/live 200", "GET /stargate/health/started": "/stargate/health/started 200",
	"GET /{$}": "/ 302", "8082 GET /{$}": "/ 302", "/console/": "/console/ 200; /console/tokens 200; /console/api/schema 401; /console/api/guardrails 401; /console/api/connection 401",
	"GET /api/rest/openapi": "/api/rest/openapi 200; /api/rest/openapi?format=json 200", "GET /api/docs/openapi": "/api/docs/openapi 200; /api/docs/openapi?format=json 200",
	"GET /swagger-ui": "/swagger-ui 302", "GET /swagger-ui/": "/swagger-ui/ 200; /swagger-ui/documents.json 200",
	"GET /api/rest/swagger-ui": "/api/rest/swagger-ui 302", "GET /api/rest/swagger-ui/": "/api/rest/swagger-ui/ 200",
	"GET /playground": "/playground 302", "GET /playground/{$}": "/playground/ 200", "GET /api/playground": "/api/playground 302", "GET /api/playground/{$}": "/api/playground/ 200",
	"GET /playground/assets/{file}": "/playground/assets/nothing.js 404", "GET /api/playground/assets/{file}": "/api/playground/assets/nothing.js 404",
	"old 8082 GET /{$}": "/ 200", "8084 GET /checker/liveness": "/checker/liveness 200", "8084 GET /checker/readiness": "/checker/readiness 200; /checker/readiness?check=x 503", "8084 GET /admin/healthcheck": "/admin/healthcheck 200",
}

// TestPublicPages: what asks for no token tells nothing of what is stored, nor who
// may reach it. The routers themselves say what that is: a route that is new there
// has to have an entry above. (All else is crossed with the principals in TestAccess.)
func TestPublicPages(t *testing.T) {
	used := map[string]bool{}
	for _, old := range []bool{false, true} {
		checkPublicPages(t, newSite(t, APIOptions{OldProfile: old}), old, used)
	}
	for _, pattern := range standbyRoutes(func() error { return nil }).PublicPatterns() {
		if publicPages[pattern] == "" {
			t.Errorf("standby: %q asks for no token, and is not in publicPages", pattern)
		}
	}
	for entry := range publicPages {
		if !used[entry] {
			t.Errorf("there is no %q", entry)
		}
	}
}

// checkPublicPages asks a site for what it tells anybody, and notes the entries of
// publicPages that it has. old: it has the older profile.
func checkPublicPages(t *testing.T, s *site, old bool, used map[string]bool) {
	t.Helper()
	for _, text := range kitchenTables {
		s.run(t, text)
	}
	s.run(t, `CREATE ROLE butler WITH PASSWORD = 'secret' AND LOGIN = true`)
	for _, path := range []string{"/v2/keyspaces/kitchen/forks?where=%7B%7D", "/v2/namespaces/kitchen/collections", "/graphql/kitchen"} {
		s.ask(0, "GET", path, "", "X-Cassandra-Token", s.login.Token) // for the metrics
	}
	s.ask(0, "POST", "/v1/auth", `{"username":"butler","password":"secret"}`, "Content-Type", "application/json")
	for port, patterns := range s.publicPatterns() {
		for _, pattern := range patterns {
			entry := publicEntry(port, pattern, old)
			calls, ok := publicPages[entry]
			if !ok {
				t.Errorf("port %d: %q asks for no token, and is not in publicPages", port, pattern)
			}
			used[entry] = true
			for call := range strings.SplitSeq(calls, "; ") {
				s.checkPublic(t, port, call)
			}
		}
	}
}

// publicEntry is the entry of a pattern: a port's own, of the older profile's server
// or of both, or that of all ports.
func publicEntry(port int, pattern string, old bool) string {
	own := fmt.Sprint(port, " ", pattern)
	if _, ok := publicPages["old "+own]; ok && old {
		return "old " + own
	}
	if _, ok := publicPages[own]; ok {
		return own
	}
	return pattern
}

// publicPatterns are those of each port: its own, and its doors'.
func (s *site) publicPatterns() map[int][]string {
	all := map[int][]string{}
	for port, routes := range s.routes {
		all[port] = append(all[port], routes.PublicPatterns()...)
	}
	for _, d := range s.doors {
		if len(d.patterns) > 0 {
			all[0] = append(all[0], d.public...)
		}
		if d.stargate != 0 {
			all[d.stargate] = append(all[d.stargate], d.public...)
		}
	}
	for port := range all {
		slices.Sort(all[port])
		all[port] = slices.Compact(all[port])
	}
	return all
}

// checkPublic makes a call, "path status".
func (s *site) checkPublic(t *testing.T, port int, call string) {
	t.Helper()
	path, status, ok := strings.Cut(call, " ")
	if !ok {
		return // there is no entry, which was told
	}
	w := s.ask(port, http.MethodGet, path, "")
	if fmt.Sprint(w.Code) != status {
		t.Errorf("port %d, %s: %d, want %s", port, path, w.Code, status)
	}
	for _, name := range []string{"kitchen", "spoons", "forks", "cellar", "butler", s.login.ClientID} {
		if strings.Contains(w.Body.String(), name) {
			t.Errorf("port %d, %s tells of %s", port, path, name)
		}
	}
}
