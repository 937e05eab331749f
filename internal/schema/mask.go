package schema

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Mask is the masking function attached to a column: it is kept and described,
// and applied to nothing, for dynamic data masking is off
// (org.apache.cassandra.cql3.functions.masking.ColumnMask).
type Mask struct {
	// Function is the name of a native function.
	Function string
	// Arguments are those behind the first, which is the column's value.
	Arguments []MaskArgument `json:",omitempty"`
}

// MaskArgument is an argument of a Mask.
type MaskArgument struct {
	// Type as CQL.
	Type string
	// Literal is the value in CQL, Text as system_schema.column_masks shows it.
	Literal, Text string
	Null          bool `json:",omitempty"`
}

// definition is how a column's definition shows the mask, "" for none.
func (m *Mask) definition() string {
	if m == nil {
		return ""
	}
	literals := make([]string, len(m.Arguments))
	for i, a := range m.Arguments {
		literals[i] = a.Literal
	}
	return " MASKED WITH system." + m.Function + "(" + strings.Join(literals, ", ") + ")"
}

// maskRows are the rows of system_schema.column_masks.
func (t *Table) maskRows() []Row {
	var rows []Row
	for _, c := range sorted(t.Columns) {
		if c.Mask == nil {
			continue
		}
		var types, texts []string
		nulls := cqltype.AppendCount(nil, len(c.Mask.Arguments))
		for _, a := range c.Mask.Arguments {
			types, texts = append(types, a.Type), append(texts, a.Text)
			nulls = cqltype.AppendElement(nulls, Boolean(a.Null))
		}
		rows = append(rows, Row{
			Text(t.Keyspace), Text(t.Name), Text(c.Name),
			nulls, TextList(types...), TextList(texts...), Text("system"), Text(c.Mask.Function),
		})
	}
	return rows
}
