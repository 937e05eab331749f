package rest

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// instant is a back end that answers one row and costs nothing.
type instant struct {
	*fake
	result *backend.Result
}

func (i *instant) Execute(_ context.Context, p *backend.Prepared, _ *backend.Query) (*backend.Result, error) {
	if _, ok := p.Statement.(*cql.Select); !ok {
		return &backend.Result{Kind: backend.Void}, nil
	}
	i.result.Columns = p.Result
	return i.result, nil
}

// benchRow is a row of users as cells.
func benchRow() *backend.Result {
	r := &backend.Result{Kind: backend.Rows, RowCount: 1}
	for _, cell := range [][]byte{
		bytes.Repeat([]byte{0x11}, 16), binary.BigEndian.AppendUint64(nil, 1633437296789),
		[]byte("ada@example.com"), []byte("Ada"), []byte("Lovelace"),
	} {
		r.Data = backend.AppendCell(r.Data, cell)
	}
	return r
}

const benchBody = `{"userid": "11111111-1111-4111-8111-111111111111", "firstname": "Ada", "lastname": "Lovelace", "email": "ada@example.com", "created_date": "2021-10-05T12:34:56.789Z"}`

// sink is a ResponseWriter that keeps nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(int)             {}

func benchmarkCall(b *testing.B, h http.Handler, method, path, body string) {
	r := httptest.NewRequest(method, path, nil)
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

type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

// BenchmarkGet and BenchmarkPost measure what the door adds to a back end that
// answers at once; BenchmarkBare is a handler that only writes the same bytes.
func BenchmarkGet(b *testing.B) {
	benchmarkCall(b, New(Options{Backend: &instant{newFake(b), benchRow()}, Auth: everyone{}}), "GET", userPath, "")
}

func BenchmarkPost(b *testing.B) {
	benchmarkCall(b, New(Options{Backend: &instant{newFake(b), benchRow()}, Auth: everyone{}}), "POST", "/v2/keyspaces/ks/users", benchBody)
}

func BenchmarkBare(b *testing.B) {
	answer := []byte(benchBody)
	benchmarkCall(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = jsonType
		_, _ = w.Write(answer)
	}), "GET", userPath, "")
}

// BenchmarkEngineGet and BenchmarkEnginePost are whole calls on the embedded
// engine, without the network; what the back end takes is in them.
func BenchmarkEngineGet(b *testing.B) {
	h := benchEngine(b)
	ask(h, "POST", "/v2/keyspaces/ks/users", benchBody)
	benchmarkCall(b, h, "GET", userPath, "")
}

func BenchmarkEnginePost(b *testing.B) {
	benchmarkCall(b, benchEngine(b), "POST", "/v2/keyspaces/ks/users", benchBody)
}

// BenchmarkEngineGetTypes and BenchmarkEnginePostTypes are calls for a row with a
// column of each type.
func BenchmarkEngineGetTypes(b *testing.B) {
	h := benchEngine(b)
	ask(h, "POST", "/v2/keyspaces/ks/types", typesBody)
	benchmarkCall(b, h, "GET", "/v2/keyspaces/ks/types/1", "")
}

func BenchmarkEnginePostTypes(b *testing.B) {
	benchmarkCall(b, benchEngine(b), "POST", "/v2/keyspaces/ks/types", typesBody)
}

const typesBody = `{"id":1,"firstname":"John","a":"ascii","b":9007199254740993,"bl":"AAECAwQFBgc=","bo":true,"d":"2026-11-26","de":12345.6789,` +
	`"dou":3.25,"du":"1mo2d3h","f":1.5,"i":"127.0.0.1","s":-300,"ti":"12:34:56.789","ts":"2026-11-26T12:34:56.789Z",` +
	`"tu":"b4ec18a0-cac8-11f0-8de9-0242ac120002","ty":-7,"u":"3f6d3a52-7d5b-4a0e-9c1c-2f6c2b1f9a11","v":123456789012345678901234567890,` +
	`"l":[1,2,3],"se":["a","b","c"],"m":{"k":1,"l":2},"tu2":[1,"two"],"ad":{"street":"Main Street","zip":1}}`

// typesColumns of the table that they are for, without its key.
var typesColumns = [][2]string{{"firstname", "text"}, {"a", "ascii"}, {"b", "bigint"}, {"bl", "blob"}, {"bo", "boolean"}, {"d", "date"}, {"de", "decimal"},
	{"dou", "double"}, {"du", "duration"}, {"f", "float"}, {"i", "inet"}, {"s", "smallint"}, {"ti", "time"}, {"ts", "timestamp"}, {"tu", "timeuuid"},
	{"ty", "tinyint"}, {"u", "uuid"}, {"v", "varint"}, {"l", "list<int>"}, {"se", "set<text>"}, {"m", "map<text, int>"}, {"tu2", "tuple<int, text>"},
	{"ad", "frozen<address>"}}

func benchEngine(b *testing.B) *Handler {
	h := onEngine(b, Options{})
	ask(h, "POST", "/v2/schemas/keyspaces", `{"name":"ks"}`)
	w := ask(h, "POST", "/v2/schemas/keyspaces/ks/tables", `{"name":"users","columnDefinitions":[{"name":"userid","typeDefinition":"uuid"},
		{"name":"firstname","typeDefinition":"text"},{"name":"lastname","typeDefinition":"text"},{"name":"email","typeDefinition":"text"},
		{"name":"created_date","typeDefinition":"timestamp"}],"primaryKey":{"partitionKey":["userid"]}}`)
	if w.Code != http.StatusCreated {
		b.Fatal(show(w))
	}
	if w := ask(h, "POST", "/v2/schemas/keyspaces/ks/types", `{"name":"address","fields":[{"name":"street","typeDefinition":"text"},{"name":"zip","typeDefinition":"int"}]}`); w.Code != http.StatusCreated {
		b.Fatal(show(w))
	}
	var columns strings.Builder
	for _, c := range typesColumns {
		fmt.Fprintf(&columns, `,{"name":%q,"typeDefinition":%q}`, c[0], c[1])
	}
	if w := ask(h, "POST", "/v2/schemas/keyspaces/ks/tables", `{"name":"types","columnDefinitions":[{"name":"id","typeDefinition":"int"}`+columns.String()+`],"primaryKey":{"partitionKey":["id"]}}`); w.Code != http.StatusCreated {
		b.Fatal(show(w))
	}
	if w := ask(h, "POST", "/v2/keyspaces/ks/types", typesBody); w.Code != http.StatusCreated {
		b.Fatal(show(w))
	}
	return h
}

// BenchmarkNetworkGet and BenchmarkNetworkBare are calls over a loopback
// connection, sixteen at a time, client included: what a caller can get at most.
func BenchmarkNetworkGet(b *testing.B) {
	h := benchEngine(b)
	ask(h, "POST", "/v2/keyspaces/ks/users", benchBody)
	benchmarkNetwork(b, h)
}

func BenchmarkNetworkBare(b *testing.B) {
	answer := []byte(`{"count":1,"data":[` + benchBody + `]}`)
	benchmarkNetwork(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = jsonType
		_, _ = w.Write(answer)
	}))
}

func benchmarkNetwork(b *testing.B, h http.Handler) {
	server := httptest.NewServer(h)
	defer server.Close()
	server.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = 16
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			send(b, server, "GET", userPath, "")
		}
	})
}
