package conformance

import (
	"context"
	"errors"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// NewSession returns a session on b in process, as a connection would have it.
func NewSession(b backend.Backend) Session { return &inProcess{backend: b} }

type inProcess struct {
	backend  backend.Backend
	keyspace string
}

// Run implements Session.
func (s *inProcess) Run(ctx context.Context, req Request) (*Answer, error) {
	if req.Batch != nil {
		return s.batch(ctx, req)
	}
	parsed, err := cql.Parse(req.Statement)
	if err != nil {
		return refused(err)
	}
	p, err := s.backend.Prepare(ctx, parsed.Statement, parsed.Markers, s.keyspace)
	if err != nil {
		return refused(err)
	}
	q := &backend.Query{Consistency: backend.One, PageSize: req.PageSize, NowInSeconds: req.Now, HasNowInSeconds: req.HasNow}
	if q.Values, err = bound(p.Bind, req.Values); err != nil {
		return nil, err
	}
	a := &Answer{}
	for ; ; a.PageEnds = append(a.PageEnds, len(a.Rows)) {
		r, err := s.backend.Execute(ctx, p, q)
		if err != nil {
			return refused(err)
		}
		if r.Kind == backend.SetKeyspace {
			s.keyspace = r.Keyspace
		}
		a.Warnings = append(a.Warnings, r.Warnings...)
		a.add(r)
		if q.PagingState = r.PagingState; q.PagingState == nil {
			return a, nil
		}
	}
}

// batch runs a native BATCH.
func (s *inProcess) batch(ctx context.Context, req Request) (*Answer, error) {
	b := &backend.Batch{Kind: req.Batch.Kind, Query: backend.Query{Consistency: backend.One, NowInSeconds: req.Now, HasNowInSeconds: req.HasNow,
		Timestamp: req.Batch.Timestamp, HasTimestamp: req.Batch.HasTimestamp}}
	for _, e := range req.Batch.Entries {
		parsed, err := cql.Parse(e.Statement)
		if err != nil {
			return refused(err)
		}
		p, err := s.backend.Prepare(ctx, parsed.Statement, parsed.Markers, s.keyspace)
		if err != nil {
			return refused(err)
		}
		values, err := bound(p.Bind, e.Values)
		if err != nil {
			return nil, err
		}
		b.Entries = append(b.Entries, backend.BatchEntry{Prepared: p, Values: values})
	}
	r, err := s.backend.ExecuteBatch(ctx, b)
	if err != nil {
		return refused(err)
	}
	a := &Answer{Warnings: r.Warnings}
	a.add(r)
	return a, nil
}

// bound is values as what the markers ask for; more than those are left out.
func bound(markers []backend.Column, values []Value) ([]backend.Value, error) {
	var list []backend.Value
	for i, v := range values {
		if i >= len(markers) {
			break
		}
		b := backend.Value{Unset: v.Unset()}
		if !b.Unset {
			var err error
			if b.Bytes, err = v.Wire(markers[i].Type); err != nil {
				return nil, err
			}
		}
		list = append(list, b)
	}
	return list, nil
}

// add adds the rows of a page.
func (a *Answer) add(r *backend.Result) {
	if r.Kind != backend.Rows {
		return
	}
	a.Columns = []Column{}
	for _, c := range r.Columns {
		a.Columns = append(a.Columns, Column{Name: c.Name, Type: c.Type})
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

// refused makes an answer of what the back end refused; other errors stay errors.
func refused(err error) (*Answer, error) {
	var e *cqlerr.Error
	if !errors.As(err, &e) {
		return nil, err
	}
	return Refused(e), nil
}
