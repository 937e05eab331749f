package ddl

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// setTarget reads and checks what is to be indexed.
func setTarget(ix *schema.Index, t *schema.Table, s *cql.CreateIndex) error {
	custom := ix.Kind == schema.CustomIndex
	var targets []string
	seen := map[string]bool{}
	for _, d := range s.Targets {
		c := t.Columns[d.Column]
		if c == nil {
			return cqlerr.Invalidf("Undefined column name %s in table %s", cqltype.QuoteIdentifier(d.Column), t)
		}
		ix.Column, ix.Target = c.Name, targetOf(d, c)
		targets = append(targets, schema.TargetText(ix.Target, c.Name))
	}
	if len(s.Targets) == 0 && !custom {
		return cqlerr.Invalidf("Only CUSTOM indexes can be created without specifying a target column")
	}
	if len(s.Targets) > 1 && !custom {
		return cqlerr.Invalidf("Only CUSTOM indexes support multiple columns")
	}
	for _, d := range s.Targets {
		if seen[d.Column] {
			return cqlerr.Invalidf("Duplicate column '%s' in index target list", d.Column)
		}
		seen[d.Column] = true
	}
	for _, d := range s.Targets {
		c := t.Columns[d.Column]
		if err := checkTarget(t, c, targetOf(d, c), custom); err != nil {
			return err
		}
	}
	ix.Options[schema.IndexTargetOption] = strings.Join(targets, ", ")
	return nil
}

// targetOf returns the target that is meant: a collection's name alone means
// its values.
func targetOf(d cql.IndexTargetDef, c *schema.Column) schema.IndexTarget {
	switch d.Kind {
	case cql.IndexKeys:
		return schema.TargetKeys
	case cql.IndexValues:
		return schema.TargetValues
	case cql.IndexEntries:
		return schema.TargetEntries
	case cql.IndexFull:
		return schema.TargetFull
	}
	if c.Type.IsCollection() && !c.Desc { // a ReversedType is no collection
		return schema.TargetValues
	}
	return schema.TargetValue
}

// checkTarget is CreateIndexStatement.validateIndexTarget.
func checkTarget(t *schema.Table, c *schema.Column, target schema.IndexTarget, custom bool) error {
	if custom {
		if err := checkCustomColumn(c.Name); err != nil {
			return err
		}
	}
	if schema.ReferencesDuration(c.Type) {
		switch {
		case c.Type.IsCollection():
			return cqlerr.Invalidf("Secondary indexes are not supported on collections containing durations")
		case c.Type.Kind == cqltype.Tuple:
			return cqlerr.Invalidf("Secondary indexes are not supported on tuples containing durations")
		case c.Type.Kind == cqltype.UDT:
			return cqlerr.Invalidf("Secondary indexes are not supported on UDTs containing durations")
		}
		return cqlerr.Invalidf("Secondary indexes are not supported on duration columns")
	}
	if err := checkCompactIndex(t, c); err != nil {
		return err
	}
	frozenCollection := c.Type.IsCollection() && !c.Type.IsMultiCell()
	isMap := c.Type.Kind == cqltype.Map && c.Type.IsMultiCell()
	switch {
	case c.Kind == schema.PartitionKey && len(t.PartitionKey) == 1:
		return cqlerr.Invalidf("Cannot create secondary index on the only partition key column %s", c.Name)
	case frozenCollection && target != schema.TargetFull:
		return cqlerr.Invalidf("Cannot create %s() index on frozen column %s. Frozen collections are immutable and must be fully "+
			"indexed by using the 'full(%s)' modifier", target, c.Name, cqltype.QuoteIdentifier(c.Name))
	case !frozenCollection && target == schema.TargetFull:
		return cqlerr.Invalidf("full() indexes can only be created on frozen collections")
	case !c.Type.IsCollection() && target != schema.TargetValue:
		return cqlerr.Invalidf("Cannot create %s() index on %s. Non-collection columns only support simple indexes", target, c.Name)
	case !isMap && (target == schema.TargetKeys || target == schema.TargetEntries):
		return cqlerr.Invalidf("Cannot create index on %s of column %s with non-map type", target, c.Name)
	case c.Type.Kind == cqltype.UDT && c.Type.IsMultiCell():
		return cqlerr.Invalidf("Cannot create index on non-frozen UDT column %s", c.Name)
	}
	return nil
}
