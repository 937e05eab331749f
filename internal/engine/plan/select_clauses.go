package plan

import (
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// columnsOf appends the names of the columns that e reads.
func columnsOf(e cql.Expr, dst []string) []string {
	switch e := e.(type) {
	case *cql.Column:
		return append(dst, e.Name)
	case *cql.FunctionCall:
		return columnsOfAll(e.Args, dst)
	case *cql.Binary:
		return columnsOf(e.R, columnsOf(e.L, dst))
	case *cql.Negate:
		return columnsOf(e.X, dst)
	case *cql.Cast:
		return columnsOf(e.X, dst)
	case *cql.TypeHint:
		return columnsOf(e.X, dst)
	case *cql.Field:
		return columnsOf(e.X, dst)
	case *cql.Element:
		return columnsOf(e.X, dst)
	case *cql.SliceOf:
		return columnsOf(e.X, dst)
	case *cql.ListLiteral:
		return columnsOfAll(e.Elems, dst)
	case *cql.SetLiteral:
		return columnsOfAll(e.Elems, dst)
	case *cql.TupleLiteral:
		return columnsOfAll(e.Elems, dst)
	case *cql.MapLiteral:
		for _, entry := range e.Entries {
			dst = columnsOf(entry.Value, columnsOf(entry.Key, dst))
		}
	case *cql.UDTLiteral:
		for _, f := range e.Fields {
			dst = columnsOf(f.Value, dst)
		}
	}
	return dst
}

func columnsOfAll(items []cql.Expr, dst []string) []string {
	for _, e := range items {
		dst = columnsOf(e, dst)
	}
	return dst
}

// groupBy prepares GROUP BY (SelectStatement.getAggregationSpecFactory).
func (p *SelectPlan) groupBy(sel *selection, s *cql.Select) error {
	if len(s.GroupBy) == 0 {
		return nil
	}
	key := slices.Concat(p.Table.PartitionKey, p.Table.Clustering)
	g := &Group{}
	next := 0
	for _, e := range s.GroupBy {
		col, err := p.groupColumn(sel, g, e)
		if err != nil {
			return err
		}
		for {
			if next == len(key) {
				return cqlerr.Invalidf("Group by currently only support groups of columns following their declared order in the PRIMARY KEY")
			}
			at := key[next]
			next++
			if at.Kind == schema.Clustering {
				g.Prefix++
			}
			if at == col {
				break
			}
			if !p.Where.equalColumn(at) {
				return cqlerr.Invalidf("Group by currently only support groups of columns following their declared order in the PRIMARY KEY")
			}
		}
	}
	if next < len(key) && key[next].Kind == schema.PartitionKey {
		return cqlerr.Invalidf("Group by is not supported on only a part of the partition key")
	}
	if g.Prefix > 0 && s.Distinct {
		return cqlerr.Invalidf("Grouping on clustering columns is not allowed for SELECT DISTINCT queries")
	}
	if g.Last != nil {
		g.Prefix--
	}
	p.Group = g
	return nil
}

// groupColumn is the column of one item of GROUP BY; a function of one goes to
// g.Last.
func (p *SelectPlan) groupColumn(sel *selection, g *Group, e cql.Expr) (*schema.Column, error) {
	if c, ok := e.(*cql.Column); ok {
		col, err := sel.c.Column(p.Table, c.Name)
		if err != nil {
			return nil, err
		}
		if col.Kind != schema.PartitionKey && col.Kind != schema.Clustering {
			return nil, cqlerr.Invalidf("Group by is currently only supported on the columns of the PRIMARY KEY, got %s", col.Name)
		}
		if g.Last != nil {
			return nil, cqlerr.Invalidf("Functions are only supported on the last element of the GROUP BY clause")
		}
		return col, nil
	}
	if err := sel.checkColumns(e); err != nil {
		return nil, err
	}
	names := columnsOf(e, nil)
	before := len(sel.aggregates)
	x, err := sel.prepare(e, nil)
	if err != nil {
		return nil, err
	}
	if x.aggregate {
		sel.aggregates = sel.aggregates[:before]
		name := callOf(e).name
		if call, ok := e.(*cql.FunctionCall); ok && name == "count" && call.Star {
			name = "count_rows"
		}
		return nil, cqlerr.Invalidf("Aggregate functions are not supported within the GROUP BY clause, got: system.%s", name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil, cqlerr.Invalidf("GROUP BY functions must have one clustering column name as parameter")
	}
	if len(names) > 1 {
		return nil, cqlerr.Invalidf("GROUP BY functions accept only one clustering column as parameter, got: %s", strings.Join(names, ","))
	}
	col := p.Table.Columns[names[0]]
	if col.Kind != schema.Clustering {
		return nil, cqlerr.Invalidf("Group by functions are only supported on clustering columns, got %s", col.Name)
	}
	g.Last = x.Selector
	return col, nil
}

// orderColumns resolves the columns of ORDER BY.
func (c *Context) orderColumns(t *schema.Table, orderBy []cql.Ordering) ([]*schema.Column, error) {
	columns := make([]*schema.Column, len(orderBy))
	for i, o := range orderBy {
		col, err := c.Column(t, o.Column)
		if err != nil {
			return nil, err
		}
		columns[i] = col
	}
	return columns, nil
}

// orderBy checks ORDER BY and decides how it is done: by reading backwards, or,
// when several partitions are read, by sorting the answer too.
func (p *SelectPlan) orderBy(sel *selection, s *cql.Select, columns []*schema.Column) error {
	if len(columns) == 0 || p.Where.other.has(annRestriction) {
		return nil
	}
	if p.Where.usesIndex {
		return cqlerr.Invalidf("ORDER BY with 2ndary indexes is not supported, except for ANN queries.")
	}
	if p.Where.IsKeyRange() {
		return cqlerr.Invalidf("ORDER BY is only supported when the partition key is restricted by an EQ or an IN.")
	}
	var err error
	if p.Reversed, err = p.isReversed(s.OrderBy, columns); err != nil {
		return err
	}
	if p.Where.PartitionKeyHasIN() {
		for i, col := range columns {
			if !slices.Contains(columns[:i], col) {
				p.Sort = append(p.Sort, sel.addColumn(col))
			}
		}
		p.SortDescending = p.Reversed
	}
	return nil
}

// isReversed is SelectStatement.isReversed. A column given twice has the place
// of the first time and the direction of the last.
func (p *SelectPlan) isReversed(orderBy []cql.Ordering, columns []*schema.Column) (bool, error) {
	clustering := p.Table.Clustering
	next, reversed := 0, false
	for i, col := range columns {
		if slices.Contains(columns[:i], col) {
			continue
		}
		if col.Kind != schema.Clustering {
			return false, cqlerr.Invalidf("Order by is currently only supported on the clustered columns of the PRIMARY KEY, got %s", col.Name)
		}
		for ; next != col.Position; next++ {
			if next >= len(clustering) || !p.Where.equalColumn(clustering[next]) {
				return false, cqlerr.Invalidf("Order by currently only supports the ordering of columns following their declared order in the PRIMARY KEY")
			}
		}
		next++
		last := i
		for j := range columns {
			if columns[j] == col {
				last = j
			}
		}
		r := orderBy[last].Desc != col.Desc
		if i > 0 && r != reversed {
			return false, cqlerr.Invalidf("Unsupported order by relation")
		}
		reversed = r
	}
	return reversed, nil
}
