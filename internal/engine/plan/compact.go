package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// checkCompactInsert refuses an INSERT into a static compact table that names
// nothing but the key: Cassandra takes it for an incomplete key of its hidden rows.
func (m *Modify) checkCompactInsert() error {
	if !m.Table.StaticCompact() || len(m.Regular) > 0 {
		return nil
	}
	return cqlerr.Invalidf("Some clustering keys are missing: %s", m.Table.Compact.Clustering)
}

// checkCompactJSON refuses INSERT JSON into a static compact table, in which
// Cassandra misses its hidden column.
func checkCompactJSON(t *schema.Table) error {
	if !t.StaticCompact() {
		return nil
	}
	return cqlerr.Invalidf("Undefined column name %s in table %s", cqltype.QuoteIdentifier(t.Compact.Clustering), t)
}

// compactPrefix reports whether the clustering columns that are missing from a
// key are the last ones of a dense table, which it may do without; it refuses
// keys with a gap. given are the restricted columns, in order.
func compactPrefix(t *schema.Table, given []*schema.Column) (ok bool, err error) {
	if !t.Dense() || len(given) == 0 {
		return false, nil
	}
	for i, col := range given {
		if want := t.Clustering[i]; col != want {
			return false, errNotRestricted(col, want)
		}
	}
	return true, nil
}

// errNotRestricted is of a clustering column whose predecessor want is missing.
func errNotRestricted(col, want *schema.Column) error {
	return cqlerr.Invalidf("PRIMARY KEY column \"%s\" cannot be restricted as preceding column \"%s\" is not restricted", col.Name, want.Name)
}

// checkCompactKey refuses an empty clustering key in a dense table that has one
// clustering column (ModificationStatement.validateClustering).
func (m *Modify) checkCompactKey() error {
	if !m.Table.Dense() || len(m.Table.Clustering) > 1 {
		return nil
	}
	return cqlerr.Invalidf("Invalid empty or null value for column %s", m.Table.Clustering[0].Name)
}
