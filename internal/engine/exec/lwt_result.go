package exec

import (
	"bytes"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// found is what a request read: copies, for a store.Row is gone with the next.
type found struct {
	static *store.Row
	rows   []*store.Row
	// latest is the greatest write time among what was read, in microseconds,
	// deletions and what they hide included.
	latest int64
}

// visible says which columns a request reads, and so shows: conditions on the
// static row alone read no regular column (CQL3CasRequest.columnsToRead).
type visible struct{ allStatic, allRegular bool }

func (r *request) visible() (v visible) {
	for i := range r.parts {
		m := r.parts[i].m
		v.allRegular = v.allRegular || m.WritesRows
		v.allStatic = v.allStatic || m.Conditional() && len(m.Static) > 0
	}
	return v
}

// shows reports whether the request reads a column.
func (r *request) shows(v visible, col *schema.Column) bool {
	switch {
	case col.Kind == schema.Static && v.allStatic, col.Kind == schema.Regular && v.allRegular:
		return true
	}
	for i := range r.parts {
		m := r.parts[i].m
		if !m.Conditional() {
			continue
		}
		for j := range m.Conditions {
			if m.Conditions[j].Column == col {
				return true
			}
		}
		for j := range m.Static {
			if m.Static[j].Column == col && m.Static[j].RequiresRead() {
				return true
			}
		}
	}
	return false
}

// read reads the rows that conditions are about, under the partition's lock.
// With a condition on the static row alone it reads the partition's first row,
// which is shown when the condition does not hold.
func (r *request) read() error {
	w, m := r.w, r.parts[0].m
	sc := store.Scan{Partitions: [][]byte{r.partition}, Now: w.env.NowSeconds}
	if len(m.Table.Clustering) > 0 && len(r.rows) > 0 {
		for _, c := range r.rows {
			sc.Slices = append(sc.Slices, store.Slice{Start: c.clustering, End: c.clustering, StartInclusive: true, EndInclusive: true})
		}
	}
	columns := r.reads()
	sc.TombstoneLimit, sc.Counted = w.db.guard().TombstoneLimit(), storages(columns)
	it := w.reader.Scan(m.Layout, &sc)
	defer it.Close()
	defer func() { r.found.latest = it.Latest() }()
	if !it.NextPartition() {
		return r.countRead(it, columns)
	}
	v := r.visible()
	if r.found.static = r.keep(it.Static(), v); r.static != nil {
		r.static.row = r.found.static
	}
	for it.NextRow() {
		row := r.keep(it.Row(), v)
		if row == nil {
			continue
		}
		r.found.rows = append(r.found.rows, row)
		if len(r.rows) == 0 {
			break
		}
		i := slices.IndexFunc(r.rows, func(c *rowCondition) bool {
			return compareClustering(m.Table.Clustering, c.clustering, row.Clustering) == 0
		})
		if i >= 0 {
			r.rows[i].row = row
		}
	}
	return r.countRead(it, columns)
}

// keep copies a row with the columns that the request reads; nil when nothing
// of it is left.
func (r *request) keep(row *store.Row, v visible) *store.Row {
	if row == nil {
		return nil
	}
	k := &store.Row{Liveness: row.Liveness}
	for _, value := range row.Clustering {
		k.Clustering = append(k.Clustering, bytes.Clone(value))
	}
	shown := make([]uint32, 0, 16)
	for _, cols := range [2][]*schema.Column{r.parts[0].m.Table.Static, r.parts[0].m.Table.Regular} {
		for _, col := range cols {
			if r.shows(v, col) {
				shown = append(shown, col.Storage)
			}
		}
	}
	for i := range row.Cells {
		c := row.Cells[i]
		if slices.Contains(shown, c.Column) {
			c.Path, c.Value = bytes.Clone(c.Path), bytes.Clone(c.Value)
			k.Cells = append(k.Cells, c)
		}
	}
	if !k.Liveness.Present && len(k.Cells) == 0 {
		return nil
	}
	return k
}

// appliedColumn is the first column of every answer to a condition.
func appliedColumn(t *schema.Table) backend.Column {
	return backend.Column{Keyspace: t.Keyspace, Table: t.Name, Name: "[applied]", Type: cqltype.TypeBoolean}
}

// appliedResult answers that all conditions held.
func appliedResult(t *schema.Table) *backend.Result {
	return &backend.Result{
		Kind: backend.Rows, Columns: []backend.Column{appliedColumn(t)}, RowCount: 1,
		Data: backend.AppendCell(nil, []byte{1}),
	}
}

// refusal answers that a condition did not hold: [applied] false, and next to
// it what was found, if anything was.
func (r *request) refusal() (*backend.Result, error) {
	t := r.parts[0].m.Table
	res := &backend.Result{Kind: backend.Rows, Columns: []backend.Column{appliedColumn(t)}, Warnings: r.w.warnings}
	rows := r.found.rows
	if len(rows) == 0 && r.found.static != nil {
		rows = []*store.Row{nil}
	}
	if len(rows) == 0 {
		res.RowCount, res.Data = 1, backend.AppendCell(nil, []byte{0})
		return res, nil
	}
	columns := r.resultColumns()
	for _, col := range columns {
		res.Columns = append(res.Columns, backend.Column{Keyspace: t.Keyspace, Table: t.Name, Name: col.Name, Type: col.Type})
	}
	key, _ := cqltype.SplitPartitionKey(nil, r.partition, len(t.PartitionKey))
	for _, row := range rows {
		v := rowView{partition: r.partition, key: key, static: r.found.static, row: row}
		res.Data = backend.AppendCell(res.Data, []byte{0})
		for _, col := range columns {
			var err error
			if res.Data, err = v.appendColumn(res.Data, col); err != nil {
				return nil, err
			}
		}
		res.RowCount++
	}
	return res, nil
}

// resultColumns are the columns shown next to [applied]: all when the row's
// existence was asked, else those that conditions name, behind the primary key
// in the answer to a batch.
func (r *request) resultColumns() []*schema.Column {
	t := r.parts[0].m.Table
	var columns []*schema.Column
	if r.batch {
		columns = append(append(columns, t.PartitionKey...), t.Clustering...)
	}
	for i := range r.parts {
		m := r.parts[i].m
		if wholeRow(m) {
			return t.InOrder()
		}
		for j := range m.Conditions {
			if col := m.Conditions[j].Column; !slices.Contains(columns, col) {
				columns = append(columns, col)
			}
		}
	}
	return columns
}
