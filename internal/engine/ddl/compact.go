package ddl

import (
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// checkCompact checks the columns of a table WITH COMPACT STORAGE, whose kinds
// are known (CreateTableStatement.fixupCompactTable).
func checkCompact(s *cql.CreateTable, columns map[string]*schema.Column) error {
	var values []string
	for _, d := range s.Columns {
		switch c := columns[d.Name]; {
		case c.Type.IsMultiCell():
			return cqlerr.Invalidf("Non-frozen collections and UDTs are not supported with COMPACT STORAGE")
		case c.Kind == schema.Static:
			return cqlerr.Invalidf("Static columns are not supported in COMPACT STORAGE tables")
		case c.Kind == schema.Regular:
			values = append(values, c.Name)
		}
	}
	switch {
	case len(s.Clustering) == 0 && len(values) == 0:
		return cqlerr.Invalidf("No definition found that is not part of the PRIMARY KEY")
	case len(s.Clustering) > 0 && len(values) > 1:
		slices.SortFunc(values, schema.CompareNames)
		return cqlerr.Invalidf("COMPACT STORAGE with composite PRIMARY KEY allows no more than one column not part of the PRIMARY KEY (got: %s)",
			strings.Join(values, ", "))
	}
	return nil
}

// checkCompactDrop answers for columns that can't be dropped from a COMPACT
// STORAGE table. On the value column Cassandra fails with a Java exception.
func checkCompactDrop(t *schema.Table, name string) error {
	switch {
	case t.Compact == nil:
		return nil
	case name == t.Compact.Clustering && name != "":
		return cqlerr.Invalidf("Cannot drop PRIMARY KEY column %s", name)
	case t.Hidden(name), t.CompactValue() != nil && t.CompactValue().Name == name:
		return cqlerr.Invalidf("Cannot drop the value column %s of a COMPACT STORAGE table", name)
	}
	return nil
}

// checkCompactIndex answers for columns of COMPACT STORAGE tables that can't be
// indexed (CreateIndexStatement.validateIndexTarget).
func checkCompactIndex(t *schema.Table, c *schema.Column) error {
	switch {
	case t.Compact == nil:
		return nil
	case c.Kind == schema.PartitionKey || c.Kind == schema.Clustering:
		return cqlerr.Invalidf("Secondary indexes are not supported on PRIMARY KEY columns in COMPACT STORAGE tables")
	case c == t.CompactValue():
		return cqlerr.Invalidf("Secondary indexes are not supported on compact value column of COMPACT STORAGE tables")
	}
	return nil
}
