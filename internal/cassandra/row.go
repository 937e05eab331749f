package cassandra

import (
	"encoding/binary"
	"math"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// row is a row of a system table, its cells by column name. A column that the
// table does not have reads as null.
type row struct {
	columns []backend.Column
	cells   [][]byte
}

// eachRow calls f with the rows of a page.
func eachRow(page *backend.Result, f func(row) error) error {
	cursor := page.Cursor()
	for range page.RowCount {
		r := row{page.Columns, make([][]byte, len(page.Columns))}
		for i := range r.cells {
			r.cells[i] = cursor.Next()
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

// cell returns a cell and the type of its column, nil when there is none.
func (r row) cell(name string) ([]byte, *cqltype.Type) {
	for i := range r.columns {
		if r.columns[i].Name == name {
			return r.cells[i], r.columns[i].Type
		}
	}
	return nil, nil
}

func (r row) text(name string) string {
	cell, _ := r.cell(name)
	return string(cell)
}

func (r row) boolean(name string) bool {
	cell, _ := r.cell(name)
	return len(cell) == 1 && cell[0] != 0
}

func (r row) integer(name string) int32 {
	cell, _ := r.cell(name)
	if len(cell) != 4 {
		return 0
	}
	return int32(binary.BigEndian.Uint32(cell))
}

func (r row) bigint(name string) int64 {
	cell, _ := r.cell(name)
	if len(cell) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(cell))
}

func (r row) uuid(name string) uuid.UUID {
	cell, _ := r.cell(name)
	id, err := uuid.FromBytes(cell)
	if err != nil {
		return uuid.Nil
	}
	return id
}

func (r row) textList(name string) []string {
	cell, t := r.cell(name)
	var list []string
	if cell == nil {
		return nil
	}
	for it := t.Iter(cell); it.Next(); {
		list = append(list, string(it.Elem()))
	}
	return list
}

func (r row) textMap(name string) map[string]string {
	m := map[string]string{}
	for key, value := range r.blobMap(name) {
		m[key] = string(value)
	}
	return m
}

func (r row) blobMap(name string) map[string][]byte {
	cell, t := r.cell(name)
	m := map[string][]byte{}
	if cell == nil {
		return m
	}
	for it := t.Iter(cell); it.Next(); {
		key := string(it.Elem())
		if it.Next() {
			m[key] = append([]byte{}, it.Elem()...)
		}
	}
	return m
}

// The set functions leave dst as it is when the cell is null.

func (r row) setText(name string, dst *string) {
	if cell, _ := r.cell(name); cell != nil {
		*dst = string(cell)
	}
}

func (r row) setBoolean(name string, dst *bool) {
	if cell, _ := r.cell(name); len(cell) == 1 {
		*dst = cell[0] != 0
	}
}

func (r row) setInt(name string, dst *int32) {
	if cell, _ := r.cell(name); len(cell) == 4 {
		*dst = int32(binary.BigEndian.Uint32(cell))
	}
}

func (r row) setDouble(name string, dst *float64) {
	if cell, _ := r.cell(name); len(cell) == 8 {
		*dst = math.Float64frombits(binary.BigEndian.Uint64(cell))
	}
}
