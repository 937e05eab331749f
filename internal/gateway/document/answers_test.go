package document

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/outbound/outboundtest"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// TestSilentClients: clients that read nothing hold no more than they may together,
// whatever they have asked for; a function, which writes, is run once.
func TestSilentClients(t *testing.T) {
	stored := onEngine(t)
	large := `"` + strings.Repeat("x", 60<<10) + `"`
	list := "[" + strings.Repeat(large+",", 4) + large + "]"
	ask(stored, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	ask(stored, "POST", "/v2/namespaces/ns/collections", `{"name":"c"}`)
	if w := ask(stored, "PUT", "/v2/namespaces/ns/collections/c/1", `{"a":1,"list":`+list+`,"last":[1,`+list+`]}`); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for path, size := range map[string]int{
		"c/1": 2 * len(list), "c/1/list": len(list), "c?where=" + url.QueryEscape(`{"a":{"$exists":true}}`): 2 * len(list), "c/1?page-size=1": 2 * len(list),
	} {
		t.Run(path, func(t *testing.T) {
			room := outboundtest.Room(int64(size + 5<<10))
			h := New(Options{Backend: stored.backend, Auth: everyone{}, Answers: room})
			outboundtest.Silent(t, room, h, func() *http.Request {
				r := httptest.NewRequest("GET", "/v2/namespaces/ns/collections/"+path, nil)
				r.Header.Set("X-Cassandra-Token", "secret")
				return r
			})
		})
	}

	room := outboundtest.Room(int64(len(list)))
	h := New(Options{Backend: stored.backend, Auth: everyone{}, Answers: room})
	room.Force(outboundtest.Another{}, room.Size())
	var popped atomic.Pointer[httptest.ResponseRecorder]
	go func() {
		popped.Store(ask(h, "POST", "/v2/namespaces/ns/collections/c/1/last/function", `{"operation":"$pop"}`))
	}()
	steady.Until(t, "it waits", func() bool { return room.Waiting() == 1 })
	// Nobody waits for who waits, or for a client that does not read.
	set := make(chan *httptest.ResponseRecorder, 1)
	go func() {
		set <- ask(h, "POST", "/v2/namespaces/ns/collections/c/1/function", `{"operation":"$set","value":{"a":2}}`)
	}()
	select {
	case w := <-set:
		if w.Code != 200 {
			t.Errorf("$set: %d %s", w.Code, w.Body)
		}
	case <-time.After(steady.Timeout):
		t.Error("another function on the document waits")
	}
	room.Give(outboundtest.Another{}, room.Size())
	steady.Until(t, "it is answered", func() bool { return popped.Load() != nil })
	if w := popped.Load(); w.Code != 200 || w.Body.Len() < len(list) {
		t.Errorf("$pop: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := ask(h, "GET", "/v2/namespaces/ns/collections/c/1/last?raw=true", ""); w.Body.String() != "[1]" {
		t.Errorf("%.300s is left", w.Body)
	}
}
