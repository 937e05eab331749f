package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Table returns the table that name means, in the context's keyspace when name
// has none. Errors are Cassandra's (Schema.validateTable).
func (c *Context) Table(name cql.QualifiedName) (*schema.Table, error) {
	keyspace := name.Keyspace
	if keyspace == "" {
		keyspace = c.Keyspace
	}
	if keyspace == "" {
		return nil, cqlerr.Invalidf("No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename")
	}
	ks := c.Schema.Keyspaces[keyspace]
	if ks == nil {
		return nil, cqlerr.Invalidf("keyspace %s does not exist", keyspace)
	}
	t := ks.Tables[name.Name]
	if t == nil {
		return nil, cqlerr.Invalidf("table %s does not exist", name.Name)
	}
	return t, nil
}

// Column returns a column of t, or Cassandra's error for an unknown one
// (TableMetadata.getExistingColumn).
func (c *Context) Column(t *schema.Table, name string) (*schema.Column, error) {
	if col := t.Columns[name]; col != nil {
		return col, nil
	}
	return nil, cqlerr.Invalidf("Undefined column name %s in table %s.%s", cqltype.QuoteIdentifier(name), cqltype.QuoteIdentifier(t.Keyspace), cqltype.QuoteIdentifier(t.Name))
}

// PartitionKeyBind returns the bind marker index of each partition key column
// of t, in key order, or nil when the markers do not cover them all
// (VariableSpecifications.getPartitionKeyBindVariableIndexes).
func (c *Context) PartitionKeyBind(t *schema.Table) []uint16 {
	out := make([]uint16, len(t.PartitionKey))
	for i, col := range t.PartitionKey {
		found := false
		for j, m := range c.targets {
			if m == (target{t.Keyspace, t.Name, col.Name}) {
				out[i], found = uint16(j), true
			}
		}
		if !found {
			return nil
		}
	}
	return out
}
