package diff

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Difference is where the two sides differ in one statement.
type Difference struct {
	// What differs: bind, error, kind, columns, rows, order, paging, warnings,
	// change. Empty when nothing does.
	What []string
	// Answering and Other show the two answers.
	Answering, Other string

	// answers of an execution, for the file of cases.
	a, o *answer
}

func (d *Difference) add(what string) { d.What = append(d.What, what) }

// comparePrepared compares what Prepare answered.
func comparePrepared(p *pair, err error) Difference {
	d := Difference{a: &answer{err: err}, o: &answer{err: p.otherErr}}
	if err != nil || p.otherErr != nil {
		if !sameError(err, p.otherErr) {
			d.add("error")
			d.Answering, d.Other = shownError(err), shownError(p.otherErr)
		}
		return d
	}
	if !slices.EqualFunc(p.answering.Bind, p.other.Bind, sameColumn) || !slices.Equal(p.answering.PartitionKeyBind, p.other.PartitionKeyBind) {
		d.add("bind")
		d.Answering = fmt.Sprintf("%s, key %v", shownColumns(p.answering.Bind), p.answering.PartitionKeyBind)
		d.Other = fmt.Sprintf("%s, key %v", shownColumns(p.other.Bind), p.other.PartitionKeyBind)
	}
	return d
}

// compare compares the answers to one execution.
func compare(p *pair, a, o *answer) Difference {
	d := Difference{a: a, o: o}
	switch {
	case o.skipped:
		return d
	case a.err != nil || o.err != nil:
		if !sameError(a.err, o.err) {
			d.add("error")
		}
	default:
		compareResults(&d, p.loose, a.result, o.result)
	}
	if len(d.What) > 0 {
		d.Answering, d.Other = shown(a), shown(o)
	}
	return d
}

func compareResults(d *Difference, loose []bool, a, o *backend.Result) {
	switch {
	case a.Kind != o.Kind:
		d.add("kind")
	case a.Kind == backend.Rows:
		compareRows(d, loose, a, o)
	case a.Kind == backend.SetKeyspace && a.Keyspace != o.Keyspace:
		d.add("change")
	case a.Kind == backend.SchemaChange:
		x, y := a.Change, o.Change
		if x.Kind != y.Kind || x.Target != y.Target || x.Keyspace != y.Keyspace || x.Name != y.Name {
			d.add("change")
		}
	}
	if !slices.Equal(a.Warnings, o.Warnings) {
		d.add("warnings")
	}
}

func compareRows(d *Difference, loose []bool, a, o *backend.Result) {
	if (a.PagingState == nil) != (o.PagingState == nil) {
		d.add("paging")
	}
	if !slices.EqualFunc(a.Columns, o.Columns, sameColumn) {
		d.add("columns")
		return
	}
	if a.RowCount == o.RowCount && bytes.Equal(a.Data, o.Data) {
		return
	}
	x, y := rowsOf(a, loose), rowsOf(o, loose)
	if slices.Equal(x, y) {
		return
	}
	slices.Sort(x)
	slices.Sort(y)
	if slices.Equal(x, y) {
		d.add("order")
		return
	}
	d.add("rows")
}

// rowsOf returns the bytes of each row; of a loose column only whether it is null.
func rowsOf(r *backend.Result, loose []bool) []string {
	rows := make([]string, r.RowCount)
	cursor := r.Cursor()
	var buf []byte
	for i := range rows {
		buf = buf[:0]
		for j := range r.Columns {
			cell := cursor.Next()
			if cell != nil && j < len(loose) && loose[j] {
				cell = []byte{}
			}
			buf = backend.AppendCell(buf, cell)
		}
		rows[i] = string(buf)
	}
	return rows
}

func sameColumn(a, b backend.Column) bool {
	return a.Keyspace == b.Keyspace && a.Table == b.Table && a.Name == b.Name && sameType(a.Type, b.Type)
}

// sameType compares types as the wire shows them, which does not tell what is frozen.
func sameType(a, b *cqltype.Type) bool {
	return a.Kind == b.Kind && a.Keyspace == b.Keyspace && a.Name == b.Name && a.Class == b.Class && a.Dimension == b.Dimension &&
		slices.Equal(a.FieldNames, b.FieldNames) && slices.EqualFunc(a.Elems, b.Elems, sameType)
}

// sameError compares code, text and the code's own fields.
func sameError(a, b error) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := cqlerr.From(a), cqlerr.From(b)
	return x.Code == y.Code && x.Message == y.Message && x.Keyspace == y.Keyspace && x.Table == y.Table
}

// The bounds of what is shown of an answer, in bytes and rows.
const (
	maxShown     = 2000
	maxShownRows = 20
)

// shown is an answer on a few lines.
func shown(a *answer) string {
	if a.err != nil {
		return shownError(a.err)
	}
	var lines []string
	switch r := a.result; r.Kind {
	case backend.Rows:
		lines = shownRows(r)
	case backend.SetKeyspace:
		lines = append(lines, "keyspace "+r.Keyspace)
	case backend.SchemaChange:
		lines = append(lines, fmt.Sprintf("%s %s %s %s", r.Change.Kind, r.Change.Target, r.Change.Keyspace, r.Change.Name))
	default:
		lines = append(lines, "done")
	}
	for _, w := range a.result.Warnings {
		lines = append(lines, "warning: "+w)
	}
	return cut(strings.Join(lines, "\n"))
}

func shownRows(r *backend.Result) []string {
	lines := []string{shownColumns(r.Columns)}
	cursor := r.Cursor()
	for i := range r.RowCount {
		if i == maxShownRows {
			lines = append(lines, "…")
			break
		}
		var cells []string
		for _, c := range r.Columns {
			cells = append(cells, cut(string(c.Type.AppendLiteral(nil, cursor.Next()))))
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	end := fmt.Sprintf("(%d rows", r.RowCount)
	if r.PagingState != nil {
		end += ", more to come"
	}
	return append(lines, end+")")
}

func shownColumns(columns []backend.Column) string {
	var parts []string
	for _, c := range columns {
		parts = append(parts, c.Name+" "+c.Type.String())
	}
	return strings.Join(parts, " | ")
}

func shownError(err error) string {
	if err == nil {
		return "no error"
	}
	e := cqlerr.From(err)
	return cut(fmt.Sprintf("error 0x%04x %s", int32(e.Code), e.Message))
}

func cut(s string) string {
	if len(s) > maxShown {
		return s[:maxShown] + "…"
	}
	return s
}
