package exec

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// readBefore is what a statement has read of one partition before it writes to it:
// Cassandra reads all rows of that at once (ModificationStatement.readRequiredLists).
type readBefore struct {
	table     *schema.Table
	partition []byte
	// columns are the lists that were read, rows the clustering keys. static: the
	// static row was read, too.
	columns          []*schema.Column
	rows             [][][]byte
	static           bool
	live, tombstones int
}

// boundRead prepares the read of the row that is being written. What a condition has
// read Cassandra does not read again.
func (w *writer) boundRead(sc *store.Scan) {
	if w.cas {
		return
	}
	if !bytes.Equal(w.before.partition, w.partition) || w.before.table != w.m.Table {
		w.tellRead()
		w.before = readBefore{table: w.m.Table, partition: bytes.Clone(w.partition), columns: listsToRead(w.m)}
	}
	if !w.static {
		row := make([][]byte, len(w.clustering))
		for i, c := range w.clustering {
			row[i] = bytes.Clone(c)
		}
		w.before.rows = append(w.before.rows, row)
	}
	sc.TombstoneLimit, sc.Counted = w.db.guard().TombstoneLimit(), storages(w.before.columns)
}

// listsToRead are the columns that a statement must read, in the order of the table.
func listsToRead(m *plan.Modify) (columns []*schema.Column) {
	operations := slices.Concat(m.Static, m.Regular)
	read := func(c *schema.Column) bool {
		return slices.ContainsFunc(operations, func(o plan.Operation) bool { return o.Column == c && o.RequiresRead() })
	}
	for _, c := range slices.Concat(m.Table.Static, m.Table.Regular) {
		if read(c) {
			columns = append(columns, c)
		}
	}
	return columns
}

func storages(columns []*schema.Column) []uint32 {
	list := make([]uint32, len(columns))
	for i, c := range columns {
		list[i] = c.Storage
	}
	return list
}

// countRead adds up what a read met, and returns its error.
func (w *writer) countRead(it *store.Iter, row *store.Row) error {
	if w.cas {
		return it.Err()
	}
	b := &w.before
	if !w.static || !b.static {
		b.tombstones += it.Tombstones()
		reads := func(c *schema.Column) bool { return len(row.Find(c.Storage)) > 0 }
		if row != nil && (row.Liveness.Present || slices.ContainsFunc(b.columns, reads)) {
			b.live++
		}
	}
	b.static = b.static || w.static
	if err := it.Err(); !errors.Is(err, store.ErrTooManyTombstones) {
		return err
	}
	text := b.text()
	w.tellRead()
	return w.db.tombstoneFailure(w.consistency, text, w.warnings)
}

// tellRead warns of what the statement's reads met.
func (w *writer) tellRead() {
	b := w.before
	w.before = readBefore{}
	if b.tombstones > 0 {
		w.warnings = w.db.warnOfTombstones(w.warnings, b.partition, b.live, b.tombstones, b.text)
	}
}

// text is the read in the words of Cassandra's replicas.
func (b *readBefore) text() string {
	return rowReadText(b.table, b.partition, b.rows, b.columns)
}

// rowReadText is the read of columns of rows in the words of Cassandra's replicas; of
// no rows, of the first one.
func rowReadText(t *schema.Table, partition []byte, rows [][][]byte, columns []*schema.Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = cqltype.QuoteIdentifier(c.Name)
	}
	if len(names) == 0 {
		names = []string{"*"}
	}
	conditions, limit := keyText(t, partition), ""
	switch {
	case len(rows) == 0:
		limit = " LIMIT 1"
	case len(t.Clustering) > 0:
		conditions = append(conditions, rowsText(t, rows))
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM " + t.String() + " WHERE " + strings.Join(conditions, " AND ") + limit + " ALLOW FILTERING"
}

// warn is an error behind the warnings that came before it.
func (w *writer) warn(err error) error {
	w.tellRead()
	var e *cqlerr.Error
	if len(w.warnings) == 0 || !errors.As(err, &e) || e.Code == cqlerr.ReadFailure {
		return err
	}
	told := *e
	told.Warnings = append(slices.Clip(w.warnings), e.Warnings...)
	return &told
}

// reads are the columns that the request reads: the static ones that it asks for, and
// all others or none.
func (r *request) reads() []*schema.Column {
	t, v := r.parts[0].m.Table, r.visible()
	columns := slices.DeleteFunc(slices.Clone(t.Static), func(c *schema.Column) bool { return !r.shows(v, c) })
	if v.allRegular || len(r.rows) > 0 {
		columns = append(columns, t.Regular...)
	}
	return columns
}

// countRead says what is to be said of the tombstones that the read of a condition
// met, and returns its error.
func (r *request) countRead(it *store.Iter, columns []*schema.Column) error {
	w, t := r.w, r.parts[0].m.Table
	text := func() string {
		var rows [][][]byte
		for _, c := range r.rows {
			rows = append(rows, c.clustering)
		}
		return rowReadText(t, r.partition, rows, columns)
	}
	live := len(r.found.rows)
	if r.found.static != nil {
		live++
	}
	w.warnings = w.db.warnOfTombstones(w.warnings, r.partition, live, it.Tombstones(), text)
	if err := it.Err(); !errors.Is(err, store.ErrTooManyTombstones) {
		return err
	}
	level := backend.Quorum // that of what Paxos reads
	if r.serial == backend.LocalSerial {
		level = backend.LocalQuorum
	}
	return w.db.tombstoneFailure(level, text(), w.warnings)
}
