package exec

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/engine/measure"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// DB is what statements run on.
type DB struct {
	Store *store.Store
	// Virtual serves the tables that have no storage (schema.Table.Storage 0).
	Virtual Source
	// IndexBuilt reports whether an index, by its storage number, has the rows
	// from before it was made; nil: all have.
	IndexBuilt func(id uint32) bool
	// Guard holds the limits of what is only known while a statement runs; nil
	// stands for Cassandra's defaults.
	Guard *guardrail.Guard
	// Available refuses a consistency level that a table has too few replicas for,
	// when the conditions of a write are met; nil: none.
	Available func(backend.Consistency, *schema.Table) error
	// Measures counts what statements cost by table; nil for nobody who asks.
	Measures *measure.Tables
}

var defaultGuard = guardrail.New(guardrail.Cassandra(), nil)

func (db *DB) guard() *guardrail.Guard {
	if db.Guard == nil {
		return defaultGuard
	}
	return db.Guard
}
