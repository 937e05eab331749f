package rest

import (
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The REST API v1: rows and tables below /v1/keyspaces, always in the older
// profile. What it has in common with v2 is served by the same endpoints.

// routesV1 registers the endpoints of the REST API v1.
func (h *Handler) routesV1() {
	const (
		tables = "/v1/keyspaces/{keyspace}/tables"
		table  = tables + "/{table}"
	)
	h.path("/v1/keyspaces", methods{"GET": v1(listKeyspaceNames)})
	h.path(tables, methods{"GET": v1(listTableNames), "POST": v1(createTable)})
	h.path(table, methods{"GET": v1(getTable), "DELETE": v1(dropTable)})
	h.path(table+"/columns", methods{"GET": v1(listColumns), "POST": v1(createColumn)})
	h.path(table+"/columns/{column}", methods{"GET": v1(getColumn), "PUT": v1(renameColumn), "DELETE": v1(dropColumn)})
	h.path(table+"/rows", methods{"GET": v1(listRowsV1), "POST": v1(createRowV1)})
	h.path(table+"/rows/{key...}", methods{"GET": v1(getRowV1), "PUT": v1(updateRowV1), "DELETE": v1(deleteRow)})
	// Only POST: a key of that name can be read, written and deleted.
	h.verb("POST", table+"/rows/query", v1(queryRowsV1))
}

// v1 makes an endpoint of the API v1: it has no envelopes, its lists of rows are
// called so, and it has none of v2's parameters.
func v1(e endpoint) endpoint {
	return func(c *call) error {
		if err := c.allow(0); err != nil {
			return err
		}
		c.shape, c.params, c.rows = c.shape[:0], params{raw: true}, true
		return e(c)
	}
}

// listKeyspaceNames is GET /v1/keyspaces.
func listKeyspaceNames(c *call) error {
	var names []string
	for name := range c.door.backend.Schema().Keyspaces {
		if c.who.Visible(name, "") {
			names = append(names, name)
		}
	}
	return c.names(names)
}

// listTableNames is GET /v1/keyspaces/{ks}/tables.
func listTableNames(c *call) error {
	keyspace := c.target.Keyspace
	if err := c.visible(keyspace, ""); err != nil {
		return err
	}
	k := c.door.backend.Schema().Keyspaces[keyspace]
	if k == nil {
		return badRequest("keyspace '%s' not found", keyspace)
	}
	var names []string
	for name := range k.Tables {
		if c.who.Visible(keyspace, name) {
			names = append(names, name)
		}
	}
	return c.names(names)
}

// names answers with an array of names.
func (c *call) names(names []string) error {
	slices.Sort(names)
	c.out = appendList(c.out, names, func(dst []byte, name string) []byte { return cell.AppendString(dst, name) })
	return c.answer(200)
}

// columns returns the columns of a table in the order of definitions: that of
// SELECT *, in the API v1 by name.
func (c *call) columns(t *schema.Table) []*schema.Column {
	columns := t.InOrder()
	if c.rows {
		columns = slices.Clone(columns)
		slices.SortFunc(columns, func(a, b *schema.Column) int { return strings.Compare(a.Name, b.Name) })
	}
	return columns
}
