package engine_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// TestConformance plays the cases that were recorded from a real Cassandra on
// the engine in process.
func TestConformance(t *testing.T) {
	files, err := filepath.Glob("../../test/conformance/*.cql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel() // some cases wait
			file, err := conformance.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			err = file.Play(t.Context(), &session{engine: e}, func(r conformance.Result) {
				if r.Skipped != "" {
					t.Logf("%s:%d not compared: %s", path, r.Case.Line, r.Skipped)
				}
				if !r.Agrees() {
					t.Errorf("%s:%d: %s\nCassandra:\n%s\ngot:\n%s", path, r.Case.Line, r.Case.Statement, r.Case.Answer, r.Got)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// session runs cases on an engine, as a connection would.
type session struct {
	engine   *engine.Engine
	keyspace string
}

// Run implements conformance.Session.
func (s *session) Run(ctx context.Context, statement string, values []conformance.Value, pageSize int) (*conformance.Answer, error) {
	parsed, err := cql.Parse(statement)
	if err != nil {
		return refused(err)
	}
	p, err := s.engine.Prepare(ctx, parsed.Statement, parsed.Markers, s.keyspace)
	if err != nil {
		return refused(err)
	}
	q := &backend.Query{Consistency: backend.One, PageSize: pageSize}
	for i, v := range values {
		if i >= len(p.Bind) {
			break
		}
		bound := backend.Value{Unset: v.Unset()}
		if !bound.Unset {
			if bound.Bytes, err = v.Wire(p.Bind[i].Type); err != nil {
				return nil, err
			}
		}
		q.Values = append(q.Values, bound)
	}
	a := &conformance.Answer{}
	for ; ; a.PageEnds = append(a.PageEnds, len(a.Rows)) {
		r, err := s.engine.Execute(ctx, p, q)
		if err != nil {
			return refused(err)
		}
		if r.Kind == backend.SetKeyspace {
			s.keyspace = r.Keyspace
		}
		a.Warnings = append(a.Warnings, r.Warnings...)
		readRows(r, a)
		if q.PagingState = r.PagingState; q.PagingState == nil {
			return a, nil
		}
	}
}

// readRows adds the rows of a page to a.
func readRows(r *backend.Result, a *conformance.Answer) {
	if r.Kind != backend.Rows {
		return
	}
	a.Columns = nil
	for _, c := range r.Columns {
		a.Columns = append(a.Columns, conformance.Column{Name: c.Name, Type: c.Type})
	}
	cursor := r.Cursor()
	for range r.RowCount {
		row := make([][]byte, len(r.Columns))
		for i := range row {
			row[i] = cursor.Next()
		}
		a.Rows = append(a.Rows, row)
	}
}

// refused makes an answer of what the engine refused; other errors stay errors.
func refused(err error) (*conformance.Answer, error) {
	var e *cqlerr.Error
	if !errors.As(err, &e) {
		return nil, err
	}
	return conformance.Refused(e), nil
}
