package schema

import (
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Compact is what a table WITH COMPACT STORAGE has beside its columns: the names
// of those that Cassandra made up for it, which only system_schema shows
// (TableMetadata.CompactTableMetadata).
//
// A table without clustering columns is "static compact": in Cassandra its
// columns are static ones, beside a clustering column and a value that nobody can
// name. Here they are regular columns of a table of one row a partition, which is
// how CQL shows them. A table with clustering columns is "dense": it has one
// column beside its key, or none.
type Compact struct {
	// Clustering is the made-up clustering column of a static compact table, else "".
	Clustering string `json:",omitempty"`
	// Value is the made-up value column, "" in a dense table that has its own.
	Value string `json:",omitempty"`
}

// NewCompact returns the names made up for a COMPACT STORAGE table of these
// columns (CompactTables.defaultNameGenerator).
func NewCompact(columns map[string]*Column, clustering bool, hasValue bool) *Compact {
	c := &Compact{}
	if !clustering {
		c.Clustering = freeColumn(columns, "column", 1)
	}
	if !clustering || !hasValue {
		c.Value = freeColumn(columns, "value", 0)
	}
	return c
}

// freeColumn returns the first of prefix, prefix1, prefix2 … that is no
// column's name; the number 0 is left out.
func freeColumn(columns map[string]*Column, prefix string, n int) string {
	for ; ; n++ {
		name := prefix
		if n > 0 {
			name += strconv.Itoa(n)
		}
		if columns[name] == nil {
			return name
		}
	}
}

// StaticCompact reports whether t is a COMPACT STORAGE table without clustering columns.
func (t *Table) StaticCompact() bool { return t.Compact != nil && len(t.Clustering) == 0 }

// Dense reports whether t is a COMPACT STORAGE table with clustering columns:
// the last of them may be missing from a row's key.
func (t *Table) Dense() bool { return t.Compact != nil && len(t.Clustering) > 0 }

// CompactValue returns the column that a dense table's rows consist of, nil when
// there is none: then a row is its key alone.
func (t *Table) CompactValue() *Column {
	if !t.Dense() || len(t.Regular) == 0 {
		return nil
	}
	return t.Regular[0]
}

// MarksRows reports whether an INSERT makes a row of its own, that is there
// without any column too. Rows of COMPACT STORAGE tables live by their values.
func (t *Table) MarksRows() bool { return t.Compact == nil || t.Dense() && t.CompactValue() == nil }

// Hidden reports whether name is that of a column that Cassandra made up.
func (t *Table) Hidden(name string) bool {
	return t.Compact != nil && name != "" && (name == t.Compact.Clustering || name == t.Compact.Value)
}

// flags are those of system_schema.tables (TableMetadata.Flag).
func (t *Table) flags() []string {
	var flags []string
	if t.Compact == nil || len(t.Clustering) > 1 {
		flags = append(flags, "compound")
	}
	if t.Counter {
		flags = append(flags, "counter")
	}
	if t.Dense() {
		flags = append(flags, "dense")
	}
	return flags
}

// storedKind is the kind that a column of kind k has in Cassandra.
func (t *Table) storedKind(k ColumnKind) ColumnKind {
	if k == Regular && t.StaticCompact() {
		return Static
	}
	return k
}

// stored returns the columns as system_schema.columns shows them, the made-up
// ones included.
func (t *Table) stored() map[string]*Column {
	if t.Compact == nil {
		return t.Columns
	}
	all := cloned(t.Columns)
	if t.StaticCompact() {
		for name, c := range all {
			column := *c
			column.Kind = t.storedKind(c.Kind)
			all[name] = &column
		}
		all[t.Compact.Clustering] = &Column{Name: t.Compact.Clustering, Kind: Clustering, Type: cqltype.TypeText}
	}
	if t.Compact.Value != "" {
		all[t.Compact.Value] = &Column{Name: t.Compact.Value, Kind: Regular, Type: t.hiddenValueType()}
	}
	return all
}

func (t *Table) hiddenValueType() *cqltype.Type {
	switch {
	case t.Dense():
		return &cqltype.Type{Kind: cqltype.Empty}
	case t.Counter:
		return cqltype.TypeCounter
	}
	return cqltype.TypeBlob
}
