// Package schema is the catalog: immutable snapshots of keyspaces, tables,
// types and indexes, the differences between two of them, the rows they have
// in system_schema, and the CQL text that describes them.
//
// The back end publishes a new *Snapshot on every change; readers hold on to
// the one they started with, so nothing here is ever locked or altered in place.
package schema

import (
	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Snapshot is the whole catalog at one moment. It and everything reachable
// from it is immutable.
type Snapshot struct {
	// Version is what system.local.schema_version shows; it changes with each DDL.
	Version uuid.UUID
	// Keyspaces by name, system and virtual keyspaces included.
	Keyspaces map[string]*Keyspace
}

// Keyspace is one keyspace.
type Keyspace struct {
	Name string
	// Replication options as given, "class" with its full Java name
	// (org.apache.cassandra.locator.SimpleStrategy).
	Replication   map[string]string
	DurableWrites bool
	// Virtual keyspaces (system_views, system_virtual_schema) hold no data.
	Virtual bool
	// System keyspaces can't be altered by clients.
	System bool
	Tables map[string]*Table
	Types  map[string]*cqltype.Type
}

// Table is one table. The columns in Columns are the ones of the four lists.
type Table struct {
	Keyspace, Name string
	// ID is what system_schema.tables.id shows.
	ID uuid.UUID
	// Storage is the number of the table in storage keys; never used again
	// after the table is dropped. Zero for tables without storage.
	Storage      uint32
	PartitionKey []*Column
	Clustering   []*Column
	Static       []*Column // in the order of CompareNames
	Regular      []*Column // in the order of CompareNames
	Columns      map[string]*Column
	Indexes      map[string]*Index
	Options      Options
	// Virtual tables are served from memory, without storage.
	Virtual bool
	// Dropped columns by name, for system_schema.dropped_columns and for the
	// rule that a column can't come back with another type.
	Dropped map[string]*DroppedColumn
	// NextColumn is the storage number the next added column gets.
	NextColumn uint32
	// Counter is set when the table holds counters.
	Counter bool
	// Compact is set for a table WITH COMPACT STORAGE.
	Compact *Compact
	// Base is the table, of the same keyspace, that a materialized view shows rows
	// of; "" for one that is no view.
	Base string `json:",omitempty"`
}

// ColumnKind says what part of the table a column is.
type ColumnKind uint8

// The kinds of column, in the order SELECT * shows them.
const (
	PartitionKey ColumnKind = iota
	Clustering
	Static
	Regular
)

// String returns the kind as system_schema.columns.kind shows it.
func (k ColumnKind) String() string {
	return [...]string{"partition_key", "clustering", "static", "regular"}[k]
}

// InPrimaryKey reports whether columns of the kind are part of the primary key.
func (k ColumnKind) InPrimaryKey() bool { return k <= Clustering }

// Column is one column of a table.
type Column struct {
	Keyspace, Table, Name string
	Kind                  ColumnKind
	// Position within the partition key or the clustering key; 0 otherwise
	// (system_schema shows -1 for static and regular columns).
	Position int
	Type     *cqltype.Type
	// Desc: clustering column in descending order.
	Desc bool
	// Storage is the number of the column in stored cells; a column that is
	// dropped and added again has it again, for what was written to it later
	// than DroppedTime comes back. Key columns have none (0).
	Storage uint32
	// Mask is the function of MASKED WITH, nil for none.
	Mask *Mask
}

// DroppedColumn remembers a dropped column.
type DroppedColumn struct {
	Name string
	Kind ColumnKind
	Type *cqltype.Type
	// DroppedTime in microseconds.
	DroppedTime int64
	// Storage number that the column had, 0 when that was not kept.
	Storage uint32
}

// IndexTarget says what of a column an index covers.
type IndexTarget uint8

// The index targets: plain column values, map keys, collection values, map
// entries, or a whole frozen collection.
const (
	TargetValue IndexTarget = iota
	TargetKeys
	TargetValues
	TargetEntries
	TargetFull
)

// Index is a secondary index.
type Index struct {
	Name   string
	Column string
	Target IndexTarget
	// Kind as in system_schema.indexes: COMPOSITES, KEYS or CUSTOM.
	Kind string
	// Options as system_schema.indexes shows them ("target", "class_name", ...).
	Options map[string]string
	// Storage is the number of the index in storage keys.
	Storage uint32
	// Format is the version of the entries in storage (index.Format).
	Format int `json:",omitempty"`
}

// Options are the table options. Those the engine has no use for are kept and
// described back. Field names follow system_schema.tables.
type Options struct {
	AdditionalWritePolicy   string
	AllowAutoSnapshot       bool
	BloomFilterFPChance     float64
	Caching                 map[string]string
	CDC                     bool
	Comment                 string
	Compaction              map[string]string
	Compression             map[string]string
	CRCCheckChance          float64
	DefaultTimeToLive       int32
	Extensions              map[string][]byte
	GCGraceSeconds          int32
	IncrementalBackups      bool
	MaxIndexInterval        int32
	Memtable                string
	MemtableFlushPeriodInMs int32
	MinIndexInterval        int32
	ReadRepair              string
	SpeculativeRetry        string
}

// Table returns the named table, or nil.
func (s *Snapshot) Table(keyspace, name string) *Table {
	if ks := s.Keyspaces[keyspace]; ks != nil {
		return ks.Tables[name]
	}
	return nil
}

// InOrder returns the columns in the order SELECT * shows them: partition key,
// clustering, static, regular (each of the last two by name). It allocates;
// plans keep the answer.
func (t *Table) InOrder() []*Column {
	all := make([]*Column, 0, len(t.Columns))
	all = append(all, t.PartitionKey...)
	all = append(all, t.Clustering...)
	all = append(all, t.Static...)
	return append(all, t.Regular...)
}
