package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// partitionNeedsFiltering: the clause restricts the partition key, but not so
// that it names partitions.
func (r *Restrictions) partitionNeedsFiltering() bool {
	return !r.partition.empty() && (r.partition.size() < len(r.table.PartitionKey) ||
		r.partition.has(sliceRestriction) || r.partition.has(containsRestriction))
}

// onToken: token() decides, not the columns' own restrictions (TokenFilter).
func (r *Restrictions) onToken() bool {
	return r.token != nil && (r.partition.empty() || r.partitionNeedsFiltering())
}

func (r *Restrictions) partitionHasIN() bool {
	return !r.onToken() && r.partition.has(inRestriction)
}

// checkPartition is StatementRestrictions.processPartitionKeyRestrictions.
func (r *Restrictions) checkPartition(indexable bool, o RestrictOptions) error {
	if r.kind != SelectStatement {
		if r.onToken() {
			return cqlerr.Invalidf("The token function cannot be used in WHERE clauses for %s statements", kindNames[r.kind])
		}
		if missing := r.partition.missing(r.table.PartitionKey); len(missing) > 0 {
			return cqlerr.Invalidf("Some partition key parts are missing: %s", columnNames(missing, ", "))
		}
		if r.partition.has(sliceRestriction) {
			return cqlerr.Invalidf("Only EQ and IN relation are supported on the partition key (unless you use the token() function) for %s statements",
				kindNames[r.kind])
		}
		return nil
	}
	if r.onToken() {
		r.keyRange = true
	}
	if r.partition.empty() && r.token == nil {
		r.keyRange, r.usesIndex = true, indexable
	}
	if r.partitionNeedsFiltering() {
		if !o.AllowFiltering && !indexable && !r.table.Virtual {
			return cqlerr.Invalidf(RequiresFiltering)
		}
		r.keyRange, r.usesIndex = true, indexable
	}
	return nil
}

// clusteringNeedsFiltering reports whether a restriction can't be a slice of
// the partition: one before it is missing, or it is CONTAINS.
func (r *Restrictions) clusteringNeedsFiltering() bool {
	position, need := 0, false
	r.clustering.distinct(func(x *restriction) bool {
		if filtersClustering(x, position) {
			need = true
			return false
		}
		if x.kind != sliceRestriction {
			position = x.last().Position + 1
		}
		return true
	})
	return need
}

func filtersClustering(x *restriction, position int) bool {
	return x.kind == containsRestriction || position != x.first().Position
}

// addClusteringFilters adds what slices of the partition do not say.
func (r *Restrictions) addClusteringFilters() {
	r.filters.size += r.clustering.size()
	r.filters.sets = append(r.filters.sets, &r.clustering)
	position := 0
	r.clustering.distinct(func(x *restriction) bool {
		if filtersClustering(x, position) || r.hasIndex(x) {
			r.filters.restrictions = append(r.filters.restrictions, x)
		} else if x.kind != sliceRestriction {
			position = x.last().Position + 1
		}
		return true
	})
}

// checkClustering is StatementRestrictions.processClusteringColumnsRestrictions.
func (r *Restrictions) checkClustering(indexable bool, o RestrictOptions) error {
	if r.kind == UpdateStatement {
		if r.clustering.has(sliceRestriction) {
			return cqlerr.Invalidf("Slice restrictions are not supported on the clustering columns in %s statements", kindNames[r.kind])
		}
		if missing := r.clustering.missing(r.table.Clustering); len(missing) > 0 && !o.OnlyStatic {
			if ok, err := compactPrefix(r.table, r.clustering.columns); ok || err != nil {
				return err
			}
			return cqlerr.Invalidf("Some clustering keys are missing: %s", columnNames(missing, ", "))
		}
		return nil
	}
	if r.clustering.has(containsRestriction) && !indexable && !o.AllowFiltering {
		return cqlerr.Invalidf("Clustering columns can only be restricted with CONTAINS with a secondary index or filtering")
	}
	if !r.HasClustering() || !r.clusteringNeedsFiltering() {
		return nil
	}
	if indexable {
		r.usesIndex = true
		return nil
	}
	if o.AllowFiltering {
		return nil
	}
	for i, col := range r.clustering.columns {
		if want := r.table.Clustering[i]; col != want {
			return errNotRestricted(col, want)
		}
	}
	return nil
}

// checkOther checks the restrictions of columns outside the primary key.
func (r *Restrictions) checkOther(indexable bool, o RestrictOptions) error {
	if r.other.empty() {
		return nil
	}
	if r.kind != SelectStatement {
		return cqlerr.Invalidf("Non PRIMARY KEY columns found in where clause: %s ", columnNames(r.other.columns, ", "))
	}
	if indexable {
		r.usesIndex = true
	} else if !o.AllowFiltering && !r.table.Virtual {
		return cqlerr.Invalidf(RequiresFiltering)
	}
	r.filters.addSet(&r.other)
	return nil
}
