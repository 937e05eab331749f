package backend

import (
	"context"
	"iter"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Source reads what a back end has stored, complete with write times, for
// copying it elsewhere. It is not part of Backend: the embedded engine opens
// one on a data directory that no server holds.
type Source interface {
	// ID tells this data from any other; it never changes.
	ID() uuid.UUID
	// Fingerprint changes when the data may have changed since it was last read.
	Fingerprint() string
	// Schema is the catalog.
	Schema() *schema.Snapshot
	// Rows walks the rows of t in the order of tokens, each partition's static
	// row before its others. A row is valid until the next. What is deleted or
	// has expired at o.Now is left out. An error ends the walk.
	Rows(ctx context.Context, t *schema.Table, o StoredRange) iter.Seq2[*StoredRow, error]
	// Close releases the data.
	Close() error
}

// StoredRange says which rows Source.Rows walks over.
type StoredRange struct {
	// After, when not nil, is the partition key (as in StoredRow) behind which
	// the walk begins.
	After []byte
	// First and Last are the tokens of the first and the last partition that
	// are wanted, both included. Zero values mean all.
	First, Last *int64
	// Partition, when not nil, is the only partition wanted.
	Partition []byte
	// Now in seconds since the epoch.
	Now int64
}

// StoredRow is a row as stored: reconciled, without what is deleted or expired.
type StoredRow struct {
	// Partition is the partition key in the form of a routing key
	// (native_protocol_v5.spec leaves it to drivers; CompositeType of more than
	// one column), and Token its murmur3 token.
	Partition []byte
	Token     int64
	// Static: the row of the static columns; it has no Clustering.
	Static bool
	// Clustering holds the wire bytes of each clustering column.
	Clustering [][]byte
	// Live: the row's own marker (INSERT), with its times.
	Live    bool
	Written Written
	// Cells by column in the order of storage, those of one non-frozen
	// collection in its order.
	Cells []StoredCell
}

// Written is when a cell was written and when it goes.
type Written struct {
	// Timestamp in microseconds.
	Timestamp int64
	// TTL in seconds as given, and Expires in seconds since the epoch; both 0
	// for what stays.
	TTL     int32
	Expires int64
}

// StoredCell is one live cell.
type StoredCell struct {
	Column *schema.Column
	// Path of a cell of a non-frozen collection or user type: a list's 16-byte
	// timeuuid, a set's element, a map's key, a user type's 2-byte big-endian
	// field position (org.apache.cassandra.db.rows.CellPath). Else nil.
	Path []byte
	// Value is the wire value; empty for a set's cells, 8 bytes (the total) for
	// a counter.
	Value []byte
	Written
}
