package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// definition returns the table of the request's path for the endpoints below
// it. missing is the status when it is not there.
func (c *call) definition(missing int) (*schema.Table, error) {
	keyspace, name := c.target.Keyspace, c.target.Name
	if err := c.visible(keyspace, name); err != nil {
		return nil, err
	}
	k := c.door.backend.Schema().Keyspaces[keyspace]
	if k == nil && missing == http.StatusNotFound {
		return nil, c.pick(badRequest("Keyspace '%s' not found", keyspace), missingV1(false, keyspace, name))
	}
	if k == nil {
		return nil, c.pick(badRequest("Keyspace '%s' not found", keyspace), badRequest("keyspace '%s' not found", keyspace))
	}
	t := k.Tables[name]
	switch {
	case t != nil:
		return t, nil
	case c.v1 && missing == http.StatusNotFound:
		return nil, missingV1(true, keyspace, name)
	case c.v1:
		return nil, badRequest("table '%s' not found", name)
	case missing == http.StatusNotFound:
		return nil, notFound("Table '%s' not found (in keyspace %s)", name, keyspace)
	default:
		return nil, badRequest("Table '%s' not found (in keyspace %s)", name, keyspace)
	}
}

// listTables is GET /v2/schemas/keyspaces/{ks}/tables.
func listTables(c *call) error {
	name := c.target.Keyspace
	if err := c.visible(name, ""); err != nil {
		return err
	}
	k := c.door.backend.Schema().Keyspaces[name]
	if k == nil {
		return c.pick(badRequest("Keyspace '%s' not found", name), badRequest("keyspace '%s' not found", name))
	}
	var visible []*schema.Table
	for _, t := range k.Tables {
		if c.who.Visible(name, t.Name) {
			visible = append(visible, t)
		}
	}
	slices.SortFunc(visible, func(a, b *schema.Table) int { return strings.Compare(a.Name, b.Name) })
	c.opened()
	c.out = appendList(c.out, visible, c.appendTable)
	return c.closed()
}

// getTable is GET /v2/schemas/keyspaces/{ks}/tables/{table}.
func getTable(c *call) error {
	t, err := c.definition(http.StatusNotFound)
	if err != nil {
		return err
	}
	c.opened()
	c.out = c.appendTable(c.out, t)
	return c.closed()
}

// dropTable is DELETE /v2/schemas/keyspaces/{ks}/tables/{table}. One that is
// not there is no error but in the older profile.
func dropTable(c *call) error {
	name := c.target
	k := c.door.backend.Schema().Keyspaces[name.Keyspace]
	there := k != nil && k.Tables[name.Name] != nil
	if _, err := c.run(&cql.DropTable{Table: name, IfExists: true}); err != nil {
		return err
	}
	switch {
	case c.v1 && k == nil:
		return badRequest("Bad request: Unknown keyspace %s", name.Keyspace)
	case c.v1 && !there:
		return badRequest("Bad request: Table %s.%s does not exists", name.Keyspace, name.Name)
	}
	return c.write(http.StatusNoContent, nil)
}

// appendTable appends the definition of a table.
func (c *call) appendTable(dst []byte, t *schema.Table) []byte {
	dst = append(dst, `{"name":`...)
	dst = cell.AppendString(dst, t.Name)
	dst = append(dst, `,"keyspace":`...)
	dst = cell.AppendString(dst, t.Keyspace)
	dst = append(dst, `,"columnDefinitions":`...)
	dst = appendList(dst, c.columns(t), c.appendColumn)
	dst = append(dst, `,"primaryKey":{"partitionKey":`...)
	dst = appendList(dst, t.PartitionKey, appendColumnName)
	dst = append(dst, `,"clusteringKey":`...)
	dst = appendList(dst, t.Clustering, appendColumnName)
	dst = append(dst, `},"tableOptions":{"defaultTimeToLive":`...)
	dst = strconv.AppendInt(dst, int64(t.Options.DefaultTimeToLive), 10)
	dst = append(dst, `,"clusteringExpression":`...)
	dst = appendList(dst, t.Clustering, func(dst []byte, column *schema.Column) []byte {
		dst = append(dst, `{"column":`...)
		dst = cell.AppendString(dst, column.Name)
		if column.Desc {
			return append(dst, `,"order":"DESC"}`...)
		}
		return append(dst, `,"order":"ASC"}`...)
	})
	return append(dst, "}}"...)
}

func appendColumnName(dst []byte, column *schema.Column) []byte {
	return cell.AppendString(dst, column.Name)
}

// updateTable is PUT /v2/schemas/keyspaces/{ks}/tables/{table}: it changes the
// default time to live and nothing else.
func updateTable(c *call) error {
	def, err := c.readTable()
	if err != nil {
		return err
	}
	switch {
	case !c.v1 && strings.TrimSpace(def.name) == "":
		return badRequest("Request invalid: TableAdd.name must be provided.")
	case len(def.clustering) > 0:
		return badRequest("Cannot update the clustering order of a table")
	case def.timeToLive == nil:
		return c.pick(badRequest("No update provided for defaultTTL"), badRequest("No update provided"))
	}
	t, err := c.definition(http.StatusBadRequest)
	if err != nil {
		name := c.target
		return c.pick(err, badRequest("Bad request: Unknown table %s.%s ", name.Keyspace, name.Name))
	}
	_, err = c.run(&cql.AlterTable{Table: c.target, Kind: cql.AlterWith, Properties: timeToLive(*def.timeToLive)})
	if err != nil {
		return err
	}
	if c.v1 { // what was sent, whatever it was
		if def.name == "" {
			c.out = append(c.out, `{"name":null}`...)
			return c.answer(http.StatusOK)
		}
		return c.named(http.StatusOK, def.name)
	}
	return c.named(http.StatusOK, t.Name)
}

func timeToLive(seconds int32) []cql.Property {
	return []cql.Property{{Name: "default_time_to_live", Text: strconv.Itoa(int(seconds))}}
}
