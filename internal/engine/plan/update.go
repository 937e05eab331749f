package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/function"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Update plans an UPDATE (UpdateStatement.ParsedUpdate).
func (c *Context) Update(s *cql.Update) (*Modify, error) {
	for i := range s.Assignments {
		for j := range i {
			a, b := &s.Assignments[j], &s.Assignments[i]
			if a.Column == b.Column && incompatible(a, b) {
				return nil, cqlerr.Syntaxf("Multiple incompatible setting of column %s", b.Column)
			}
		}
	}
	m, err := c.begin(UpdateRow, s.Table, s.Using, s.If)
	if err != nil {
		return nil, err
	}
	m.IfExists = s.IfExists
	for i := range s.Assignments {
		a := &s.Assignments[i]
		col, err := c.Column(m.Table, a.Column)
		if err != nil {
			return nil, err
		}
		if col.Kind == schema.PartitionKey || col.Kind == schema.Clustering {
			return nil, cqlerr.Invalidf("PRIMARY KEY part %s found in SET part", col.Name)
		}
		o, err := c.assignment(col, a, m.Conditional())
		if err != nil {
			return nil, err
		}
		if o.Kind == OpPlus && isNumber(col.Type) {
			if o.Plus, err = function.Operator('+', col.Type, col.Type); err != nil {
				return nil, err
			}
		}
		m.add(o)
	}
	if err := c.whereKeys(m, s.Where, UpdateStatement); err != nil {
		return nil, err
	}
	return m, c.finish(m)
}
