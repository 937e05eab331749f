package native

import (
	"context"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// fakeBackend answers what these tests ask: SELECT key FROM system.local, USE,
// and whatever execute is set to. It is no database.
type fakeBackend struct {
	mu          sync.Mutex
	snapshot    *schema.Snapshot
	subscribers map[int]func(schema.Change)
	next        int
	// execute, if set, is called first; a nil result without an error goes on.
	execute func(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error)
	batch   func(*backend.Batch) (*backend.Result, error)
	traces  []*backend.Trace
}

func newFake() *fakeBackend {
	key := &schema.Column{Keyspace: "system", Table: "local", Name: "key", Type: cqltype.TypeText}
	local := &schema.Table{Keyspace: "system", Name: "local", PartitionKey: []*schema.Column{key},
		Columns: map[string]*schema.Column{"key": key}}
	return &fakeBackend{
		snapshot: &schema.Snapshot{Version: uuid.New(), Keyspaces: map[string]*schema.Keyspace{
			"system": {Name: "system", System: true, Tables: map[string]*schema.Table{"local": local}},
			"ks":     {Name: "ks", Tables: map[string]*schema.Table{"t": tableT()}},
		}},
		subscribers: map[int]func(schema.Change){},
	}
}

// tableT is ks.t (k text PRIMARY KEY, v text).
func tableT() *schema.Table {
	k := &schema.Column{Keyspace: "ks", Table: "t", Name: "k", Type: cqltype.TypeText}
	v := &schema.Column{Keyspace: "ks", Table: "t", Name: "v", Kind: schema.Regular, Type: cqltype.TypeText}
	return &schema.Table{Keyspace: "ks", Name: "t", PartitionKey: []*schema.Column{k}, Regular: []*schema.Column{v},
		Columns: map[string]*schema.Column{"k": k, "v": v}}
}

func (f *fakeBackend) Prepare(_ context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	p := &backend.Prepared{Statement: stmt, Markers: markers, Keyspace: keyspace}
	names, _ := tables(stmt, keyspace)
	for _, n := range names {
		if n.Keyspace == "" {
			return nil, cqlerr.Invalidf("No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename")
		}
		t := f.Schema().Table(n.Keyspace, n.Name)
		if t == nil {
			return nil, cqlerr.Invalidf("table %s does not exist", n.Name)
		}
		columns := t.InOrder()
		for i, marker := range markers {
			c := columns[i%len(columns)]
			column := backend.Column{Keyspace: c.Keyspace, Table: c.Table, Name: c.Name, Type: c.Type}
			if marker != "" {
				column.Name = marker
			}
			p.Bind = append(p.Bind, column)
		}
		if len(markers) > 0 {
			p.PartitionKeyBind = []uint16{0}
		}
		if _, ok := stmt.(*cql.Select); ok {
			for _, c := range columns {
				p.Result = append(p.Result, backend.Column{Keyspace: c.Keyspace, Table: c.Table, Name: c.Name, Type: c.Type})
			}
		}
	}
	return p, nil
}

// ImmediateReads implements backend.Immediate.
func (f *fakeBackend) ImmediateReads() {}

// KeepTrace implements backend.Traces.
func (f *fakeBackend) KeepTrace(t *backend.Trace) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.traces = append(f.traces, t)
}

func (f *fakeBackend) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	if f.execute != nil {
		if res, err := f.execute(ctx, p, q); res != nil || err != nil {
			return res, err
		}
	}
	if q.PagingState != nil {
		return nil, cqlerr.New(cqlerr.Protocol, "Invalid value for the paging state")
	}
	for _, v := range q.Values {
		if v.Bytes == nil {
			return nil, cqlerr.Invalidf("Invalid null value in condition for column key")
		}
	}
	switch s := p.Statement.(type) {
	case *cql.Use:
		if f.Schema().Keyspaces[s.Keyspace] == nil {
			return nil, cqlerr.Invalidf("Keyspace '%s' does not exist", s.Keyspace)
		}
		return &backend.Result{Kind: backend.SetKeyspace, Keyspace: s.Keyspace}, nil
	case *cql.Select:
		res := &backend.Result{Kind: backend.Rows, Columns: p.Result, RowCount: 1}
		for range p.Result {
			res.Data = backend.AppendCell(res.Data, []byte("local"))
		}
		return res, nil
	default:
		return &backend.Result{Kind: backend.Void}, nil
	}
}

func (f *fakeBackend) ExecuteBatch(_ context.Context, b *backend.Batch) (*backend.Result, error) {
	if f.batch != nil {
		return f.batch(b)
	}
	return &backend.Result{Kind: backend.Void}, nil
}

func (f *fakeBackend) Schema() *schema.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.snapshot
}

func (f *fakeBackend) Subscribe(sub func(schema.Change)) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := f.next
	f.next++
	f.subscribers[id] = sub
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.subscribers, id)
	}
}

// change publishes a schema change.
func (f *fakeBackend) change(c schema.Change) {
	f.mu.Lock()
	s := *f.snapshot
	s.Version = uuid.New()
	f.snapshot = &s
	c.Snapshot = &s
	subs := f.subscribers
	f.mu.Unlock()
	for _, sub := range subs {
		sub(c)
	}
}

func (f *fakeBackend) Ready(context.Context) error { return nil }
func (f *fakeBackend) Close() error                { return nil }

// startServer runs a server on a free port until the test ends.
func startServer(t testing.TB, o Options) *Server {
	t.Helper()
	o.Addr = "127.0.0.1:0"
	if o.Backend == nil {
		o.Backend = newFake()
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

// onlyCassandra knows one user, cassandra with the password cassandra, and kept,
// who is kept to some rows.
type onlyCassandra struct{}

func (onlyCassandra) Login(_ context.Context, user, password string) (Session, error) {
	if user == "kept" {
		return keptRole{role{user}}, nil
	}
	if user != "cassandra" || password != "cassandra" {
		return nil, cqlerr.Newf(cqlerr.BadCredentials, "Provided username %s and/or password are incorrect", user)
	}
	return role{user}, nil
}

// role is a session that may do everything but TRUNCATE.
type role struct{ name string }

func (r role) Caller() backend.Caller { return backend.Caller{Name: r.name} }

func (r role) Authorize(stmt cql.Statement, keyspace string) error {
	if _, ok := stmt.(*cql.Truncate); ok {
		return cqlerr.Unauthorizedf("User %s has no MODIFY permission on keyspace %s", r.name, keyspace)
	}
	return nil
}

func (r role) Sees(cql.Statement, string) error { return nil }
func (r role) Hides(cql.Statement, string) bool { return false }

// keptRole is a session that is kept to rows whose key is mine.
type keptRole struct{ role }

func (k keptRole) Caller() backend.Caller {
	return backend.Caller{Name: k.name, Rows: "mine"}
}

// changeOf is an update of a table, or of its keyspace when name is "".
func changeOf(keyspace, name string) schema.Change {
	if name == "" {
		return schema.Change{Kind: schema.Updated, Target: wire.TargetKeyspace, Keyspace: keyspace}
	}
	return schema.Change{Kind: schema.Updated, Target: wire.TargetTable, Keyspace: keyspace, Name: name}
}
