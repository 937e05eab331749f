package rest

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// queryV1 is the body of POST /v1/…/rows/query.
type queryV1 struct {
	columns   []string
	filters   []filterV1
	hasOrder  bool
	by, order string
	pageSize  *int32
	pageState string
}

// filterV1 is one of its filters; value is an array.
type filterV1 struct {
	column, operator string
	value            cell.Value
}

// operatorsV1 are the operators of filters.
var operatorsV1 = map[string]cql.Operator{
	"eq": cql.Eq, "noteq": cql.Neq, "gt": cql.Gt, "gte": cql.Gte, "lt": cql.Lt, "lte": cql.Lte, "in": cql.In,
}

// queryRowsV1 is POST /v1/…/rows/query.
func queryRowsV1(c *call) error {
	body, err := c.bodyV1("query cannot be null.", nil)
	if err != nil {
		return err
	}
	q := &queryV1{}
	if err := objectOf(body, q.member); err != nil {
		return err
	}
	order, err := q.ordering()
	if err != nil {
		return err
	}
	t, err := c.existing(reading)
	if err != nil {
		return err
	}
	for _, f := range q.filters {
		if err := c.filterV1(t, f); err != nil {
			return c.valueError("", err)
		}
	}
	c.params.raw = false
	c.params.pageState = q.pageState
	if q.pageSize != nil {
		c.params.pageSize = int(*q.pageSize)
	}
	stmt := &cql.Select{Table: t.name, Where: c.relations(t), OrderBy: order}
	for _, name := range q.columns {
		stmt.Selectors = append(stmt.Selectors, cql.Selector{X: &cql.Column{Name: name}})
	}
	s, err := c.build(stmt)
	if err != nil {
		return err
	}
	return c.list(s)
}

// member reads one member of the body.
func (q *queryV1) member(name string, v cell.Value) (err error) {
	switch name {
	case "columnNames":
		q.columns, err = textsOf(v)
	case "filters":
		err = listOf(v, q.filter)
	case "orderBy":
		q.hasOrder = v.Kind() != cell.Null
		err = objectOf(v, func(name string, v cell.Value) (err error) {
			switch name {
			case "column":
				q.by, err = textOf(v)
			case "order":
				q.order, err = textOf(v)
			}
			return err
		})
	case "pageSize":
		q.pageSize, err = intOf(v)
	case "pageState":
		q.pageState, err = textOf(v)
	}
	return err
}

// filter reads one filter.
func (q *queryV1) filter(v cell.Value) error {
	var f filterV1
	err := objectOf(v, func(name string, v cell.Value) (err error) {
		switch name {
		case "columnName":
			f.column, err = textOf(v)
		case "operator":
			f.operator, err = textOf(v)
		case "value":
			f.value = v
		}
		return err
	})
	q.filters = append(q.filters, f)
	return err
}

// ordering checks the body as a whole and returns its ORDER BY.
func (q *queryV1) ordering() ([]cql.Ordering, error) {
	if len(q.filters) == 0 {
		return nil, badRequest("filters must be provided")
	}
	for _, f := range q.filters {
		if f.column == "" || f.operator == "" || f.value == nil || f.value.Kind() != cell.Array || isEmptyArray(f.value) {
			return nil, badRequest("filter requires column name, operator, and value")
		}
	}
	switch {
	case !q.hasOrder:
		return nil, nil
	case q.by == "" || q.order == "":
		return nil, badRequest("both order and column are required for order by expression")
	case !strings.EqualFold(q.order, "asc") && !strings.EqualFold(q.order, "desc"):
		return nil, badRequest("order must be either 'asc' or 'desc'")
	}
	return []cql.Ordering{{Column: q.by, Desc: strings.EqualFold(q.order, "desc")}}, nil
}

// filterV1 adds a filter to c.where and c.values. All operators but in compare
// with one value; more of them would be forgotten silently, so they are refused.
func (c *call) filterV1(t *table, f filterV1) error {
	operator, ok := operatorsV1[strings.ToLower(f.operator)]
	if !ok {
		return badRequest("Operation %s is not supported.", f.operator)
	}
	column, err := c.column(t, []byte(f.column))
	if err != nil {
		return err
	}
	typ := t.columns[column].Type
	var value []byte
	if operator == cql.In {
		value, err = c.decode.ListV1(typ, f.value)
	} else {
		e := f.value.Elements()
		e.Next()
		value, err = c.decode.V1(typ, e.Value)
		if err == nil && e.Next() {
			return badRequest("operator %s takes one value", f.operator)
		}
	}
	if err != nil {
		return c.field(t, column, "", err)
	}
	c.where = append(c.where, condition{column: column, op: operator})
	if len(c.where) > maxConditions {
		return badRequest("more than %d filters", maxConditions)
	}
	c.values = append(c.values, backend.Value{Bytes: value})
	return nil
}
