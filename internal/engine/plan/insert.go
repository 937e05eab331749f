package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Insert plans an INSERT (UpdateStatement.ParsedInsert and ParsedInsertJson).
func (c *Context) Insert(s *cql.Insert) (*Modify, error) {
	m, err := c.begin(InsertRow, s.Table, s.Using, nil)
	if err != nil {
		return nil, err
	}
	m.IfNotExists = s.IfNotExists
	if m.Table.Counter {
		return nil, cqlerr.Invalidf("INSERT statements are not allowed on counter tables, use UPDATE instead")
	}
	var keys map[*schema.Column]Term
	if s.JSON != nil {
		if err := checkCompactJSON(m.Table); err != nil {
			return nil, err
		}
		keys, err = c.insertJSON(m, s)
	} else {
		keys, err = c.insertValues(m, s)
	}
	if err != nil {
		return nil, err
	}
	if err := m.insertKeys(keys); err != nil {
		return nil, err
	}
	if err := m.checkCompactInsert(); err != nil {
		return nil, err
	}
	return m, c.finish(m)
}

// insertValues prepares VALUES (...); the answer holds those of key columns.
func (c *Context) insertValues(m *Modify, s *cql.Insert) (map[*schema.Column]Term, error) {
	switch {
	case len(s.Columns) == 0:
		return nil, cqlerr.Invalidf("No columns provided to INSERT")
	case len(s.Columns) != len(s.Values):
		return nil, cqlerr.Invalidf("Unmatched column names/values")
	}
	seen := make(map[string]bool, len(s.Columns))
	for _, name := range s.Columns {
		if seen[name] {
			return nil, cqlerr.Invalidf("The column names contains duplicates")
		}
		seen[name] = true
	}
	keys := make(map[*schema.Column]Term)
	isKey := func(col *schema.Column) bool { return col.Kind == schema.PartitionKey || col.Kind == schema.Clustering }
	for i, name := range s.Columns {
		col, err := c.Column(m.Table, name)
		if err != nil {
			return nil, err
		}
		if isKey(col) {
			continue
		}
		o, err := c.setValue(col, s.Values[i])
		if err != nil {
			return nil, err
		}
		m.add(o)
	}
	// The key's values come after the others, as in Cassandra, which checks them
	// with the WHERE clause that it makes of them.
	for i, name := range s.Columns {
		col := m.Table.Columns[name]
		if !isKey(col) {
			continue
		}
		v, err := c.Term(s.Values[i], ReceiverOf(col))
		if err != nil {
			return nil, err
		}
		keys[col] = v
	}
	return keys, nil
}
