package cassandra

import (
	"context"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
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

// describe runs a DESCRIBE and leaves of what the node lists what is asked for
// and may be seen.
func (c *Cluster) describe(ctx context.Context, l *live, p *backend.Prepared, s *statement, q *backend.Query) (*backend.Result, error) {
	d, catalog := p.Statement.(*cql.Describe), c.Schema()
	if q.Visible != nil {
		shown := catalog.Only(q.Visible)
		d = qualifiedDescribe(d, p.Keyspace, shown)
		if err := concealed(d, p.Keyspace, catalog, shown); err != nil {
			return nil, err
		}
		again := *s // what an unqualified name means hangs on what is seen
		again.text = cql.Print(d)
		s = &again
	}
	r, err := l.execute(ctx, p, s, q)
	if err != nil {
		return nil, failure(err)
	}
	if only := listedKeyspace(d, p.Keyspace); only != "" {
		keepElements(r, func(keyspace, _, _ string) bool { return keyspace == only })
	}
	if q.Visible != nil {
		keepElements(r, func(keyspace, kind, name string) bool {
			return q.Visible(keyspace, "") && visibleElement(catalog.Keyspaces[keyspace], kind, name, func(table string) bool { return q.Visible(keyspace, table) })
		})
	}
	return r, nil
}

// listedKeyspace is the one keyspace of which DESCRIBE TABLES and the like list
// the names when there is a current one, "" for other statements.
func listedKeyspace(d *cql.Describe, keyspace string) string {
	switch d.Kind {
	case cql.DescribeTables, cql.DescribeTypes, cql.DescribeFunctions, cql.DescribeAggregates:
		return keyspace
	}
	return ""
}

// visibleElement reports whether something that DESCRIBE lists of k, nil when it
// is not known yet, may be seen (org.apache.cassandra.cql3.SchemaElement).
func visibleElement(k *schema.Keyspace, kind, name string, visible func(table string) bool) bool {
	switch kind {
	case "table", "materialized_view":
		return visible(name)
	case "index":
		if k == nil {
			return false
		}
		t := k.IndexedTable(name)
		return t != nil && visible(t.Name)
	}
	return true
}

// concealed is the error of a DESCRIBE, its name qualified, of something that is
// not shown: as if it was not there (DescribeStatement).
func concealed(d *cql.Describe, session string, all, shown *schema.Snapshot) error {
	name, keyspace := d.Name.Name, d.Name.Keyspace
	hidden := func(keyspace string) bool { return all.Keyspaces[keyspace] != nil && shown.Keyspaces[keyspace] == nil }
	if list := listedKeyspace(d, session); list != "" {
		keyspace = list
	} else if d.Kind == cql.DescribeGeneric && keyspace == "" {
		keyspace = name
	}
	if hidden(keyspace) {
		return cqlerr.Invalidf("'%s' not found in keyspaces", keyspace)
	}
	whole, part := all.Keyspaces[keyspace], shown.Keyspaces[keyspace]
	if whole == nil || part == nil || whole == part {
		return nil
	}
	table := whole.Tables[name]
	if table == nil {
		table = whole.IndexedTable(name)
	}
	if table == nil || part.Tables[table.Name] != nil {
		return nil
	}
	switch d.Kind {
	case cql.DescribeTable:
		return cqlerr.Invalidf("Table '%s' not found in keyspace '%s'", name, keyspace)
	case cql.DescribeIndex:
		return cqlerr.Invalidf("Table for existing index '%s' not found in '%s'", name, keyspace)
	case cql.DescribeView:
		return cqlerr.Invalidf("Materialized view '%s' not found in '%s'", name, keyspace)
	case cql.DescribeGeneric:
		return cqlerr.Invalidf("'%s' not found in keyspace '%s'", name, keyspace)
	}
	return nil
}

// keepElements leaves those rows of a page of DESCRIBE whose keyspace, type and
// name are wanted. DESCRIBE CLUSTER has no such columns and stays as it is.
func keepElements(r *backend.Result, wanted func(keyspace, kind, name string) bool) {
	if len(r.Columns) < 3 || r.Columns[0].Name != "keyspace_name" {
		return
	}
	var kept []byte
	count := 0
	cursor := r.Cursor()
	cells := make([][]byte, len(r.Columns))
	for range r.RowCount {
		for i := range cells {
			cells[i] = cursor.Next()
		}
		if !wanted(plainName(cells[0]), string(cells[1]), plainName(cells[2])) {
			continue
		}
		for _, cell := range cells {
			kept = backend.AppendCell(kept, cell)
		}
		count++
	}
	r.Data, r.RowCount = kept, count
}

// plainName is a name that DESCRIBE has quoted where CQL needs it.
func plainName(cell []byte) string {
	if inner, quoted := strings.CutPrefix(string(cell), `"`); quoted {
		return strings.ReplaceAll(strings.TrimSuffix(inner, `"`), `""`, `"`)
	}
	return string(cell)
}
