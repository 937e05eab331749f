package document

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// onEngine opens the embedded engine on an empty directory behind a door.
func onEngine(t testing.TB) *Handler {
	t.Helper()
	h, _ := onStoppedClock(t)
	return h
}

// stopped is a back end whose clock, as far as times to live are concerned, goes
// on only when it is told to.
type stopped struct {
	backend.Backend
	seconds *atomic.Int32
}

func (s stopped) Unwrap() backend.Backend { return s.Backend }

func (s stopped) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	q.HasNowInSeconds, q.NowInSeconds = true, s.seconds.Load()
	return s.Backend.Execute(ctx, p, q)
}

func (s stopped) ExecuteBatch(ctx context.Context, b *backend.Batch) (*backend.Result, error) {
	b.Query.HasNowInSeconds, b.Query.NowInSeconds = true, s.seconds.Load()
	return s.Backend.ExecuteBatch(ctx, b)
}

// onStoppedClock is onEngine with the clock of times to live, in seconds.
func onStoppedClock(t testing.TB) (*Handler, *atomic.Int32) {
	t.Helper()
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	s := stopped{e, new(atomic.Int32)}
	s.seconds.Store(int32(time.Now().Unix()))
	return New(Options{Backend: s, Auth: everyone{}}), s.seconds
}

// everyone is an Authenticator: the token "secret" may do everything that no
// system table forbids, "reader" may only read namespace ns.
type everyone struct{}

func (everyone) Token(_ context.Context, token string) (Session, error) {
	if token != "secret" && token != "reader" {
		return nil, cqlerr.New(cqlerr.BadCredentials, "no such token")
	}
	return session(token), nil
}

type session string

func (s session) Caller() backend.Caller { return backend.Caller{Name: string(s)} }

func (s session) Authorize(stmt cql.Statement, _ string) error {
	var table cql.QualifiedName
	switch stmt := stmt.(type) {
	case *cql.Select:
		if s == "secret" || stmt.Table.Keyspace == "ns" {
			return nil
		}
	case *cql.Insert:
		table = stmt.Table
	case *cql.Delete:
		table = stmt.Table
	}
	if s == "secret" && !schema.IsSystem(table.Keyspace) {
		return nil
	}
	return cqlerr.Unauthorizedf("User %s has no such permission", string(s))
}

func (s session) Visible(keyspace, _ string) bool { return s == "secret" || keyspace == "ns" }

// ask sends one request to h with the token that may do everything.
func ask(h http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("X-Cassandra-Token", "secret")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Del(header[i])
		if header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// run runs CQL on the door's back end.
func run(t testing.TB, h *Handler, text string) *backend.Result {
	t.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.backend.Prepare(t.Context(), parsed.Statement, parsed.Markers, "")
	if err != nil {
		t.Fatal(err)
	}
	result, err := h.backend.Execute(t.Context(), p, &backend.Query{Consistency: backend.LocalQuorum})
	if err != nil {
		t.Fatal(err)
	}
	return result
}
