package exec

import "github.com/astrolabe-db/astrolabe/internal/engine/store"

// DB is what statements run on.
type DB struct {
	Store *store.Store
	// Virtual serves the tables that have no storage (schema.Table.Storage 0).
	Virtual Source
	// IndexBuilt reports whether an index, by its storage number, has the rows
	// from before it was made; nil: all have.
	IndexBuilt func(id uint32) bool
	// TombstoneWarning is how many tombstones a read may pass over without a
	// warning (tombstone_warn_threshold), TombstoneFailure how many at all
	// (tombstone_failure_threshold); 0 means Cassandra's defaults.
	TombstoneWarning, TombstoneFailure int
}
