package engine

import (
	"context"
	"sync/atomic"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// compiled is what Prepare makes of a statement: one of the plans, or none for
// statements that are run from their tree.
type compiled struct {
	// snapshot that it was planned for.
	snapshot *schema.Snapshot
	// tables that it is about: while they are the current ones it is good.
	tables   []*schema.Table
	choose   *plan.SelectPlan
	modify   *plan.Modify
	batch    *plan.Batch
	truncate *plan.Truncate
	// failed is why a TRUNCATE has no plan: Cassandra says so in answer to PREPARE, and
	// when it runs behind the question of permissions.
	failed error

	bind             []backend.Column
	partitionKeyBind []uint16
}

// conditional reports whether the statement, or one of its batch, has conditions.
func (c *compiled) conditional() bool {
	return c.modify != nil && c.modify.Conditional() || c.batch != nil && c.batch.Conditional
}

// slot is the Plan of a backend.Prepared: the newest compiled form.
type slot struct{ current atomic.Pointer[compiled] }

// Prepare implements backend.Backend.
func (e *Engine) Prepare(_ context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	c, err := compile(e.catalog.Snapshot(), stmt, markers, keyspace)
	if err != nil {
		return nil, err
	}
	s := &slot{}
	s.current.Store(c)
	p := &backend.Prepared{Statement: stmt, Markers: markers, Keyspace: keyspace, Bind: c.bind, PartitionKeyBind: c.partitionKeyBind, Plan: s}
	if c.choose != nil {
		p.Result = c.choose.ResultColumns
	}
	return p, nil
}

// compile plans one statement.
func compile(snapshot *schema.Snapshot, stmt cql.Statement, markers []string, keyspace string) (*compiled, error) {
	pc := &plan.Context{Schema: snapshot, Keyspace: keyspace, Markers: markers}
	c := &compiled{snapshot: snapshot}
	var err error
	switch s := stmt.(type) {
	case *cql.Select:
		if c.choose, err = pc.Select(s); err == nil {
			c.tables, c.bind, c.partitionKeyBind = []*schema.Table{c.choose.Table}, c.choose.Bind, c.choose.PartitionKeyBind
		}
	case *cql.Insert:
		c.modify, err = pc.Insert(s)
	case *cql.Update:
		c.modify, err = pc.Update(s)
	case *cql.Delete:
		c.modify, err = pc.Delete(s)
	case *cql.Batch:
		if c.batch, err = pc.Batch(s); err == nil {
			c.bind, c.partitionKeyBind = c.batch.Bind, c.batch.PartitionKeyBind
			for _, m := range c.batch.Statements {
				c.tables = append(c.tables, m.Table)
			}
		}
	case *cql.Truncate:
		if c.truncate, c.failed = pc.Truncate(s); c.failed == nil {
			c.tables = []*schema.Table{c.truncate.Table}
		}
	}
	if c.modify != nil && err == nil {
		c.tables, c.bind, c.partitionKeyBind = []*schema.Table{c.modify.Table}, c.modify.Bind, c.modify.PartitionKeyBind
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// planOf returns p's plan for the current catalog. Plans outlive schema changes
// that are about other tables.
func (e *Engine) planOf(p *backend.Prepared) (*compiled, error) {
	s, ok := p.Plan.(*slot)
	if !ok {
		return nil, cqlerr.Newf(cqlerr.ServerError, "a statement prepared elsewhere (%T)", p.Plan)
	}
	c := s.current.Load()
	now := e.catalog.Snapshot()
	if c.snapshot == now {
		return c, nil
	}
	if c.failed == nil && c.unchanged(now) {
		same := *c
		same.snapshot = now // so that it is not asked again
		s.current.CompareAndSwap(c, &same)
		return c, nil
	}
	c, err := compile(now, p.Statement, p.Markers, p.Keyspace)
	if err != nil {
		return nil, err
	}
	s.current.Store(c)
	return c, nil
}

func (c *compiled) unchanged(now *schema.Snapshot) bool {
	for _, t := range c.tables {
		if now.Table(t.Keyspace, t.Name) != t {
			return false
		}
	}
	return true
}

// Validate implements backend.Validator: PREPARE is answered with what can be seen
// to fail. (Execute tells it itself, once it is known that the role may run it.)
func (s *slot) Validate(*backend.Prepared, *schema.Snapshot, string) (warnings []string, err error) {
	c := s.current.Load()
	if c.failed != nil {
		return nil, c.failed
	}
	if c.modify != nil {
		return nil, c.modify.Invalid()
	}
	if c.batch != nil {
		for _, m := range c.batch.Statements {
			if err := m.Invalid(); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

// checkValues refuses a wrong number of bind values (QueryHandler.processPrepared).
func (c *compiled) checkValues(values []backend.Value) error {
	if len(values) != len(c.bind) {
		return cqlerr.Invalidf("there were %d markers(?) in CQL but %d bound variables", len(c.bind), len(values))
	}
	return nil
}
