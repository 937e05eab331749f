package server

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/httpapi/replay"
)

// site is a server without listeners: its handlers by port, 0 for the port
// that all doors share, an administrator, and the role cassandra, as a new
// Cassandra has it.
type site struct {
	ports    map[int]http.Handler
	routes   map[int]*httpapi.Routes // without what is around them
	doors    []door
	access   *access.Store
	back     *engine.Engine
	login    *access.Secret
	database access.Database
}

func newSite(t *testing.T, api APIOptions) *site {
	t.Helper()
	return newGuardedSite(t, api, nil)
}

// newGuardedSite is newSite with guardrails, nil for none.
func newGuardedSite(t *testing.T, api APIOptions, g *guardrail.Guard) *site {
	t.Helper()
	back, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true, Guard: g})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = back.Close() })
	store, err := access.Open(t.Context(), back)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{access: store, back: back}
	if _, err := store.Bootstrap(t.Context(), "test", "local", "a file", func(secret access.Secret) error { s.login = &secret; return nil }); err != nil {
		t.Fatal(err)
	}
	s.database = store.Database()
	s.run(t, `CREATE ROLE IF NOT EXISTS cassandra WITH PASSWORD = 'cassandra' AND SUPERUSER = true AND LOGIN = true`)
	o := Options{Backend: store.Backend(), Access: store, API: api, Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry()}
	if g != nil {
		o.Backend = g.Backend(o.Backend)
	}
	if s.doors, err = doors(o, bounds{}); err != nil {
		t.Fatal(err)
	}
	shared, stargate, err := routes(o, s.doors)
	if err != nil {
		t.Fatal(err)
	}
	s.routes, s.ports = stargate, map[int]http.Handler{}
	for port, routes := range stargate {
		s.ports[port] = routes
	}
	s.routes[0], s.ports[0] = shared, astraHost(shared, store.Database)
	return s
}

// run runs a statement as the server itself.
func (s *site) run(t *testing.T, text string) {
	t.Helper()
	runOn(t, s.access.Backend(), text, s.login.ClientID)
}

// ask makes one call; header holds names and values.
func (s *site) ask(port int, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header[http.CanonicalHeaderKey(header[i])] = []string{header[i+1]}
	}
	w := httptest.NewRecorder()
	s.ports[port].ServeHTTP(w, r)
	return w
}

// TestReplay makes the calls of the recordings that concern logins, tokens and
// health, each at the port that it was recorded at.
func TestReplay(t *testing.T) {
	for _, recording := range []string{"auth", "health"} {
		replay.Play(t, recording, replay.Door{Ask: newSite(t, APIOptions{}).replay, Mask: mask, Same: sameHeaders})
	}
}

// replay makes a recorded call, if the site has the port.
func (s *site) replay(c *replay.Call) *httptest.ResponseRecorder {
	if s.ports[c.Request.Port] == nil {
		return nil
	}
	return c.Send(s.ports[c.Request.Port])
}

// sameHeaders compares the headers that clients act on.
func sameHeaders(c *replay.Call, answer *httptest.ResponseRecorder) bool {
	// The REST door answers cross-origin calls as Stargate v1 and Astra did, not
	// as the recorded server's configuration said (its names are lower case).
	for _, name := range []string{"Cache-Control", "Allow", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Credentials", "Access-Control-Max-Age", "Access-Control-Expose-Headers", "Access-Control-Allow-Headers"} {
		if value, ok := c.Response.Headers[name]; ok && answer.Header().Get(name) != value {
			return false
		}
	}
	return true
}

// mask removes tokens and the keyspaces that each server has for itself.
func mask(_ *replay.Call, name string, v any) any {
	if name == "authToken" {
		return "<token>"
	}
	list, ok := v.([]any)
	if !ok {
		return v
	}
	return slices.DeleteFunc(list, func(item any) bool {
		m, ok := item.(map[string]any)
		name := fmt.Sprint(m["name"])
		return ok && (strings.HasPrefix(name, "system") || name == "data_endpoint_auth")
	})
}

func tokenIn(body []byte) string {
	var answer struct{ AuthToken string }
	_ = json.Unmarshal(body, &answer)
	return answer.AuthToken
}
