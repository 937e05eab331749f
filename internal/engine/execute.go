package engine

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/system"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Execute implements backend.Backend.
func (e *Engine) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	switch s := p.Statement.(type) {
	case *cql.Select:
		c, err := e.planOf(p)
		if err != nil {
			return nil, err
		}
		if err := c.checkValues(q.Values); err != nil {
			return nil, err
		}
		if err := available(e.catalog.Snapshot(), q.Consistency, c.choose.Table); err != nil {
			return nil, err
		}
		return e.db.Select(system.Showing(ctx, q.Visible), c.choose, q)
	case *cql.Insert, *cql.Update, *cql.Delete, *cql.Batch, *cql.Truncate:
		return e.write(ctx, p, q)
	case *cql.Use:
		return e.use(s)
	case *cql.Describe:
		return e.system.Describe(s, p.Keyspace, q)
	case *cql.CreateKeyspace, *cql.AlterKeyspace, *cql.DropKeyspace, *cql.CreateTable, *cql.AlterTable, *cql.DropTable,
		*cql.CreateType, *cql.AlterType, *cql.DropType, *cql.CreateIndex, *cql.DropIndex:
		return e.catalog.Execute(ctx, s, p.Keyspace)
	case *cql.Unsupported:
		return e.catalog.Execute(ctx, s, p.Keyspace)
	}
	return nil, cqlerr.Unsupportedf("A statement of type %T", p.Statement)
}

// write runs a statement that writes. It enters the catalog before it looks at
// the schema, so that a schema change that must not cross writers can wait.
func (e *Engine) write(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	ticket := e.catalog.Enter()
	defer e.catalog.Leave(ticket)
	c, err := e.planOf(p)
	if err != nil {
		return nil, err
	}
	if c.failed != nil {
		return nil, c.failed
	}
	if err := c.checkValues(q.Values); err != nil {
		return nil, err
	}
	if err := checkWritable(c.tables...); err != nil {
		return nil, err
	}
	if c.truncate == nil { // which asks all nodes at any level
		if err := writable(e.catalog.Snapshot(), q.Consistency, c.conditional(), c.tables...); err != nil {
			return nil, err
		}
	}
	switch {
	case c.modify != nil:
		return e.db.Modify(ctx, c.modify, q)
	case c.batch != nil:
		return e.db.Batch(ctx, c.batch, nil, q)
	default:
		if q.Trace != nil {
			q.Trace.Event(backend.TraceWrite, "Applying truncation of %s", c.truncate.Table)
		}
		return e.db.Truncate(ctx, c.truncate)
	}
}

// ExecuteBatch implements backend.Backend.
func (e *Engine) ExecuteBatch(ctx context.Context, b *backend.Batch) (*backend.Result, error) {
	ticket := e.catalog.Enter()
	defer e.catalog.Leave(ticket)
	statements := make([]*plan.Modify, len(b.Entries))
	values := make([][]backend.Value, len(b.Entries))
	var c *compiled
	for i, entry := range b.Entries {
		var err error
		same := i > 0 && entry.Prepared == b.Entries[i-1].Prepared // in a load all are
		if !same {
			if c, err = e.planOf(entry.Prepared); err != nil {
				return nil, err
			}
		}
		if c.modify == nil {
			return nil, plan.NotInBatch()
		}
		if err := c.checkValues(entry.Values); err != nil {
			return nil, err
		}
		if !same {
			if err := checkWritable(c.modify.Table); err != nil {
				return nil, err
			}
		}
		statements[i], values[i] = c.modify, entry.Values
	}
	p, err := plan.NewBatch(b.Kind, statements, plan.Attributes{})
	if err != nil {
		return nil, err
	}
	for i, m := range statements {
		if i > 0 && m.Table == statements[i-1].Table {
			continue
		}
		if err := writable(e.catalog.Snapshot(), b.Query.Consistency, p.Conditional, m.Table); err != nil {
			return nil, err
		}
	}
	return e.db.Batch(ctx, p, values, &b.Query)
}

// checkWritable refuses writes to the server's own tables, which are in memory.
func checkWritable(tables ...*schema.Table) error {
	for _, t := range tables {
		if t.Storage == 0 && !t.Virtual {
			return cqlerr.Unauthorizedf("%s keyspace is not user-modifiable.", t.Keyspace)
		}
	}
	return nil
}

// use answers USE.
func (e *Engine) use(s *cql.Use) (*backend.Result, error) {
	if e.catalog.Snapshot().Keyspaces[s.Keyspace] == nil {
		return nil, cqlerr.Invalidf("Keyspace '%s' does not exist", s.Keyspace)
	}
	return &backend.Result{Kind: backend.SetKeyspace, Keyspace: s.Keyspace}, nil
}
