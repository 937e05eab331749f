package console

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// person is a principal that may read all but keyspace hidden.
type person struct{ revoked bool }

func (p *person) Name() string           { return "abc" }
func (p *person) Caller() backend.Caller { return backend.Caller{Name: "abc"} }
func (p *person) RoleName() string       { return "Tester" }
func (p *person) Ends() time.Time        { return time.Time{} }
func (p *person) RunsCQL() bool          { return true }
func (p *person) Alive() bool            { return !p.revoked }
func (p *person) Authorize(stmt cql.Statement, keyspace string) error {
	if s, ok := stmt.(*cql.Select); ok && s.Table.Keyspace == "hidden" {
		return cqlerr.Unauthorizedf("User abc has no SELECT permission on <table hidden.t> or any of its parents")
	}
	return nil
}
func (p *person) Visible(keyspace, _ string) bool { return keyspace != "hidden" }

func (p *person) Token(_ context.Context, token string) (Principal, error) {
	if token != "good" {
		return nil, errors.New("no")
	}
	return p, nil
}

// page is a console with a client that keeps its cookie.
type page struct {
	t      *testing.T
	door   *Handler
	who    *person
	cookie *http.Cookie
	header http.Header
}

func newPage(t *testing.T) *page {
	e, err := engine.Open(engine.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	who := &person{}
	door := New(Options{Backend: e, Auth: who, Log: slog.New(slog.DiscardHandler),
		Pages: fstest.MapFS{"index.html": {Data: []byte("the page")}, "assets/a.js": {Data: []byte("script")}}})
	return &page{t, door, who, nil, http.Header{}}
}

func (p *page) send(method, path, body string) (int, string) {
	p.t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, strings.NewReader(body))
	r.Header = p.header.Clone()
	if p.cookie != nil {
		r.AddCookie(p.cookie)
	}
	w := httptest.NewRecorder()
	p.door.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		p.cookie = c
	}
	text, err := io.ReadAll(w.Result().Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return w.Code, string(text)
}

func (p *page) must(status int, part, method, path, body string) string {
	p.t.Helper()
	got, text := p.send(method, path, body)
	if got != status || !strings.Contains(text, part) {
		p.t.Errorf("%s %s %s: %d %s, want %d with %q", method, path, body, got, text, status, part)
	}
	return text
}

func (p *page) logIn() *page {
	p.must(200, "Tester", "POST", "/console/api/session", `{"token": " good "}`)
	return p
}

func TestSessions(t *testing.T) {
	p := newPage(t)
	p.must(401, "log in", "GET", "/console/api/session", "")
	p.must(401, "not a valid application token", "POST", "/console/api/session", `{"token": "bad"}`)
	p.must(400, "not valid JSON", "POST", "/console/api/session", `{`)
	p.logIn()
	if c := p.cookie; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/console/" || len(c.Value) < 26 {
		t.Errorf("cookie %v", c)
	}
	p.must(200, `"role":"Tester"`, "GET", "/console/api/session", "")
	old := p.cookie
	p.must(204, "", "DELETE", "/console/api/session", "")
	p.cookie = old
	p.must(401, "", "GET", "/console/api/session", "")

	p.logIn()
	p.who.revoked = true
	p.must(401, "", "GET", "/console/api/schema", "")
	p.who.revoked = false
	p.must(401, "", "GET", "/console/api/schema", "")

	p.logIn()
	p.door.sessions.now = func() time.Time { return time.Now().Add(sessionLifetime + time.Minute) }
	p.must(401, "", "GET", "/console/api/session", "")
}

func TestSessionsAreBounded(t *testing.T) {
	s := newSessions()
	first := s.start(&person{}, "")
	s.byKey[keyOf(first)].used = time.Now().Add(-time.Hour)
	for range maxSessions {
		s.start(&person{}, "")
	}
	if len(s.byKey) != maxSessions || s.find(first) != nil {
		t.Errorf("%d sessions; the idle one is still there: %v", len(s.byKey), s.find(first) != nil)
	}
}

func TestOtherOrigins(t *testing.T) {
	p := newPage(t).logIn()
	p.header.Set("Origin", "https://evil.example")
	p.must(403, "another origin", "POST", "/console/api/query", `{"statement": "SELECT * FROM system.local"}`)
}

func TestQueries(t *testing.T) {
	p := newPage(t).logIn()
	query := func(status int, part, body string) string {
		t.Helper()
		return p.must(status, part, "POST", "/console/api/query", body)
	}
	query(200, `"kind":"schema"`, `{"statement": "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"}`)
	query(200, `"kind":"use","keyspace":"k"`, `{"statement": "USE k"}`)
	query(200, `"kind":"schema"`, `{"statement": "CREATE TABLE t (p int, c bigint, d decimal, v text, PRIMARY KEY (p, c))", "keyspace": "k"}`)
	for _, values := range []string{"1, 9007199254740993, 1.10, 'a'", "1, 2, null, ''", "1, 3, 5, null"} {
		query(200, `"kind":"void"`, `{"statement": "INSERT INTO t (p, c, d, v) VALUES (`+values+`)", "keyspace": "k"}`)
	}
	text := query(200, `{"name":"c","type":"bigint","kind":"clustering"}`, `{"statement": "SELECT * FROM t", "keyspace": "k"}`)
	for _, part := range []string{`["1","2",null,""]`, `["1","9007199254740993","1.10","a"]`, `{\"p\": 1, \"c\": 9007199254740993, \"d\": 1.10, \"v\": \"a\"}`} {
		if !strings.Contains(text, part) {
			t.Errorf("the answer lacks %s: %s", part, text)
		}
	}
	page := query(200, `"rows":[["2"],["3"]]`, `{"statement": "SELECT c FROM t", "keyspace": "k", "pageSize": 2}`)
	_, state, _ := strings.Cut(page, `"pageState":"`)
	state, _, _ = strings.Cut(state, `"`)
	query(200, `"rows":[["9007199254740993"]]`, `{"statement": "SELECT c FROM t", "keyspace": "k", "pageSize": 2, "pageState": "`+state+`"}`)
	query(400, `"code":10`, `{"statement": "SELECT c FROM t", "keyspace": "k", "pageState": "AAAA"}`)
	query(400, "page state is not valid", `{"statement": "SELECT c FROM t", "keyspace": "k", "pageState": "!"}`)
	query(400, `"code":8192`, `{"statement": "SELEC 1"}`)
	query(400, `"code":8704`, `{"statement": "SELECT nope FROM k.t"}`)
	query(400, `"code":8448`, `{"statement": "SELECT * FROM hidden.t"}`)
	query(400, "bind markers", `{"statement": "SELECT * FROM k.t WHERE p = ?"}`)
	query(400, "no consistency level NOPE", `{"statement": "SELECT * FROM k.t", "consistency": "NOPE"}`)
	query(413, "too long", `{"statement": "`+strings.Repeat("x", maxBody)+`"}`)
}

func TestSchemaTree(t *testing.T) {
	p := newPage(t).logIn()
	for _, name := range []string{"seen", "hidden"} {
		p.must(200, "", "POST", "/console/api/query", `{"statement": "CREATE KEYSPACE `+name+` WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"}`)
	}
	text := p.must(200, `"name":"seen","system":false`, "GET", "/console/api/schema", "")
	if strings.Contains(text, "hidden") {
		t.Error("the tree shows what may not be seen")
	}
	if !strings.Contains(text, `{"name":"key","type":"text","kind":"partition_key"}`) {
		t.Errorf("the tree lacks system.local's key: %.300s", text)
	}
}

// TestGuardrails: limits and counts, for who is logged in.
func TestGuardrails(t *testing.T) {
	p := newPage(t)
	p.must(401, "", "GET", "/console/api/guardrails", "")
	text := p.logIn().must(200, `"preset":"none"`, "GET", "/console/api/guardrails", "")
	for _, part := range []string{`{"name":"tables_fail_threshold","value":"-1"}`, `{"guardrail":"tables","warnings":0,"failures":0}`} {
		if !strings.Contains(text, part) {
			t.Errorf("lacks %s: %s", part, text)
		}
	}
}

func TestPages(t *testing.T) {
	p := newPage(t)
	for path, want := range map[string]string{"/console/": "the page", "/console/some/route": "the page", "/console/assets/a.js": "script"} {
		p.must(200, want, "GET", path, "")
	}
	p.must(404, "nothing here", "GET", "/console/api/nope", "")
}
