package rest

import (
	"net/http"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// newColumn is {name, typeDefinition, static}.
type newColumn struct {
	name, typeDefinition string
	static               bool
}

func columnOf(v cell.Value) (column newColumn, err error) {
	err = objectOf(v, func(name string, v cell.Value) (err error) {
		switch name {
		case "name":
			column.name, err = textOf(v)
		case "typeDefinition":
			column.typeDefinition, err = textOf(v)
		case "static":
			column.static, err = boolOf(v)
		}
		return err
	})
	return column, err
}

// columnDefinition makes the column of a CREATE or ALTER TABLE.
func (c *call) columnDefinition(column newColumn) (cql.ColumnDef, error) {
	if strings.TrimSpace(column.name) == "" {
		return cql.ColumnDef{}, badRequest("Request invalid: columnDefinition.name must be provided.")
	}
	t, err := parseType(column.typeDefinition)
	return cql.ColumnDef{Name: column.name, Type: t, Static: column.static}, err
}

// appendColumn appends {"name","typeDefinition","static"}.
func (c *call) appendColumn(dst []byte, column *schema.Column) []byte {
	dst = append(dst, `{"name":`...)
	dst = cell.AppendString(dst, column.Name)
	dst = append(dst, `,"typeDefinition":`...)
	dst = cell.AppendString(dst, c.typeText(column.Type))
	if column.Kind == schema.Static {
		return append(dst, `,"static":true}`...)
	}
	return append(dst, `,"static":false}`...)
}

// listColumns is GET …/tables/{table}/columns.
func listColumns(c *call) error {
	t, err := c.definition(http.StatusBadRequest)
	if err != nil {
		return err
	}
	c.opened()
	c.out = appendList(c.out, c.columns(t), c.appendColumn)
	return c.closed()
}

// getColumn is GET …/tables/{table}/columns/{column}.
func getColumn(c *call) error {
	t, err := c.definition(http.StatusBadRequest)
	if err != nil {
		return err
	}
	column := t.Columns[c.r.PathValue("column")]
	if column == nil {
		name := c.r.PathValue("column")
		return c.pick(notFound("Column '%s' not found in table '%s'", name, t.Name), notFound("column '%s' not found in table", name))
	}
	c.opened()
	c.out = c.appendColumn(c.out, column)
	return c.closed()
}

// createColumn is POST …/tables/{table}/columns.
func createColumn(c *call) error {
	column, err := c.readColumn()
	if err != nil {
		return err
	}
	if _, err := c.definition(http.StatusBadRequest); err != nil {
		return err
	}
	def, err := c.columnDefinition(column)
	if err != nil {
		return err
	}
	if _, err := c.run(&cql.AlterTable{Table: c.target, Kind: cql.AlterAdd, Add: []cql.ColumnDef{def}}); err != nil {
		return err
	}
	if c.rows {
		return c.succeeded(http.StatusCreated)
	}
	return c.named(http.StatusCreated, column.name)
}

// readColumn reads a body that is a column, or at least has its name.
func (c *call) readColumn() (newColumn, error) {
	body, err := c.typedBody()
	if err != nil {
		return newColumn{}, err
	}
	column, err := columnOf(body)
	if err == nil && strings.TrimSpace(column.name) == "" {
		err = badRequest("Request invalid: columnDefinition.name must be provided.")
	}
	return column, err
}

// renameColumn is PUT …/tables/{table}/columns/{column}: it gives the column the
// body's name. The body's type does not count; CQL can't change it.
func renameColumn(c *call) error {
	read := c.readColumn
	if c.rows {
		read = c.readNewName
	}
	column, err := read()
	if err != nil {
		return err
	}
	from := c.r.PathValue("column")
	if from == column.name && !c.rows {
		return c.named(http.StatusOK, from)
	}
	if err := c.mustHaveColumn(from); err != nil {
		return err
	}
	stmt := &cql.AlterTable{Table: c.target, Kind: cql.AlterRename, Rename: []cql.Renaming{{From: from, To: column.name}}}
	if _, err := c.run(stmt); err != nil {
		return err
	}
	if c.rows {
		return c.succeeded(http.StatusOK)
	}
	return c.named(http.StatusOK, column.name)
}

// readNewName reads {newName}, the API v1's body.
func (c *call) readNewName() (column newColumn, err error) {
	body, err := c.typedBody()
	if err != nil {
		return newColumn{}, err
	}
	err = objectOf(body, func(member string, v cell.Value) (err error) {
		if member == "newName" {
			column.name, err = textOf(v)
		}
		return err
	})
	if err == nil && column.name == "" {
		err = badRequest("newName must be provided")
	}
	return column, err
}

// dropColumn is DELETE …/tables/{table}/columns/{column}.
func dropColumn(c *call) error {
	name := c.r.PathValue("column")
	if err := c.mustHaveColumn(name); err != nil {
		return err
	}
	if _, err := c.run(&cql.AlterTable{Table: c.target, Kind: cql.AlterDrop, Drop: []string{name}}); err != nil {
		return err
	}
	return c.write(http.StatusNoContent, nil)
}

func (c *call) mustHaveColumn(name string) error {
	t, err := c.definition(http.StatusBadRequest)
	if err == nil && t.Columns[name] == nil {
		err = c.pick(badRequest("Column '%s' not found in table '%s'", name, t.Name),
			badRequest("Bad request: Column %s was not found in table '%s.%s'", name, t.Keyspace, t.Name))
	}
	return err
}
