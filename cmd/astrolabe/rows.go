package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// query runs one statement and prints its rows, page by page.
func (sh *shell) query(text string) error {
	q := sh.session.Query(text).Consistency(sh.consistency).PageSize(sh.pageSize)
	var state []byte
	total := 0
	for {
		iter := q.PageState(state).IterContext(sh.ctx)
		columns, err := columnsOf(iter.Columns())
		if err != nil {
			return err
		}
		rows := sh.collect(iter, columns)
		state = iter.PageState()
		warnings := iter.Warnings()
		if err := iter.Close(); err != nil {
			return err
		}
		for _, w := range warnings {
			fmt.Fprintln(sh.out, "Warning:", w)
		}
		if len(columns) == 0 {
			return nil
		}
		sh.print(columns, rows, total)
		total += len(rows)
		if len(state) == 0 || sh.interactive && !sh.more() {
			fmt.Fprintf(sh.out, "\n(%d rows)\n", total)
			return nil
		}
	}
}

// column is one column of an answer. The driver spreads a tuple over one
// destination per field: cells says how many.
type column struct {
	name  string
	typ   *cqltype.Type
	cells int
}

func columnsOf(infos []gocql.ColumnInfo) ([]column, error) {
	var columns []column
	for _, info := range infos {
		t, err := typeOf(info.TypeInfo)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", info.Name, err)
		}
		c := column{info.Name, t, 1}
		if t.Kind == cqltype.Tuple {
			c.cells = len(t.Elems)
		}
		columns = append(columns, c)
	}
	return columns, nil
}

// typeOf turns the driver's type into ours.
func typeOf(info gocql.TypeInfo) (*cqltype.Type, error) {
	nested := func(infos ...gocql.TypeInfo) ([]*cqltype.Type, error) {
		var types []*cqltype.Type
		for _, i := range infos {
			t, err := typeOf(i)
			if err != nil {
				return nil, err
			}
			types = append(types, t)
		}
		return types, nil
	}
	t := &cqltype.Type{Kind: cqltype.Kind(info.Type())}
	var err error
	switch x := info.(type) {
	case gocql.CollectionType:
		if t.Kind == cqltype.Map {
			t.Elems, err = nested(x.Key, x.Elem)
		} else {
			t.Elems, err = nested(x.Elem)
		}
	case gocql.TupleTypeInfo:
		t.Elems, err = nested(x.Elems...)
	case gocql.VectorType:
		t.Kind, t.Dimension = cqltype.Vector, x.Dimensions
		t.Elems, err = nested(x.SubType)
	case gocql.UDTTypeInfo:
		t.Keyspace, t.Name = x.Keyspace, x.Name
		for _, f := range x.Elements {
			elem, err := typeOf(f.Type)
			if err != nil {
				return nil, err
			}
			t.Elems, t.FieldNames = append(t.Elems, elem), append(t.FieldNames, f.Name)
		}
	}
	return t, err
}

// raw takes a cell's bytes as they are; a null cell stays nil.
type raw []byte

// UnmarshalCQL implements gocql.Unmarshaler.
func (r *raw) UnmarshalCQL(_ gocql.TypeInfo, data []byte) error {
	*r = nil
	if data != nil {
		*r = append(make([]byte, 0, len(data)), data...)
	}
	return nil
}

// collect reads one page as text.
func (sh *shell) collect(iter *gocql.Iter, columns []column) [][]string {
	var cells []raw
	for _, c := range columns {
		cells = append(cells, make([]raw, c.cells)...)
	}
	targets := make([]any, len(cells))
	for i := range cells {
		targets[i] = &cells[i]
	}
	var rows [][]string
	for n := iter.NumRows(); n > 0 && iter.Scan(targets...); n-- {
		row := make([]string, len(columns))
		rest := cells
		for i, c := range columns {
			row[i] = c.text(rest[:c.cells])
			rest = rest[c.cells:]
		}
		rows = append(rows, row)
	}
	return rows
}

func (c column) text(cells []raw) string {
	wire := []byte(cells[0])
	if c.typ.Kind == cqltype.Tuple {
		fields := make([][]byte, len(cells))
		for i, f := range cells {
			fields[i] = f
		}
		wire = cqltype.AppendTuple(nil, fields...)
	}
	if wire == nil {
		return "null"
	}
	return string(c.typ.AppendText(nil, wire))
}

// print shows rows as a table, or one below the other when expanded.
func (sh *shell) print(columns []column, rows [][]string, before int) {
	if sh.expand {
		for i, row := range rows {
			fmt.Fprintf(sh.out, "@ Row %d\n", before+i+1)
			for j, c := range columns {
				fmt.Fprintf(sh.out, " %s | %s\n", pad(c.name, widest(columns)), row[j])
			}
		}
		return
	}
	widths := make([]int, len(columns))
	for j, c := range columns {
		widths[j] = utf8.RuneCountInString(c.name)
		for _, row := range rows {
			widths[j] = max(widths[j], utf8.RuneCountInString(row[j]))
		}
	}
	header, rule := make([]string, len(columns)), make([]string, len(columns))
	for j, c := range columns {
		header[j], rule[j] = pad(c.name, widths[j]), strings.Repeat("-", widths[j]+2)
	}
	fmt.Fprintf(sh.out, "\n %s\n%s\n", strings.Join(header, " | "), strings.Join(rule, "+"))
	for _, row := range rows {
		printRow(sh.out, row, widths)
	}
}

func printRow(out io.Writer, row []string, widths []int) {
	cells := make([]string, len(row))
	for j, text := range row {
		cells[j] = pad(text, widths[j])
	}
	fmt.Fprintf(out, " %s\n", strings.TrimRight(strings.Join(cells, " | "), " "))
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

func widest(columns []column) int {
	w := 0
	for _, c := range columns {
		w = max(w, utf8.RuneCountInString(c.name))
	}
	return w
}
