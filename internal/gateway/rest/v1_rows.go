package rest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// unprocessable makes the API v1's refusal of a body that breaks a rule.
func unprocessable(text string) error {
	return &failure{Status: http.StatusUnprocessableEntity, Description: "Request invalid: " + text}
}

// listRowsV1 is GET /v1/…/rows: all rows of a table.
func listRowsV1(c *call) error {
	t, err := c.pageV1()
	if err != nil {
		return err
	}
	c.shape = append(c.shape, selectWhere, 0)
	c.describeWhere()
	s, err := c.prepare(t, func() cql.Statement { return c.selectFrom(t.name, nil, nil) })
	if err != nil {
		return err
	}
	return c.list(s)
}

// getRowV1 is GET /v1/…/rows/{k1;k2;…}.
func getRowV1(c *call) error {
	if _, err := c.pageV1(); err != nil {
		return err
	}
	return getRow(c)
}

// pageV1 reads the parameters of a page, and returns the table of the path.
func (c *call) pageV1() (*table, error) {
	c.params.raw = false // a list says how many there are
	query := c.r.URL.Query()
	if size := query.Get("pageSize"); size != "" {
		n, err := strconv.ParseInt(size, 10, 32)
		if err != nil {
			return nil, httpFailure(http.StatusNotFound)
		}
		c.params.pageSize = int(n)
	}
	c.params.pageState = query.Get("pageState")
	return c.existing(reading)
}

// createRowV1 is POST /v1/…/rows: {columns:[{name,value}]}.
func createRowV1(c *call) error {
	body, err := c.bodyV1("Row data cannot be null.", elideColumns("name"))
	if err != nil {
		return err
	}
	t, err := c.existing(writing)
	if err != nil {
		return err
	}
	c.shape = append(c.shape, insertRow, 0)
	if err := c.columnsV1(t, body, "columns", "name", "Columns cannot be null or empty."); err != nil {
		return c.valueError("", err)
	}
	s, err := c.prepare(t, func() cql.Statement { return c.insert(t) })
	if err != nil {
		return err
	}
	if err := c.modify(s); err != nil {
		return err
	}
	c.out = append(c.out, `{"success":true,"rowsModified":1}`...)
	return c.answer(http.StatusCreated)
}

// updateRowV1 is PUT /v1/…/rows/{k1;k2;…}: {changeset:[{column,value}]}.
func updateRowV1(c *call) error {
	body, err := c.bodyV1("changeset cannot be null.", elideColumns("column"))
	if err != nil {
		return err
	}
	t, err := c.existing(writing)
	if err != nil {
		return err
	}
	c.shape = append(c.shape, updateByKey, 0)
	if err := c.columnsV1(t, body, "changeset", "column", "changeset cannot be null or empty."); err != nil {
		return c.valueError("", err)
	}
	n, err := c.keyValues(t)
	if err != nil {
		return c.keyError("", err)
	}
	c.shape = append(c.shape, byte(n), byte(n>>8))
	s, err := c.prepare(t, func() cql.Statement { return c.update(t, n) })
	if err != nil {
		return err
	}
	if err := c.modify(s); err != nil {
		return err
	}
	return c.succeeded(http.StatusOK)
}

// bodyV1 reads a body that must be an object; null says that there is none, elider is
// that of readBody.
func (c *call) bodyV1(null string, elider makeElider) (cell.Value, error) {
	if err := c.readBody("application/json", elider); err != nil {
		return nil, err
	}
	if len(strings.TrimSpace(string(c.body))) == 0 {
		return nil, unprocessable(null)
	}
	v, err := cell.Parse(c.body, cell.Options{})
	switch {
	case err == nil && v.Kind() == cell.Null:
		return nil, unprocessable(null)
	case err != nil || v.Kind() != cell.Object:
		return nil, httpFailure(http.StatusBadRequest)
	}
	return v, nil
}

// columnsV1 reads [{name,value}] as the values of a row.
func (c *call) columnsV1(t *table, body cell.Value, member, nameMember, empty string) error {
	c.noCells(t)
	position := 0
	err := objectOf(body, func(name string, list cell.Value) error {
		if name != member {
			return nil
		}
		return listOf(list, func(item cell.Value) error {
			var column string
			value := cell.Value("null")
			err := objectOf(item, func(name string, v cell.Value) (err error) {
				switch name {
				case nameMember:
					column, err = textOf(v)
				case "value":
					value = v
				}
				return err
			})
			if err == nil && strings.TrimSpace(column) == "" {
				err = unprocessable("Name of the column cannot be null or blank.")
			}
			if err == nil {
				err = c.member(t, position, []byte(column), value)
			}
			position++
			return err
		})
	})
	if err == nil && position == 0 {
		err = unprocessable(empty)
	}
	c.cellsDone()
	return err
}
