package graphql

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(int)             {}

type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

// benchmarkCall measures the door with the engine behind it.
func benchmarkCall(b *testing.B, query, variables string) {
	h := onEngine(b)
	run(b, h.backend, `CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	run(b, h.backend, `CREATE TABLE ks.users (userid uuid PRIMARY KEY, firstname text, lastname text, email text, created_date timestamp)`)
	run(b, h.backend, `INSERT INTO ks.users (userid, firstname, lastname, email, created_date) VALUES (11111111-1111-4111-8111-111111111111, 'Ada', 'Lovelace', 'ada@example.com', 1633437296789)`)
	text, err := json.Marshal(query)
	if err != nil {
		b.Fatal(err)
	}
	body := `{"query":` + string(text) + `,"variables":` + variables + `}`
	r := httptest.NewRequest("POST", "/graphql/ks", nil)
	r.Header.Set("X-Cassandra-Token", "secret")
	r.Header.Set("Content-Type", "application/json")
	reader := strings.NewReader(body)
	r.Body, r.ContentLength = nopCloser{reader}, int64(len(body))
	w := &sink{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		reader.Reset(body)
		h.ServeHTTP(w, r)
	}
}

func BenchmarkQuery(b *testing.B) {
	benchmarkCall(b, `query($id: Uuid) { users(value: {userid: $id}) { values { userid firstname lastname email created_date } } }`, `{"id":"11111111-1111-4111-8111-111111111111"}`)
}

// BenchmarkLiteral is a query with its value in the text. (Here it is always one
// text; one that is new each time is BenchmarkParse more.)
func BenchmarkLiteral(b *testing.B) {
	benchmarkCall(b, `{ users(value: {userid: "11111111-1111-4111-8111-111111111111"}) { values { userid firstname lastname email created_date } } }`, `{}`)
}

func BenchmarkInsert(b *testing.B) {
	benchmarkCall(b, `mutation($v: usersInput!) { insertusers(value: $v) { applied } }`,
		`{"v":{"userid":"11111111-1111-4111-8111-111111111111","firstname":"Ada","lastname":"Lovelace","email":"ada@example.com","created_date":"2021-10-05T12:34:56.789Z"}}`)
}
