package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Truncate is the plan of a TRUNCATE.
type Truncate struct {
	Table   *schema.Table
	Indexes []*index.Index
}

// Truncate plans a TRUNCATE (TruncateStatement).
func (c *Context) Truncate(s *cql.Truncate) (*Truncate, error) {
	t, err := c.Table(s.Table)
	if err != nil {
		return nil, err
	}
	return &Truncate{Table: t, Indexes: index.Of(t)}, nil
}

// Check returns why the table can't be truncated, nil when it can.
func (p *Truncate) Check() error {
	if p.Table.Virtual || p.Table.Storage == 0 {
		return cqlerr.Invalidf("Truncation is not supported by table %s.%s", p.Table.Keyspace, p.Table.Name)
	}
	return nil
}
