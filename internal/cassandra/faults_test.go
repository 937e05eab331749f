package cassandra_test

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cassandra"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// faulty is a node's back end that answers statements on table "faulty" as it
// is told, and counts what of them it is asked to prepare and to execute.
type faulty struct {
	backend.Backend
	answer             func(context.Context) error
	prepared, executed atomic.Int64
	// release that it says it is, of five characters; "" for its own.
	release string
}

func (f *faulty) Prepare(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	if tableOf(stmt) == "faulty" {
		f.prepared.Add(1)
	}
	return f.Backend.Prepare(ctx, stmt, markers, keyspace)
}

func (f *faulty) PrepareOnce(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	return f.Backend.Prepare(ctx, stmt, markers, keyspace)
}

func (f *faulty) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	table := tableOf(p.Statement)
	if table == "faulty" {
		f.executed.Add(1)
		if err := f.answer(ctx); err != nil {
			return nil, err
		}
	}
	r, err := f.Backend.Execute(ctx, p, q)
	if err == nil && f.release != "" && table == "local" {
		r.Data = bytes.ReplaceAll(r.Data, []byte("5.0.9"), []byte(f.release))
	}
	return r, err
}

// tableOf is the name of the table that stmt, or the first of its batch, reads or
// writes; "" for others.
func tableOf(stmt cql.Statement) string {
	switch s := stmt.(type) {
	case *cql.Select:
		return s.Table.Name
	case *cql.Insert:
		return s.Table.Name
	case *cql.Batch:
		if len(s.Statements) > 0 {
			return tableOf(s.Statements[0])
		}
	}
	return ""
}

// faultyNode starts such a node, with table ks.faulty, and connects to it.
func faultyNode(t *testing.T, o cassandra.Options) (*faulty, *node, *cassandra.Cluster) {
	t.Helper()
	address := steady.Address(t)
	f := &faulty{Backend: startEngine(t, address), answer: func(context.Context) error { return nil }}
	n := startNode(t, address, f)
	o.Hosts = []string{address}
	// On the node itself, which is not bound by the timeout that o may have.
	run(t, f, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	run(t, f, "CREATE TABLE ks.faulty (k int PRIMARY KEY, v text)")
	return f, n, connect(t, o)
}

// run executes a statement that must succeed.
func run(t *testing.T, b backend.Backend, text string, values ...[]byte) *backend.Result {
	t.Helper()
	r, err := try(t, b, text, values...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

func try(t *testing.T, b backend.Backend, text string, values ...[]byte) (*backend.Result, error) {
	t.Helper()
	p, err := prepare(t, b, text)
	if err != nil {
		return nil, err
	}
	return execute(t, b, p, values...)
}

func prepare(t *testing.T, b backend.Backend, text string) (*backend.Prepared, error) {
	t.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b.Prepare(t.Context(), parsed.Statement, parsed.Markers, "")
}

func execute(t *testing.T, b backend.Backend, p *backend.Prepared, values ...[]byte) (*backend.Result, error) {
	q := &backend.Query{Consistency: backend.LocalQuorum}
	for _, v := range values {
		q.Values = append(q.Values, backend.Value{Bytes: v})
	}
	return b.Execute(t.Context(), p, q)
}

// TestNodeErrors checks that the errors of a node come through with all their
// fields (native_protocol_v5.spec §9).
func TestNodeErrors(t *testing.T) {
	f, _, c := faultyNode(t, cassandra.Options{})
	for _, want := range []*cqlerr.Error{
		{Code: cqlerr.ServerError, Message: "a"},
		{Code: cqlerr.Unavailable, Message: "b", Consistency: 6, BlockFor: 2, Alive: 1},
		{Code: cqlerr.Overloaded, Message: "c"},
		{Code: cqlerr.Bootstrapping, Message: "d"},
		{Code: cqlerr.TruncateError, Message: "e"},
		{Code: cqlerr.WriteTimeout, Message: "f", Consistency: 4, Received: 1, BlockFor: 2, WriteType: "BATCH_LOG"},
		{Code: cqlerr.ReadTimeout, Message: "g", Consistency: 1, Received: 1, BlockFor: 3, DataPresent: true},
		{Code: cqlerr.ReadFailure, Message: "h", Consistency: 5, Received: 1, BlockFor: 2, Failures: map[string]uint16{"127.0.0.3": 1, "127.0.0.4": 0}},
		{Code: cqlerr.FunctionFailure, Message: "i", Keyspace: "ks", Function: "fn", ArgTypes: []string{"int", "text"}},
		{Code: cqlerr.WriteFailure, Message: "j", Consistency: 10, BlockFor: 1, WriteType: "SIMPLE", Failures: map[string]uint16{"127.0.0.3": 2}},
		{Code: cqlerr.CDCWriteFailure, Message: "k"},
		{Code: cqlerr.CASWriteUnknown, Message: "l", Consistency: 8, Received: 1, BlockFor: 2},
		{Code: cqlerr.Unauthorized, Message: "m"},
		{Code: cqlerr.Invalid, Message: "n"},
		{Code: cqlerr.Config, Message: "o"},
		{Code: cqlerr.AlreadyExists, Message: "p", Keyspace: "ks", Table: "t"},
	} {
		f.answer = func(context.Context) error { return want }
		for _, text := range []string{"SELECT * FROM ks.faulty", "INSERT INTO ks.faulty (k) VALUES (1)"} {
			_, err := try(t, c, text)
			var got *cqlerr.Error
			if !errors.As(err, &got) || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v, want %+v", text, err, want)
			}
		}
	}
}

// TestSilentNode: a node that does not answer costs the timeout, and a write is
// then said to be in doubt.
func TestSilentNode(t *testing.T) {
	f, _, c := faultyNode(t, cassandra.Options{Timeout: 300 * time.Millisecond})
	answered := make(chan struct{})
	defer close(answered)
	f.answer = func(context.Context) error {
		<-answered
		return nil
	}
	for text, want := range map[string]cqlerr.Code{
		"SELECT * FROM ks.faulty":                  cqlerr.ReadTimeout,
		"INSERT INTO ks.faulty (k) VALUES (1)":     cqlerr.WriteTimeout,
		"INSERT INTO ks.faulty (k) VALUES (now())": cqlerr.Invalid,
	} {
		// On a busy machine preparing may take longer than the timeout, too.
		var p *backend.Prepared
		var got *cqlerr.Error
		steady.Until(t, text+" is prepared", func() (done bool) {
			var err error
			p, err = prepare(t, c, text)
			return err == nil || errors.As(err, &got) && got.Code == want
		})
		if p == nil {
			continue
		}
		if _, err := execute(t, c, p); !errors.As(err, &got) || got.Code != want {
			t.Errorf("%s: %v, want 0x%04x", text, err, int32(want))
		}
	}
}

// TestLostNode: while no node is there statements fail at once; when it is back,
// with nothing of what was prepared on it, they go on.
func TestLostNode(t *testing.T) {
	f, n, c := faultyNode(t, cassandra.Options{Timeout: 2 * steady.Timeout})
	read, err := prepare(t, c, "SELECT * FROM ks.faulty WHERE k = ?")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := execute(t, c, read, schema.Int(1)); err != nil {
		t.Fatal(err)
	}
	n.stop(t)
	began := time.Now()
	_, err = execute(t, c, read, schema.Int(1))
	var got *cqlerr.Error
	if !errors.As(err, &got) || got.Code != cqlerr.Overloaded || !got.Unreachable {
		t.Errorf("without a node: %+v", err)
	}
	if took := time.Since(began); took > steady.Timeout { // and not what a node that is silent may take
		t.Errorf("without a node it took %v to say so", took)
	}
	if err := c.Ready(t.Context()); err == nil {
		t.Error("ready without a node")
	}
	startNode(t, n.address, f)
	steady.Until(t, "statements go on with the node back", func() bool {
		_, err := execute(t, c, read, schema.Int(1))
		return err == nil
	})
}

// TestOnce: texts that don't come again are prepared nowhere, nor are those of
// a batch.
func TestOnce(t *testing.T) {
	f, _, c := faultyNode(t, cassandra.Options{})
	before := f.prepared.Load()
	for _, text := range []string{"SELECT * FROM ks.faulty WHERE k = 1", "INSERT INTO ks.faulty (k) VALUES (2)",
		"BEGIN BATCH INSERT INTO ks.faulty (k) VALUES (3); APPLY BATCH"} {
		parsed, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := backend.PrepareOnce(t.Context(), c, parsed.Statement, parsed.Markers, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := execute(t, c, p); err != nil {
			t.Fatal(err)
		}
		if _, ok := parsed.Statement.(*cql.Insert); ok {
			b := &backend.Batch{Entries: []backend.BatchEntry{{Prepared: p}}, Query: backend.Query{Consistency: backend.One}}
			if _, err := c.ExecuteBatch(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := f.prepared.Load() - before; n != 0 {
		t.Errorf("%d statements were prepared", n)
	}
}

// TestNotIdempotent: what might be done twice is sent once.
func TestNotIdempotent(t *testing.T) {
	f, _, c := faultyNode(t, cassandra.Options{})
	f.answer = func(context.Context) error { return cqlerr.New(cqlerr.Bootstrapping, "not yet") }
	for text, want := range map[string]int64{
		"SELECT * FROM ks.faulty":                                    1, // there is one node to ask
		"INSERT INTO ks.faulty (k, v) VALUES (1, 'x') IF NOT EXISTS": 1,
	} {
		f.executed.Store(0)
		if _, err := try(t, c, text); err == nil {
			t.Errorf("%s succeeds", text)
		}
		if n := f.executed.Load(); n != want {
			t.Errorf("%s was sent %d times", text, n)
		}
	}
}

// TestSpeculative: a second try that finds no other node does no harm.
func TestSpeculative(t *testing.T) {
	f, _, c := faultyNode(t, cassandra.Options{Speculative: 10 * time.Millisecond})
	f.answer = func(context.Context) error {
		time.Sleep(100 * time.Millisecond)
		return nil
	}
	for _, text := range []string{"SELECT * FROM ks.faulty", "INSERT INTO ks.faulty (k) VALUES (1)"} {
		run(t, c, text)
	}
}

// TestOldRelease: a cluster that is too old is refused.
func TestOldRelease(t *testing.T) {
	address := steady.Address(t)
	startNode(t, address, &faulty{Backend: startEngine(t, address), release: "3.0.9"})
	c, err := cassandra.Open(cassandra.Options{Hosts: []string{address}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), steady.Timeout)
	defer cancel()
	var refused *cassandra.RefusedError
	if err := c.Connected(ctx); !errors.As(err, &refused) || refused.Setting != cassandra.HostsSetting ||
		refused.Reason != "the cluster runs Cassandra 3.0.9, but 3.11 is the oldest supported" {
		t.Errorf("connected: %v", err)
	}
}
