package conformance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Column is a column of an answer.
type Column struct {
	Name string
	Type *cqltype.Type
}

// Answer is what a statement was answered: an error, or rows, or neither.
type Answer struct {
	Err     *cqlerr.Error
	Columns []Column // nil when there are no rows to be had
	// Rows hold cells as wire bytes, nil for null.
	Rows [][][]byte
	// PageEnds are the numbers of rows behind which a page ended, but for the last.
	PageEnds []int
	Warnings []string
}

// Format writes a as the answer of c.
func (a *Answer) Format(c *Case) string {
	var lines []string
	switch {
	case a.Err != nil && c.AnyError:
		lines = []string{"ERR *"}
	case a.Err != nil:
		message := escape(sortSignatures(a.Err.Message))
		if c.AnyMessage || c.Differs != "" {
			message = "*"
		}
		lines = []string{fmt.Sprintf("ERR 0x%04x %s", int32(a.Err.Code), message)}
	case a.Columns == nil:
		lines = []string{"OK"}
	default:
		lines = a.formatRows(c)
	}
	for i, w := range a.Warnings {
		// Each page comes with the warnings anew.
		if !slices.Contains(a.Warnings[:i], w) {
			lines = append(lines, "WARN "+escape(w))
		}
	}
	return strings.Join(lines, "\n")
}

// emptyRow stands for a row whose text is empty, as that of a duration of
// nothing is: an empty line would end the answer.
const emptyRow = "\\e"

func (a *Answer) formatRows(c *Case) []string {
	head := make([]string, len(a.Columns))
	for i, col := range a.Columns {
		head[i] = col.Name + " " + typeText(col.Type)
	}
	var rows []string
	for i, row := range a.Rows {
		if slices.Contains(a.PageEnds, i) {
			rows = append(rows, "--")
		}
		cells := make([]string, len(row))
		for j, cell := range row {
			cells[j] = "*"
			if !c.Ignore[a.Columns[j].Name] {
				cells[j] = literal(a.Columns[j].Type, cell)
			}
		}
		text := strings.Join(cells, " | ")
		if text == "" {
			text = emptyRow
		}
		rows = append(rows, text)
	}
	if c.Unordered {
		slices.Sort(rows)
	}
	count := fmt.Sprintf("(%d rows)", len(a.Rows))
	if len(a.Rows) == 1 {
		count = "(1 row)"
	}
	return append(append([]string{strings.Join(head, " | ")}, rows...), count)
}

// literal is a cell as CQL, on one line.
func literal(t *cqltype.Type, cell []byte) string {
	t = seen(t)
	if t.Kind == cqltype.Tuple {
		cell = wholeTuple(t, cell)
	}
	return escape(string(t.AppendLiteral(nil, cell)))
}

// wholeTuple gives a tuple all its fields, or none when all are null: drivers
// hand tuples out field by field, where the differences are gone.
func wholeTuple(t *cqltype.Type, cell []byte) []byte {
	fields := make([][]byte, len(t.Elems))
	null := true
	it := t.Iter(cell)
	for i := 0; i < len(fields) && it.Next(); i++ {
		fields[i] = it.Elem()
		null = null && fields[i] == nil
	}
	if null {
		return nil
	}
	return cqltype.AppendTuple([]byte{}, fields...)
}

// signatures are the lists of functions in Cassandra's errors about calls.
var signatures = regexp.MustCompile(`\((known type signatures|can be matched by following signatures): (.*)\)`)

// sortSignatures puts the signatures that an error lists in alphabetical order:
// Cassandra lists them in the order of a hash table, which changes from one start
// of the server to the next.
func sortSignatures(message string) string {
	m := signatures.FindStringSubmatchIndex(message)
	if m == nil {
		return message
	}
	list := message[m[4]:m[5]]
	// Between two signatures is a comma, a space, and the name of a function,
	// which has a dot; types have none.
	parts := signatureEnd.ReplaceAllString(list, "\x00$1")
	sorted := strings.Split(parts, "\x00")
	slices.Sort(sorted)
	return message[:m[4]] + strings.Join(sorted, ", ") + message[m[5]:]
}

var signatureEnd = regexp.MustCompile(`, ([a-z_0-9]+\.)`)

var escaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)

func escape(s string) string { return escaper.Replace(s) }

// seen is t as drivers see it: by the class alone when it has one, but for the one
// that they take for a uuid.
func seen(t *cqltype.Type) *cqltype.Type {
	if t.Class == "org.apache.cassandra.db.marshal.LexicalUUIDType" {
		return &cqltype.Type{Kind: cqltype.Uuid}
	}
	if t.Class != "" {
		return &cqltype.Type{Kind: cqltype.Custom, Class: t.Class}
	}
	if len(t.Elems) == 0 {
		return t
	}
	c := *t
	c.Elems = make([]*cqltype.Type, len(t.Elems))
	for i, e := range t.Elems {
		c.Elems[i] = seen(e)
	}
	return &c
}

// typeText is t as drivers see it: the wire does not tell what is frozen.
func typeText(t *cqltype.Type) string {
	t = seen(t)
	args := func() string {
		parts := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			parts[i] = typeText(e)
		}
		return strings.Join(parts, ", ")
	}
	switch t.Kind {
	case cqltype.List, cqltype.Set, cqltype.Map, cqltype.Tuple:
		return t.Kind.String() + "<" + args() + ">"
	case cqltype.Vector:
		return fmt.Sprintf("vector<%s, %d>", args(), t.Dimension)
	case cqltype.UDT:
		return t.Name
	case cqltype.Custom:
		return "'" + t.Class + "'"
	}
	return t.Kind.String()
}
