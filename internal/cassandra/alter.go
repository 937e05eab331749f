package cassandra

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// alter runs a schema statement and reads the schema from the node that ran it.
// What changed is what the two catalogs differ in: gocql keeps the node's word
// for itself.
func (c *Cluster) alter(ctx context.Context, l *live, p *backend.Prepared, s *statement, q *backend.Query) (*backend.Result, error) {
	before := c.Schema()
	query := l.session.Query(s.text).SetKeyspace(s.keyspace)
	trace := apply(query, q)
	iter := query.IterContext(ctx)
	var node string
	if h := iter.Host(); h != nil {
		node = h.HostID()
	}
	r, err := resultOf(iter, nil)
	if err != nil {
		return nil, failure(err)
	}
	if trace != nil {
		r.TracingID = trace.id
	}
	want := targetOf(p.Statement, p.Keyspace, before)
	if want.Keyspace == "" {
		return r, nil
	}
	if err := c.reloadKeyspace(ctx, l, node, want.Keyspace); err != nil {
		return nil, failure(err)
	}
	if change := changeLike(want, before, c.Schema()); change != nil {
		r.Kind, r.Change = backend.SchemaChange, change
	}
	return r, nil
}

// changeLike finds a change between two catalogs, nil when there was none, as
// with IF NOT EXISTS.
func changeLike(want schema.Change, before, after *schema.Snapshot) *schema.Change {
	for _, change := range schema.Diff(before, after) {
		if change.Target == want.Target && change.Keyspace == want.Keyspace && change.Name == want.Name &&
			(change.Kind == want.Kind || want.Kind == schema.Updated) {
			return &change
		}
	}
	return nil
}

// targetOf is what stmt would change.
func targetOf(stmt cql.Statement, keyspace string, before *schema.Snapshot) schema.Change {
	in := func(n cql.QualifiedName) string {
		if n.Keyspace == "" {
			return keyspace
		}
		return n.Keyspace
	}
	of := func(kind schema.ChangeKind, target string, n cql.QualifiedName) schema.Change {
		return schema.Change{Kind: kind, Target: target, Keyspace: in(n), Name: n.Name}
	}
	switch s := stmt.(type) {
	case *cql.CreateKeyspace:
		return schema.Change{Kind: schema.Created, Target: "KEYSPACE", Keyspace: s.Name}
	case *cql.AlterKeyspace:
		return schema.Change{Kind: schema.Updated, Target: "KEYSPACE", Keyspace: s.Name}
	case *cql.DropKeyspace:
		return schema.Change{Kind: schema.Dropped, Target: "KEYSPACE", Keyspace: s.Name}
	case *cql.CreateTable:
		return of(schema.Created, "TABLE", s.Table)
	case *cql.AlterTable:
		return of(schema.Updated, "TABLE", s.Table)
	case *cql.DropTable:
		return of(schema.Dropped, "TABLE", s.Table)
	case *cql.CreateType:
		return of(schema.Created, "TYPE", s.Type)
	case *cql.AlterType:
		return of(schema.Updated, "TYPE", s.Type)
	case *cql.DropType:
		return of(schema.Dropped, "TYPE", s.Type)
	case *cql.Unsupported:
		return ofUnsupported(s, of)
	case *cql.CreateIndex:
		return of(schema.Updated, "TABLE", s.Table)
	case *cql.DropIndex:
		change := schema.Change{Kind: schema.Updated, Target: "TABLE", Keyspace: in(s.Index)}
		if k := before.Keyspaces[change.Keyspace]; k != nil {
			if t := k.IndexedTable(s.Index.Name); t != nil {
				change.Name = t.Name
			}
		}
		return change
	}
	return schema.Change{}
}

// ofUnsupported is what a statement would change that this product leaves to
// the cluster. Views are tables here, triggers belong to theirs. Functions and
// aggregates are not in the catalog, so that nothing is told of them.
func ofUnsupported(s *cql.Unsupported, of func(schema.ChangeKind, string, cql.QualifiedName) schema.Change) schema.Change {
	switch s.What {
	case "CREATE MATERIALIZED VIEW":
		return of(schema.Created, "TABLE", s.Name)
	case "ALTER MATERIALIZED VIEW":
		return of(schema.Updated, "TABLE", s.Name)
	case "DROP MATERIALIZED VIEW":
		return of(schema.Dropped, "TABLE", s.Name)
	}
	return schema.Change{}
}
