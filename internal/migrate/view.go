package migrate

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// view is a row in the form in which both sides are compared: as CQL shows it.
type view struct {
	partition  []byte
	token      int64
	static     bool
	clustering [][]byte
	// columns are the static or the regular ones of the table, in its order.
	columns []viewColumn
}

// viewColumn is what CQL shows of a column.
type viewColumn struct {
	// value is the wire value, nil for null.
	value []byte
	// times are the write times, one for each cell, and expires when they go
	// (seconds since the epoch, 0 = never). Nil when the target does not say.
	times, expires []int64
}

// compareKeys orders rows as a table does: by token, partition key, the static
// row first, then by the clustering columns.
func compareKeys(t *schema.Table, a, b *view) int {
	if c := cmp.Or(cmp.Compare(a.token, b.token), bytes.Compare(a.partition, b.partition)); c != 0 {
		return c
	}
	if a.static != b.static {
		if a.static {
			return -1
		}
		return 1
	}
	for i, col := range t.Clustering {
		if a.static {
			break
		}
		if c := col.Type.Compare(a.clustering[i], b.clustering[i]); c != 0 {
			if col.Desc {
				return -c
			}
			return c
		}
	}
	return 0
}

// checksum is a hash of keys, values and write times.
func (v *view) checksum() uint64 {
	d := xxhash.New()
	var buf [binary.MaxVarintLen64]byte
	number := func(n int64) { _, _ = d.Write(buf[:binary.PutVarint(buf[:], n)]) }
	value := func(b []byte) {
		if b == nil {
			number(-1)
			return
		}
		number(int64(len(b)))
		_, _ = d.Write(b)
	}
	value(v.partition)
	for _, c := range v.clustering {
		value(c)
	}
	for i := range v.columns {
		c := &v.columns[i]
		value(c.value)
		for _, t := range c.times {
			number(t)
		}
	}
	return d.Sum64()
}

// toleranceNoClock is how many seconds the two sides may differ in when a cell
// expires, with Options.NoClock; else it is the same second.
const toleranceNoClock = 10

// difference tells the first column in which two rows of one key differ, "" for none.
func (v *view) difference(columns []*schema.Column, u *view, tolerance int64) string {
	for i, c := range columns {
		a, b := &v.columns[i], &u.columns[i]
		name := cqltype.QuoteIdentifier(c.Name)
		switch {
		case !sameValue(a.value, b.value):
			return fmt.Sprintf("%s is %s at the source and %s at the target", name, shown(c, a.value), shown(c, b.value))
		case !slices.Equal(a.times, b.times):
			return fmt.Sprintf("%s was written at %d at the source and %d at the target", name, a.times, b.times)
		case !slices.EqualFunc(a.expires, b.expires, func(x, y int64) bool { return x-y <= tolerance && y-x <= tolerance }):
			return fmt.Sprintf("%s expires at %d at the source and %d at the target", name, a.expires, b.expires)
		}
	}
	return ""
}

func sameValue(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

// maxShown bounds a value in a report, in bytes of its text.
const maxShown = 100

func shown(c *schema.Column, value []byte) string {
	if value == nil {
		return "null"
	}
	text := string(c.Type.AppendLiteral(nil, value))
	if len(text) > maxShown {
		text = text[:maxShown] + "…"
	}
	return text
}

// viewOf shows a stored row. The columns in whole do have write times on the
// target; the others are shown without.
func viewOf(r *backend.StoredRow, columns []*schema.Column, timed []bool) *view {
	v := &view{partition: slices.Clone(r.Partition), token: r.Token, static: r.Static, columns: make([]viewColumn, len(columns))}
	for _, c := range r.Clustering {
		v.clustering = append(v.clustering, slices.Clone(c))
	}
	for i, c := range columns {
		cells := cellsOf(r, c)
		if len(cells) == 0 {
			continue
		}
		out := &v.columns[i]
		out.value = valueOf(c.Type, cells)
		if !timed[i] {
			continue
		}
		for _, cell := range cells {
			out.times, out.expires = append(out.times, cell.Timestamp), append(out.expires, cell.Expires)
		}
	}
	return v
}

func cellsOf(r *backend.StoredRow, c *schema.Column) []backend.StoredCell {
	first := slices.IndexFunc(r.Cells, func(cell backend.StoredCell) bool { return cell.Column == c })
	if first < 0 {
		return nil
	}
	end := first
	for end < len(r.Cells) && r.Cells[end].Column == c {
		end++
	}
	return r.Cells[first:end]
}

// valueOf puts the cells of one column together (CollectionType.serializeForNativeProtocol).
func valueOf(t *cqltype.Type, cells []backend.StoredCell) []byte {
	switch {
	case !t.IsMultiCell():
		return append([]byte{}, cells[0].Value...)
	case t.Kind == cqltype.UDT:
		fields := make([][]byte, len(t.Elems))
		for _, c := range cells {
			if i := int(binary.BigEndian.Uint16(c.Path)); i < len(fields) {
				fields[i] = c.Value
			}
		}
		return cqltype.AppendTuple([]byte{}, fields...)
	}
	value := cqltype.AppendCount(nil, len(cells))
	for _, c := range cells {
		if t.Kind != cqltype.List {
			value = cqltype.AppendElement(value, c.Path)
		}
		if t.Kind != cqltype.Set {
			value = cqltype.AppendElement(value, c.Value)
		}
	}
	return value
}
