package plan

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// ANNOrdering is ORDER BY column ANN OF value: the rows whose vectors are the
// closest, the closest first.
type ANNOrdering struct {
	Index  *index.Index
	Column *schema.Column
	value  Term
}

// MaxANNLimit is the greatest LIMIT of a query with an ANN ordering
// (sai.vector_search.max_top_k).
const MaxANNLimit = 1000

// Value evaluates the vector that is looked for.
func (o *ANNOrdering) Value(env *Env) ([]byte, error) {
	v, err := o.value.Eval(env)
	if err != nil {
		return nil, err
	}
	if err := checkFilterValue(v, "value", o.Column); err != nil {
		return nil, err
	}
	return v.Bytes, o.Index.CheckQuery(v.Bytes)
}

// addANN takes an ANN ordering in as a restriction
// (StatementRestrictions.addOrderingRestrictions).
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
	value, err := c.Term(orderBy[0].ANN, ReceiverOf(col))
	if err != nil {
		return err
	}
	if col.Type.Kind != cqltype.Vector || col.Type.Elems[0].Kind != cqltype.Float {
		return cqlerr.Invalidf("ANN ordering is only supported on float vector indexes")
	}
	if !isIndexed(r.table, col) {
		return cqlerr.Invalidf("ANN ordering by vector requires the column to be indexed")
	}
	if err := r.other.add(&restriction{kind: annRestriction, columns: []*schema.Column{col}, value: oneValue{value}}); err != nil {
		return err
	}
	for _, ix := range index.On(index.Of(r.table), col) {
		if !ix.HasEntries() {
			r.ann = &ANNOrdering{Index: ix, Column: col, value: value}
		}
	}
	return nil
}

func isIndexed(t *schema.Table, col *schema.Column) bool {
	for _, ix := range t.Indexes {
		if ix.Column == col.Name {
			return true
		}
	}
	return false
}

// checkVectors refuses conditions on indexed vectors, and beside an ANN ordering
// conditions on what no index has, which the partition does not name either.
func (r *Restrictions) checkVectors() error {
	ann := false
	for i, col := range r.other.columns {
		if r.other.restrictions[i].kind == annRestriction {
			ann = true
		} else if col.Type.Kind == cqltype.Vector && isIndexed(r.table, col) {
			return cqlerr.Invalidf("Vector indexes only support ANN queries")
		}
	}
	if !ann {
		return nil
	}
	missing := func(col *schema.Column) bool { return !isIndexed(r.table, col) }
	inside := r.partition.size() == len(r.table.PartitionKey) && !r.partition.has(sliceRestriction) && !r.clusteringNeedsFiltering()
	if slices.ContainsFunc(r.other.columns, missing) || r.partition.has(sliceRestriction) ||
		slices.ContainsFunc(r.clustering.columns, missing) && !inside {
		return cqlerr.Invalidf("ANN ordering by vector requires all restricted column(s) to be indexed")
	}
	return nil
}

// topK checks a SELECT with an ANN ordering (SelectStatement.RawStatement.prepare).
func (p *SelectPlan) topK(s *cql.Select) error {
	if !p.Where.other.has(annRestriction) {
		return nil
	}
	switch {
	case len(p.Aggregates) > 0 || p.Group != nil:
		return cqlerr.Invalidf("Top-K queries can not be run with aggregation")
	case s.PerPartitionLimit != nil:
		return cqlerr.Invalidf("Top-K queries do not support per-partition limits")
	case p.Where.ann == nil && s.AllowFiltering:
		// Cassandra fails with a NullPointerException.
		return cqlerr.Invalidf("ANN ordering by vector requires the column to be indexed")
	}
	p.ANN, p.StaticRows = p.Where.ann, false
	return nil
}
