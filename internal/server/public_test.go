package server

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestPublicPages: what asks for no token tells nothing of what is stored, nor who
// may reach it: health, metrics, OpenAPI documents, their page, and the clients'
// files. (All else is crossed with the principals in TestAccess.)
func TestPublicPages(t *testing.T) {
	r := startServer(t)
	for _, text := range kitchenTables {
		r.run(t, text)
	}
	r.run(t, `CREATE ROLE butler WITH PASSWORD = 'secret' AND LOGIN = true`)
	for _, path := range []string{"/v2/keyspaces/kitchen/forks?where={}", "/v2/namespaces/kitchen/collections", "/graphql/kitchen"} {
		_, _, _ = r.call(t, "GET", strings.ReplaceAll(path, "{}", "%7B%7D"), "", "X-Cassandra-Token", r.login.Token) // for the metrics
	}
	if err := r.dial(t).Login("butler", "secret", nil); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	for path, want := range map[string]int{
		"/metrics": 200, "/health": 200, "/health/ready": 200, "/health/live": 200, "/stargate/health": 200, "/stargate/health/started": 200,
		"/": 302, "/console/": 200, "/api/rest/openapi": 200, "/api/docs/openapi": 200, "/swagger-ui/": 200, "/playground": 302,
		"/v2/schemas/keyspaces": 401, "/graphql-files/keyspace/kitchen.graphql": 401, "/console/api/schema": 401, "/console/api/guardrails": 401, "/console/api/connection": 401,
	} {
		answer, err := client.Get("http://" + r.server.HTTPAddr() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != want {
			t.Errorf("%s: %d, want %d, %v", path, answer.StatusCode, want, err)
		}
		for _, name := range []string{"kitchen", "spoons", "forks", "cellar", "butler", r.login.ClientID} {
			if strings.Contains(string(body), name) {
				t.Errorf("%s tells of %s", path, name)
			}
		}
	}
}
