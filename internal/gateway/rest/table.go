package rest

import (
	"strings"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// generation is what the door knows for one version of the schema. All of it
// is forgotten when the schema changes.
type generation struct {
	snapshot *schema.Snapshot
	tables   sync.Map // *schema.Table -> *table
	shapes   shapes
}

// generation returns what there is for the current schema.
func (h *Handler) generation() *generation {
	snapshot := h.backend.Schema()
	g := h.cache.Load()
	if g == nil || g.snapshot != snapshot {
		g = &generation{snapshot: snapshot}
		h.cache.Store(g) // two at once: one of them is thrown away, no harm
	}
	return g
}

// table is a table as the row endpoints need it.
type table struct {
	generation *generation
	def        *schema.Table
	name       cql.QualifiedName
	// columns in the order of SELECT *: the first keys of them are the primary
	// key, partition key first.
	columns []*schema.Column
	keys    int
	ordinal map[string]int
	// accesses are what the session is asked about, by access.
	accesses [accesses]cql.Statement
}

// access is what an endpoint does to a table.
type access uint8

const (
	reading access = iota
	writing
	deleting
	writingIf
	deletingIf
	accesses
)

// statements makes, for each access, the simplest statement that needs it.
func statements(name cql.QualifiedName) [accesses]cql.Statement {
	return [accesses]cql.Statement{
		reading: &cql.Select{Table: name}, writing: &cql.Insert{Table: name}, deleting: &cql.Delete{Table: name},
		writingIf: &cql.Insert{Table: name, IfNotExists: true}, deletingIf: &cql.Delete{Table: name, IfExists: true},
	}
}

// table returns the table of the request's path, when the session may access
// it so. That is found out before anything is said about the table: even an
// error tells what columns there are. A missing table is nil.
func (c *call) table(a access) (*table, error) {
	keyspace, name := c.target.Keyspace, c.target.Name
	t := c.door.generation().table(keyspace, name)
	if t == nil {
		missing := statements(cql.QualifiedName{Keyspace: keyspace, Name: name})
		return nil, c.who.Authorize(missing[a], "")
	}
	if err := c.who.Authorize(t.accesses[a], ""); err != nil {
		return nil, err
	}
	return t, nil
}

// table returns a table, or nil.
func (g *generation) table(keyspace, name string) *table {
	def := g.snapshot.Table(keyspace, name)
	if def == nil {
		return nil
	}
	if t, ok := g.tables.Load(def); ok {
		return t.(*table)
	}
	t := &table{generation: g, def: def, name: cql.QualifiedName{Keyspace: keyspace, Name: name}, columns: def.InOrder(),
		keys: len(def.PartitionKey) + len(def.Clustering), ordinal: make(map[string]int, len(def.Columns))}
	t.accesses = statements(t.name)
	for i, column := range t.columns {
		t.ordinal[column.Name] = i
	}
	g.tables.Store(def, t)
	return t
}

// existing is table, for a table that must be there.
func (c *call) existing(a access) (*table, error) {
	t, err := c.table(a)
	if err != nil || t != nil {
		return t, err
	}
	keyspace, name := c.target.Keyspace, c.target.Name
	there := c.door.backend.Schema().Keyspaces[keyspace] != nil
	switch {
	case c.rows && !there:
		return nil, badRequest("keyspace '%s' not found", keyspace)
	case c.rows:
		return nil, badRequest("table '%s' not found", name)
	case c.v1:
		return nil, missingV1(there, keyspace, name)
	}
	if !there {
		return nil, badRequest("Keyspace '%s' not found", keyspace)
	}
	return nil, badRequest("Table '%s' not found (in keyspace '%s')", name, keyspace)
}

// column finds a column by its name.
func (c *call) column(t *table, name []byte) (int, error) {
	if i, ok := t.ordinal[string(name)]; ok {
		return i, nil
	}
	if c.v1 {
		return 0, badRequest("Unknown field name '%s'.", name)
	}
	names := make([]string, len(t.columns))
	for i, column := range t.columns {
		names[i] = column.Name
	}
	return 0, badRequest("Unknown field name '%s' (table '%s'); known fields: [%s]", name, t.def.Name, strings.Join(names, ", "))
}

// field wraps the error of a value for a column.
func (c *call) field(t *table, column int, what string, err error) error {
	if c.v1 {
		return badRequest("%s", err)
	}
	return badRequest("Failed to deserialize %sfield '%s.%s', problem: %s", what, t.def.Name, t.columns[column].Name, err)
}
