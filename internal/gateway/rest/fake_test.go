package rest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// fake is a back end that stores nothing: it remembers what it was asked to do
// and answers every SELECT with the same rows.
type fake struct {
	mu       sync.Mutex
	snapshot *schema.Snapshot
	prepares int
	runs     int
	ran      string // the last statement as CQL with its values as literals
	query    backend.Query
	rows     [][]byte // cells of the rows to answer
	state    []byte   // their paging state
	err      error    // what Execute returns
}

func (f *fake) Prepare(_ context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.prepares++
	p := &backend.Prepared{Statement: stmt, Keyspace: keyspace}
	switch s := stmt.(type) {
	case *cql.Select:
		p.Bind = f.relations(s.Table, s.Where, nil)
		p.Result = f.selected(s)
	case *cql.Insert:
		for _, name := range s.Columns {
			p.Bind = append(p.Bind, f.column(s.Table, name))
		}
	case *cql.Update:
		for _, a := range s.Assignments {
			p.Bind = append(p.Bind, f.column(s.Table, a.Column))
		}
		p.Bind = f.relations(s.Table, s.Where, p.Bind)
	case *cql.Delete:
		p.Bind = f.relations(s.Table, s.Where, nil)
	}
	return p, nil
}

func (f *fake) column(table cql.QualifiedName, name string) backend.Column {
	def := f.snapshot.Table(table.Keyspace, table.Name).Columns[name]
	return backend.Column{Keyspace: table.Keyspace, Table: table.Name, Name: name, Type: def.Type}
}

func (f *fake) relations(table cql.QualifiedName, where []cql.Relation, bind []backend.Column) []backend.Column {
	for _, r := range where {
		c := f.column(table, r.Columns[0])
		switch {
		case r.Element != nil:
			key := c
			key.Type = c.Type.Elems[0]
			bind = append(bind, key)
			c.Type = c.Type.Elems[1]
		case r.Op == cql.In:
			c.Type = cqltype.NewList(c.Type, true)
		case r.Op == cql.ContainsKey:
			c.Type = c.Type.Elems[0]
		case r.Op == cql.Contains:
			c.Type = c.Type.Elems[len(c.Type.Elems)-1]
		}
		bind = append(bind, c)
	}
	return bind
}

func (f *fake) selected(s *cql.Select) []backend.Column {
	var columns []backend.Column
	for _, selector := range s.Selectors {
		if _, known := f.snapshot.Table(s.Table.Keyspace, s.Table.Name).Columns[selector.X.(*cql.Column).Name]; !known {
			continue
		}
		columns = append(columns, f.column(s.Table, selector.X.(*cql.Column).Name))
	}
	if len(s.Selectors) == 0 {
		for _, c := range f.snapshot.Table(s.Table.Keyspace, s.Table.Name).InOrder() {
			columns = append(columns, f.column(s.Table, c.Name))
		}
	}
	return columns
}

func (f *fake) Execute(_ context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := cql.Print(p.Statement)
	if len(q.Values) != len(p.Bind) {
		return nil, fmt.Errorf("%d values for %d bind variables", len(q.Values), len(p.Bind))
	}
	for i, v := range q.Values {
		text += " | " + string(p.Bind[i].Type.AppendLiteral(nil, v.Bytes))
	}
	f.ran, f.query, f.runs = text, *q, f.runs+1
	if f.err != nil {
		return nil, f.err
	}
	if p.Result == nil {
		return &backend.Result{Kind: backend.Void}, nil
	}
	r := &backend.Result{Kind: backend.Rows, Columns: p.Result, PagingState: f.state}
	if len(f.rows)%len(p.Result) == 0 {
		r.RowCount = len(f.rows) / len(p.Result)
		for _, cell := range f.rows {
			r.Data = backend.AppendCell(r.Data, cell)
		}
	}
	return r, nil
}

func (f *fake) ExecuteBatch(context.Context, *backend.Batch) (*backend.Result, error) {
	return nil, cqlerr.Unsupportedf("BATCH")
}

func (f *fake) Schema() *schema.Snapshot                      { return f.snapshot }
func (f *fake) Subscribe(func(schema.Change)) (cancel func()) { return func() {} }
func (f *fake) Ready(context.Context) error                   { return nil }
func (f *fake) Close() error                                  { return nil }

// last returns the statement that ran last.
func (f *fake) last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ran
}

// executed returns how many statements ran.
func (f *fake) executed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.runs
}

// fakeTable makes the definition of a table: "pk int" and so on, the first
// partition of them the partition key, the next clustering the clustering key.
func fakeTable(t testing.TB, name string, partition, clustering int, columns ...string) *schema.Table {
	t.Helper()
	def := &schema.Table{Keyspace: "ks", Name: name, ID: uuid.New(), Columns: map[string]*schema.Column{}, Indexes: map[string]*schema.Index{}}
	for i, text := range columns {
		column, typeText, _ := strings.Cut(text, " ")
		typ, err := cqltype.ParseString(typeText, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &schema.Column{Keyspace: "ks", Table: name, Name: column, Type: typ}
		switch {
		case i < partition:
			c.Kind, c.Position, def.PartitionKey = schema.PartitionKey, i, append(def.PartitionKey, c)
		case i < partition+clustering:
			c.Kind, c.Position, def.Clustering = schema.Clustering, i-partition, append(def.Clustering, c)
		default:
			c.Kind, def.Regular = schema.Regular, append(def.Regular, c)
		}
		def.Columns[column] = c
		def.Counter = def.Counter || typ.Kind == cqltype.Counter
	}
	return def
}

func newFake(t testing.TB) *fake {
	tables := map[string]*schema.Table{}
	for _, def := range []*schema.Table{
		fakeTable(t, "users", 1, 0, "userid uuid", "created_date timestamp", "email text", "firstname text", "lastname text"),
		fakeTable(t, "ev", 2, 2, "pk text", "pk2 int", "c1 int", "c2 timeuuid", "v text"),
		fakeTable(t, "cnt", 1, 0, "id text", "m counter", "n counter"),
		fakeTable(t, "maps", 1, 0, "id text", "l list<int>", "m map<text, int>", "s set<text>"),
		fakeTable(t, "Mixed", 1, 0, "Id int", "select text"),
		fakeTable(t, "plain", 1, 0, "id ascii", "a ascii", "b boolean"),
	} {
		tables[def.Name] = def
	}
	return &fake{snapshot: &schema.Snapshot{Version: uuid.New(), Keyspaces: map[string]*schema.Keyspace{
		"ks": {Name: "ks", Replication: map[string]string{"class": "org.apache.cassandra.locator.SimpleStrategy", "replication_factor": "1"}, Tables: tables},
	}}}
}

// everyone is an Authenticator: the token "secret" may do everything, "reader"
// may only read keyspace ks.
type everyone struct{}

func (everyone) Token(_ context.Context, token string) (Session, error) {
	if token != "secret" && token != "reader" {
		return nil, cqlerr.New(cqlerr.BadCredentials, "no such token")
	}
	return session(token), nil
}

type session string

func (s session) Caller() backend.Caller { return backend.Caller{Name: string(s)} }

func (s session) Authorize(stmt cql.Statement, keyspace string) error {
	if s == "secret" {
		return nil
	}
	if sel, ok := stmt.(*cql.Select); ok && sel.Table.Keyspace == "ks" {
		return nil
	}
	return cqlerr.Unauthorizedf("User %s has no such permission", string(s))
}

func (s session) Visible(keyspace, _ string) bool { return s == "secret" || keyspace == "ks" }

// ask sends one request to h with the token that may do everything.
func ask(h http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("X-Cassandra-Token", "secret")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Del(header[i])
		if header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	documented(h, r, w)
	return w
}
