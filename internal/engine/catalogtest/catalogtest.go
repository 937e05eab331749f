// Package catalogtest runs text cases on a catalog and the server's own tables,
// without the rest of a server.
//
// A case is a statement and what it answers, in the form of
// github.com/cockroachdb/datadriven:
//
//	cql [page=rows]
//	CREATE TABLE ks.t (k int PRIMARY KEY)
//	----
//	CREATED TABLE ks t
//
// An answer is "void", "use keyspace", the change of the schema, the rows with
// their columns on top, or an error with its code; warnings follow. Values are
// shown as CQL literals, a text alone as it is. Expectations are a real
// Cassandra's.
package catalogtest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/ddl"
	"github.com/astrolabe-db/astrolabe/internal/engine/exec"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/engine/system"
)

// Server is a store with its catalog, and one session on it.
type Server struct {
	Store    *store.Store
	Catalog  *ddl.Catalog
	Tables   *system.Tables
	Keyspace string // of the session
}

// Start opens the store in dir. It is closed when the test ends, unless Close
// was called before.
func Start(t testing.TB, dir string) *Server {
	t.Helper()
	builtin, err := system.Keyspaces()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{}
	if s.Store, err = store.Open(store.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(t) })
	if s.Catalog, err = ddl.Open(context.Background(), s.Store, ddl.Options{Builtin: builtin}); err != nil {
		t.Fatal(err)
	}
	id, err := system.HostID(s.Store)
	if err != nil {
		t.Fatal(err)
	}
	s.Tables = system.New(system.Options{
		Snapshot: s.Catalog.Snapshot, ClusterName: "local", HostID: id, Started: time.Now(),
		Address: func() netip.AddrPort { return netip.MustParseAddrPort("127.0.0.1:17544") },
	})
	return s
}

// Close closes the store.
func (s *Server) Close(t testing.TB) {
	t.Helper()
	if s.Store == nil {
		return
	}
	if err := s.Store.Close(); err != nil {
		t.Error(err)
	}
	s.Store = nil
}

// Run runs the cases of a file on a new server.
func Run(t *testing.T, path string) {
	s := Start(t, t.TempDir())
	datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
		if d.Cmd != "cql" {
			t.Fatalf("%s: unknown command %s", d.Pos, d.Cmd)
		}
		q := &backend.Query{Consistency: backend.One}
		if d.HasArg("page") {
			d.ScanArgs(t, "page", &q.PageSize)
		}
		return s.Answer(d.Input, q)
	})
}

// Execute runs one statement of the session.
func (s *Server) Execute(text string, q *backend.Query) (*backend.Result, error) {
	parsed, err := cql.Parse(text)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	switch stmt := parsed.Statement.(type) {
	case *cql.Use:
		s.Keyspace = stmt.Keyspace
		return &backend.Result{Kind: backend.SetKeyspace, Keyspace: stmt.Keyspace}, nil
	case *cql.Describe:
		return s.Tables.Describe(stmt, s.Keyspace, q)
	case *cql.Select:
		p, err := (&plan.Context{Schema: s.Catalog.Snapshot(), Keyspace: s.Keyspace}).Select(stmt)
		if err != nil {
			return nil, err
		}
		db := &exec.DB{Store: s.Store, Virtual: s.Tables}
		return db.Select(ctx, p, q)
	}
	return s.Catalog.Execute(ctx, parsed.Statement, s.Keyspace)
}

// Answer runs one statement and returns its answer as text.
func (s *Server) Answer(text string, q *backend.Query) string {
	r, err := s.Execute(text, q)
	var lines []string
	var e *cqlerr.Error
	switch {
	case errors.As(err, &e):
		line := fmt.Sprintf("error 0x%04X: %s", int32(e.Code), e.Message)
		if e.Code == cqlerr.AlreadyExists {
			line += fmt.Sprintf(" [%s %s]", e.Keyspace, e.Table)
		}
		lines = append(lines, line)
	case err != nil:
		lines = append(lines, "error: "+err.Error())
	default:
		lines = answer(r)
		for _, w := range r.Warnings {
			lines = append(lines, "warning: "+w)
		}
	}
	return strings.Join(lines, "\n")
}

func answer(r *backend.Result) []string {
	switch r.Kind {
	case backend.Void:
		return []string{"void"}
	case backend.SetKeyspace:
		return []string{"use " + r.Keyspace}
	case backend.SchemaChange:
		line := string(r.Change.Kind) + " " + r.Change.Target + " " + r.Change.Keyspace
		if r.Change.Target != "KEYSPACE" {
			line += " " + r.Change.Name
		}
		return []string{line}
	}
	names := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		names[i] = c.Name
	}
	lines := []string{strings.Join(names, " | ")}
	cells := r.Cursor()
	for range r.RowCount {
		values := make([]string, len(r.Columns))
		for i, c := range r.Columns {
			values[i] = show(c.Type, cells.Next())
		}
		lines = append(lines, strings.Join(values, " | "))
	}
	if r.PagingState != nil {
		lines = append(lines, "more pages")
	}
	return lines
}
