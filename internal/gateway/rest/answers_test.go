package rest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/outbound/outboundtest"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// blocked is a client that reads nothing until it is let.
type blocked struct {
	*httptest.ResponseRecorder
	began, goOn chan struct{}
}

func (b *blocked) Write(p []byte) (int, error) {
	select {
	case b.began <- struct{}{}:
	default:
	}
	<-b.goOn
	return b.ResponseRecorder.Write(p)
}

// TestLargeAnswers: rows of large answers are counted until the client has read
// them. A request that finds no room waits for it without rows, and is refused
// when it has waited for long; small answers are always given.
func TestLargeAnswers(t *testing.T) {
	f := newFake(t)
	large := []byte(strings.Repeat("x", 2*partSize))
	limit := outbound.New(inflight.New(3*partSize), outbound.Patience{}) // for one
	h := New(Options{Backend: f, Auth: everyone{}, Answers: limit})
	const path = "/v2/keyspaces/ks/maps/1"
	f.rows = [][]byte{large, nil, nil, nil}
	first := &blocked{httptest.NewRecorder(), make(chan struct{}, 1), make(chan struct{})}
	done := make(chan struct{})
	get := func(ctx context.Context) *http.Request {
		r := httptest.NewRequest("GET", path, nil).WithContext(ctx)
		r.Header.Set("X-Cassandra-Token", "secret")
		return r
	}
	go func() {
		h.ServeHTTP(first, get(t.Context()))
		close(done)
	}()
	<-first.began

	impatient, leave := context.WithCancel(t.Context())
	leave()
	refused := httptest.NewRecorder()
	if h.ServeHTTP(refused, get(impatient)); refused.Code != 503 || refused.Header().Get("Retry-After") == "" {
		t.Errorf("an answer without room: %.200s", show(refused))
	}
	second := make(chan *httptest.ResponseRecorder)
	go func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, get(t.Context()))
		second <- w
	}()
	steady.Until(t, "the second request has read its rows, which then wait", func() bool { return f.executed() >= 3 })
	if used := limit.Used(); used > limit.Size() {
		t.Errorf("%d bytes are counted of %d", used, limit.Size())
	}
	close(first.goOn)
	<-done
	if w := <-second; w.Code != 200 || w.Body.Len() < len(large) {
		t.Errorf("the second answer: %d, %d bytes", w.Code, w.Body.Len())
	}
	if first.Code != 200 || first.Body.Len() < len(large) || limit.Used() != 0 {
		t.Errorf("the first answer: %d, %d bytes; %d are counted still", first.Code, first.Body.Len(), limit.Used())
	}

	limit.Force(outboundtest.Another{}, limit.Size())
	f.rows = [][]byte{[]byte("1"), nil, nil, nil}
	if w := ask(h, "GET", path, ""); w.Code != 200 {
		t.Errorf("a small answer: %s", show(w))
	}
}

// TestSilentClients: clients that read nothing hold no more than they may together,
// whatever they have asked for.
func TestSilentClients(t *testing.T) {
	f := newFake(t)
	f.rows = [][]byte{[]byte(strings.Repeat("x", 8*partSize)), nil, nil, nil}
	room := outboundtest.Room(9 * partSize)
	h := New(Options{Backend: f, Auth: everyone{}, Answers: room, CQL: true})
	for name, request := range map[string]func() *http.Request{
		"a row": func() *http.Request { return httptest.NewRequest("GET", "/v2/keyspaces/ks/maps/1", nil) },
		"lines": func() *http.Request {
			r := httptest.NewRequest("GET", "/v2/keyspaces/ks/maps/1", nil)
			r.Header.Set("Accept", "application/x-ndjson")
			return r
		},
		"CQL": func() *http.Request {
			return httptest.NewRequest("POST", "/v2/cql", strings.NewReader("SELECT * FROM ks.maps"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			outboundtest.Silent(t, room, h, func() *http.Request {
				r := request()
				r.Header.Set("X-Cassandra-Token", "secret")
				return r
			})
		})
	}
}
