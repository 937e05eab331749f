package plan

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// RestrictOptions says about a statement what the rules for its WHERE clause
// depend on.
type RestrictOptions struct {
	// AllowFiltering is set by ALLOW FILTERING.
	AllowFiltering bool
	// OnlyStatic: the statement reads or writes static columns only, so the
	// clustering key may be missing (and must be, in a modification).
	OnlyStatic bool
	// OrderBy is the ORDER BY clause of a SELECT; an ANN ordering is a restriction.
	OrderBy []cql.Ordering
}

// Restrictions is a WHERE clause, checked and classified
// (org.apache.cassandra.cql3.restrictions.StatementRestrictions).
type Restrictions struct {
	table      *schema.Table
	kind       StatementKind
	partition  restrictionSet
	token      *tokenRestriction
	clustering restrictionSet
	other      restrictionSet

	filters filters
	// keyRange: the statement reads a range of tokens, not named partitions.
	keyRange bool
	// index finds the rows, nil when none does.
	index *IndexSearch
	// exact are indexes of the search that compare in their own way.
	exact []*index.Index
	// notEmpty are columns whose index of the search leaves out empty values.
	notEmpty []*schema.Column
	// ann is the ANN ordering, nil when there is none that an index serves.
	ann *ANNOrdering
	// usesIndex: an index could serve, so ALLOW FILTERING is not needed for
	// what it covers.
	usesIndex bool
	// pkTerms are the terms of a partition key given by = alone, in key order.
	pkTerms []Term
	// rowTerms are the terms of a clustering key given by = alone.
	rowTerms []Term
	// oneRange is the range of rows of a clause that names one: see OneSlice.
	oneRange *rowRange
}

// RequiresFiltering is the text of what must be confirmed by ALLOW FILTERING.
const RequiresFiltering = "Cannot execute this query as it might involve data filtering and thus may have unpredictable performance. " +
	"If you want to execute this query despite the performance unpredictability, use ALLOW FILTERING"

var kindNames = [...]string{SelectStatement: "SELECT", UpdateStatement: "UPDATE", DeleteStatement: "DELETE"}

// Restrict checks and classifies a WHERE clause. Bind markers of the clause are
// entered in c.Bind.
func (c *Context) Restrict(t *schema.Table, where []cql.Relation, kind StatementKind, o RestrictOptions) (*Restrictions, error) {
	r := &Restrictions{table: t, kind: kind}
	for i := range where {
		if err := c.addRelation(r, &where[i], o); err != nil {
			return nil, err
		}
	}
	if err := c.addANN(r, o.OrderBy); err != nil {
		return nil, err
	}
	if err := r.refuseCustom(where); err != nil {
		return nil, err
	}
	indexable := kind == SelectStatement && (r.partition.any(r.hasIndex) || r.clustering.any(r.hasIndex) || r.other.any(r.hasIndex))
	if err := r.checkPartition(indexable, o); err != nil {
		return nil, err
	}
	if r.usesIndex || r.partitionNeedsFiltering() {
		r.filters.addSet(&r.partition)
	}
	if o.OnlyStatic && r.HasClustering() {
		if kind == SelectStatement {
			return nil, cqlerr.Invalidf("Cannot restrict clustering columns when selecting only static columns")
		}
		return nil, cqlerr.Invalidf("Invalid restrictions on clustering columns since the %s statement modifies only static columns", kindNames[kind])
	}
	if err := r.checkClustering(indexable, o); err != nil {
		return nil, err
	}
	if r.keyRange && kind == SelectStatement && r.clustering.any(r.hasIndex) {
		r.usesIndex = true
	}
	if r.usesIndex || r.clusteringNeedsFiltering() {
		r.addClusteringFilters()
	}
	if err := r.checkVectors(); err != nil {
		return nil, err
	}
	if err := r.checkOther(indexable, o); err != nil {
		return nil, err
	}
	if r.usesIndex && r.partitionHasIN() {
		return nil, cqlerr.Invalidf("Select on indexed columns and with IN clause for the PRIMARY KEY are not supported")
	}
	r.finish()
	return r, nil
}

// addRelation prepares one relation and merges it in.
func (c *Context) addRelation(r *Restrictions, rel *cql.Relation, o RestrictOptions) error {
	if r.kind != SelectStatement && (rel.Op == cql.Contains || rel.Op == cql.ContainsKey) {
		return cqlerr.Invalidf("Cannot use %s with %s", kindNames[r.kind], operatorNames[rel.Op])
	}
	switch rel.Kind {
	case cql.Token:
		return c.addToken(r, rel)
	case cql.CustomIndex:
		return nil
	}
	switch rel.Op {
	case cql.IsNotNull:
		return cqlerr.Invalidf("Unsupported restriction: %s", relationText(rel))
	case cql.Like:
		return c.refuseLike(r, rel)
	}
	prepare := c.singleRestriction
	if rel.Kind == cql.MultiColumn {
		prepare = c.multiRestriction
	}
	x, err := prepare(r.table, rel)
	if err != nil {
		return err
	}
	switch x.first().Kind {
	case schema.PartitionKey:
		return r.partition.add(x)
	case schema.Clustering:
		return r.addClustering(x, o)
	}
	return r.other.add(x)
}

// refuseLike answers for LIKE: it needs a SASI index, which there is not.
func (c *Context) refuseLike(r *Restrictions, rel *cql.Relation) error {
	if rel.Kind == cql.MultiColumn {
		return cqlerr.Invalidf("LIKE cannot be used for multi-column relations")
	}
	if rel.Element != nil {
		return cqlerr.Invalidf("LIKE can't be used with collections.")
	}
	col, err := c.Column(r.table, rel.Columns[0])
	if err != nil {
		return err
	}
	if err := checkReceiver(col, rel); err != nil {
		return err
	}
	if _, err := c.Term(rel.Value, ReceiverOf(col)); err != nil {
		return err
	}
	return cqlerr.Invalidf("LIKE restriction is only supported on properly indexed columns. %s is not valid.", relationText(rel))
}

// addClustering merges x in (ClusteringColumnRestrictions.mergeWith).
func (r *Restrictions) addClustering(x *restriction, o RestrictOptions) error {
	last, before := r.clustering.last(), slices.Clone(r.clustering.columns)
	if err := r.clustering.add(x); err != nil {
		return err
	}
	if last == nil || o.AllowFiltering || r.kind == SelectStatement && r.hasIndex(x) {
		return nil
	}
	lastStart, start := last.first(), x.first()
	if last.kind == sliceRestriction && start.Position > lastStart.Position {
		return cqlerr.Invalidf("Clustering column \"%s\" cannot be restricted (preceding column \"%s\" is restricted by a non-EQ relation)",
			start.Name, lastStart.Name)
	}
	if start.Position < lastStart.Position && x.kind == sliceRestriction {
		next := before[slices.IndexFunc(before, func(c *schema.Column) bool { return c.Position > start.Position })]
		return cqlerr.Invalidf("PRIMARY KEY column \"%s\" cannot be restricted (preceding column \"%s\" is restricted by a non-EQ relation)",
			next.Name, start.Name)
	}
	return nil
}

// HasClustering reports whether a clustering column is restricted.
func (r *Restrictions) HasClustering() bool { return !r.clustering.empty() }

// HasPartitionKey reports whether the partition key or its token is restricted.
func (r *Restrictions) HasPartitionKey() bool { return !r.partition.empty() || r.token != nil }

// PartitionKeyHasIN reports an IN on the partition key.
func (r *Restrictions) PartitionKeyHasIN() bool { return r.partitionHasIN() }

// IsKeyRange reports that the clause does not name partition keys: the
// statement reads a range of tokens.
func (r *Restrictions) IsKeyRange() bool { return r.keyRange }

// IsRowKey reports whether every clustering column is restricted by = or IN
// (so a modification names whole rows): see Clustering. Tables without
// clustering columns: true.
func (r *Restrictions) IsRowKey() bool {
	return r.clustering.size() == len(r.table.Clustering) && r.clustering.onlyEqualities()
}

// equalColumn reports that a column is restricted by =.
func (r *Restrictions) equalColumn(c *schema.Column) bool {
	set := &r.other
	switch c.Kind {
	case schema.PartitionKey:
		set = &r.partition
	case schema.Clustering:
		set = &r.clustering
	}
	x := set.find(c)
	return x != nil && x.kind == eqRestriction
}

// selectsWholePartitions reports that nothing restricts clustering or regular
// columns: a partition with a static row alone is answered too.
func (r *Restrictions) selectsWholePartitions() bool {
	return !r.HasClustering() && !r.other.hasKind(schema.Regular)
}

// finish precomputes what executions of the common cases need.
func (r *Restrictions) finish() {
	if !r.keyRange && r.token == nil {
		r.pkTerms = equalTerms(&r.partition, r.table.PartitionKey)
	}
	r.rowTerms = equalTerms(&r.clustering, r.table.Clustering)
	r.oneRange = r.rowRange()
	if r.usesIndex {
		r.index = r.search()
		r.comparers()
	}
}

// equalTerms returns the terms when each column is restricted by its own =,
// else nil.
func equalTerms(s *restrictionSet, columns []*schema.Column) []Term {
	if s.size() != len(columns) {
		return nil
	}
	terms := make([]Term, len(columns))
	for i, x := range s.restrictions {
		v, ok := x.value.(oneValue)
		if x.kind != eqRestriction || x.multi || !ok {
			return nil
		}
		terms[i] = v.Term
	}
	return terms
}
