package cassandra

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// qualifiedDescribe returns a DESCRIBE that means without a current keyspace
// what d means in keyspace: nodes look at the keyspace of the connection alone,
// and connections to them have none (DescribeStatement).
func qualifiedDescribe(d *cql.Describe, keyspace string, s *schema.Snapshot) *cql.Describe {
	if d.Name.Keyspace != "" || keyspace == "" {
		return d
	}
	c := *d
	switch d.Kind {
	case cql.DescribeKeyspace, cql.DescribeTable, cql.DescribeType, cql.DescribeIndex, cql.DescribeView,
		cql.DescribeFunction, cql.DescribeAggregate:
		c.Name.Keyspace = keyspace
	case cql.DescribeGeneric:
		if s.Keyspaces[d.Name.Name] == nil { // keyspaces go before what is in the current one
			c.Name.Keyspace = keyspace
		}
	}
	return &c
}

// inKeyspace leaves of a page of names those of one keyspace: what DESCRIBE
// TABLES and the like list when there is a current one.
func inKeyspace(r *backend.Result, d *cql.Describe, keyspace string) {
	switch d.Kind {
	case cql.DescribeTables, cql.DescribeTypes, cql.DescribeFunctions, cql.DescribeAggregates:
	default:
		return
	}
	if keyspace == "" {
		return
	}
	shown := cql.QuoteIdentifier(keyspace)
	var kept []byte
	count := 0
	cursor := r.Cursor()
	for range r.RowCount {
		wanted := false
		for i, cell := range eachCell(&cursor, len(r.Columns)) {
			if i == 0 { // keyspace_name
				wanted = string(cell) == shown
			}
			if wanted {
				kept = backend.AppendCell(kept, cell)
			}
		}
		if wanted {
			count++
		}
	}
	r.Data, r.RowCount = kept, count
}

// eachCell iterates over the next n cells.
func eachCell(c *backend.Cursor, n int) func(yield func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		for i := range n {
			if !yield(i, c.Next()) {
				return
			}
		}
	}
}
