package rest

import (
	"bytes"
	"errors"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// condition is one condition of where, without its values: those are in
// c.values, in order.
type condition struct {
	column int
	op     cql.Operator
	// entry: column[?] = ?, two values.
	entry bool
}

// describe appends the condition to the description of a shape.
func (d condition) describe(shape []byte) []byte {
	op := byte(d.op) << 1
	if d.entry {
		op |= 1
	}
	return append(shape, byte(d.column), byte(d.column>>8), op)
}

// relations makes the WHERE clause of c.where.
func (c *call) relations(t *table) []cql.Relation {
	relations := make([]cql.Relation, len(c.where))
	next := 0
	for i, d := range c.where {
		r := cql.Relation{Columns: []string{t.columns[d.column].Name}, Op: d.op}
		if d.entry {
			r.Element = marker(&next)
		}
		r.Value = marker(&next)
		relations[i] = r
	}
	return relations
}

// operators are the operators whose value is compared, or repeated for each
// element of an array.
var operators = map[string]cql.Operator{
	"$eq": cql.Eq, "$lt": cql.Lt, "$lte": cql.Lte, "$gt": cql.Gt, "$gte": cql.Gte,
	"$in": cql.In, "$exists": cql.Eq, "$contains": cql.Contains, "$containskey": cql.ContainsKey, "$containsentry": cql.Eq,
}

// parseWhere reads the parameter where.
func (c *call) parseWhere(t *table) error { return c.parseConditions(t, c.params.where, operators) }

// parseConditions reads {"column":{"$op":value,…},…} into c.where and c.values.
func (c *call) parseConditions(t *table, text string, operators map[string]cql.Operator) error {
	where, err := cell.Parse([]byte(text), cell.Options{UniqueNames: true})
	if err != nil {
		return badRequest("Input provided is not valid json. %s", err)
	}
	if where.Kind() != cell.Object {
		return badRequest("Was expecting a JSON object as input for where parameter.")
	}
	for m := where.Members(); m.Next(); {
		if m.Value.Kind() != cell.Object {
			return badRequest("Entry for field %s was expecting a JSON object as input.", m.Key(nil))
		}
		for o := m.Value.Members(); o.Next(); {
			if err := c.parseCondition(t, m.Key(nil), o.Key(nil), o.Value, operators); err != nil {
				return err
			}
			if len(c.where) > maxConditions {
				return badRequest("more than %d conditions", maxConditions)
			}
		}
	}
	return nil
}

func (c *call) parseCondition(t *table, field, op []byte, v cell.Value, operators map[string]cql.Operator) error {
	name := string(bytes.ToLower(op))
	operator, ok := operators[name]
	if !ok {
		return badRequest("Operation %s is not supported.", op)
	}
	_, nullable := operators["$ne"] // a condition, not a restriction
	if v.Kind() == cell.Null && !(nullable && (name == "$eq" || name == "$ne")) {
		return badRequest("Value entry for field %s, operation %s was expecting a value, but found null.", field, op)
	}
	switch name {
	case "$in":
		if v.Kind() != cell.Array || isEmptyArray(v) {
			return c.pick(badRequest("Value entry for field '%s', operation $in must be a non-empty array", field),
				badRequest("Value entry for field %s, operation $in must be an array.", field))
		}
	case "$exists":
		if !(v.Kind() == cell.Bool && v.IsTrue()) {
			return badRequest("`$exists` only supports the value `true`.")
		}
	case "$containsentry":
		if _, _, ok := entryOf(v); !ok {
			return badRequest("Value entry for field %s, operation $containsEntry must be an object with two fields 'key' and 'value'", field)
		}
	}
	column, err := c.column(t, field)
	if err != nil {
		return err
	}
	switch name {
	case "$in":
		return c.bind(t, condition{column: column, op: operator}, "", func(typ *cqltype.Type) ([]byte, error) {
			if c.v1 {
				return c.decode.ListV1(typ, v)
			}
			return c.decode.List(typ, v)
		})
	case "$contains", "$containskey":
		return c.parseContains(t, condition{column: column, op: operator}, v)
	case "$containsentry":
		return c.parseEntry(t, column, v)
	}
	return c.parseComparison(t, condition{column: column, op: operator}, v)
}

// parseComparison reads the value of $eq and such. A string is stringified,
// anything else typed; an array stands for one condition for each element.
func (c *call) parseComparison(t *table, d condition, v cell.Value) error {
	if v.Kind() != cell.Array {
		return c.bind(t, d, "", func(typ *cqltype.Type) ([]byte, error) { return c.value(typ, v) })
	}
	for e := v.Elements(); e.Next(); {
		if err := c.bind(t, d, "", func(typ *cqltype.Type) ([]byte, error) { return c.value(typ, e.Value) }); err != nil {
			return err
		}
		if len(c.where) > maxConditions {
			return nil // the caller refuses it
		}
	}
	return nil
}

// parseContains reads the value of $contains, an element or value of the
// collection, and of $containsKey.
func (c *call) parseContains(t *table, d condition, v cell.Value) error {
	name, typ := t.columns[d.column].Name, t.columns[d.column].Type
	if d.op == cql.ContainsKey {
		if typ.Kind != cqltype.Map {
			return c.pick(badRequest("Field '%s' not of map type; has to be for operation $containsKey", name),
				badRequest("Field %s: operation $containsKey is only supported for map types", name))
		}
		return c.bind(t, d, "key value for ", func(typ *cqltype.Type) ([]byte, error) { return c.value(typ.Elems[0], v) })
	}
	if !typ.IsCollection() {
		return c.pick(badRequest("Field '%s' not of container type (list, map, set); has to be for operation $contains", name),
			badRequest("Field %s: operation $contains is only supported for collection types", name))
	}
	return c.bind(t, d, "content value for ", func(typ *cqltype.Type) ([]byte, error) {
		return c.value(typ.Elems[len(typ.Elems)-1], v)
	})
}

// parseEntry reads the value of $containsEntry.
func (c *call) parseEntry(t *table, column int, v cell.Value) error {
	if t.columns[column].Type.Kind != cqltype.Map {
		return badRequest("Field '%s' not of map type; has to be for operation $containsEntry", t.columns[column].Name)
	}
	key, value, _ := entryOf(v)
	d := condition{column: column, op: cql.Eq, entry: true}
	if err := c.bind(t, d, "key value for ", func(typ *cqltype.Type) ([]byte, error) { return c.value(typ.Elems[0], key) }); err != nil {
		return err
	}
	c.where = c.where[:len(c.where)-1] // one condition, two values
	return c.bind(t, d, "content value for ", func(typ *cqltype.Type) ([]byte, error) { return c.value(typ.Elems[1], value) })
}

// bind adds a condition and the value that read makes for it.
func (c *call) bind(t *table, d condition, what string, read func(*cqltype.Type) ([]byte, error)) error {
	value, err := read(t.columns[d.column].Type)
	if errors.Is(err, cell.ErrUnmappable) {
		return unmappable(len(c.values))
	}
	if err != nil {
		return c.field(t, d.column, what, err)
	}
	c.where = append(c.where, d)
	c.values = append(c.values, backend.Value{Bytes: value})
	return nil
}

func isEmptyArray(v cell.Value) bool {
	e := v.Elements()
	return !e.Next()
}

// entryOf takes {"key":k,"value":v} apart.
func entryOf(v cell.Value) (key, value cell.Value, ok bool) {
	if v.Kind() != cell.Object {
		return nil, nil, false
	}
	for m := v.Members(); m.Next(); {
		switch string(m.Key(nil)) {
		case "key":
			key = m.Value
		case "value":
			value = m.Value
		}
	}
	return key, value, key != nil && value != nil
}
