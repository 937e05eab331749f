package rest

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// getRow is GET /v2/keyspaces/{ks}/{table}/{key...}: the rows of a partition,
// or of a part of it.
func getRow(c *call) error {
	c.shape = append(c.shape, selectByKey)
	if err := c.allow(limit | allowFiltering); err != nil {
		return err
	}
	order, err := c.order()
	if err != nil {
		return err
	}
	t, err := c.existing(reading)
	if err != nil {
		return err
	}
	n, err := c.keyValues(t)
	if err != nil {
		return c.keyError("Invalid path for row to find, problem: ", err)
	}
	c.shape = append(c.shape, byte(n), byte(n>>8))
	c.selection()
	c.limitValue()
	s, err := c.prepare(t, func() cql.Statement { return c.limited(c.selectFrom(t.name, t.keyRelations(n, 0), order), n) })
	if err != nil {
		return err
	}
	return c.list(s)
}

// getAllRows is GET /v2/keyspaces/{ks}/{table}/rows: the rows of a table.
func getAllRows(c *call) error {
	c.shape = append(c.shape, selectWhere)
	if err := c.allow(limit | allowFiltering); err != nil {
		return err
	}
	order, err := c.order()
	if err != nil {
		return err
	}
	t, err := c.table(reading)
	if err == nil && t == nil && c.v1 {
		_, err = c.existing(reading)
	}
	if err != nil {
		return err
	}
	if t == nil { // this endpoint alone leaves it to the back end to say so
		name := c.target
		c.limitValue()
		s, err := c.build(c.limited(c.selectFrom(name, nil, order), 0))
		if err != nil {
			return err
		}
		return c.list(s)
	}
	c.describeWhere()
	c.limitValue()
	s, err := c.prepare(t, func() cql.Statement { return c.limited(c.selectFrom(t.name, nil, order), 0) })
	if err != nil {
		return err
	}
	return c.list(s)
}

// getRowsWhere is GET /v2/keyspaces/{ks}/{table}?where=…
func getRowsWhere(c *call) error {
	if strings.TrimSpace(c.params.where) == "" {
		return c.pick(badRequest("Request invalid: 'where' must be provided."), badRequest("where parameter is required"))
	}
	c.shape = append(c.shape, selectWhere)
	if err := c.allow(limit | allowFiltering); err != nil {
		return err
	}
	order, err := c.order()
	if err != nil {
		return err
	}
	t, err := c.existing(reading)
	if err != nil {
		return err
	}
	if err := c.parseWhere(t); err != nil {
		return c.valueError("Invalid 'where' parameter, problem: ", err)
	}
	c.describeWhere()
	bound := len(c.values)
	c.limitValue()
	s, err := c.prepare(t, func() cql.Statement { return c.limited(c.selectFrom(t.name, c.relations(t), order), bound) })
	if err != nil {
		return err
	}
	return c.list(s)
}

// describeWhere describes a SELECT with the conditions of c.where.
func (c *call) describeWhere() {
	for _, condition := range c.where {
		c.shape = condition.describe(c.shape)
	}
	// No condition starts with this: ordinals are not that big.
	c.shape = append(c.shape, 0xff, 0xff)
	c.selection()
}
