package cassandra

import (
	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
)

// sink collects the cells of a page, one behind the other, as rows_content. It
// is the destination of every column.
type sink struct{ data []byte }

// UnmarshalCQL implements gocql.Unmarshaler; data belongs to gocql.
func (s *sink) UnmarshalCQL(_ gocql.TypeInfo, data []byte) error {
	s.data = backend.AppendCell(s.data, data)
	return nil
}

// cellEstimate is the memory first taken for a cell.
const cellEstimate = 16

// resultOf reads the page that iter has and closes it. Columns nil takes the
// columns from the page.
func resultOf(iter *gocql.Iter, columns []backend.Column) (*backend.Result, error) {
	r := &backend.Result{Kind: backend.Void}
	if warnings := iter.Warnings(); len(warnings) > 0 {
		r.Warnings = append([]string(nil), warnings...)
	}
	if infos := iter.Columns(); len(infos) > 0 {
		r.Kind = backend.Rows
		if r.Columns = columns; !sameColumns(columns, infos) {
			r.Columns = columnsOf(infos)
		}
		if state := iter.PageState(); len(state) > 0 {
			r.PagingState = append([]byte(nil), state...)
		}
		readRows(iter, r)
	}
	if err := iter.Close(); err != nil {
		return nil, err
	}
	return r, nil
}

func readRows(iter *gocql.Iter, r *backend.Result) {
	r.RowCount = iter.NumRows()
	cells := &sink{data: make([]byte, 0, r.RowCount*len(r.Columns)*cellEstimate)}
	dest := make([]any, len(r.Columns))
	for i := range dest {
		dest[i] = cells
	}
	for iter.Scan(dest...) {
	}
	r.Data = cells.data
}

// columnsOf converts gocql's description of columns.
func columnsOf(infos []gocql.ColumnInfo) []backend.Column {
	columns := make([]backend.Column, len(infos))
	for i, info := range infos {
		columns[i] = backend.Column{Keyspace: info.Keyspace, Table: info.Table, Name: info.Name, Type: typeOf(info.TypeInfo)}
	}
	return columns
}

// sameColumns reports whether infos describe these columns, so that the slice
// that doors know already can be used.
func sameColumns(columns []backend.Column, infos []gocql.ColumnInfo) bool {
	if len(columns) != len(infos) {
		return false
	}
	for i, info := range infos {
		c := &columns[i]
		if c.Name != info.Name || c.Table != info.Table || c.Keyspace != info.Keyspace {
			return false
		}
		if t := typeOf(info.TypeInfo); t != c.Type && !t.Equal(c.Type) {
			return false
		}
	}
	return true
}

// tracer takes the id of a traced request: of the last one, for preparing is
// traced as well.
type tracer struct{ id *uuid.UUID }

// Trace implements gocql.Tracer.
func (t *tracer) Trace(id []byte) {
	if parsed, err := uuid.FromBytes(id); err == nil {
		t.id = &parsed
	}
}
