package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// IndexPlan says which index finds the rows of a SELECT, and under what value.
type IndexPlan struct {
	Index  *schema.Index
	Column *schema.Column
	// Type of the indexed values; for a map's entries the key's, with
	// EntryType the value's.
	Type, EntryType *cqltype.Type
	value, entryKey components
}

// IsSAI reports whether ix was made as a storage-attached index.
func IsSAI(ix *schema.Index) bool { return ix.IsSAI() }

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
		if ix.Building || ix.Column != col.Name {
			continue
		}
		switch x.kind {
		case eqRestriction:
			return supportsOperator(ix, col, cql.Eq)
		case sliceRestriction:
			return supportsOperator(ix, col, cql.Lt)
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
	if col.Type.Kind == cqltype.Vector {
		return false // vector indexes only serve ANN
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
		return IsSAI(ix) && ix.Target != schema.TargetFull && rangeIndexable(col.Type)
	}
	return false
}

// rangeIndexable reports whether a storage-attached index on the type serves
// inequalities (IndexTermType.supports).
func rangeIndexable(t *cqltype.Type) bool {
	switch t.Kind {
	case cqltype.Text, cqltype.Ascii, cqltype.Boolean, cqltype.Uuid, cqltype.Blob:
		return false
	}
	return !t.IsCollection() && t.Kind != cqltype.Tuple && t.Kind != cqltype.UDT
}

// needsFiltering reports whether no index (all storage-attached ones count as
// one) covers everything that is filtered (StatementRestrictions.needFiltering).
func (r *Restrictions) needsFiltering() bool {
	if len(r.filters.sets) == 0 {
		return r.HasClustering()
	}
	var sai []*schema.Index
	for _, ix := range r.table.Indexes {
		if ix.Building {
			continue
		}
		if IsSAI(ix) {
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
		if supports(ix, x) && (len(x.contains) <= 1 || IsSAI(ix)) {
			return true
		}
	}
	return false
}

// chooseIndex picks the index to read, nil when the restrictions are
// inequalities only (they are found by reading the table).
func (r *Restrictions) chooseIndex() *IndexPlan {
	for _, x := range r.filters.restrictions {
		if x.multi {
			continue
		}
		var best *IndexPlan
		for _, ix := range r.table.Indexes {
			p := indexPlan(ix, x)
			if p != nil && (best == nil || p.Index.Name < best.Index.Name) {
				best = p
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

// indexPlan is how ix finds the rows of x, nil when it can't.
func indexPlan(ix *schema.Index, x *restriction) *IndexPlan {
	col := x.first()
	if ix.Building || ix.Column != col.Name {
		return nil
	}
	p := &IndexPlan{Index: ix, Column: col, Type: col.Type}
	if x.kind == eqRestriction && supportsOperator(ix, col, cql.Eq) {
		p.value = x.value
		return p
	}
	for _, t := range x.contains {
		if !supportsOperator(ix, col, t.op) {
			continue
		}
		p.value = oneValue{t.value}
		switch t.op {
		case cql.ContainsKey:
			p.Type = col.Type.Elems[0]
		case cql.Contains:
			p.Type = col.Type.Elems[len(col.Type.Elems)-1]
		default:
			p.entryKey = oneValue{t.key}
			p.Type, p.EntryType = col.Type.Elems[0], col.Type.Elems[1]
		}
		return p
	}
	return nil
}

// Value returns the form under which the index has the rows (see package
// index).
func (p *IndexPlan) Value(env *Env) ([]byte, error) {
	var b []byte
	if p.entryKey != nil {
		k, err := p.entryKey.components(nil, env)
		if err != nil {
			return nil, err
		}
		if err := checkFilterValue(k[0], "map key", p.Column); err != nil {
			return nil, err
		}
		b = index.AppendValue(b, p.Type, k[0].Bytes)
	}
	v, err := p.value.components(nil, env)
	if err != nil {
		return nil, err
	}
	t, what := p.Type, "value"
	if p.EntryType != nil {
		t, what = p.EntryType, "map value"
	}
	if err := checkFilterValue(v[0], what, p.Column); err != nil {
		return nil, err
	}
	return index.AppendValue(b, t, v[0].Bytes), nil
}

// addANN refuses ANN orderings with Cassandra's rules, then by name.
func (c *Context) addANN(r *Restrictions, orderBy []cql.Ordering) error {
	n := 0
	for i := range orderBy {
		if orderBy[i].ANN != nil {
			n++
		}
	}
	switch {
	case n == 0:
		return nil
	case n > 1:
		return cqlerr.Invalidf("Cannot specify more than one ANN ordering")
	case len(orderBy) > 1:
		return cqlerr.Invalidf("ANN ordering does not support any other ordering")
	case orderBy[0].Desc:
		return cqlerr.Invalidf("Descending ANN ordering is not supported")
	}
	col, err := c.Column(r.table, orderBy[0].Column)
	if err != nil {
		return err
	}
	if _, err := c.Term(orderBy[0].ANN, ReceiverOf(col)); err != nil {
		return err
	}
	if col.Type.Kind != cqltype.Vector || col.Type.Elems[0].Kind != cqltype.Float {
		return cqlerr.Invalidf("ANN ordering is only supported on float vector indexes")
	}
	for _, ix := range r.table.Indexes {
		if ix.Column == col.Name {
			return cqlerr.Unsupportedf("ANN ordering")
		}
	}
	return cqlerr.Invalidf("ANN ordering by vector requires the column to be indexed")
}
