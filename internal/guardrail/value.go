package guardrail

import (
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// valueCheck is what is checked of the value of one bind marker.
type valueCheck struct {
	marker int
	column string
	// whole is the type of a column that gets the value, nil where the value is one
	// cell of it; discarded: what the collection holds is deleted.
	whole     *cqltype.Type
	discarded bool
	// row is the table of an INSERT JSON's value.
	row *schema.Table
	// floor is the length up to which nothing is said, items the number of
	// elements.
	floor, items int64
}

// quiet reports that nothing is to be said of a value.
func (v *valueCheck) quiet(b []byte) bool {
	if v.whole == nil || !v.whole.IsCollection() {
		return int64(len(b)) <= v.floor
	}
	n := elements(b)
	return int64(len(b))+n*(cellBytes+pathBytes) <= v.floor && (v.items < 0 || n <= v.items)
}

// check checks a value in wire form.
func (v *valueCheck) check(f *findings, b []byte) error {
	l := f.guard.limits
	switch {
	case v.row != nil:
		return checkJSON(f, v.row, string(b))
	case v.whole == nil || !v.whole.IsCollection() && !v.whole.IsMultiCell():
		return f.check(&columnValueSize, l.ColumnValueSize, v.column, f.size(b))
	case v.whole.Kind == cqltype.UDT:
		return f.check(&columnValueSize, l.ColumnValueSize, v.column, f.largestElement(b))
	}
	size, largest := f.size(b), f.size(b)
	if v.whole.IsMultiCell() {
		size, largest = f.cellsSize(v.whole, b), f.largestElement(b[min(4, len(b)):])
	}
	if v.discarded {
		return f.check(&columnValueSize, l.ColumnValueSize, v.column, largest)
	}
	return f.checkCollection(v.column, elements(b), largest, size)
}

// size is the length of a value, with what was left out of it while it was read.
func (f *findings) size(b []byte) int64 { return int64(len(b)) + f.cuts.Dropped(b) }

// checkCollection checks a collection of so many items, the largest of its cells
// and all of them, in Cassandra's order.
func (f *findings) checkCollection(column string, items, largest, size int64) error {
	l := f.guard.limits
	if err := f.check(&itemsPerCollection, l.ItemsPerCollection, column, items); err != nil {
		return err
	}
	if err := f.check(&columnValueSize, l.ColumnValueSize, column, largest); err != nil {
		return err
	}
	return f.check(&collectionSize, l.CollectionSize, column, size)
}

// What Cassandra counts for a cell of a collection beside its key or element and
// value (AbstractCell.dataSize), and for the path of a list's, in bytes.
const (
	cellBytes = 20
	pathBytes = 16
)

// cellOverhead is what a cell of a collection that is not frozen has beside the
// bytes of its elements.
func cellOverhead(t *cqltype.Type) int64 {
	if t.Kind == cqltype.List {
		return cellBytes + pathBytes
	}
	return cellBytes
}

// cellsSize is the size of a collection that is not frozen, as the sum of its
// cells.
func (f *findings) cellsSize(t *cqltype.Type, b []byte) int64 {
	size := elements(b) * cellOverhead(t)
	for rest := b[min(4, len(b)):]; ; {
		var elem []byte
		var ok bool
		if elem, rest, ok = cutElement(rest); !ok {
			return size
		}
		size += f.size(elem)
	}
}

// largestElement is the length of the largest element in a sequence of those of
// a collection or UDT.
func (f *findings) largestElement(rest []byte) (largest int64) {
	for {
		var elem []byte
		var ok bool
		if elem, rest, ok = cutElement(rest); !ok {
			return largest
		}
		largest = max(largest, f.size(elem))
	}
}

// cutElement takes the first element of a sequence; false when there is no whole
// one.
func cutElement(b []byte) (elem, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := int64(int32(binary.BigEndian.Uint32(b)))
	b = b[4:]
	if n > int64(len(b)) {
		return nil, nil, false
	}
	n = max(n, 0)
	return b[:n], b[n:], true
}

// value notes the checks of an expression that is written to a column. Keys have
// a limit of their own, which is lower than any here (cassandra.yaml).
func (c *checks) value(column *schema.Column, x cql.Expr) { c.assign(column, x, false) }

// discard notes the checks of what is taken out of a collection: the tombstones
// of a set's elements and a map's entries hold them.
func (c *checks) discard(column *schema.Column, x cql.Expr) {
	if column != nil && column.Type.Kind != cqltype.List {
		c.assign(column, x, true)
	}
}

func (c *checks) assign(column *schema.Column, x cql.Expr, discarded bool) {
	if column == nil || x == nil || column.Kind == schema.PartitionKey || column.Kind == schema.Clustering {
		return
	}
	l, t := c.guard.limits, column.Type
	switch e := x.(type) {
	case *cql.TypeHint:
		c.assign(column, e.X, discarded)
		return
	case *cql.BindMarker:
		v := valueCheck{marker: e.Index, column: column.Name, whole: t, discarded: discarded, floor: lowest(l.ColumnValueSize), items: Off}
		if t.IsCollection() && !discarded {
			v.floor, v.items = min(v.floor, lowest(l.CollectionSize)), l.ItemsPerCollection.lowest()
		}
		c.bound(v)
		return
	}
	parts, items, size := c.literalParts(t, x)
	if t.IsCollection() && !discarded {
		c.constant(&itemsPerCollection, l.ItemsPerCollection, column.Name, items)
	}
	if !t.IsMultiCell() {
		size = c.literalSize(t, x)
		c.constant(&columnValueSize, l.ColumnValueSize, column.Name, size)
	}
	for _, p := range parts {
		if _, ok := p.x.(*cql.BindMarker); ok || t.IsMultiCell() {
			c.part(column, p.t, p.x)
		}
	}
	if t.IsCollection() && !discarded {
		c.constant(&collectionSize, l.CollectionSize, column.Name, size)
	}
}

// part notes the check of an expression that is one cell of a column, or in one;
// t is its type, nil where nobody knows.
func (c *checks) part(column *schema.Column, t *cqltype.Type, x cql.Expr) {
	if column == nil || x == nil {
		return
	}
	if e, ok := x.(*cql.BindMarker); ok {
		c.bound(valueCheck{marker: e.Index, column: column.Name, floor: lowest(c.guard.limits.ColumnValueSize), items: Off})
		return
	}
	c.constant(&columnValueSize, c.guard.limits.ColumnValueSize, column.Name, c.literalSize(t, x))
}

func (c *checks) bound(v valueCheck) {
	if v.floor < mostCombinations || v.items >= 0 {
		c.values = append(c.values, v)
	}
}

// constant notes a value that is past a threshold.
func (c *checks) constant(r *rule, t Threshold, what string, value int64) {
	if t.set() && value > t.lowest() {
		c.constants = append(c.constants, constant{r, t, what, value})
	}
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
	values := make(map[string]json.RawMessage, len(row))
	for name, value := range row {
		values[jsonName(name)] = value
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		column, value := t.Columns[name], values[name]
		if column == nil || column.Kind == schema.PartitionKey || column.Kind == schema.Clustering {
			continue
		}
		if !column.Type.IsCollection() {
			if err := f.check(&columnValueSize, l.ColumnValueSize, column.Name, f.jsonSize(column.Type, value)); err != nil {
				return err
			}
			continue
		}
		if err := checkJSONCollection(f, column, value); err != nil {
			return err
		}
	}
	return nil
}

func checkJSONCollection(f *findings, column *schema.Column, text json.RawMessage) error {
	t := column.Type
	var list []json.RawMessage
	var object map[string]json.RawMessage
	var inner string
	if json.Unmarshal(text, &inner) == nil { // a collection may be given as a string
		text = json.RawMessage(inner)
	}
	if json.Unmarshal(text, &list) != nil {
		_ = json.Unmarshal(text, &object) // the back end says what is wrong
	}
	items := int64(len(list) + len(object))
	var bytes, largest int64
	add := func(n int64) { bytes, largest = bytes+n, max(largest, n) }
	for _, value := range list {
		add(f.jsonSize(t.Elems[0], value))
	}
	for key, value := range object {
		add(f.size([]byte(key)))
		add(f.jsonSize(t.Elems[len(t.Elems)-1], value))
	}
	size := 4 + bytes + 4*int64(len(list)+2*len(object))
	if t.IsMultiCell() {
		size = bytes + items*cellOverhead(t)
	} else {
		largest = size
	}
	return f.checkCollection(column.Name, items, largest, size)
}

// jsonName is the column that a JSON key names (Json.java): in any case unless
// it is quoted.
func jsonName(key string) string {
	if len(key) >= 2 && key[0] == '"' && key[len(key)-1] == '"' {
		return key[1 : len(key)-1]
	}
	return strings.ToLower(key)
}

// jsonSize is how many bytes a value in JSON has: exactly for texts, blobs and
// what is of one size.
func (f *findings) jsonSize(t *cqltype.Type, value json.RawMessage) int64 {
	if n := fixedSize(t.Kind); n > 0 {
		return n
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		return f.size(value)
	}
	size := f.size([]byte(text))
	if t.Kind == cqltype.Blob && strings.HasPrefix(text, "0x") {
		return (size - 2) / 2
	}
	return size
}
