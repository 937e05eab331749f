package native

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

const selectT = "SELECT * FROM ks.t WHERE k = ?"

// TestMetadata: the columns of a prepared SELECT are left out when the client
// asks for that and knows them, in version 5 by their id; a change is told.
func TestMetadata(t *testing.T) {
	f := newFake()
	changed := false
	f.execute = func(_ context.Context, p *backend.Prepared, _ *backend.Query) (*backend.Result, error) {
		columns := p.Result
		if changed { // the statement was prepared anew inside
			columns = append(columns[:len(columns):len(columns)], backend.Column{Keyspace: "ks", Table: "t", Name: "w", Type: cqltype.TypeInt})
		}
		return &backend.Result{Kind: backend.Rows, Columns: columns}, nil
	}
	s := startServer(t, Options{Backend: f})
	for _, v := range []wire.Version{wire.V4, wire.V5} {
		changed = false
		c := connect(t, s, v, nil)
		p := prepare(t, c, selectT)
		e := execute(p, wire.Value{Bytes: []byte("k")})
		if res, _ := mustResult(t, c, wire.OpExecute, e); res.Rows.Columns != nil || res.Rows.Count != 2 {
			t.Errorf("v%d: metadata that was not asked for: %+v", v, res.Rows.Metadata)
		}
		e.Params.SkipMetadata = false
		if res, _ := mustResult(t, c, wire.OpExecute, e); len(res.Rows.Columns) != 2 || res.Rows.ChangedID != nil {
			t.Errorf("v%d: no metadata: %+v", v, res.Rows.Metadata)
		}
		e.Params.SkipMetadata = true
		changed = true
		res, _ := mustResult(t, c, wire.OpExecute, e)
		if len(res.Rows.Columns) != 3 {
			t.Errorf("v%d: new columns were not told: %+v", v, res.Rows.Metadata)
		}
		if v < wire.V5 {
			continue
		}
		if len(res.Rows.ChangedID) != 16 || bytes.Equal(res.Rows.ChangedID, p.ResultMetadataID) {
			t.Errorf("id of the new columns: %x", res.Rows.ChangedID)
		}
		e.ResultMetadataID = res.Rows.ChangedID
		if res, _ := mustResult(t, c, wire.OpExecute, e); res.Rows.Columns != nil || res.Rows.ChangedID != nil {
			t.Errorf("with the new id: %+v", res.Rows.Metadata)
		}
	}
}

// TestConditionalMetadata: the result of a conditional statement always comes
// with its columns, and never with an id (CASSANDRA-13992).
func TestConditionalMetadata(t *testing.T) {
	f := newFake()
	f.execute = func(context.Context, *backend.Prepared, *backend.Query) (*backend.Result, error) {
		return &backend.Result{Kind: backend.Rows, RowCount: 1, Data: backend.AppendCell(nil, []byte{1}),
			Columns: []backend.Column{{Keyspace: "ks", Table: "t", Name: "[applied]", Type: cqltype.TypeBoolean}}}, nil
	}
	s := startServer(t, Options{Backend: f})
	for _, v := range []wire.Version{wire.V4, wire.V5} {
		c := connect(t, s, v, nil)
		p := prepare(t, c, "INSERT INTO ks.t (k, v) VALUES (?, ?) IF NOT EXISTS")
		res, _ := mustResult(t, c, wire.OpExecute, execute(p, wire.Value{Bytes: []byte("k")}, wire.Value{Bytes: []byte("v")}))
		if len(res.Rows.Columns) != 1 || res.Rows.ChangedID != nil {
			t.Errorf("v%d: %+v", v, res.Rows.Metadata)
		}
	}
}

// TestInvalidation: a schema change makes clients prepare anew what it touches.
func TestInvalidation(t *testing.T) {
	for _, change := range []struct {
		name  string
		c     schema.Change
		drops bool
	}{
		{"table updated", schema.Change{Kind: schema.Updated, Target: wire.TargetTable, Keyspace: "ks", Name: "t"}, true},
		{"table dropped", schema.Change{Kind: schema.Dropped, Target: wire.TargetTable, Keyspace: "ks", Name: "t"}, true},
		{"keyspace dropped", schema.Change{Kind: schema.Dropped, Target: wire.TargetKeyspace, Keyspace: "ks"}, true},
		{"type updated", schema.Change{Kind: schema.Updated, Target: wire.TargetType, Keyspace: "ks", Name: "x"}, true},
		{"other table", schema.Change{Kind: schema.Updated, Target: wire.TargetTable, Keyspace: "ks", Name: "other"}, false},
		{"other keyspace", schema.Change{Kind: schema.Dropped, Target: wire.TargetKeyspace, Keyspace: "other"}, false},
		{"table created", schema.Change{Kind: schema.Created, Target: wire.TargetTable, Keyspace: "ks", Name: "t"}, false},
	} {
		f := newFake()
		s := startServer(t, Options{Backend: f})
		c := connect(t, s, wire.V4, nil)
		p := prepare(t, c, selectT)
		f.change(change.c)
		e := execute(p, wire.Value{Bytes: []byte("k")})
		if !change.drops {
			mustResult(t, c, wire.OpExecute, e)
			continue
		}
		if err := mustFail(t, c, wire.OpExecute, e, cqlerr.Unprepared); !bytes.Equal(err.ID, p.ID) {
			t.Errorf("%s: UNPREPARED names %x, not %x", change.name, err.ID, p.ID)
		}
		if again := prepare(t, c, selectT); !bytes.Equal(again.ID, p.ID) {
			t.Errorf("%s: prepared as %x, then as %x", change.name, p.ID, again.ID)
		}
		mustResult(t, c, wire.OpExecute, e)
	}
}

// racingBackend changes the schema while a statement is being prepared.
type racingBackend struct {
	*fakeBackend
	races int
}

func (f *racingBackend) Prepare(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	p, err := f.fakeBackend.Prepare(ctx, stmt, markers, keyspace)
	if f.races > 0 {
		f.races--
		f.change(schema.Change{Kind: schema.Updated, Target: wire.TargetTable, Keyspace: "ks", Name: "t"})
	}
	return p, err
}

// TestPrepareRace: a statement that was checked against a schema that has
// changed meanwhile does not stay in the cache.
func TestPrepareRace(t *testing.T) {
	f := &racingBackend{fakeBackend: newFake(), races: 1}
	s := startServer(t, Options{Backend: f})
	c := connect(t, s, wire.V4, nil)
	p := prepare(t, c, selectT)
	if f.races != 0 {
		t.Fatal("there was no race")
	}
	mustResult(t, c, wire.OpExecute, execute(p, wire.Value{Bytes: []byte("k")}))
}

// TestInlineReads: which SELECTs the reading goroutine may execute itself, always
// or while they are quick.
func TestInlineReads(t *testing.T) {
	column := func(name string, kind schema.ColumnKind) *schema.Column {
		return &schema.Column{Keyspace: "ks", Table: "w", Name: name, Kind: kind, Type: cqltype.TypeInt}
	}
	a, b, c, v := column("a", schema.PartitionKey), column("b", schema.PartitionKey), column("c", schema.Clustering), column("v", schema.Regular)
	table := &schema.Table{Keyspace: "ks", Name: "w", PartitionKey: []*schema.Column{a, b}, Clustering: []*schema.Column{c},
		Regular: []*schema.Column{v}, Columns: map[string]*schema.Column{"a": a, "b": b, "c": c, "v": v}}
	for text, want := range map[string]string{
		"SELECT * FROM w WHERE a = ? AND b = ? AND c = ?":                 "row",
		"SELECT v FROM w WHERE c = 1 AND b = ? AND a = 2":                 "row",
		"SELECT * FROM w WHERE a = ? AND b = ?":                           "partition",
		"SELECT * FROM w WHERE a = ? AND b = ? AND c > ?":                 "partition",
		"SELECT * FROM w WHERE a = ? AND b = ? AND c IN (1, 2)":           "partition",
		"SELECT * FROM w WHERE a = ? AND b = ? AND v = ? ALLOW FILTERING": "no",
		"SELECT * FROM w WHERE a = ? AND b = ? AND v = ?":                 "no",
		"SELECT * FROM w WHERE a = ? AND b = ? AND c = ? AND v = ?":       "no",
		"SELECT * FROM w WHERE token(a, b) = ? AND c = ? AND a = ?":       "no",
		"SELECT * FROM w WHERE (c) = (?) AND a = ? AND b = ?":             "partition",
		"SELECT * FROM w":                                                 "no",
		"SELECT * FROM w WHERE a = ? AND c = ?":                           "no",
		"SELECT * FROM w WHERE a IN (1, 2) AND b = ?":                     "no",
		"SELECT * FROM w WHERE token(a, b) > ?":                           "no",
		"SELECT * FROM w WHERE a = ? AND b = ? AND c = ? ALLOW FILTERING": "no",
		"SELECT count(*) FROM w WHERE a = ? AND b = ? AND c = ?":          "row",
	} {
		parsed, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got := "no"
		switch s := parsed.Statement.(*cql.Select); {
		case pointRead(s, table):
			got = "row"
		case partitionRead(s, table):
			got = "partition"
		}
		if got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// TestPace: a statement is thought to be quick when it was for a while, and no
// more when it was slow.
func TestPace(t *testing.T) {
	p := newPace()
	quickAfter := func(want int) {
		t.Helper()
		n := 0
		for ; !p.quick() && n <= maxTrials; n++ {
			p.note(quickRead)
		}
		if n != want {
			t.Errorf("quick after %d quick executions instead of %d", n, want)
		}
	}
	quickAfter(trialsFirst)
	p.note(3 * quickRead)
	quickAfter(3 * trialsEach)
	p.note(2 * quickRead)
	p.note(2 * quickRead)
	quickAfter(4 * trialsEach)
	p.note(time.Hour)
	p.note(time.Hour)
	quickAfter(maxTrials)
	for range 2 * maxTrials {
		p.note(0)
	}
	p.note(2 * quickRead)
	quickAfter(2 * trialsEach)
}
