package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// hasIndex reports whether an index supports x.
func (r *Restrictions) hasIndex(x *restriction) bool {
	for _, ix := range r.table.Indexes {
		if supports(ix, x) {
			return true
		}
	}
	return false
}

// supports is Restriction.isSupportedBy.
func supports(ix *schema.Index, x *restriction) bool {
	for _, col := range x.columns {
		if ix.Column != col.Name {
			continue
		}
		switch x.kind {
		case eqRestriction:
			return supportsOperator(ix, col, cql.Eq)
		case sliceRestriction:
			return supportsOperator(ix, col, cql.Lt)
		case annRestriction:
			return supportsOperator(ix, col, cql.ANN)
		case containsRestriction:
			for _, t := range x.contains {
				if supportsOperator(ix, col, t.op) {
					return true
				}
			}
		}
	}
	return false
}

// supportsOperator is Index.supportsExpression.
func supportsOperator(ix *schema.Index, col *schema.Column, op cql.Operator) bool {
	if op == cql.ANN || col.Type.Kind == cqltype.Vector {
		return op == cql.ANN && ix.IsSAI() && col.Type.Kind == cqltype.Vector
	}
	if col.Type.IsMultiCell() {
		switch op {
		case cql.Contains:
			return ix.Target == schema.TargetValues || ix.Target == schema.TargetValue || ix.Target == schema.TargetKeys && col.Type.Kind == cqltype.Set
		case cql.ContainsKey:
			return ix.Target == schema.TargetKeys && col.Type.Kind == cqltype.Map
		}
		return op == cql.Eq && ix.Target == schema.TargetEntries
	}
	switch op {
	case cql.Eq:
		return true
	case cql.Lt:
		return ix.IsSAI() && ix.Target != schema.TargetFull && index.HasRanges(col.Type)
	}
	return false
}

// needsFiltering reports whether no index (all storage-attached ones count as
// one) covers everything that is filtered (StatementRestrictions.needFiltering).
func (r *Restrictions) needsFiltering() bool {
	if len(r.filters.sets) == 0 {
		return r.HasClustering()
	}
	var sai []*schema.Index
	for _, ix := range r.table.Indexes {
		if ix.IsSAI() {
			sai = append(sai, ix)
		} else if r.filters.coveredBy([]*schema.Index{ix}) {
			return false
		}
	}
	return len(sai) == 0 || !r.filters.coveredBy(sai)
}

func (f *filters) coveredBy(group []*schema.Index) bool {
	for _, s := range f.sets {
		if s.any(func(x *restriction) bool { return !covered(x, group) }) {
			return false
		}
	}
	return true
}

// covered reports whether a group of indexes answers x without filtering.
func covered(x *restriction, group []*schema.Index) bool {
	if x.multi {
		for _, col := range x.columns {
			one := &restriction{kind: x.kind, columns: []*schema.Column{col}}
			if !covered(one, group) {
				return false
			}
		}
		return true
	}
	for _, ix := range group {
		if supports(ix, x) && (len(x.contains) <= 1 || ix.IsSAI()) {
			return true
		}
	}
	return false
}

// refuseCustom answers for expr(index, ...): no kind of index that there is
// takes it (StatementRestrictions.processCustomIndexExpressions).
func (r *Restrictions) refuseCustom(where []cql.Relation) error {
	var found []string
	for i := range where {
		if where[i].Kind == cql.CustomIndex {
			found = append(found, where[i].Columns[0])
		}
	}
	if found == nil {
		return nil
	}
	if r.kind != SelectStatement {
		return cqlerr.Invalidf("Custom index expressions cannot be used in WHERE clauses for UPDATE or DELETE statements")
	}
	if len(found) > 1 {
		return cqlerr.Invalidf("Multiple custom index expressions in a single query are not supported")
	}
	ix := r.table.Indexes[found[0]]
	switch {
	case ix == nil:
		return cqlerr.Invalidf("Invalid index expression, index %s not found for %s", found[0], r.table)
	case ix.Kind != schema.CustomIndex:
		return cqlerr.Invalidf("Only CUSTOM indexes may be used in custom index expressions, %s is not valid", ix.Name)
	}
	return cqlerr.Invalidf("Index %s does not support custom expressions", ix.Name)
}
