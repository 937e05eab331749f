// Package exec runs plans: it reads through a Source (the store, or tables that
// live in memory), filters, selects, groups and orders rows, cuts pages, and
// writes through the store.
//
//	plan + backend.Query --Source.Open--> rows --selectors--> backend.Result
package exec

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Source serves tables that live in memory (system and virtual ones). Tables
// with storage are read from the store directly.
type Source interface {
	// Open starts a scan of t. The iterator reads one consistent view; s must
	// not be changed while it is open. Cells carry the column's
	// schema.Column.Storage number, which is unique in its table, and simple
	// values only: a collection is one cell, its Value the whole serialized
	// collection, whether its type is frozen or not.
	Open(ctx context.Context, t *schema.Table, s *store.Scan) (RowIter, error)
}

// RowIter yields partitions, and the rows of each. It honours all of its
// Scan: partitions in the order of Scan.Partitions, else by token and then by
// key; rows in clustering order within Scan.Slices.
//
// A partition is answered when it has a row within the slices or a static row
// with live cells (NoStatic: rows only); skipping others is allowed, not
// required.
type RowIter interface {
	// NextPartition moves to the next partition; false at the end or on error.
	NextPartition() bool
	// Partition is the raw key of the current partition.
	Partition() []byte
	// Static is the partition's static row, nil when it has none. Valid until
	// NextPartition.
	Static() *store.Row
	// NextRow moves to the next row of the partition; false at its end.
	NextRow() bool
	// Row is the current row, valid until the iterator moves.
	Row() *store.Row
	// SkipPartition drops the rest of the current partition's rows.
	SkipPartition()
	// Err is the error that stopped the iterator, or nil.
	Err() error
	// Close releases the iterator.
	Close() error
}
