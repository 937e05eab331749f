package graphql

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/outbound/outboundtest"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// TestSilentClients: clients that read nothing hold no more than they may together,
// be the answer made of large rows or of many; a mutation is run once.
func TestSilentClients(t *testing.T) {
	stored := onEngine(t)
	large := strings.Repeat("x", 300<<10)
	run(t, stored.backend, `CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	run(t, stored.backend, `CREATE TABLE ks.t (k int PRIMARY KEY, v text)`)
	run(t, stored.backend, fmt.Sprintf(`INSERT INTO ks.t (k, v) VALUES (1, '%s')`, large))
	for name, query := range map[string]string{
		"a row":   `{ t(value: {k: 1}) { values { k v } } }`,
		"aliases": `{ a: t(value: {k: 1}) { values { k v } } b: t(value: {k: 1}) { values { v } } }`,
	} {
		t.Run(name, func(t *testing.T) {
			room := outboundtest.Room(int64(strings.Count(query, "v }")) * (310 << 10))
			h := New(Options{Backend: stored.backend, Auth: everyone{}, Answers: room})
			outboundtest.Silent(t, room, h, func() *http.Request {
				r := httptest.NewRequest("GET", "/graphql/ks?query="+url.QueryEscape(query), nil)
				r.Header.Set("X-Cassandra-Token", "secret")
				return r
			})
		})
	}

	room := outboundtest.Room(310 << 10)
	h := New(Options{Backend: stored.backend, Auth: everyone{}, Answers: room})
	room.Force(outboundtest.Another{}, room.Size())
	inserted := make(chan string)
	go func() {
		inserted <- post(t, h, "/graphql/ks", `mutation { insertt(value: {k: 1, v: "y"}, ifNotExists: true) { applied value { v } } }`, "")
	}()
	steady.Until(t, "it waits", func() bool { return room.Waiting() == 1 })
	room.Give(outboundtest.Another{}, room.Size())
	if answer := <-inserted; !strings.Contains(answer, `"applied":false`) || len(answer) < len(large) {
		t.Errorf("%.200s", answer)
	}
}
