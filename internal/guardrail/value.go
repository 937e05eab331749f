package guardrail

import (
	"encoding/binary"
	"encoding/json"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// valueCheck is what is checked of the value of one bind marker.
type valueCheck struct {
	marker int
	column string
	// collection: the value is a whole collection, cells of its own per element
	// when separate.
	collection, separate bool
	// row is the table of an INSERT JSON's value.
	row *schema.Table
	// floor is the length up to which nothing is said, items the number of
	// elements.
	floor, items int64
}

// quiet reports that nothing is to be said of a value.
func (v *valueCheck) quiet(b []byte) bool {
	return int64(len(b)) <= v.floor && (!v.collection || v.items < 0 || elements(b) <= v.items)
}

// check checks a value in wire form.
func (v *valueCheck) check(f *findings, b []byte) error {
	l := f.guard.limits
	switch {
	case v.row != nil:
		return checkJSON(f, v.row, string(b))
	case !v.collection:
		return f.check(&columnValueSize, l.ColumnValueSize, v.column, int64(len(b)))
	}
	if err := f.check(&itemsPerCollection, l.ItemsPerCollection, v.column, elements(b)); err != nil {
		return err
	}
	if err := f.check(&collectionSize, l.CollectionSize, v.column, int64(len(b))); err != nil {
		return err
	}
	if !v.separate {
		return f.check(&columnValueSize, l.ColumnValueSize, v.column, int64(len(b)))
	}
	return f.check(&columnValueSize, l.ColumnValueSize, v.column, largestElement(b))
}

// largestElement is the length of the largest element, key or value, in the wire
// form of a collection.
func largestElement(b []byte) (largest int64) {
	for rest := b[min(4, len(b)):]; len(rest) >= 4; {
		n := int64(int32(binary.BigEndian.Uint32(rest)))
		rest = rest[4:]
		if n < 0 {
			continue
		}
		if n > int64(len(rest)) {
			break
		}
		rest = rest[n:]
		largest = max(largest, n)
	}
	return largest
}

func isCollection(t *cqltype.Type) bool {
	return t.Kind == cqltype.List || t.Kind == cqltype.Set || t.Kind == cqltype.Map
}

// value notes the checks of an expression that is written to a column; part says
// that it is only an element or a field of it.
func (c *checks) value(column *schema.Column, x cql.Expr, part bool) {
	if column == nil || x == nil {
		return
	}
	l := c.guard.limits
	collection := isCollection(column.Type) && !part
	switch e := x.(type) {
	case *cql.BindMarker:
		v := valueCheck{marker: e.Index, column: column.Name, collection: collection, separate: !column.Type.Frozen,
			floor: lowest(l.ColumnValueSize), items: Off}
		if collection {
			v.floor, v.items = min(v.floor, lowest(l.CollectionSize)), l.ItemsPerCollection.lowest()
		}
		if v.floor < mostCombinations || v.items >= 0 {
			c.values = append(c.values, v)
		}
	case *cql.TypeHint:
		c.value(column, e.X, part)
	case *cql.ListLiteral:
		c.literal(column, e.Elems, len(e.Elems), collection)
	case *cql.SetLiteral:
		c.literal(column, e.Elems, len(e.Elems), collection)
	case *cql.MapLiteral:
		var all []cql.Expr
		for _, entry := range e.Entries {
			all = append(all, entry.Key, entry.Value)
		}
		c.literal(column, all, len(e.Entries), collection)
	case *cql.UDTLiteral:
		for _, field := range e.Fields {
			c.value(column, field.Value, true)
		}
	case *cql.TupleLiteral:
		for _, elem := range e.Elems {
			c.value(column, elem, true)
		}
	case *cql.Literal:
		c.constant(&columnValueSize, l.ColumnValueSize, column.Name, literalSize(e))
	}
}

// literal notes the checks of a collection in the text.
func (c *checks) literal(column *schema.Column, elems []cql.Expr, items int, collection bool) {
	size := int64(4)
	for _, elem := range elems {
		c.value(column, elem, true)
		if constant, ok := elem.(*cql.Literal); ok {
			size += 4 + literalSize(constant)
		}
	}
	if collection {
		c.constant(&itemsPerCollection, c.guard.limits.ItemsPerCollection, column.Name, int64(items))
		c.constant(&collectionSize, c.guard.limits.CollectionSize, column.Name, size)
	}
}

// constant notes a value that is past a threshold.
func (c *checks) constant(r *rule, t Threshold, what string, value int64) {
	if t.set() && value > t.lowest() {
		c.constants = append(c.constants, constant{r, t, what, value})
	}
}

// literalSize is about how many bytes a constant has; what it is for are texts
// and blobs, where it is exact.
func literalSize(l *cql.Literal) int64 {
	if l.Kind == cql.HexLiteral {
		return int64(len(l.Text)-2) / 2
	}
	return int64(len(l.Text))
}

// lowest is the threshold's lowest, or more than any value when it has none.
func lowest(t Threshold) int64 {
	if !t.set() {
		return mostCombinations
	}
	return t.lowest()
}

// json notes the checks of an INSERT JSON.
func (c *checks) json(t *schema.Table, x cql.Expr) {
	l := c.guard.limits
	if !l.ColumnValueSize.set() && !l.CollectionSize.set() && !l.ItemsPerCollection.set() {
		return
	}
	switch e := x.(type) {
	case *cql.BindMarker:
		v := valueCheck{marker: e.Index, row: t, floor: min(lowest(l.ColumnValueSize), lowest(l.CollectionSize)), items: Off}
		if l.ItemsPerCollection.set() {
			v.floor = min(v.floor, l.ItemsPerCollection.lowest()) // an element takes a byte at least
		}
		c.values = append(c.values, v)
	case *cql.Literal:
		text, before := e.Text, c.define
		c.define = func(f *findings, now *schema.Snapshot) error { // of a batch there may be several
			if before != nil {
				if err := before(f, now); err != nil {
					return err
				}
			}
			return checkJSON(f, t, text)
		}
	}
}

// checkJSON checks the values of a row in JSON. What is no such row the back end
// refuses.
func checkJSON(f *findings, t *schema.Table, text string) error {
	var row map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &row) != nil {
		return nil
	}
	l := f.guard.limits
	for name, value := range row {
		column := t.Columns[jsonName(name)]
		if column == nil {
			continue
		}
		if !isCollection(column.Type) {
			if err := f.check(&columnValueSize, l.ColumnValueSize, column.Name, jsonSize(column.Type, value)); err != nil {
				return err
			}
			continue
		}
		var list []json.RawMessage
		var object map[string]json.RawMessage
		if json.Unmarshal(value, &list) != nil {
			_ = json.Unmarshal(value, &object) // the back end says what is wrong
		}
		if err := f.check(&itemsPerCollection, l.ItemsPerCollection, column.Name, int64(len(list)+len(object))); err != nil {
			return err
		}
		if err := f.check(&collectionSize, l.CollectionSize, column.Name, int64(len(value))); err != nil {
			return err
		}
	}
	return nil
}

// jsonName is the column that a JSON key names (Json.java): in any case unless
// it is quoted.
func jsonName(key string) string {
	if len(key) >= 2 && key[0] == '"' && key[len(key)-1] == '"' {
		return key[1 : len(key)-1]
	}
	return strings.ToLower(key)
}

// jsonSize is how many bytes a value in JSON has: exactly for texts and blobs.
func jsonSize(t *cqltype.Type, value json.RawMessage) int64 {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return int64(len(value))
	}
	if t.Kind == cqltype.Blob && strings.HasPrefix(text, "0x") {
		return int64(len(text)-2) / 2
	}
	return int64(len(text))
}
