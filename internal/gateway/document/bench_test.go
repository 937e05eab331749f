package document

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// nothing takes an answer and keeps its status.
type nothing struct {
	header http.Header
	status int
}

func (n *nothing) Header() http.Header         { return n.header }
func (n *nothing) WriteHeader(status int)      { n.status = status }
func (n *nothing) Write(b []byte) (int, error) { return len(b), nil }

// fiveLeaves is the document that the rates are about.
const fiveLeaves = `{"firstname":"John","lastname":"Smith","address":{"city":"Oslo","zip":"0150"},"created":12345}`

func benchmark(b *testing.B, method, target, body string, want int) {
	h := onEngine(b)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	ask(h, "PUT", "/v2/namespaces/ns/collections/c/x", fiveLeaves)
	text := strings.NewReader(body)
	r, err := http.NewRequestWithContext(context.Background(), method, "http://x"+target, io.NopCloser(text))
	if err != nil {
		b.Fatal(err)
	}
	r.ContentLength = int64(len(body))
	r.Header.Set("X-Cassandra-Token", "secret")
	r.Header.Set("Content-Type", "application/json")
	w := &nothing{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		text.Reset(body)
		clear(w.header)
		h.ServeHTTP(w, r)
		if w.status != want {
			b.Fatalf("status %d", w.status)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	benchmark(b, "PUT", "/v2/namespaces/ns/collections/c/x", fiveLeaves, http.StatusOK)
}

func BenchmarkPost(b *testing.B) {
	benchmark(b, "POST", "/v2/namespaces/ns/collections/c", fiveLeaves, http.StatusCreated)
}

func BenchmarkGet(b *testing.B) {
	benchmark(b, "GET", "/v2/namespaces/ns/collections/c/x", "", http.StatusOK)
}
