package ddl

import (
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// checkKey checks the columns of the primary key and gives them their places.
func checkKey(s *cql.CreateTable, columns map[string]*schema.Column) error {
	seen := map[string]bool{}
	for i, name := range slices.Concat(s.PartitionKey, s.Clustering) {
		c := columns[name]
		switch {
		case c == nil:
			return cqlerr.Invalidf("Unknown column '%s' referenced in PRIMARY KEY for table '%s'", name, s.Table.Name)
		case seen[name]:
			return cqlerr.Invalidf("Duplicate column '%s' in PRIMARY KEY clause for table '%s'", name, s.Table.Name)
		case c.Type.IsMultiCell() && c.Type.IsCollection():
			return cqlerr.Invalidf("Invalid non-frozen collection type %s for PRIMARY KEY column '%s'", c.Type, name)
		case c.Type.IsMultiCell():
			return cqlerr.Invalidf("Invalid non-frozen user-defined type %s for PRIMARY KEY column '%s'",
				cqltype.QuoteIdentifier(c.Type.Keyspace+"."+c.Type.Name), name)
		case c.Type.Kind == cqltype.Counter:
			return cqlerr.Invalidf("counter type is not supported for PRIMARY KEY column '%s'", name)
		case schema.ReferencesDuration(c.Type):
			return cqlerr.Invalidf("duration type is not supported for PRIMARY KEY column '%s'", name)
		case c.Kind == schema.Static:
			return cqlerr.Invalidf("Static column '%s' cannot be part of the PRIMARY KEY", name)
		}
		seen[name] = true
		c.Kind, c.Position = schema.PartitionKey, i
		if n := len(s.PartitionKey); i >= n {
			c.Kind, c.Position = schema.Clustering, i-n
		}
	}
	return nil
}

// setClusteringOrder checks CLUSTERING ORDER BY and marks descending columns:
// those it names so, and those whose type is given as the class ReversedType(…).
func setClusteringOrder(s *cql.CreateTable, columns map[string]*schema.Column) error {
	for _, d := range s.Columns {
		if c := columns[d.Name]; c.Kind == schema.Clustering && d.Type.Class != "" {
			_, c.Desc, _ = cqltype.ParseClassName(d.Type.Class) // the type was resolved before
		}
	}
	var others []string
	named := map[string]bool{}
	for _, o := range s.ClusteringOrder {
		named[o.Column] = true
		if !slices.Contains(s.Clustering, o.Column) {
			others = append(others, o.Column)
			continue
		}
		columns[o.Column].Desc = columns[o.Column].Desc || o.Desc
	}
	if others != nil {
		return cqlerr.Invalidf("Only clustering key columns can be defined in CLUSTERING ORDER directive: [%s] are not clustering columns", strings.Join(others, ", "))
	}
	for i, o := range s.ClusteringOrder {
		switch c := s.Clustering[i]; {
		case o.Column == c:
		case named[c]:
			return cqlerr.Invalidf("The order of columns in the CLUSTERING ORDER directive must match that of the clustering columns "+
				"(%s must appear before %s)", c, o.Column)
		default:
			return cqlerr.Invalidf("Missing CLUSTERING ORDER for column %s", c)
		}
	}
	if len(s.Clustering) > 0 {
		return nil
	}
	for _, c := range columns {
		if c.Kind == schema.Static {
			return cqlerr.Invalidf(errStaticAlone)
		}
	}
	return nil
}

// checkCounters tells whether the table is of counters, which then are all it
// has beside its key.
func checkCounters(s *cql.CreateTable, columns map[string]*schema.Column, options schema.Options) (counter bool, err error) {
	counter = slices.ContainsFunc(s.Columns, func(d cql.ColumnDef) bool {
		return columns[d.Name].Type.Kind == cqltype.Counter && d.Type.Class == ""
	})
	if !counter {
		for _, d := range s.Columns {
			if c := columns[d.Name]; c.Type.Kind == cqltype.Counter {
				return false, cqlerr.Configf("%s.%s: Cannot have a counter column (\"%s\") in a non counter table", c.Keyspace, c.Table, c.Name)
			}
		}
		return false, nil
	}
	for _, c := range columns {
		if (c.Kind == schema.Static || c.Kind == schema.Regular) && c.Type.Kind != cqltype.Counter {
			return true, cqlerr.Invalidf("Cannot mix counter and non counter columns in the same table")
		}
	}
	if options.DefaultTimeToLive > 0 {
		return true, cqlerr.Invalidf("Cannot set default_time_to_live on a table with counters")
	}
	return true, nil
}
