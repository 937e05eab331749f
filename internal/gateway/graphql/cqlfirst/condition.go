package cqlfirst

import (
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
)

// comparison is one condition on a column, of a WHERE or an IF.
type comparison struct {
	op             cql.Operator
	element, value cql.Expr
	values         []backend.Value
}

var operators = map[string]cql.Operator{
	"eq": cql.Eq, "notEq": cql.Neq, "gt": cql.Gt, "gte": cql.Gte, "lt": cql.Lt, "lte": cql.Lte, "in": cql.In,
	"contains": cql.Contains, "containsKey": cql.ContainsKey, "containsEntry": cql.Eq,
}

// comparison reads a member of a filter.
func (c *column) comparison(r *exec.Run, name string, in exec.Input, next *int) (m comparison, err error) {
	m.op = operators[name]
	codec, parts := c.codec, []exec.Input{in}
	switch name {
	case "in":
		cell, err := c.listCell(r, in)
		m.value, m.values = statement.Marker(next), []backend.Value{{Bytes: cell}}
		return m, err
	case "contains":
		codec = codec.Elems[len(codec.Elems)-1]
	case "containsKey":
		codec = codec.Elems[0]
	case "containsEntry":
		if !in.Given() {
			return m, fmt.Errorf("containsEntry needs an entry")
		}
		key, err := codec.Elems[0].Cell(r, in.Member("key"))
		if err != nil {
			return m, err
		}
		m.element = statement.Marker(next)
		m.values = append(m.values, backend.Value{Bytes: key})
		codec, parts = codec.Elems[1], []exec.Input{in.Member("value")}
	}
	cell, err := codec.Cell(r, parts[0])
	m.value = statement.Marker(next)
	m.values = append(m.values, backend.Value{Bytes: cell})
	return m, err
}

// listCell makes the list that IN is bound to.
func (c *column) listCell(r *exec.Run, in exec.Input) ([]byte, error) {
	if !in.Given() {
		return nil, nil
	}
	var elements [][]byte
	err := in.Elements(func(_ int, e exec.Input) error {
		cell, err := c.codec.Cell(r, e)
		elements = append(elements, cell)
		return err
	})
	list := cqltype.AppendCount(nil, len(elements))
	for _, e := range elements {
		list = cqltype.AppendElement(list, e)
	}
	return list, err
}
