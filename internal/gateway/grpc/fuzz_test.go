package grpc

import (
	"encoding/json"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	pb "google.golang.org/protobuf/proto"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/httpapi/replay"
)

// reading may read and write rows of the fuzz tests' table, so that no input
// changes the schema for the next one.
type reading struct{ fakeSession }

func (r reading) Authorize(stmt cql.Statement, keyspace string) error {
	switch stmt.(type) {
	case *cql.Select, *cql.Insert, *cql.Update, *cql.Delete, *cql.Batch:
		return r.fakeSession.Authorize(stmt, keyspace)
	}
	return cqlerr.Unauthorizedf("not here")
}

// FuzzQuery: whatever bytes come as a Query get a Response or a proper status.
func FuzzQuery(f *testing.F) {
	fuzz(f, "ExecuteQuery", (*call).executeQuery, func() pb.Message { return &proto.Query{} })
}

// FuzzBatch is the same of a Batch.
func FuzzBatch(f *testing.F) {
	fuzz(f, "ExecuteBatch", (*call).executeBatch, func() pb.Message { return &proto.Batch{} })
}

func fuzz(f *testing.F, method string, execute executor, empty func() pb.Message) {
	for _, recorded := range recordedRequests(f, method) {
		m := empty()
		if err := protojson.Unmarshal(recorded, m); err != nil {
			f.Fatal(err)
		}
		data, err := pb.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	s := onEngine(f)
	ctx := as(f.Context(), "admin")
	for _, text := range []string{
		"CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TYPE ks.u (a int, b text)",
		"CREATE TABLE ks.t (k text PRIMARY KEY, i int, b bigint, d decimal, v varint, du duration, l list<int>, m map<text, int>, s set<uuid>, tu tuple<int, inet>, u u, da date, ti time, f float, x vector<float, 2>)",
	} {
		if _, err := s.client.ExecuteQuery(ctx, &proto.Query{Cql: text}); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := s.server.answer(t.Context(), reading{"admin"}, data, execute)
		if err != nil {
			o := outcomeOf(err)
			if o.text == errPanic.Message {
				t.Fatalf("%x: a panic", data)
			}
			if o.code == codes.OK || codeNames[o.code] == "" || o.text == "" || o.code == codes.Internal && pb.Unmarshal(data, empty()) == nil {
				t.Fatalf("%x: %v %q", data, o.code, o.text)
			}
			if _, err := o.appendStatus(nil); err != nil {
				t.Fatalf("%x: %q can't be told: %v", data, o.text, err)
			}
			return
		}
		defer a.call.end()
		if err := pb.Unmarshal(a.call.out, &proto.Response{}); err != nil {
			t.Fatalf("%x: the answer is none: %v", data, err)
		}
	})
}

// recordedRequests are those of the recorded calls of a method.
func recordedRequests(f *testing.F, method string) (requests []json.RawMessage) {
	replay.Each(f, "grpc", func(r *recording) {
		if r.Method == method {
			requests = append(requests, r.Request)
		}
	})
	if requests == nil {
		f.Fatal(method)
	}
	return requests
}
