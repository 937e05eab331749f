package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/outbound/outboundtest"
)

// TestSilentClients: pages that read nothing hold no more than they may together.
func TestSilentClients(t *testing.T) {
	p := newPage(t).logIn()
	room := outboundtest.Room(700 << 10)
	p.door.options.Answers = room
	ask := func(statement string) *http.Request {
		r := httptest.NewRequest("POST", "http://127.0.0.1:8080/console/api/query", strings.NewReader(`{"statement": "`+statement+`"}`))
		r.AddCookie(p.cookie)
		return r
	}
	for _, statement := range []string{
		`CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
		`CREATE TABLE ks.t (k int PRIMARY KEY, v text)`,
		`INSERT INTO ks.t (k, v) VALUES (1, '` + strings.Repeat("x", 4*outbound.Small) + `')`,
	} {
		w := httptest.NewRecorder()
		if p.door.ServeHTTP(w, ask(statement)); w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	outboundtest.Silent(t, room, p.door, func() *http.Request { return ask("SELECT * FROM ks.t") })
}
