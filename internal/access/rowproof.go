package access

import (
	"encoding/binary"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// What proves that a statement is about rows that have a value in a column:
//
//	                  primary key                regular                static
//	SELECT            WHERE c = v                WHERE c = v            WHERE c = v
//	INSERT            the value of c is v        the same, and          no
//	                                             IF NOT EXISTS
//	UPDATE, DELETE    WHERE c = v                IF c = v               IF c = v
//
// A write whose column is not in the key must be conditional: without a condition
// INSERT and UPDATE change whatever row there is, and could make somebody else's row
// the caller's own. Nor may it give the column another value. Static columns are
// shared by the rows of a partition: only who has all of it writes them.

// inserts reports whether an INSERT writes a row that has c's value.
func (g *rowGuard) inserts(s *cql.Insert, c *ownColumn) bool {
	if s.JSON != nil {
		if !g.insertsJSON(s.JSON, c) {
			return false
		}
	} else if !g.gives(s, c) {
		return false
	}
	switch c.Kind {
	case schema.PartitionKey:
		g.mayShow(c, s.IfNotExists)
		return true
	case schema.Clustering:
		g.mayShow(c, s.IfNotExists)
		return !writesStatic(c.table, s.Columns) && (s.JSON == nil || len(c.table.Static) == 0)
	case schema.Regular:
		g.mustShow(c)
		return s.IfNotExists && !writesStatic(c.table, s.Columns) && (s.JSON == nil || len(c.table.Static) == 0)
	}
	return false
}

// gives reports whether the values of an INSERT give c its value.
func (g *rowGuard) gives(s *cql.Insert, c *ownColumn) bool {
	given := false
	for i, name := range s.Columns {
		if name != c.Name {
			continue
		}
		if i >= len(s.Values) || !g.equals(s.Values[i], c.value) {
			return false
		}
		given = true
	}
	return given
}

// insertsJSON reports whether the JSON of an INSERT gives c its value. Two members
// for a column don't, whichever counts.
func (g *rowGuard) insertsJSON(x cql.Expr, c *ownColumn) bool {
	text, ok := g.text(x)
	if !ok {
		return false
	}
	names, values, err := cqltype.JSONObject([]byte(text))
	if err != nil {
		return false
	}
	given := false
	for i, name := range names {
		if cqltype.FoldJSONName(name) != c.Name {
			continue
		}
		cell, err := cqltype.TypeText.FromJSON(values[i])
		if given || err != nil || cell == nil || string(cell) != c.value {
			return false
		}
		given = true
	}
	return given
}

// updates reports whether an UPDATE writes rows that have c's value, and leaves it.
func (g *rowGuard) updates(s *cql.Update, c *ownColumn) bool {
	var columns []string
	for i := range s.Assignments {
		a := &s.Assignments[i]
		columns = append(columns, a.Column)
		if a.Column == c.Name && (a.Kind != cql.SetValue || !g.equals(a.Value, c.value)) {
			return false
		}
	}
	return g.modifies(c, s.Where, s.If, columns, s.IfExists || len(s.If) > 0)
}

// deletes is updates for a DELETE.
func (g *rowGuard) deletes(s *cql.Delete, c *ownColumn) bool {
	var columns []string
	for i := range s.Columns {
		columns = append(columns, s.Columns[i].Column)
	}
	return !slices.Contains(columns, c.Name) && g.modifies(c, s.Where, s.If, columns, s.IfExists || len(s.If) > 0)
}

// modifies is what UPDATE and DELETE have in common; columns are those that they
// change, none for all.
func (g *rowGuard) modifies(c *ownColumn, where []cql.Relation, conditions []cql.Condition, columns []string, conditional bool) bool {
	switch c.Kind {
	case schema.PartitionKey:
		g.mayShow(c, conditional)
		return g.restricts(where, c)
	case schema.Clustering:
		g.mayShow(c, conditional)
		return g.restricts(where, c) && !writesStatic(c.table, columns)
	}
	g.mustShow(c)
	return g.requires(conditions, c) && (c.Kind == schema.Static || !writesStatic(c.table, columns))
}

// mayShow notes that the answer of a conditional write may show c, and rows that
// are not there: those of the caller alone are looked for.
func (g *rowGuard) mayShow(c *ownColumn, conditional bool) {
	if conditional {
		g.shown = append(g.shown, shownColumn{at: -1, name: c.Name, value: c.value, optional: true, nullable: true})
	}
}

// mustShow notes that the answer of a conditional write may show another's row.
func (g *rowGuard) mustShow(c *ownColumn) {
	g.shown = append(g.shown, shownColumn{at: -1, name: c.Name, value: c.value, optional: true})
}

// writesStatic reports whether some of the columns are static.
func writesStatic(t *schema.Table, columns []string) bool {
	return slices.ContainsFunc(columns, func(name string) bool {
		c := t.Columns[name]
		return c != nil && c.Kind == schema.Static
	})
}

// restricts reports whether a WHERE clause leaves only rows that have c's value. A
// clause that says more than one thing of c is not looked into.
func (g *rowGuard) restricts(where []cql.Relation, c *ownColumn) bool {
	found := false
	for i := range where {
		r := &where[i]
		if r.Kind == cql.Token || r.Kind == cql.CustomIndex {
			continue // it leaves fewer rows
		}
		at := slices.Index(r.Columns, c.Name)
		if at < 0 {
			continue
		}
		if found || r.Element != nil || !g.relates(r, at, c.value) {
			return false
		}
		found = true
	}
	return found
}

// relates reports whether r compares the column in a place with the value alone.
func (g *rowGuard) relates(r *cql.Relation, at int, value string) bool {
	switch {
	case r.Kind == cql.SingleColumn && r.Op == cql.Eq && r.Value != nil:
		return g.equals(r.Value, value)
	case r.Kind == cql.SingleColumn && r.Op == cql.In && r.Value == nil:
		return len(r.Values) > 0 && !slices.ContainsFunc(r.Values, func(x cql.Expr) bool { return !g.equals(x, value) })
	case r.Kind == cql.SingleColumn && r.Op == cql.In:
		return g.equalsAll(r.Value, value)
	case r.Kind == cql.MultiColumn && r.Op == cql.Eq:
		tuple, ok := r.Value.(*cql.TupleLiteral)
		return ok && at < len(tuple.Elems) && g.equals(tuple.Elems[at], value)
	}
	return false
}

// requires reports whether an IF clause holds only for rows that have c's value.
func (g *rowGuard) requires(conditions []cql.Condition, c *ownColumn) bool {
	return slices.ContainsFunc(conditions, func(x cql.Condition) bool {
		return x.Column == c.Name && x.Element == nil && x.Field == "" && x.Op == cql.Eq && x.Value != nil && g.equals(x.Value, c.value)
	})
}

// exact reports whether a comparison with c in a WHERE clause finds its very value:
// an index may take upper for lower case, or one form of a letter for another.
func (c *ownColumn) exact() bool {
	for _, index := range c.table.Indexes {
		if index.Column != c.Name {
			continue
		}
		for option := range index.Options {
			if option != schema.IndexTargetOption && option != schema.IndexClassOption {
				return false
			}
		}
	}
	return true
}

// equals reports whether x is a text, as it is or bound, that is value.
func (g *rowGuard) equals(x cql.Expr, value string) bool {
	text, ok := g.text(x)
	return ok && text == value
}

// text returns the text that x is; ok is false for what has to be computed.
func (g *rowGuard) text(x cql.Expr) (text string, ok bool) {
	switch x := x.(type) {
	case *cql.Literal:
		return x.Text, x.Kind == cql.StringLiteral
	case *cql.BindMarker:
		v, ok := g.bound(x)
		return string(v), ok
	}
	return "", false
}

// bound returns the value of a bind marker, if it has one.
func (g *rowGuard) bound(x *cql.BindMarker) ([]byte, bool) {
	if x.Index < 0 || x.Index >= len(g.values) {
		return nil, false
	}
	v := g.values[x.Index]
	return v.Bytes, !v.Unset && v.Bytes != nil
}

// equalsAll reports whether x is a bound list of texts that all are value
// (native_protocol_v5.spec §6.11: an [int] n, then n [bytes]).
func (g *rowGuard) equalsAll(x cql.Expr, value string) bool {
	marker, ok := x.(*cql.BindMarker)
	if !ok {
		return false
	}
	list, ok := g.bound(marker)
	if !ok || len(list) < 4 {
		return false
	}
	n, rest := int32(binary.BigEndian.Uint32(list)), list[4:]
	if n <= 0 {
		return false
	}
	for range n {
		if len(rest) < 4 || int64(binary.BigEndian.Uint32(rest)) != int64(len(value)) {
			return false
		}
		rest = rest[4:]
		if len(rest) < len(value) || string(rest[:len(value)]) != value {
			return false
		}
		rest = rest[len(value):]
	}
	return len(rest) == 0
}
