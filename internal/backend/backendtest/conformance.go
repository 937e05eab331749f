package backendtest

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// PlayConformance plays the cases that were recorded from a real Cassandra on
// b, the files that match pattern.
func PlayConformance(t *testing.T, b backend.Backend, pattern string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel() // some cases wait
			file, err := conformance.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			err = file.Play(t.Context(), &session{back: b}, func(r conformance.Result) {
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

// session runs cases on a back end, as a connection would.
type session struct {
	back     backend.Backend
	keyspace string
}

// Run implements conformance.Session.
func (s *session) Run(ctx context.Context, statement string, values []conformance.Value, pageSize int) (*conformance.Answer, error) {
	parsed, err := cql.Parse(statement)
	if err != nil {
		return answered(err)
	}
	p, err := s.back.Prepare(ctx, parsed.Statement, parsed.Markers, s.keyspace)
	if err != nil {
		return answered(err)
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
		r, err := s.back.Execute(ctx, p, q)
		if err != nil {
			return answered(err)
		}
		if r.Kind == backend.SetKeyspace {
			s.keyspace = r.Keyspace
		}
		a.Warnings = append(a.Warnings, r.Warnings...)
		addRows(r, a)
		if q.PagingState = r.PagingState; q.PagingState == nil {
			return a, nil
		}
	}
}

// addRows adds the rows of a page to a.
func addRows(r *backend.Result, a *conformance.Answer) {
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

// answered makes an answer of what the back end refused; other errors stay errors.
func answered(err error) (*conformance.Answer, error) {
	var e *cqlerr.Error
	if !errors.As(err, &e) {
		return nil, err
	}
	return conformance.Refused(e), nil
}
