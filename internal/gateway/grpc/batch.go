package grpc

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// executeBatch runs a Batch.
func (c *call) executeBatch(m []byte) error {
	kind, err := c.decodeBatch(m)
	if err != nil {
		return err
	}
	if len(c.entries) == 0 {
		return invalid("No queries in batch")
	}
	c.beginTrace("Execute batch of CQL3 queries", "")
	for i := range c.entries {
		if err := c.prepareEntry(&c.entries[i]); err != nil {
			return err
		}
	}
	for i := range c.batch {
		p := c.batch[i].Prepared
		if err := c.who.Authorize(p.Statement, p.Keyspace); err != nil {
			return err
		}
	}
	c.fillQuery()
	result, err := c.door.backend.ExecuteBatch(c.ctx, &backend.Batch{Kind: kind, Entries: c.batch, Query: c.query})
	if err != nil {
		return err
	}
	return c.respond(result, nil)
}

// prepareEntry prepares a statement of the batch and binds its values.
func (c *call) prepareEntry(e *batchEntry) error {
	st, err := c.statement(e.cql)
	if err != nil {
		return err
	}
	switch st.prepared.Statement.(type) {
	case *cql.Insert, *cql.Update, *cql.Delete:
	default:
		return cqlerr.Invalidf("Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.")
	}
	from := len(c.values)
	if err := c.bind(&e.bound, st.prepared.Bind); err != nil {
		return err
	}
	// Growing c.values leaves earlier entries with the old array, which holds the
	// same values.
	c.batch = append(c.batch, backend.BatchEntry{Prepared: st.prepared, Values: c.values[from:len(c.values):len(c.values)]})
	return nil
}
