package plan

import (
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// restrictionSet holds the restrictions of one part of a table (its partition
// key, its clustering columns, the others), ordered by the columns' position,
// then name. Columns restricted together share a restriction
// (org.apache.cassandra.cql3.restrictions.RestrictionSet).
type restrictionSet struct {
	columns      []*schema.Column
	restrictions []*restriction // parallel to columns
}

func compareColumns(a, b *schema.Column) int {
	if a.Position != b.Position {
		return a.Position - b.Position
	}
	return strings.Compare(a.Name, b.Name)
}

func (s *restrictionSet) empty() bool { return len(s.columns) == 0 }
func (s *restrictionSet) size() int   { return len(s.columns) }

func (s *restrictionSet) find(c *schema.Column) *restriction {
	if i, ok := slices.BinarySearchFunc(s.columns, c, compareColumns); ok {
		return s.restrictions[i]
	}
	return nil
}

func (s *restrictionSet) put(c *schema.Column, r *restriction) {
	i, ok := slices.BinarySearchFunc(s.columns, c, compareColumns)
	if ok {
		s.restrictions[i] = r
		return
	}
	s.columns = slices.Insert(s.columns, i, c)
	s.restrictions = slices.Insert(s.restrictions, i, r)
}

// add merges r into the set.
func (s *restrictionSet) add(r *restriction) error {
	var existing []*restriction
	for _, c := range r.columns {
		if e := s.find(c); e != nil && !slices.Contains(existing, e) {
			existing = append(existing, e)
		}
	}
	if len(existing) == 0 {
		for _, c := range r.columns {
			s.put(c, r)
		}
		return nil
	}
	for _, e := range existing {
		merged, err := e.merge(r)
		if err != nil {
			return err
		}
		for _, c := range r.columns {
			s.put(c, merged)
		}
		for _, c := range e.columns {
			s.put(c, merged)
		}
	}
	return nil
}

// distinct calls f for each restriction once, in order, until it returns false.
func (s *restrictionSet) distinct(f func(*restriction) bool) {
	var last *restriction
	for _, r := range s.restrictions {
		if r != last && !f(r) {
			return
		}
		last = r
	}
}

func (s *restrictionSet) any(f func(*restriction) bool) bool {
	return slices.ContainsFunc(s.restrictions, f)
}

func (s *restrictionSet) has(k restrictionKind) bool {
	return s.any(func(r *restriction) bool { return r.kind == k })
}

// onlyEqualities reports that there is nothing but = and IN.
func (s *restrictionSet) onlyEqualities() bool {
	return !s.any(func(r *restriction) bool { return r.kind != eqRestriction && r.kind != inRestriction })
}

// last is the restriction of the last column.
func (s *restrictionSet) last() *restriction {
	if s.empty() {
		return nil
	}
	return s.restrictions[len(s.restrictions)-1]
}

// hasKind reports whether a column of that kind is restricted.
func (s *restrictionSet) hasKind(k schema.ColumnKind) bool {
	return slices.ContainsFunc(s.columns, func(c *schema.Column) bool { return c.Kind == k })
}

// missing returns the columns of all that are not restricted.
func (s *restrictionSet) missing(all []*schema.Column) []*schema.Column {
	var out []*schema.Column
	for _, c := range all {
		if s.find(c) == nil {
			out = append(out, c)
		}
	}
	return out
}
