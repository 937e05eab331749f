package grpc

import (
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// textKey is a statement's text and the keyspace of its unqualified names.
type textKey struct{ keyspace, text string }

// statement is a prepared statement as the door keeps it; it is immutable.
type statement struct {
	prepared *backend.Prepared
	// columns are the ColumnSpecs of prepared.Result in a ResultSet.
	columns []byte
}

// The parts of a statement's size that are not its text, in bytes.
const (
	statementSize = 4 << 10 // with the back end's plan
	columnSize    = 256
)

// statement returns what text means in keyspace, checked against the schema as
// it is; it is parsed and prepared once as long as there is room to keep it.
func (c *call) statement(text string) (*statement, error) {
	keyspace := c.request.keyspace
	if c.request.hasKeyspace {
		if err := c.who.Sees(&cql.Use{Keyspace: keyspace}, ""); err != nil {
			return nil, err
		}
		if c.door.backend.Schema().Keyspaces[keyspace] == nil {
			return nil, cqlerr.Invalidf("Keyspace '%s' does not exist", keyspace)
		}
	}
	key := textKey{keyspace, text}
	if st, ok := c.door.prepared.Get(key); ok {
		return st, c.who.Sees(st.prepared.Statement, keyspace)
	}
	if c.trace != nil {
		c.trace.Event(backend.TraceDoor, "Parsing %s", backend.HidePassword(text))
	}
	parsed, err := cql.Parse(text)
	if err != nil {
		return nil, err
	}
	if _, ok := parsed.Statement.(*cql.Use); ok {
		return nil, invalid("USE <keyspace> not supported")
	}
	if n := len(parsed.Markers); n > maxValues {
		return nil, invalid(fmt.Sprintf("%d bind markers are more than the %d allowed", n, maxValues))
	}
	if err := c.who.Sees(parsed.Statement, keyspace); err != nil {
		return nil, err
	}
	c.trace.Event(backend.TraceDoor, "Preparing statement")
	return c.prepare(key, parsed)
}

// prepareAttempts bounds how often a statement is prepared anew because the
// schema changed meanwhile.
const prepareAttempts = 3

// prepare prepares and keeps a statement, unless the schema changes while it
// does: the change's invalidation would have come too early for it. Statements
// about the schema are not kept.
func (c *call) prepare(key textKey, parsed *cql.Parsed) (st *statement, err error) {
	back := c.door.backend
	tables, ofRows := cql.Tables(parsed.Statement)
	for i := range tables {
		if tables[i].Keyspace == "" {
			tables[i].Keyspace = key.keyspace
		}
	}
	for range prepareAttempts {
		before := back.Schema()
		p, err := backend.PrepareOnce(c.ctx, back, parsed.Statement, parsed.Markers, key.keyspace)
		if err != nil {
			return nil, err
		}
		st = &statement{prepared: p, columns: appendColumns(nil, p.Result)}
		if !ofRows {
			return st, nil
		}
		size := statementSize + 4*int64(len(key.text)) + columnSize*int64(len(p.Bind)+len(p.Result))
		c.door.prepared.Put(key, st, size, tables)
		if back.Schema() == before {
			break
		}
	}
	return st, nil
}
