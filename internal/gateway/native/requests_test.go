package native

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// TestQueryReachesBackend: everything that a QUERY says arrives.
func TestQueryReachesBackend(t *testing.T) {
	f := newFake()
	var got backend.Query
	f.execute = func(_ context.Context, _ *backend.Prepared, q *backend.Query) (*backend.Result, error) {
		got = *q
		got.Values = append([]backend.Value(nil), q.Values...)
		for i := range got.Values {
			got.Values[i].Bytes = append([]byte(nil), got.Values[i].Bytes...)
		}
		got.PagingState = append([]byte(nil), q.PagingState...)
		return &backend.Result{Kind: backend.Void}, nil
	}
	s := startServer(t, Options{Backend: f, Auth: onlyCassandra{}})
	c := connect(t, s, wire.V5, nil)
	q := query("INSERT INTO ks.t (k, v) VALUES (:key, :value)")
	q.Params = wire.QueryParams{
		Consistency: 6, SerialConsistency: 9, PageSize: 77, PagingState: []byte("state"), HasTimestamp: true, Timestamp: -5,
		HasNowInSeconds: true, NowInSeconds: 123,
		Names:  [][]byte{[]byte("value"), []byte("unused"), []byte("key")},
		Values: []wire.Value{{Unset: true}, {Bytes: []byte("x")}, {Bytes: []byte("k")}},
	}
	mustResult(t, c, wire.OpQuery, q)
	want := backend.Query{
		Consistency: backend.LocalQuorum, SerialConsistency: backend.LocalSerial, PageSize: 77, PagingState: []byte("state"),
		HasTimestamp: true, Timestamp: -5, HasNowInSeconds: true, NowInSeconds: 123, Caller: backend.Caller{Name: "cassandra"},
		Values: []backend.Value{{Bytes: []byte("k")}, {Unset: true}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

// TestManyNamedValues: named values are found also when there are very many.
func TestManyNamedValues(t *testing.T) {
	const n = 300
	r := &request{}
	params := wire.QueryParams{}
	var variables []backend.Column
	for i := range n {
		name := fmt.Sprintf("v%d", i)
		variables = append(variables, backend.Column{Name: name})
		params.Names = append(params.Names, []byte(fmt.Sprintf("v%d", n-1-i)))
		params.Values = append(params.Values, wire.Value{Bytes: []byte{byte(n - 1 - i)}})
	}
	params.Names = append(params.Names, []byte("v0"))
	params.Values = append(params.Values, wire.Value{Bytes: []byte("second")})
	r.bind(&params, variables)
	if len(r.values) != n {
		t.Fatalf("%d values", len(r.values))
	}
	for i, v := range r.values {
		if len(v.Bytes) != 1 || v.Bytes[0] != byte(i) {
			t.Errorf("value %d is %v", i, v.Bytes)
		}
	}
}

// TestBatch: a mixed batch arrives with its values in order, and its mistakes
// are told.
func TestBatch(t *testing.T) {
	f := newFake()
	var got string
	f.batch = func(b *backend.Batch) (*backend.Result, error) {
		got = fmt.Sprintf("kind %d, consistency %d, timestamp %d:", b.Kind, b.Query.Consistency, b.Query.Timestamp)
		for _, e := range b.Entries {
			got += fmt.Sprintf(" %T", e.Prepared.Statement)
			for _, v := range e.Values {
				got += fmt.Sprintf(" %s", v.Bytes)
			}
		}
		return &backend.Result{Kind: backend.Void, Warnings: []string{"a warning"}}, nil
	}
	s := startServer(t, Options{Backend: f, Auth: onlyCassandra{}})
	c := connect(t, s, wire.V5, nil)
	id := prepare(t, c, "INSERT INTO ks.t (k, v) VALUES (?, ?)").ID
	text := func(s string) wire.Value { return wire.Value{Bytes: []byte(s)} }
	params := wire.QueryParams{Consistency: 4, PageSize: -1, SerialConsistency: 8, HasTimestamp: true, Timestamp: 9}

	b := &wire.Batch{Kind: 1, Params: params}
	b.Add(wire.BatchEntry{ID: id}, text("k1"), text("v1"))
	b.Add(wire.BatchEntry{Text: "DELETE FROM ks.t WHERE k = ?"}, text("k2"))
	b.Add(wire.BatchEntry{ID: id}, text("k3"), text("v3"))
	_, r := mustResult(t, c, wire.OpBatch, b)
	if want := "kind 1, consistency 4, timestamp 9: *cql.Insert k1 v1 *cql.Delete k2 *cql.Insert k3 v3"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if !reflect.DeepEqual(r.Warnings, []string{"a warning"}) {
		t.Errorf("warnings: %q", r.Warnings)
	}

	b = &wire.Batch{Params: params}
	b.Add(wire.BatchEntry{ID: id}, text("k1"))
	if e := mustFail(t, c, wire.OpBatch, b, cqlerr.Invalid); e.Message != "There were 2 markers(?) in CQL but 1 bound variables" {
		t.Error(e.Message)
	}
	b = &wire.Batch{Params: params}
	b.Add(wire.BatchEntry{ID: make([]byte, 16)})
	mustFail(t, c, wire.OpBatch, b, cqlerr.Unprepared)
}

// TestAuthorize: a role that may not is refused, by whatever way it asks.
func TestAuthorize(t *testing.T) {
	f := newFake()
	f.execute = func(context.Context, *backend.Prepared, *backend.Query) (*backend.Result, error) {
		return nil, errors.New("executed")
	}
	s := startServer(t, Options{Backend: f, Auth: denyAll{}})
	c := connect(t, s, wire.V4, nil)
	const denied = "denied in ks: *cql.Insert"
	if e := mustFail(t, c, wire.OpQuery, query(insertT), cqlerr.Unauthorized); e.Message != denied {
		t.Error(e.Message)
	}
	p := prepare(t, c, "INSERT INTO ks.t (k, v) VALUES (?, ?)")
	values := []wire.Value{{Bytes: []byte("k")}, {Bytes: []byte("v")}}
	if e := mustFail(t, c, wire.OpExecute, execute(p, values...), cqlerr.Unauthorized); e.Message != denied {
		t.Error(e.Message)
	}
	read := prepare(t, c, selectT) // executed by the reading goroutine
	mustFail(t, c, wire.OpExecute, execute(read, values[0]), cqlerr.Unauthorized)
	b := &wire.Batch{Params: wire.QueryParams{PageSize: -1, SerialConsistency: 8}}
	b.Add(wire.BatchEntry{ID: p.ID}, values...)
	if e := mustFail(t, c, wire.OpBatch, b, cqlerr.Unauthorized); e.Message != denied {
		t.Error(e.Message)
	}
}

type denyAll struct{}

func (denyAll) Login(context.Context, string, string) (Session, error) { return denyAll{}, nil }
func (denyAll) Caller() backend.Caller                                 { return backend.Caller{Name: "nobody"} }
func (denyAll) Sees(cql.Statement, string) error                       { return nil }
func (denyAll) Hides(cql.Statement, string) bool                       { return false }
func (denyAll) Authorize(stmt cql.Statement, _ string) error {
	return cqlerr.Unauthorizedf("denied in ks: %T", stmt)
}

// TestExtras: tracing ids and warnings of a result reach the client, warnings
// from version 4 on.
func TestExtras(t *testing.T) {
	f := newFake()
	id := uuid.New()
	f.execute = func(_ context.Context, _ *backend.Prepared, q *backend.Query) (*backend.Result, error) {
		res := &backend.Result{Kind: backend.Void, Warnings: []string{"one", strings.Repeat("long ", 20_000)}}
		if q.Tracing {
			res.TracingID = &id
		}
		return res, nil
	}
	s := startServer(t, Options{Backend: f})
	for _, framing := range framings {
		c := connect(t, s, framing.version, options(framing.comp))
		_, r := mustResult(t, c, wire.OpQuery, query(selectLocal))
		if r.TracingID != nil {
			t.Errorf("v%d: a tracing id that was not asked for", framing.version)
		}
		want := []string{"one", strings.Repeat("long ", 20_000)[:wire.MaxStringLength]}
		if framing.version < wire.V4 {
			want = nil
		}
		if !reflect.DeepEqual(r.Warnings, want) {
			t.Errorf("v%d: %d warnings", framing.version, len(r.Warnings))
		}
		c.Flags = wire.FlagTracing
		if _, r = mustResult(t, c, wire.OpQuery, query(selectLocal)); r.TracingID == nil || uuid.UUID(*r.TracingID) != id {
			t.Errorf("v%d: tracing id %v", framing.version, r.TracingID)
		}
	}
}

// TestCustomPayload: a request's payload reaches the back end.
func TestCustomPayload(t *testing.T) {
	f := newFake()
	var got map[string][]byte
	f.execute = func(_ context.Context, _ *backend.Prepared, q *backend.Query) (*backend.Result, error) {
		got = q.CustomPayload
		return nil, nil
	}
	s := startServer(t, Options{Backend: f})
	for _, framing := range framings[1:] {
		c := connect(t, s, framing.version, options(framing.comp))
		c.Payload = map[string][]byte{"a": []byte("1"), "b": nil}
		mustResult(t, c, wire.OpQuery, query(selectLocal))
		if !reflect.DeepEqual(got, c.Payload) {
			t.Errorf("v%d %s: %q", framing.version, framing.comp, got)
		}
	}
}

// TestUse: USE counts for its connection alone, a request's own keyspace for
// the request alone.
func TestUse(t *testing.T) {
	f := newFake()
	var keyspace string
	f.execute = func(_ context.Context, p *backend.Prepared, _ *backend.Query) (*backend.Result, error) {
		keyspace = p.Keyspace
		return nil, nil
	}
	s := startServer(t, Options{Backend: f})
	one, two := connect(t, s, wire.V5, nil), connect(t, s, wire.V5, nil)
	if res, _ := mustResult(t, one, wire.OpQuery, query("USE ks")); res.Kind != wire.ResultSetKeyspace || res.Keyspace != "ks" {
		t.Errorf("%+v", res)
	}
	mustResult(t, one, wire.OpQuery, query("SELECT * FROM t"))
	if keyspace != "ks" {
		t.Errorf("in keyspace %q", keyspace)
	}
	mustFail(t, two, wire.OpQuery, query("SELECT * FROM t"), cqlerr.Invalid)
	q := query("SELECT * FROM local")
	q.Params.HasKeyspace, q.Params.Keyspace = true, "system"
	mustResult(t, one, wire.OpQuery, q)
	if keyspace != "system" {
		t.Errorf("in keyspace %q", keyspace)
	}
	mustResult(t, one, wire.OpQuery, query("SELECT * FROM t"))
	if keyspace != "ks" {
		t.Errorf("in keyspace %q after a request with its own", keyspace)
	}
}

// TestUnqualifiedPrepared: the same text is two statements in two keyspaces,
// and a warning says once a connection what that may lead to.
func TestUnqualifiedPrepared(t *testing.T) {
	s := startServer(t, Options{})
	c := connect(t, s, wire.V5, nil)
	var ids []string
	for _, keyspace := range []string{"ks", "ks", "other"} {
		if keyspace == "other" {
			f := s.backend.(*fakeBackend)
			f.snapshot.Keyspaces["other"] = f.snapshot.Keyspaces["ks"]
			other := tableT()
			other.Keyspace = "other"
			f.snapshot.Keyspaces["other"].Tables["t"] = other
		}
		res, r := mustResult(t, c, wire.OpPrepare, &wire.Prepare{Text: "SELECT * FROM t WHERE k = ?", HasKeyspace: true, Keyspace: keyspace})
		ids = append(ids, string(res.Prepared.ID))
		if warned := len(r.Warnings) == 1 && strings.Contains(r.Warnings[0], "anti-pattern"); warned != (len(ids) == 1) {
			t.Errorf("%s: warnings %q", keyspace, r.Warnings)
		}
	}
	if ids[0] != ids[1] || ids[0] == ids[2] {
		t.Errorf("ids %x", ids)
	}
}

// TestEvents: schema changes reach the connections that registered, on stream -1.
func TestEvents(t *testing.T) {
	f := newFake()
	s := startServer(t, Options{Backend: f})
	for _, framing := range framings {
		registered, other := connect(t, s, framing.version, options(framing.comp)), connect(t, s, framing.version, nil)
		if r, err := registered.Do(wire.OpRegister, wire.Register{Types: wire.SchemaChangeEvent | wire.StatusChangeEvent | wire.TopologyChangeEvent}); err != nil || r.Opcode != wire.OpReady {
			t.Fatalf("%+v, %v", r, err)
		}
		f.change(changeOf("ks", "t"))
		f.change(changeOf("ks", ""))
		for _, want := range []wire.SchemaChange{{Change: "UPDATED", Target: "TABLE", Keyspace: "ks", Name: "t"}, {Change: "UPDATED", Target: "KEYSPACE", Keyspace: "ks"}} {
			r, err := registered.Receive()
			if err != nil || r.Opcode != wire.OpEvent || r.Stream != -1 {
				t.Fatalf("%+v, %v", r, err)
			}
			got, decodeErr := wire.DecodeSchemaChangeEvent(r.Body, r.Version)
			if decodeErr != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("v%d: %+v, %v", framing.version, got, decodeErr)
			}
		}
		mustResult(t, other, wire.OpQuery, query(selectLocal)) // and nothing before it
	}
}
