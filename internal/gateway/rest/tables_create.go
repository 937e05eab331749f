package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// newTable is the body of POST and PUT of a table.
type newTable struct {
	name        string
	columns     []newColumn
	partition   []string
	clusterings []string
	hasKey      bool
	ifNotExists bool
	timeToLive  *int32
	// clustering is clusteringExpression.
	clustering []clusteringOrder
}

type clusteringOrder struct{ column, order string }

// createTable is POST /v2/schemas/keyspaces/{ks}/tables.
func createTable(c *call) error {
	def, err := c.readTable()
	if err != nil {
		return err
	}
	keyspace := c.target.Keyspace
	stmt, err := c.tableStatement(def, keyspace)
	if err != nil {
		return err
	}
	if _, err := c.run(stmt); err != nil {
		return c.alreadyV1(err, "A table named %s already exists", def.name)
	}
	if c.rows {
		return c.succeeded(http.StatusCreated)
	}
	return c.named(http.StatusCreated, def.name)
}

// tableStatement makes the CREATE TABLE.
func (c *call) tableStatement(def *newTable, keyspace string) (*cql.CreateTable, error) {
	noName := strings.TrimSpace(def.name) == ""
	switch {
	case c.v1 && noName:
		return nil, badRequest("table name must be provided")
	case c.v1 && !def.hasKey:
		return nil, badRequest("primary key must be provided")
	case c.v1 && c.door.backend.Schema().Keyspaces[keyspace] == nil:
		return nil, badRequest("keyspace does not exists")
	case noName:
		return nil, badRequest("Request invalid: TableAdd.name must be provided.")
	case len(def.columns) == 0:
		return nil, badRequest("TableAdd.columnDefinitions must be provided")
	case !def.hasKey:
		return nil, badRequest("TableAdd.primaryKey must be provided")
	}
	// Clients of the reference name columns of the partition key among the
	// clustering columns, too, and get the table with the first.
	def.clusterings = slices.DeleteFunc(def.clusterings, func(name string) bool { return slices.Contains(def.partition, name) })
	stmt := &cql.CreateTable{
		Table: cql.QualifiedName{Keyspace: keyspace, Name: def.name}, IfNotExists: def.ifNotExists,
		PartitionKey: def.partition, Clustering: def.clusterings, PrimaryKeys: 1,
	}
	for _, column := range def.columns {
		made, err := c.columnDefinition(column)
		if err != nil {
			return nil, err
		}
		stmt.Columns = append(stmt.Columns, made)
	}
	if def.timeToLive != nil {
		stmt.Properties = timeToLive(*def.timeToLive)
	}
	var err error
	stmt.ClusteringOrder, err = def.clusteringOrder()
	if err != nil {
		err = c.pick(err, badRequest("Unable to create table options order must be either 'asc' or 'desc'"))
	}
	return stmt, err
}

// clusteringOrder makes CLUSTERING ORDER BY, which names all clustering columns
// or none. Expressions for other columns mean nothing.
func (def *newTable) clusteringOrder() ([]cql.ClusteringOrder, error) {
	if !slices.ContainsFunc(def.clustering, func(o clusteringOrder) bool { return slices.Contains(def.clusterings, o.column) }) {
		return nil, nil
	}
	var orders []cql.ClusteringOrder
	for _, column := range def.clusterings {
		order := cql.ClusteringOrder{Column: column}
		for _, o := range def.clustering {
			switch {
			case o.column != column:
			case strings.EqualFold(o.order, "desc"):
				order.Desc = true
			case strings.EqualFold(o.order, "asc"):
				order.Desc = false
			default:
				return nil, badRequest("Unrecognized ordering value '%s'", o.order)
			}
		}
		orders = append(orders, order)
	}
	return orders, nil
}

// readTable reads {name, columnDefinitions, primaryKey, ifNotExists,
// tableOptions}.
func (c *call) readTable() (*newTable, error) {
	body, err := c.typedBody()
	if err != nil {
		return nil, err
	}
	def := &newTable{}
	err = objectOf(body, func(name string, v cell.Value) (err error) {
		switch name {
		case "name":
			def.name, err = textOf(v)
		case "ifNotExists":
			def.ifNotExists, err = boolOf(v)
		case "columnDefinitions":
			err = listOf(v, func(e cell.Value) error {
				column, err := columnOf(e)
				def.columns = append(def.columns, column)
				return err
			})
		case "primaryKey":
			def.hasKey = v.Kind() != cell.Null
			err = objectOf(v, def.readKey)
		case "tableOptions":
			err = objectOf(v, def.readOption)
		}
		return err
	})
	return def, err
}

func (def *newTable) readKey(name string, v cell.Value) (err error) {
	switch name {
	case "partitionKey":
		def.partition, err = textsOf(v)
	case "clusteringKey":
		def.clusterings, err = textsOf(v)
	}
	return err
}

func (def *newTable) readOption(name string, v cell.Value) (err error) {
	switch name {
	case "defaultTimeToLive":
		def.timeToLive, err = intOf(v)
	case "clusteringExpression":
		err = listOf(v, func(e cell.Value) error {
			var o clusteringOrder
			err := objectOf(e, func(name string, v cell.Value) (err error) {
				switch name {
				case "column":
					o.column, err = textOf(v)
				case "order":
					o.order, err = textOf(v)
				}
				return err
			})
			def.clustering = append(def.clustering, o)
			return err
		})
	}
	return err
}
