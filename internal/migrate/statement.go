package migrate

import (
	"encoding/binary"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// statement is one CQL statement with the wire values of its markers.
type statement struct {
	text   string
	values [][]byte
	// now, when not 0, is what the statement is to take for the time, in seconds:
	// it makes the cells expire when the source's do.
	now int64
}

// maxStatement is about how many bytes of values one statement carries; a
// larger collection takes several.
const maxStatement = 256 << 10

// rowWriter makes the statements that write a row of one table. It is not safe
// for concurrent use.
type rowWriter struct {
	table *schema.Table
	name  string
	// where is the WHERE clause of a row, and whereStatic that of static columns.
	where, whereStatic string
	key                [][]byte
	// noClock: see Options.
	noClock bool
}

func newRowWriter(t *schema.Table) *rowWriter {
	partition := equalities(t.PartitionKey)
	return &rowWriter{table: t, name: t.String(), where: strings.Join(append(partition, equalities(t.Clustering)...), " AND "), whereStatic: strings.Join(partition, " AND ")}
}

func equalities(columns []*schema.Column) []string {
	var all []string
	for _, c := range columns {
		all = append(all, cqltype.QuoteIdentifier(c.Name)+" = ?")
	}
	return all
}

// keyOf returns the values of r's primary key columns, valid until the next call.
func (w *rowWriter) keyOf(r *backend.StoredRow) ([][]byte, bool) {
	key, ok := cqltype.SplitPartitionKey(w.key[:0], r.Partition, len(w.table.PartitionKey))
	w.key = append(key, r.Clustering...)
	return w.key, ok
}

func (w *rowWriter) whereOf(r *backend.StoredRow) string {
	if r.Static {
		return w.whereStatic
	}
	return w.where
}

// group is what of a row was written at one time with one time to live.
type group struct {
	written backend.Written
	cells   []backend.StoredCell
}

// groups sorts out a row's cells, but for those of lists and counters. The
// row's own marker has the first group, even an empty one.
func groups(r *backend.StoredRow) []group {
	var all []group
	if r.Live {
		all = append(all, group{written: r.Written})
	}
	for _, c := range r.Cells {
		if isList(c.Column) || c.Column.Type.Kind == cqltype.Counter {
			continue
		}
		i := 0
		for i < len(all) && all[i].written != c.Written {
			i++
		}
		if i == len(all) {
			all = append(all, group{written: c.Written})
		}
		all[i].cells = append(all[i].cells, c)
	}
	return all
}

func isList(c *schema.Column) bool { return c.Type.Kind == cqltype.List && c.Type.IsMultiCell() }

// statements returns what writes r, but for its lists and counters. Any of them
// can be run again, and in any order. now is the time in seconds.
func (w *rowWriter) statements(r *backend.StoredRow, now int64) []statement {
	key, _ := w.keyOf(r)
	var all []statement
	for i, g := range groups(r) {
		rest := g.cells
		if r.Live && i == 0 {
			var s statement
			s, rest = w.insert(key, g, now)
			all = append(all, s)
		}
		all = append(all, w.updates(r, key, g.written, assignments(rest), now)...)
	}
	return all
}

// insert writes the row's marker, and the simple columns of the same time; it
// returns the other cells.
func (w *rowWriter) insert(key [][]byte, g group, now int64) (statement, []backend.StoredCell) {
	var names []string
	for _, c := range append(append([]*schema.Column(nil), w.table.PartitionKey...), w.table.Clustering...) {
		names = append(names, cqltype.QuoteIdentifier(c.Name))
	}
	values := append([][]byte(nil), key...)
	var rest []backend.StoredCell
	for _, c := range g.cells {
		if c.Path != nil {
			rest = append(rest, c)
			continue
		}
		names, values = append(names, cqltype.QuoteIdentifier(c.Column.Name)), append(values, c.Value)
	}
	markers := strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", ")
	timestamp, ttl, at := w.using(g.written, now)
	return statement{
		text:   "INSERT INTO " + w.name + " (" + strings.Join(names, ", ") + ") VALUES (" + markers + ") USING TIMESTAMP ? AND TTL ?",
		values: append(values, timestamp, ttl), now: at,
	}, rest
}

// updates writes assignments, in as many statements as their size asks for.
func (w *rowWriter) updates(r *backend.StoredRow, key [][]byte, written backend.Written, all []assignment, now int64) []statement {
	var out []statement
	for len(all) > 0 {
		n, size := 1, len(all[0].value)
		for n < len(all) && size+len(all[n].value) <= maxStatement && !sameColumn(all[n-1], all[n]) {
			size += len(all[n].value)
			n++
		}
		out = append(out, w.update(r, key, written, all[:n], now))
		all = all[n:]
	}
	return out
}

// sameColumn: a statement may not add to one column twice.
func sameColumn(a, b assignment) bool { return a.text == b.text }

func (w *rowWriter) update(r *backend.StoredRow, key [][]byte, written backend.Written, set []assignment, now int64) statement {
	timestamp, ttl, at := w.using(written, now)
	values := [][]byte{timestamp, ttl}
	texts := make([]string, len(set))
	for i, a := range set {
		texts[i], values = a.text, append(values, a.value)
	}
	return statement{
		text:   "UPDATE " + w.name + " USING TIMESTAMP ? AND TTL ? SET " + strings.Join(texts, ", ") + " WHERE " + w.whereOf(r),
		values: append(values, key...), now: at,
	}
}

// using gives the values of USING TIMESTAMP ? AND TTL ?, and the time at which
// the statement is to be run so that this TTL ends when the source's does. A
// TTL of 0 keeps the table's default_time_to_live out.
func (w *rowWriter) using(x backend.Written, now int64) (timestamp, ttl []byte, at int64) {
	seconds := x.TTL
	switch {
	case x.TTL == 0:
	case w.noClock:
		seconds = int32(max(1, x.Expires-now))
	default:
		at = x.Expires - int64(x.TTL)
	}
	return binary.BigEndian.AppendUint64(nil, uint64(x.Timestamp)), binary.BigEndian.AppendUint32(nil, uint32(seconds)), at
}

// assignment is one item of SET.
type assignment struct {
	text  string
	value []byte
}

// assignments returns what sets the cells, all of one time: a simple column's
// value, a user type's field, and for a set or map an addition.
func assignments(cells []backend.StoredCell) []assignment {
	var all []assignment
	for len(cells) > 0 {
		c := cells[0]
		name := cqltype.QuoteIdentifier(c.Column.Name)
		switch {
		case c.Path == nil:
			all = append(all, assignment{name + " = ?", c.Value})
		case c.Column.Type.Kind == cqltype.UDT:
			field := int(binary.BigEndian.Uint16(c.Path))
			all = append(all, assignment{name + "." + cqltype.QuoteIdentifier(c.Column.Type.FieldNames[field]) + " = ?", c.Value})
		default:
			n, value := collection(cells)
			all = append(all, assignment{name + " = " + name + " + ?", value})
			cells = cells[n:]
			continue
		}
		cells = cells[1:]
	}
	return all
}

// collection makes a value of the leading cells, which are of one set or map,
// as many as one statement is to carry; it returns how many.
func collection(cells []backend.StoredCell) (n int, value []byte) {
	value = cqltype.AppendCount(nil, 0)
	for n < len(cells) && cells[n].Column == cells[0].Column && (n == 0 || len(value) < maxStatement) {
		value = cqltype.AppendElement(value, cells[n].Path)
		if cells[n].Column.Type.Kind == cqltype.Map {
			value = cqltype.AppendElement(value, cells[n].Value)
		}
		n++
	}
	binary.BigEndian.PutUint32(value, uint32(n))
	return n, value
}
