package server

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// site is a server without listeners: its handlers by port, 0 for the port
// that all doors share, an administrator, and the role cassandra, as a new
// Cassandra has it.
type site struct {
	ports    map[int]http.Handler
	access   *access.Store
	back     *engine.Engine
	login    *access.Secret
	database access.Database
}

func newSite(t *testing.T, api APIOptions) *site {
	t.Helper()
	back, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true})
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
	shared, stargate, err := handlers(Options{
		Backend: store.Backend(), Access: store, API: api, Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.ports = stargate
	s.ports[0] = astraHost(shared, store.Database)
	return s
}

// run runs a statement as the server itself.
func (s *site) run(t *testing.T, text string) {
	t.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	back := s.access.Backend()
	prepared, err := back.Prepare(t.Context(), parsed.Statement, parsed.Markers, "")
	if err == nil {
		_, err = back.Execute(t.Context(), prepared, &backend.Query{Consistency: backend.LocalQuorum, Role: s.login.ClientID})
	}
	if err != nil {
		t.Fatal(err)
	}
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

// recorded is one call to the reference, and its answer.
type recorded struct {
	N       int
	Name    string
	Request struct {
		Method, Path string
		Port         int
		Headers      map[string]string
		Body         *string
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    string
	}
}

// TestReplay makes the calls of the recordings that concern logins, tokens and
// health, each at the port that it was recorded at.
func TestReplay(t *testing.T) {
	for _, recording := range []string{"auth", "health"} {
		s := newSite(t, APIOptions{})
		differences := readDifferences(t, recording)
		token, made, elsewhere := "", 0, 0
		file, err := os.Open("testdata/golden/" + recording + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var c recorded
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			if s.ports[c.Request.Port] == nil {
				elsewhere++ // a door that there is not yet
				continue
			}
			made++
			answer := s.replay(&c, token)
			if token == "" {
				token = tokenIn(answer.Body.Bytes())
			}
			got, want := strings.TrimSpace(fmt.Sprintf("%d %s", answer.Code, answer.Body)), differences[c.N]
			same := answer.Code == c.Response.Status && reflect.DeepEqual(masked(answer.Body.String()), masked(c.Response.Body)) && sameHeaders(answer.Header(), c.Response.Headers)
			switch {
			case want != "" && !strings.Contains(got, want):
				t.Errorf("%s %d %s:\n got %s\nwant %s", recording, c.N, c.Name, got, want)
			case want != "" && same:
				t.Errorf("%s %d %s: agrees, though listed as different", recording, c.N, c.Name)
			case want == "" && !same:
				t.Errorf("%s %d %s: %s %s\n got %s %v\nwant %d %s %v", recording, c.N, c.Name, c.Request.Method, c.Request.Path, got, answer.Header(), c.Response.Status, c.Response.Body, c.Response.Headers)
			}
			delete(differences, c.N)
		}
		if lines.Err() != nil || made == 0 || len(differences) > 0 {
			t.Errorf("%s: %d calls, %v, left over %v", recording, made, lines.Err(), differences)
		}
		t.Logf("%s: %d calls; %d of doors that are not there yet", recording, made, elsewhere)
	}
}

func (s *site) replay(c *recorded, token string) *httptest.ResponseRecorder {
	var header []string
	for name, value := range c.Request.Headers {
		header = append(header, name, strings.ReplaceAll(value, "{{token}}", token))
	}
	body := ""
	if c.Request.Body != nil {
		body = *c.Request.Body
	}
	return s.ask(c.Request.Port, c.Request.Method, c.Request.Path, body, header...)
}

func tokenIn(body []byte) string {
	var answer struct{ AuthToken string }
	_ = json.Unmarshal(body, &answer)
	return answer.AuthToken
}

// sameHeaders compares the headers that clients act on.
func sameHeaders(got http.Header, want map[string]string) bool {
	// The REST door answers cross-origin calls as Stargate v1 and Astra did, not
	// as the recorded server's configuration said (its names are lower case).
	for _, name := range []string{"Cache-Control", "Allow", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Credentials", "Access-Control-Max-Age", "Access-Control-Expose-Headers", "Access-Control-Allow-Headers"} {
		if value, ok := want[name]; ok && got.Get(name) != value {
			return false
		}
	}
	return true
}

// masked returns an answer as it is compared: without what is made up anew and
// without the keyspaces that each server has for itself.
func masked(body string) any {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return body
	}
	return mask(v)
}

func mask(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["authToken"]; ok {
			v["authToken"] = "<token>"
		}
		for name, member := range v {
			v[name] = mask(member)
		}
	case []any:
		return slices.DeleteFunc(v, func(item any) bool {
			m, ok := item.(map[string]any)
			name := fmt.Sprint(m["name"])
			return ok && (strings.HasPrefix(name, "system") || name == "data_endpoint_auth")
		})
	}
	return v
}

// readDifferences reads the part of differences.txt about one recording.
func readDifferences(t *testing.T, recording string) map[int]string {
	t.Helper()
	text, err := os.ReadFile("testdata/golden/differences.txt")
	if err != nil {
		t.Fatal(err)
	}
	differences, mine := map[int]string{}, false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		n, answer, isCall := strings.Cut(line, " | ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !isCall:
			mine = strings.HasPrefix(line, recording+": ")
		case mine:
			i, err := strconv.Atoi(n)
			if err != nil {
				t.Fatalf("differences.txt: %s", line)
			}
			differences[i] = answer
		}
	}
	return differences
}
