package cassandra

import (
	"cmp"
	"context"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Not everybody may see everything of the schema (backend.Query.Visible), and a
// node would show it all: it takes every gateway for one and the same user. So
// rows of the tables that tell of keyspaces and tables come here, where the local
// back end leaves out what is not to be seen and answers the SELECT.

var _ backend.TableReader = (*Cluster)(nil)

// tellsOfSchema reports whether the rows of a table say what keyspaces and
// tables there are. All have one column, the
// keyspace's name, as their partition key.
func tellsOfSchema(keyspace, table string) bool {
	switch keyspace {
	case schema.SystemSchemaKeyspace:
		return true
	case schema.SystemKeyspace:
		switch table {
		case indexInfo, "built_views", "view_builds_in_progress", "size_estimates", "table_estimates":
			return true
		}
	}
	return false
}

// Definition implements backend.TableReader.
func (c *Cluster) Definition(keyspace, table string) *schema.Table {
	if c.local == nil || !tellsOfSchema(keyspace, table) {
		return nil
	}
	t := c.Schema().Table(keyspace, table)
	if t == nil || len(t.PartitionKey) != 1 {
		return nil
	}
	return t
}

// indexInfo is the table of built indexes, in which the column table_name holds a
// keyspace's name.
const indexInfo = "IndexInfo"

// About implements backend.TableReader.
func (c *Cluster) About(t *schema.Table, cell func(column string) []byte) (keyspace, table string) {
	if t.Name != indexInfo {
		return string(cell("keyspace_name")), cmp.Or(string(cell("table_name")), string(cell("view_name")))
	}
	keyspace, table = string(cell("table_name")), string(cell("index_name"))
	if k := c.Schema().Keyspaces[keyspace]; k != nil {
		if indexed := k.IndexedTable(table); indexed != nil {
			return keyspace, indexed.Name
		}
	}
	return keyspace, table // of an index that is not known yet there is no more to say
}

// ReadTable implements backend.TableReader: from any node of the datacenter.
func (c *Cluster) ReadTable(ctx context.Context, t *schema.Table, r backend.TableRange) (*backend.Result, error) {
	l, err := c.alive()
	if err != nil {
		return nil, err
	}
	text := "SELECT * FROM " + cql.QuoteIdentifier(t.Keyspace) + "." + cql.QuoteIdentifier(t.Name)
	key, values := cql.QuoteIdentifier(t.PartitionKey[0].Name), []any(nil)
	switch {
	case r.Key != nil:
		text, values = text+" WHERE "+key+" = ?", arguments([]backend.Value{{Bytes: r.Key}})
	case r.From != nil:
		text, values = text+" WHERE token("+key+") >= ?", []any{*r.From}
	}
	query := l.session.Query(text, values...).Consistency(gocql.One).Idempotent(true).
		PageSize(schemaPage).PageState(r.PagingState).NoSkipMetadata()
	if trace, ok := ctx.Value(traced{}).(*tracer); ok && trace.id == nil {
		query.Trace(trace)
	}
	ctx, done := l.within(ctx, nil)
	page, err := resultOf(query.IterContext(ctx), nil)
	if err = done(err); err != nil {
		return nil, readFailure(err, backend.One)
	}
	return page, nil
}
