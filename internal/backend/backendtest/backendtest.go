// Package backendtest is the suite that every back end must pass: what doors
// rely on in package backend. What statements mean is not its subject; that is
// told by the conformance cases, which PlayConformance plays on a back end.
package backendtest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Run runs the suite on b, in keyspaces whose names begin with "bt_" and which
// it drops again.
func Run(t *testing.T, b backend.Backend) {
	for _, part := range []struct {
		name string
		run  func(*suite)
	}{
		{"statements", statements},
		{"metadata", metadata},
		{"raw cells", rawCells},
		{"null and unset", nullAndUnset},
		{"pages", pages},
		{"times", times},
		{"conditions", conditions},
		{"batches", batches},
		{"schema", schemaChanges},
		{"a statement outlives a change of its table", outlives},
		{"errors", refusals},
		{"at the same time", concurrent},
	} {
		t.Run(part.name, func(t *testing.T) {
			s := &suite{T: t, b: b, keyspace: "bt_" + fmt.Sprintf("%x", hash(part.name))}
			s.exec("DROP KEYSPACE IF EXISTS " + s.keyspace)
			s.exec("CREATE KEYSPACE " + s.keyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
			defer s.exec("DROP KEYSPACE IF EXISTS " + s.keyspace)
			part.run(s)
		})
	}
}

// hash tells the keyspaces of the parts apart.
func hash(s string) (h uint32) {
	for _, c := range s {
		h = h*31 + uint32(c)
	}
	return h
}

// suite runs statements on the back end, in a keyspace.
type suite struct {
	*testing.T
	b        backend.Backend
	keyspace string
}

// prepare prepares a statement that must be right.
func (s *suite) prepare(text string) *backend.Prepared {
	s.Helper()
	p, err := s.tryPrepare(text)
	if err != nil {
		s.Fatalf("%s: %v", text, err)
	}
	return p
}

func (s *suite) tryPrepare(text string) (*backend.Prepared, error) {
	s.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		s.Fatalf("%s: %v", text, err)
	}
	return s.b.Prepare(s.Context(), parsed.Statement, parsed.Markers, s.keyspace)
}

// query is what doors fill in for a plain statement.
func query(values ...[]byte) *backend.Query {
	q := &backend.Query{Consistency: backend.LocalQuorum}
	for _, v := range values {
		q.Values = append(q.Values, backend.Value{Bytes: v})
	}
	return q
}

// run executes p, which must succeed.
func (s *suite) run(p *backend.Prepared, q *backend.Query) *backend.Result {
	s.Helper()
	r, err := s.b.Execute(s.Context(), p, q)
	if err != nil {
		s.Fatalf("%s: %v", cql.Print(p.Statement), err)
	}
	return r
}

// exec prepares and executes a statement that must succeed.
func (s *suite) exec(text string, values ...[]byte) *backend.Result {
	s.Helper()
	return s.run(s.prepare(text), query(values...))
}

// once executes a statement as one that does not come again.
func (s *suite) once(text string) (*backend.Result, error) {
	s.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		s.Fatalf("%s: %v", text, err)
	}
	p, err := backend.PrepareOnce(s.Context(), s.b, parsed.Statement, parsed.Markers, s.keyspace)
	if err != nil {
		return nil, err
	}
	return s.b.Execute(s.Context(), p, query())
}

// refused returns the error that preparing or executing text ends with.
func (s *suite) refused(text string, values ...[]byte) *cqlerr.Error {
	s.Helper()
	p, err := s.tryPrepare(text)
	if err == nil {
		_, err = s.b.Execute(context.WithoutCancel(s.Context()), p, query(values...))
	}
	return s.asError(text, err)
}

func (s *suite) asError(what string, err error) *cqlerr.Error {
	s.Helper()
	var e *cqlerr.Error
	if !errors.As(err, &e) {
		s.Fatalf("%s: the error is %v, no *cqlerr.Error", what, err)
	}
	return e
}

// rows returns the cells of a result.
func (s *suite) rows(r *backend.Result) [][][]byte {
	s.Helper()
	if r.Kind != backend.Rows {
		s.Fatalf("result of kind %d, not rows", r.Kind)
	}
	cursor := r.Cursor()
	all := make([][][]byte, r.RowCount)
	for i := range all {
		for range r.Columns {
			all[i] = append(all[i], cursor.Next())
		}
	}
	return all
}
