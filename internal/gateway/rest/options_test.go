package rest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// TestOptions makes the calls of testdata/options.txt.
func TestOptions(t *testing.T) { runCases(t, "testdata/options.txt", onEngine(t, Options{})) }

// endless is a back end whose every page has rows and is followed by another,
// up to pages.
type endless struct {
	*fake
	pages, rows int
	cell        []byte
	asked       atomic.Int64
	fail        bool
}

func (e *endless) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	n := int(e.asked.Add(1))
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if n > e.pages && e.fail {
		return nil, errors.New("the disk is gone")
	}
	r := &backend.Result{Kind: backend.Rows, RowCount: e.rows, Columns: p.Result}
	for range e.rows {
		for range p.Result {
			r.Data = backend.AppendCell(r.Data, e.cell)
		}
	}
	if n < e.pages || e.fail {
		r.PagingState = []byte{byte(n)}
	}
	return r, nil
}

const exportPath = "/v2/keyspaces/ks/plain/rows?fields=a"

func exportOf(t *testing.T, ctx context.Context, server *httptest.Server) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+exportPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Cassandra-Token", "secret")
	r.Header.Set("Accept", "application/x-ndjson")
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

// TestExport: all rows, a line each, however many pages they have.
func TestExport(t *testing.T) {
	server := httptest.NewServer(New(Options{Backend: &endless{fake: newFake(t), pages: 50, rows: 40, cell: []byte("x")}, Auth: everyone{}}))
	defer server.Close()
	answer := exportOf(t, t.Context(), server)
	if answer.Header.Get("Content-Type") != "application/x-ndjson" || answer.StatusCode != 200 {
		t.Fatalf("%d %v", answer.StatusCode, answer.Header)
	}
	lines := 0
	for scanner := bufio.NewScanner(answer.Body); scanner.Scan(); lines++ {
		if scanner.Text() != `{"a":"x"}` {
			t.Fatalf("line %d is %q", lines, scanner.Text())
		}
	}
	if lines != 2000 {
		t.Errorf("%d lines", lines)
	}
}

// TestExportFails: an error behind the first page cuts the answer off, so that
// it can't be taken for whole.
func TestExportFails(t *testing.T) {
	server := httptest.NewUnstartedServer(New(Options{Backend: &endless{fake: newFake(t), pages: 2, rows: 1, cell: []byte("x"), fail: true}, Auth: everyone{}}))
	server.Start()
	defer server.Close()
	answer := exportOf(t, t.Context(), server)
	if body, err := io.ReadAll(answer.Body); err == nil {
		t.Errorf("the answer looks whole: %q", body)
	}
	// one in the first page is an answer like any other
	server2 := httptest.NewServer(New(Options{Backend: &endless{fake: newFake(t), fail: true}, Auth: everyone{}}))
	defer server2.Close()
	if answer := exportOf(t, t.Context(), server2); answer.StatusCode != 500 {
		t.Errorf("got %d", answer.StatusCode)
	}
}

// TestExportStops: nothing is read for a client that has gone, and what is held
// at a time is about one page.
func TestExportStops(t *testing.T) {
	back := &endless{fake: newFake(t), pages: 1 << 30, rows: 16, cell: bytes.Repeat([]byte("x"), 64<<10)}
	h, ended := New(Options{Backend: back, Auth: everyone{}}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		h.ServeHTTP(w, r)
	}))
	defer server.Close()
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := held()
	ctx, cancel := context.WithCancel(t.Context())
	answer := exportOf(t, ctx, server)
	if _, err := io.CopyN(io.Discard, answer.Body, 48<<20); err != nil {
		t.Fatal(err)
	}
	// The server comes to a stop, for nobody reads on; what it has let go of until
	// then may take collections to be gone.
	steady.Until(t, "no more than about a page is held", func() bool { return held() < before+16<<20 })
	cancel()
	select {
	case <-ended:
	case <-time.After(steady.Timeout):
		t.Fatal("pages are still read for a client that has gone")
	}
}

// TestAcceptLines: only rows come as lines, and only when JSON is not asked for.
func TestAcceptLines(t *testing.T) {
	h := New(Options{Backend: newFake(t), Auth: everyone{}})
	for _, c := range []struct {
		method, path, accept string
		want                 int
	}{
		{"GET", exportPath, "application/x-ndjson", 200},
		{"GET", "/v2/keyspaces/ks/plain/k", "text/html, application/x-ndjson;q=0.5", 200},
		{"GET", exportPath, "text/csv", 406},
		{"GET", "/v2/schemas/keyspaces", "application/x-ndjson", 406},
		{"DELETE", "/v2/keyspaces/ks/plain/k", "application/x-ndjson", 406},
	} {
		if w := ask(h, c.method, c.path, "", "Accept", c.accept); w.Code != c.want {
			t.Errorf("%s %s as %s: %s", c.method, c.path, c.accept, show(w))
		}
	}
	if w := ask(h, "GET", exportPath, "", "Accept", "application/json, application/x-ndjson"); w.Body.Len() == 0 || w.Body.Bytes()[0] != '{' {
		t.Errorf("JSON was asked for: %s", show(w))
	}
}

// TestLargeValues: values of 64 KB to 5 MB go in and come out whole, in parts.
func TestLargeValues(t *testing.T) {
	h := onEngine(t, Options{})
	ask(h, "POST", "/v2/schemas/keyspaces", `{"name":"ks"}`)
	ask(h, "POST", "/v2/schemas/keyspaces/ks/tables", `{"name":"t","columnDefinitions":[{"name":"k","typeDefinition":"int"},{"name":"v","typeDefinition":"text"},{"name":"b","typeDefinition":"blob"}],"primaryKey":{"partitionKey":["k"]}}`)
	for i, size := range []int{64 << 10, 1 << 20, 5 << 20} {
		body := fmt.Sprintf(`{"k":%d,"v":"%s","b":"%s"}`, i, strings.Repeat("ä\\n", size/3), strings.Repeat("AAAA", size/8))
		if w := ask(h, "POST", "/v2/keyspaces/ks/t", body); w.Code != 201 || w.Body.String() != body {
			t.Fatalf("%d bytes: %d %.200s", size, w.Code, w.Body)
		}
		var got, want map[string]any
		w := ask(h, "GET", fmt.Sprintf("/v2/keyspaces/ks/t/%d?raw=true", i), "")
		if err := json.Unmarshal(bytes.Trim(w.Body.Bytes(), "[]"), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(body), &want); err != nil {
			t.Fatal(err)
		}
		if got["v"] != want["v"] || got["b"] != want["b"] {
			t.Errorf("%d bytes did not come back as they were", size)
		}
	}
}

// TestBodiesAreBounded: large bodies beyond the budget are refused, small ones
// are not, and the budget is whole afterwards.
func TestBodiesAreBounded(t *testing.T) {
	limit := inflight.New(httpapi.MaxBodies)
	h := New(Options{Backend: newFake(t), Auth: everyone{}, Bytes: limit})
	large := `{"userid":"11111111-1111-4111-8111-111111111111","email":"` + strings.Repeat("x", 2*httpapi.SmallBody) + `"}`
	const others = httpapi.MaxBodies - httpapi.SmallBody
	if !limit.TryAcquire(others) {
		t.Fatal("no room in a new budget")
	}
	impatient, leave := context.WithCancel(t.Context())
	leave()
	refused := httptest.NewRequest("POST", "/v2/keyspaces/ks/users", strings.NewReader(large)).WithContext(impatient)
	refused.Header.Set("X-Cassandra-Token", "secret")
	answer := httptest.NewRecorder()
	if h.ServeHTTP(answer, refused); answer.Code != 503 || answer.Header().Get("Retry-After") == "" {
		t.Errorf("got %.200s", show(answer))
	}
	if w := ask(h, "POST", "/v2/keyspaces/ks/users", `{"userid":"11111111-1111-4111-8111-111111111111"}`); w.Code != 201 {
		t.Errorf("got %s", show(w))
	}
	limit.Release(others)
	if w := ask(h, "POST", "/v2/keyspaces/ks/users", large); w.Code != 201 {
		t.Errorf("got %.200s", show(w))
	}
	r := httptest.NewRequest("POST", "/v2/keyspaces/ks/users", io.MultiReader(strings.NewReader(large))) // of unknown length
	r.Header.Set("X-Cassandra-Token", "secret")
	r.ContentLength = -1
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 201 || h.bodies.InUse() != 0 {
		t.Errorf("%d; %d bytes are still counted", w.Code, h.bodies.InUse())
	}
}
