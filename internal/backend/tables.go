package backend

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// TableReader reads tables of another server as they are stored, for who answers
// SELECTs on them itself.
type TableReader interface {
	// Definition returns a table as it is there now, nil for one that is not to be
	// read this way. Its partition key is one column.
	Definition(keyspace, table string) *schema.Table
	// ReadTable returns a page of whole rows of t: partitions in the order of their
	// tokens, rows in clustering order. The columns say which cell is which.
	ReadTable(ctx context.Context, t *schema.Table, r TableRange) (*Result, error)
	// About says which keyspace and table, "" for none in particular, a row of t
	// tells of: only who may see that may see the row. cell returns the row's cell in
	// a column, nil where there is none.
	About(t *schema.Table, cell func(column string) []byte) (keyspace, table string)
}

// TableRange is what ReadTable is to read. The zero value is the first page of
// all.
type TableRange struct {
	// Key of the one partition that is wanted, nil for many.
	Key []byte
	// From, if not nil, is the first token that is wanted.
	From *int64
	// PagingState of the page before, nil for the first.
	PagingState []byte
}
