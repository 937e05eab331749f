package exec

import "github.com/astrolabe-db/astrolabe/internal/engine/store"

// DB is what statements run on.
type DB struct {
	Store *store.Store
	// Virtual serves the tables that have no storage (schema.Table.Storage 0).
	Virtual Source
}
