// Package statement runs the statements that GraphQL fields stand for: asks
// whether the caller may, and prepares each shape of statement once.
package statement

import (
	"context"
	"encoding/base64"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
)

const (
	// maxShapes bounds the prepared statements of one version of a keyspace.
	maxShapes = 2_000
	// maxShapeKey bounds what tells shapes apart, in bytes; statements with more
	// are prepared each time.
	maxShapeKey = 2_000
	// DefaultPageSize is how many rows a page has where the query does not say.
	DefaultPageSize = 100
	// maxPageSize bounds a page, in rows.
	maxPageSize = 10_000
)

// Runner runs statements.
type Runner struct {
	Backend backend.Backend
	shapes  *lru.Cache[string, *backend.Prepared]
}

// NewRunner returns a runner without any shapes yet.
func NewRunner(b backend.Backend) *Runner {
	shapes, err := lru.New[string, *backend.Prepared](maxShapes)
	if err != nil {
		panic(err) // the size is a constant
	}
	return &Runner{Backend: b, shapes: shapes}
}

// Prepare returns the statement of a shape, made by build when it is not known
// yet, if the caller may run it.
func (x *Runner) Prepare(r *exec.Run, shape []byte, build func() cql.Statement) (*backend.Prepared, error) {
	if p, ok := x.shapes.Get(string(shape)); ok {
		return p, r.Session.Authorize(p.Statement, "")
	}
	stmt := build()
	if err := r.Session.Authorize(stmt, ""); err != nil {
		return nil, err
	}
	p, err := x.Backend.Prepare(r.Context, stmt, nil, "")
	if err != nil {
		return nil, cqlerr.From(err)
	}
	if len(shape) <= maxShapeKey {
		x.shapes.Add(string(shape), p)
	}
	return p, nil
}

// Options are what a field says about how its statements run.
type Options struct {
	Consistency, SerialConsistency backend.Consistency
	PageSize                       int
	PagingState                    []byte
	Timestamp                      int64
	HasTimestamp                   bool
}

func (o Options) query(r *exec.Run) backend.Query {
	return backend.Query{Consistency: o.Consistency, SerialConsistency: o.SerialConsistency, PageSize: o.PageSize, PagingState: o.PagingState,
		Timestamp: o.Timestamp, HasTimestamp: o.HasTimestamp, Caller: r.Session.Caller()}
}

// Execute runs a prepared statement.
func (x *Runner) Execute(ctx context.Context, r *exec.Run, p *backend.Prepared, values []backend.Value, o Options) (*backend.Result, error) {
	q := o.query(r)
	q.Values = values
	result, err := x.Backend.Execute(ctx, p, &q)
	if err != nil {
		return nil, cqlerr.From(err)
	}
	return result, nil
}

// Batch runs statements all or none.
func (x *Runner) Batch(ctx context.Context, r *exec.Run, kind cql.BatchKind, entries []backend.BatchEntry, o Options) (*backend.Result, error) {
	result, err := x.Backend.ExecuteBatch(ctx, &backend.Batch{Kind: kind, Entries: entries, Query: o.query(r)})
	if err != nil {
		return nil, cqlerr.From(err)
	}
	return result, nil
}

// Define runs a statement about the schema.
func (x *Runner) Define(r *exec.Run, stmt cql.Statement) error {
	if err := r.Session.Authorize(stmt, ""); err != nil {
		return err
	}
	p, err := backend.PrepareOnce(r.Context, x.Backend, stmt, nil, "")
	if err != nil {
		return cqlerr.From(err)
	}
	q := Options{Consistency: backend.LocalQuorum}.query(r)
	if _, err = x.Backend.Execute(r.Context, p, &q); err != nil {
		return cqlerr.From(err)
	}
	return nil
}

// Consistencies are the levels by their names in the enums of the schemas.
var Consistencies = map[string]backend.Consistency{
	"LOCAL_ONE": backend.LocalOne, "LOCAL_QUORUM": backend.LocalQuorum, "ALL": backend.All,
	"SERIAL": backend.Serial, "LOCAL_SERIAL": backend.LocalSerial,
}

// PageSize reads the size of a page, in rows.
func PageSize(in exec.Input) (int, error) {
	if !in.Given() {
		return DefaultPageSize, nil
	}
	n, err := in.Int64(32)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("pageSize must be a positive number, got %s", in.Str())
	}
	return int(min(n, maxPageSize)), nil
}

// PageState reads a page state: standard base64.
func PageState(in exec.Input) ([]byte, error) {
	if !in.Given() || in.Str() == "" {
		return nil, nil
	}
	state, err := base64.StdEncoding.DecodeString(in.Str())
	if err != nil {
		return nil, fmt.Errorf("Invalid page state '%.100s'", in.Str())
	}
	return state, nil
}

// AppendPageState appends a page state as JSON.
func AppendPageState(dst, state []byte) []byte {
	if len(state) == 0 {
		return append(dst, "null"...)
	}
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), state), '"')
}

// Marker returns the next bind marker.
func Marker(next *int) *cql.BindMarker {
	*next++
	return &cql.BindMarker{Index: *next - 1}
}

// Applied takes the answer to a conditional statement apart: whether it was
// applied, and the first row's cells by column name when it was not. A statement
// without conditions has no rows, and was.
func Applied(result *backend.Result) (applied bool, row map[string][]byte) {
	if result.Kind != backend.Rows || result.RowCount == 0 || len(result.Columns) == 0 || result.Columns[0].Name != "[applied]" {
		return true, nil
	}
	cursor := result.Cursor()
	if first := cursor.Next(); len(first) == 1 && first[0] != 0 {
		return true, nil
	}
	row = make(map[string][]byte, len(result.Columns)-1)
	for _, column := range result.Columns[1:] {
		row[column.Name] = cursor.Next()
	}
	return false, row
}
