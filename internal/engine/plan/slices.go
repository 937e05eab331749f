package plan

import (
	"cmp"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Slices returns the slices of each partition in table order, nil for all
// rows; empty and non-nil for none (ClusteringColumnRestrictions.boundsAsClustering).
func (r *Restrictions) Slices(env *Env) ([]store.Slice, error) {
	if len(r.rowTerms) > 0 {
		key := make([][]byte, len(r.rowTerms))
		if err := r.clusteringKey(key, env); err != nil {
			return nil, err
		}
		return []store.Slice{{Start: key, End: key, StartInclusive: true, EndInclusive: true}}, nil
	}
	position, slice := 0, (*restriction)(nil)
	prefixes, err := product(&r.clustering, func(x *restriction) bool {
		if filtersClustering(x, position) {
			return true
		}
		if x.kind == sliceRestriction {
			slice = x
			return true
		}
		position = x.last().Position + 1
		return false
	}, env)
	if err != nil {
		return nil, err
	}
	if slice == nil && len(prefixes) == 1 && len(prefixes[0]) == 0 {
		return nil, nil
	}
	prefixes = sortTuples(prefixes, r.table.Clustering)
	out := make([]store.Slice, 0, len(prefixes))
	if slice == nil {
		for _, p := range prefixes {
			out = append(out, store.Slice{Start: p, End: p, StartInclusive: true, EndInclusive: true})
		}
		return out, nil
	}
	parts, err := r.sliceParts(slice, env)
	if err != nil {
		return nil, err
	}
	if len(prefixes)*len(parts) > MaxKeyProduct {
		return nil, cqlerr.Invalidf("The restrictions of the query select more than %d slices", MaxKeyProduct)
	}
	for _, p := range prefixes {
		for _, s := range parts {
			out = append(out, store.Slice{
				Start: slices.Concat(p, s.Start), StartInclusive: s.StartInclusive,
				End: slices.Concat(p, s.End), EndInclusive: s.EndInclusive,
			})
		}
	}
	return out, nil
}

// sliceParts turns the bounds of a slice into slices of the columns from its
// first on, in table order. An inequality of a tuple whose columns run in both
// directions is several slices.
func (r *Restrictions) sliceParts(x *restriction, env *Env) ([]store.Slice, error) {
	columns := r.table.Clustering[x.first().Position:]
	parts := []store.Slice{{StartInclusive: true, EndInclusive: true}}
	for end, b := range x.bounds {
		if b == nil {
			continue
		}
		values, err := b.value.components(nil, env)
		if err != nil {
			return nil, err
		}
		if err := x.checkBound(values); err != nil {
			return nil, err
		}
		parts = intersect(columns, parts, boundParts(columns, values, end, b.inclusive))
	}
	return parts, nil
}

// slicesBetween reports whether the slices of clustering columns have both ends.
func (r *Restrictions) slicesBetween() bool {
	for _, x := range r.clustering.restrictions {
		if x.kind == sliceRestriction && x.hasBound(startBound) != x.hasBound(endBound) {
			return false
		}
	}
	return true
}

// checkNullBounds refuses null as a bound of clustering columns.
func (r *Restrictions) checkNullBounds(env *Env) error {
	for _, x := range r.clustering.restrictions {
		for _, b := range x.bounds {
			if b == nil {
				continue
			}
			values, err := b.value.components(nil, env)
			if err != nil {
				return err
			}
			for i, v := range values {
				if v.Bytes == nil {
					return cqlerr.Invalidf("Invalid null value in condition for column %s", x.columns[i].Name)
				}
			}
		}
	}
	return nil
}

// checkBound refuses unset, and null in tuples.
func (r *restriction) checkBound(values []backend.Value) error {
	for i, v := range values {
		if v.Unset {
			return cqlerr.Invalidf("Invalid unset value for column %s", r.columns[i].Name)
		}
		if v.Bytes == nil && r.multi {
			return cqlerr.Invalidf("Invalid null value in condition for column %s", r.columns[i].Name)
		}
	}
	return nil
}

// boundParts returns, in table order, the slices of the rows beyond (v1, ...,
// vn) in the order of values: above it for a start, below it for an end. As
// long as the columns run in one direction one slice says it. Where the
// direction changes at column i, the rows that differ before i, and the rows
// that equal it up to i and are beyond from there on, are apart.
//
// Null stands before every value in the table's order, descending columns
// included (ClusteringComparator.compareComponent).
func boundParts(columns []*schema.Column, values []backend.Value, end int, inclusive bool) []store.Slice {
	var parts []store.Slice
	if len(values) == 1 && values[0].Bytes == nil {
		if (end == startBound) != columns[0].Desc {
			parts = append(parts, store.Slice{StartInclusive: true, EndInclusive: true})
		}
		return parts
	}
	key := make([][]byte, len(values))
	for i, v := range values {
		key[i] = v.Bytes
	}
	for i := 0; i < len(key); {
		desc := columns[i].Desc
		j := i
		for j < len(key) && columns[j].Desc == desc {
			j++
		}
		closed := inclusive && j == len(key)
		s := store.Slice{StartInclusive: true, EndInclusive: true, Start: key[:i], End: key[:i]}
		if (end == startBound) != desc {
			s.Start, s.StartInclusive = key[:j], closed
		} else {
			s.End, s.EndInclusive = key[:j], closed
		}
		parts = append(parts, s)
		i = j
	}
	slices.SortFunc(parts, func(a, b store.Slice) int { return compareStarts(columns, &a, &b) })
	return parts
}

// intersect returns what is in both lists of slices; each list is in order and
// free of overlaps.
func intersect(columns []*schema.Column, as, bs []store.Slice) []store.Slice {
	out := []store.Slice{}
	for i := range as {
		for j := range bs {
			a, b := &as[i], &bs[j]
			s := store.Slice{Start: a.Start, StartInclusive: a.StartInclusive, End: a.End, EndInclusive: a.EndInclusive}
			if compareStarts(columns, a, b) < 0 {
				s.Start, s.StartInclusive = b.Start, b.StartInclusive
			}
			if compareEnds(columns, a, b) > 0 {
				s.End, s.EndInclusive = b.End, b.EndInclusive
			}
			if !emptySlice(columns, &s) {
				out = append(out, s)
			}
		}
	}
	slices.SortFunc(out, func(a, b store.Slice) int { return compareStarts(columns, &a, &b) })
	return out
}

// Within reports whether a row with that full clustering key is in one of the
// slices; nil slices hold every row.
func (r *Restrictions) Within(list []store.Slice, clustering [][]byte) bool {
	if list == nil {
		return true
	}
	columns := r.table.Clustering
	for i := range list {
		s := &list[i]
		if compareBounds(columns, s.Start, weightOf(true, s.StartInclusive), clustering, 0) <= 0 &&
			compareBounds(columns, s.End, weightOf(false, s.EndInclusive), clustering, 0) >= 0 {
			return true
		}
	}
	return false
}

// compareStarts orders the places where two slices start.
func compareStarts(columns []*schema.Column, a, b *store.Slice) int {
	return compareBounds(columns, a.Start, weightOf(true, a.StartInclusive), b.Start, weightOf(true, b.StartInclusive))
}

// compareEnds orders the places where two slices end.
func compareEnds(columns []*schema.Column, a, b *store.Slice) int {
	return compareBounds(columns, a.End, weightOf(false, a.EndInclusive), b.End, weightOf(false, b.EndInclusive))
}

// emptySlice reports that no row can be within s.
func emptySlice(columns []*schema.Column, s *store.Slice) bool {
	return compareBounds(columns, s.Start, weightOf(true, s.StartInclusive), s.End, weightOf(false, s.EndInclusive)) >= 0
}

// weightOf says whether a bound stands before (-1) or behind (1) the rows that
// equal its prefix.
func weightOf(start, inclusive bool) int {
	if start == inclusive {
		return -1
	}
	return 1
}

// compareBounds orders two places between rows: each before or behind the rows
// that start with its prefix (ClusteringPrefix comparison).
func compareBounds(columns []*schema.Column, a [][]byte, aw int, b [][]byte, bw int) int {
	if d := comparePrefix(columns, a, b); d != 0 {
		return d
	}
	switch { // a row (of weight 0) without its last columns stands before those with them
	case len(a) < len(b):
		return cmp.Or(aw, -1)
	case len(a) > len(b):
		return cmp.Or(-bw, 1)
	}
	return aw - bw
}
