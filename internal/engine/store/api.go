// Package store lays CQL rows out on a Pebble LSM store: order-preserving keys,
// one Pebble key per CQL row, every write a merge operand. It is the only
// package that imports Pebble, and knows physical layouts, not schemas.
//
// # Keys
//
//	'd' table(4) token(8) partition(escaped) 0x01            partition tombstone
//	                                         0x02            static row
//	                                         0x03 bound      range tombstone
//	                                         0x10 clustering row
//	'i' index(4) value(escaped) token(8) partition(escaped) clustering   index entry
//	'm' name                                                  named values (catalog, ...)
//	's' ...                                                   the store's own (clock mark, ...)
//
// Tokens are murmur3, sign-flipped, big endian, so that Pebble's order is
// Cassandra's. Comparer.Split cuts behind the escaped partition key, so bloom
// filters answer "no such partition". See docs/decisions for the full layout.
package store

import (
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Layout is what the store must know of a table. It is immutable.
type Layout struct {
	ID uint32 // schema.Table.Storage
	// Clustering columns in order.
	Clustering []ClusteringColumn
	// GCGraceSeconds: how long tombstones are kept in compaction.
	GCGraceSeconds int32
	// Counter tables hold counters; their cells add up in merges.
	Counter bool
	// Prefixes: rows may lack the last of their clustering columns. They sort
	// before all that begin as they do.
	Prefixes bool
	// Dropped columns, whose cells are not read.
	Dropped []DroppedColumn
}

// DroppedColumn is a column whose cells are not read when they were written at
// or before Timestamp (microseconds).
type DroppedColumn struct {
	Column    uint32
	Timestamp int64
}

// drops reports whether a cell belongs to a dropped column.
func (l *Layout) drops(column uint32, timestamp int64) bool {
	for i := range l.Dropped {
		if l.Dropped[i].Column == column {
			return timestamp <= l.Dropped[i].Timestamp
		}
	}
	return false
}

// ClusteringColumn is one clustering column of a Layout.
type ClusteringColumn struct {
	Type *cqltype.Type
	Desc bool
}

// Deletion is a tombstone: it shadows everything written at or before
// Timestamp (microseconds); LocalTime is when it was made (seconds since the
// epoch), which gc_grace counts from. The zero Deletion (no LocalTime) deletes
// nothing: see Live.
type Deletion struct {
	Timestamp int64
	LocalTime int64
}

// Live reports whether d deletes nothing.
func (d Deletion) Live() bool { return d.LocalTime == 0 }

// Liveness is a row's own marker, written by INSERT: the row exists even when
// all its regular columns are null (org.apache.cassandra.db.LivenessInfo).
type Liveness struct {
	Present   bool
	Timestamp int64
	TTL       int32 // seconds; 0 = none
	Expires   int64 // seconds since the epoch; 0 = never
}

// Cell is one live cell of a row that was read.
type Cell struct {
	Column uint32 // schema.Column.Storage
	// Path of a cell of a non-frozen collection or UDT, as made by AppendPath
	// (DecodePath gives the list's timeuuid, the set's element, the map's key,
	// the UDT's field position). Else nil.
	Path []byte
	// Value is the wire value; empty (not nil) for a set's cells. A counter's is
	// its 8-byte total.
	Value     []byte
	Timestamp int64
	TTL       int32
	Expires   int64
}

// Row is one row (or static row) as read: reconciled, tombstones and expired
// cells gone. It is valid until the iterator moves.
type Row struct {
	// Clustering holds the wire bytes of each clustering column; nil for a
	// static row and in tables without clustering columns.
	Clustering [][]byte
	Liveness   Liveness
	// Cells in order of (Column, Path); paths ordered as Cassandra orders them.
	Cells []Cell
}

// Find returns the cells of one column: at most one for a simple column.
func (r *Row) Find(column uint32) []Cell {
	lo, hi := 0, len(r.Cells)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if r.Cells[mid].Column < column {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	end := lo
	for end < len(r.Cells) && r.Cells[end].Column == column {
		end++
	}
	return r.Cells[lo:end]
}

// Slice is a range of clustering prefixes within a partition. Each bound is
// the wire values of the first len(bound) clustering columns; an empty bound
// is open. Inclusive means rows that equal the prefix in its columns are in.
// Start and End follow the table's clustering order (so in a DESC column Start
// has the greater value).
type Slice struct {
	Start, End                   [][]byte
	StartInclusive, EndInclusive bool
}

// TokenRange limits a scan over partitions: tokens in (Start, End] and so on.
// Nil ends are open.
type TokenRange struct {
	Start, End                   *int64
	StartInclusive, EndInclusive bool
}

// Position says where a scan goes on: behind a row, or behind a partition.
type Position struct {
	// Partition is the raw partition key last answered.
	Partition []byte
	// Clustering of the last row answered; nil in a table without clustering
	// columns, or when no row of the partition was answered yet.
	Clustering [][]byte
	// PartitionDone: nothing more of that partition is wanted.
	PartitionDone bool
}

// Scan says what to read of one table.
type Scan struct {
	// Partitions, raw, in the order they are to come; nil means a range scan
	// over Tokens. (A missing partition is simply not answered.)
	Partitions [][]byte
	Tokens     TokenRange
	// Slices of each partition in table order; nil means all rows. An empty,
	// non-nil list means no rows (static row only).
	Slices []Slice
	// Reverse: rows in reverse clustering order. Slices stay in table order.
	Reverse bool
	// NoStatic: the static row is not wanted.
	NoStatic bool
	// Now in seconds since the epoch, for TTLs.
	Now int64
	// Resume after this position, or nil.
	Resume *Position
	// TombstoneLimit > 0: give up with an error after that many tombstones.
	TombstoneLimit int
	// Counted are the columns whose dead cells count as tombstones; nil is all.
	Counted []uint32
}

func (sc *Scan) counts(column uint32) bool {
	return sc.Counted == nil || slices.Contains(sc.Counted, column)
}

// FS is a file system that a store lives on.
type FS = vfs.FS
