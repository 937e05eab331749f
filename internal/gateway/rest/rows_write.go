package rest

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// createRow is POST /v2/keyspaces/{ks}/{table}: an INSERT of the members given.
// The answer is the request's own text.
func createRow(c *call) error {
	c.shape = append(c.shape, insertRow)
	if err := c.allow(ifNotExists | withTTL | withTimestamp | batch); err != nil {
		return err
	}
	if c.params.options.given&batch != 0 {
		return createRows(c)
	}
	payload, err := c.rowBody()
	if err != nil {
		return err
	}
	t, err := c.existing(c.writes(writing))
	if err != nil {
		return err
	}
	s, err := c.insertion(t, payload)
	if err != nil {
		return c.valueError("Invalid path for row to create, problem: ", err)
	}
	if err := c.refuseUnused(); err != nil {
		return err
	}
	if err := c.modify(s); err != nil {
		return err
	}
	if c.v1 {
		c.appendKey(t, payload)
		return c.answer(http.StatusCreated)
	}
	if err := c.answered.Keep(len(c.body), false); err != nil {
		return err
	}
	return c.write(http.StatusCreated, c.body)
}

// appendKey appends the primary key of the row given, as it was given: the
// older profile's answer to POST.
func (c *call) appendKey(t *table, payload cell.Value) {
	values := make([]cell.Value, t.keys)
	for m := payload.Members(); m.Next(); {
		if i, ok := t.ordinal[string(m.Key(nil))]; ok && i < t.keys {
			values[i] = m.Value
		}
	}
	for i, v := range values {
		c.out = append(c.out, "{,"[min(i, 1)])
		c.out = append(cell.AppendString(c.out, t.columns[i].Name), ':')
		if v == nil {
			v = cell.Value("null")
		}
		c.out = v.AppendCompact(c.out)
	}
	c.out = append(c.out, '}')
}

// insertion prepares the INSERT of the members given, with its values behind
// those that c.values has.
func (c *call) insertion(t *table, payload cell.Value) (*shape, error) {
	before := len(c.values)
	if err := c.members(t, payload); err != nil {
		return nil, err
	}
	if len(c.values) == before {
		return nil, cql.EmptyInsert(t.name)
	}
	c.using()
	return c.prepare(t, func() cql.Statement { return c.insert(t) })
}

// updateRow is PUT and PATCH /v2/keyspaces/{ks}/{table}/{key...}: an UPDATE of
// the members given; other columns stay. A counter is added to.
func updateRow(c *call) error {
	c.shape = append(c.shape, updateByKey)
	if err := c.allow(ifExists | ifCondition | withTTL | withTimestamp); err != nil {
		return err
	}
	payload, err := c.rowBody()
	if err != nil {
		return err
	}
	t, err := c.existing(c.writes(writing))
	if err != nil {
		return err
	}
	c.using()
	used := len(c.values)
	if err := c.members(t, payload); err != nil {
		return c.valueError("Invalid path for row to update, problem: ", err)
	}
	set := len(c.values)
	n, err := c.keyValues(t)
	if err != nil {
		return c.keyError("Invalid path for row to update, problem: ", err)
	}
	if set == used {
		return cql.EmptyUpdate(t.name)
	}
	c.shape = append(c.shape, byte(n), byte(n>>8))
	if err := c.parseIf(t); err != nil {
		return err
	}
	s, err := c.prepare(t, func() cql.Statement { return c.update(t, n) })
	if err != nil {
		return err
	}
	if err := c.refuseUnused(); err != nil {
		return err
	}
	if err := c.modify(s); err != nil {
		return err
	}
	if c.params.raw {
		c.out = payload.AppendCompact(c.out)
	} else {
		c.out = append(c.out, `{"data":`...)
		c.out = append(payload.AppendCompact(c.out), '}')
	}
	return c.answer(http.StatusOK)
}

// deleteRow is DELETE /v2/keyspaces/{ks}/{table}/{key...}: of a row, a
// partition, or the rows that share a prefix of the clustering key.
func deleteRow(c *call) error {
	c.shape = append(c.shape, deleteByKey)
	if err := c.allow(ifExists | ifCondition | withTimestamp); err != nil {
		return err
	}
	t, err := c.existing(c.writes(deleting))
	if err != nil {
		return err
	}
	c.using()
	n, err := c.keyValues(t)
	if err != nil {
		return c.keyError("Invalid path for row to delete, problem: ", err)
	}
	c.shape = append(c.shape, byte(n), byte(n>>8))
	if err := c.parseIf(t); err != nil {
		return err
	}
	s, err := c.prepare(t, func() cql.Statement { return c.deletion(t, n) })
	if err != nil {
		return err
	}
	if err := c.modify(s); err != nil {
		return err
	}
	return c.write(http.StatusNoContent, nil)
}

// rowBody reads a body that must be a JSON object.
func (c *call) rowBody() (cell.Value, error) {
	mediaType := "application/json"
	if c.v1 {
		mediaType = "" // Stargate v1 takes a row as any type
	}
	if err := c.readBody(mediaType, elideRow); err != nil {
		return nil, err
	}
	v, err := cell.Parse(c.body, c.parseOptions())
	if err != nil {
		return nil, c.pick(badRequest("Invalid JSON payload: %s", err), badRequest("Bad request: Input provided is not valid json. %s", err))
	}
	if v.Kind() != cell.Object {
		problem := notObject(v) + cell.SourceAtStart()
		return nil, c.pick(badRequest("Invalid JSON payload: %s", problem), badRequest("Bad request: Input provided is not valid json. %s", problem))
	}
	return v, nil
}

// notObject says, in Jackson's words, that v can't be read as a map.
func notObject(v cell.Value) string {
	const construct = "Cannot construct instance of `java.util.LinkedHashMap` (although at least one Creator exists): no %s-argument constructor/factory method to deserialize from %s value (%s)"
	switch v.Kind() {
	case cell.String:
		return fmt.Sprintf(construct, "String", "String", "'"+string(v.Text(nil))+"'")
	case cell.Number:
		return fmt.Sprintf(construct, "int/Int", "Number", v)
	case cell.Bool:
		return fmt.Sprintf(construct, "boolean/Boolean", "boolean", v)
	case cell.Array:
		return "Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.Object,java.lang.Object>` from Array value (token `JsonToken.START_ARRAY`)"
	}
	return "Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.Object,java.lang.Object>` from null"
}

// members reads the values of a row: c.cells and c.present by ordinal, then
// c.values in the table's order, and describes which there are in c.shape. Of
// two members of one name the last counts.
func (c *call) members(t *table, payload cell.Value) error {
	c.noCells(t)
	position := 0
	for m := payload.Members(); m.Next(); position++ {
		if err := c.member(t, position, m.Key(nil), m.Value); err != nil {
			return err
		}
	}
	c.cellsDone()
	return nil
}

// noCells begins a row: no column has a value.
func (c *call) noCells(t *table) {
	n := len(t.columns)
	if cap(c.cells) < n {
		c.cells, c.present = make([]backend.Value, n), make([]bool, n)
	}
	c.cells, c.present = c.cells[:n], c.present[:n]
	clear(c.present)
}

// member reads the value of one column.
func (c *call) member(t *table, position int, name []byte, v cell.Value) error {
	column, err := c.column(t, name)
	if err != nil {
		return err
	}
	value, err := c.value(t.columns[column].Type, v)
	if errors.Is(err, cell.ErrUnmappable) {
		return unmappable(position)
	}
	if err != nil {
		return c.field(t, column, "", err)
	}
	c.cells[column], c.present[column] = backend.Value{Bytes: value}, true
	return nil
}

// cellsDone puts the row's values into c.values.
func (c *call) cellsDone() {
	var bits byte
	for i, there := range c.present {
		if there {
			c.values = append(c.values, c.cells[i])
			bits |= 1 << (i % 8)
		}
		if i%8 == 7 || i == len(c.present)-1 {
			c.shape = append(c.shape, bits)
			bits = 0
		}
	}
}

// insert makes the INSERT of the columns that are present.
func (c *call) insert(t *table) *cql.Insert {
	s := &cql.Insert{Table: t.name, IfNotExists: c.params.options.given&ifNotExists != 0}
	next := 0
	for i, there := range c.present {
		if there {
			s.Values = append(s.Values, marker(&next))
			s.Columns = append(s.Columns, t.columns[i].Name)
		}
	}
	s.Using = c.usingClause(&next)
	return s
}

// update makes the UPDATE of the columns that are present, in the row of n key
// values. Its markers count as they stand in CQL: USING, SET, WHERE, IF.
func (c *call) update(t *table, n int) *cql.Update {
	next := 0
	s := &cql.Update{Table: t.name, IfExists: c.params.options.given&ifExists != 0, Using: c.usingClause(&next)}
	for i, there := range c.present {
		if !there {
			continue
		}
		a := cql.Assignment{Column: t.columns[i].Name, Value: marker(&next)}
		if t.columns[i].Type.Kind == cqltype.Counter {
			a.Kind = cql.AddValue
		}
		s.Assignments = append(s.Assignments, a)
	}
	s.Where = t.keyRelations(n, next)
	next += n
	s.If = c.conditions(t, &next)
	return s
}

// deletion makes the DELETE of what n key values name.
func (c *call) deletion(t *table, n int) *cql.Delete {
	next := 0
	s := &cql.Delete{Table: t.name, IfExists: c.params.options.given&ifExists != 0, Using: c.usingClause(&next)}
	s.Where = t.keyRelations(n, next)
	next += n
	s.If = c.conditions(t, &next)
	return s
}
