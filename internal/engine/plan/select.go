package plan

import (
	"encoding/binary"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// SelectPlan is the plan of a SELECT
// (org.apache.cassandra.cql3.statements.SelectStatement). It is immutable.
type SelectPlan struct {
	Table *schema.Table
	// Layout of the table in the store, nil when it has no storage.
	Layout *store.Layout
	Where  *Restrictions
	// ResultColumns describe the answer, one per Output; a single one, [json],
	// for SELECT JSON.
	ResultColumns []backend.Column
	// Bind describes the bind markers, PartitionKeyBind which of them are the
	// partition key.
	Bind             []backend.Column
	PartitionKeyBind []uint16

	// Columns are what is read of each row: for the answer, the filters, the
	// order.
	Columns []*schema.Column
	// Wildcard: the statement is SELECT *.
	Wildcard bool
	// Output are the items of the select clause. When Simple is set each is a
	// plain column: the one at SimpleColumns.
	Output                   []Output
	Simple                   bool
	SimpleColumns            []int
	JSON, Distinct, Reversed bool
	// Aggregates run over all rows, or over each group.
	Aggregates []*Aggregate
	// Group is the GROUP BY, nil when there is none.
	Group *Group
	// NeedCells: selectors look at cells (WRITETIME, TTL), not only at values.
	NeedCells bool
	// Sort are the columns (indexes in Columns) that the whole answer is sorted
	// by after it was read: ORDER BY with several partitions. SortDescending
	// reverses the order.
	Sort           []int
	SortDescending bool
	// ANN orders the answer, nil when it does not: the first rows of LIMIT.
	ANN *ANNOrdering
	// StaticRows: a partition that has nothing but a static row is answered, as
	// a row whose other columns are null.
	StaticRows bool
	// NeedStatic: static rows are to be read at all.
	NeedStatic bool
	// Warnings go with every answer.
	Warnings []string
	// Digest tells the query from others in paging states: it covers the table
	// and everything that decides on which rows come in which order. WhereFrom
	// to WhereTo are the bind markers of the WHERE clause.
	Digest             uint64
	WhereFrom, WhereTo int

	limit, partitionLimit Term
}

// Output is one item of the select clause.
type Output struct {
	Selector
	Name string
}

// Group is a GROUP BY: rows that agree in the partition key, in the first
// Prefix clustering columns and, with Last set, in what Last makes of the next
// one, are one group.
type Group struct {
	Prefix int
	Last   Selector
}

// Aggregating reports that the whole answer is one row.
func (p *SelectPlan) Aggregating() bool { return len(p.Aggregates) > 0 && p.Group == nil }

// Select plans a SELECT. Errors come in the order Cassandra finds them.
func (c *Context) Select(s *cql.Select) (*SelectPlan, error) {
	t, err := c.Table(s.Table)
	if err != nil {
		return nil, err
	}
	p := &SelectPlan{Table: t, Layout: LayoutOf(t), JSON: s.JSON, Distinct: s.Distinct}
	sel := &selection{c: c, table: t}
	onlyStatic, err := sel.onlyStatic(s.Selectors)
	if err != nil {
		return nil, err
	}
	orderBy, err := c.orderColumns(t, s.OrderBy)
	if err != nil {
		return nil, err
	}
	o := RestrictOptions{AllowFiltering: s.AllowFiltering, OnlyStatic: onlyStatic, OrderBy: s.OrderBy}
	if p.Where, err = c.Restrict(t, s.Where, SelectStatement, o); err != nil {
		return nil, err
	}
	p.StaticRows = p.Where.selectsWholePartitions()
	if err := p.selectors(sel, s); err != nil {
		return nil, err
	}
	if s.Distinct {
		if s.PerPartitionLimit != nil {
			return nil, cqlerr.Invalidf("PER PARTITION LIMIT is not allowed with SELECT DISTINCT queries")
		}
		selected := slices.Clip(sel.columns)
		if p.Where.PartitionKeyHasIN() {
			selected = append(selected, orderBy...) // the answer is sorted by them
		}
		if err := p.checkDistinct(selected); err != nil {
			return nil, err
		}
		// A partition of a static compact table is one row anyway.
		p.Distinct = !t.StaticCompact()
	}
	if err := p.groupBy(sel, s); err != nil {
		return nil, err
	}
	if err := p.topK(s); err != nil {
		return nil, err
	}
	if p.Aggregating() && s.PerPartitionLimit != nil {
		return nil, cqlerr.Invalidf("PER PARTITION LIMIT is not allowed with aggregate queries.")
	}
	if err := p.orderBy(sel, s, orderBy); err != nil {
		return nil, err
	}
	if !s.AllowFiltering && !t.Virtual && (p.Where.IsKeyRange() || p.Where.usesIndex) && p.Where.needsFiltering() {
		return nil, cqlerr.Invalidf(RequiresFiltering)
	}
	if err := p.limits(c, s); err != nil {
		return nil, err
	}
	p.finish(c, s, sel)
	return p, nil
}

// selectors prepares the select clause.
func (p *SelectPlan) selectors(sel *selection, s *cql.Select) error {
	t := p.Table
	if len(s.Selectors) == 0 {
		p.Simple = true
		for _, col := range t.InOrder() {
			i := sel.addColumn(col)
			p.addOutput(Output{&columnSelector{i, col.Type}, col.Name})
			p.SimpleColumns = append(p.SimpleColumns, i)
		}
		return nil
	}
	p.Simple = true
	for _, item := range s.Selectors {
		if err := sel.selectable(item.X); err != nil {
			return err
		}
		x, err := sel.prepare(item.X, nil)
		if err != nil {
			return err
		}
		name := x.name
		if item.Alias != "" {
			name = item.Alias
		}
		p.addOutput(Output{x.Selector, name})
		p.SimpleColumns = append(p.SimpleColumns, x.column)
		p.Simple = p.Simple && x.column >= 0
	}
	p.Aggregates, p.NeedCells = sel.aggregates, sel.needCells
	return nil
}

func (p *SelectPlan) addOutput(o Output) {
	p.Output = append(p.Output, o)
	p.ResultColumns = append(p.ResultColumns, backend.Column{
		Keyspace: p.Table.Keyspace, Table: p.Table.Name, Name: o.Name, Type: o.Type(),
	})
}

// checkDistinct is SelectStatement.validateDistinctSelection.
func (p *SelectPlan) checkDistinct(selected []*schema.Column) error {
	if p.Where.HasClustering() || p.Where.other.hasKind(schema.Regular) && !p.Table.StaticCompact() {
		return cqlerr.Invalidf("SELECT DISTINCT with WHERE clause only supports restriction by partition key and/or static columns.")
	}
	has := map[*schema.Column]bool{}
	for _, col := range selected {
		if col.Kind != schema.PartitionKey && col.Kind != schema.Static && !p.Table.StaticCompact() {
			return cqlerr.Invalidf("SELECT DISTINCT queries must only request partition key columns and/or static columns (not %s)", col.Name)
		}
		has[col] = true
	}
	if !p.Where.IsKeyRange() {
		return nil
	}
	for _, col := range p.Table.PartitionKey {
		if !has[col] {
			return cqlerr.Invalidf("SELECT DISTINCT queries must request all the partition key columns (missing %s)", col.Name)
		}
	}
	return nil
}

func (p *SelectPlan) limits(c *Context, s *cql.Select) (err error) {
	recv := Receiver{Keyspace: p.Table.Keyspace, Table: p.Table.Name, Type: cqltype.TypeInt}
	if s.Limit != nil {
		recv.Name = "[limit]"
		if p.limit, err = c.Term(s.Limit, recv); err != nil {
			return err
		}
	}
	if s.PerPartitionLimit != nil {
		recv.Name = "[per_partition_limit]"
		p.partitionLimit, err = c.Term(s.PerPartitionLimit, recv)
	}
	return err
}

// NoLimit is the limit of a statement without one.
const NoLimit = 1<<31 - 1

// Limits evaluates LIMIT and PER PARTITION LIMIT.
func (p *SelectPlan) Limits(env *Env) (rows, perPartition int, err error) {
	if rows, err = evalLimit(p.limit, env); err != nil {
		return 0, 0, err
	}
	perPartition, err = evalLimit(p.partitionLimit, env)
	return rows, perPartition, err
}

func evalLimit(t Term, env *Env) (int, error) {
	if t == nil {
		return NoLimit, nil
	}
	v, err := t.Eval(env)
	switch {
	case err != nil:
		return 0, err
	case v.Unset:
		return NoLimit, nil
	case v.Bytes == nil:
		return 0, cqlerr.Invalidf("Invalid null value of limit")
	case len(v.Bytes) != 4:
		return 0, cqlerr.Invalidf("Invalid limit value")
	}
	n := int(int32(binary.BigEndian.Uint32(v.Bytes)))
	if n <= 0 {
		return 0, cqlerr.Invalidf("LIMIT must be strictly positive")
	}
	return n, nil
}

// finish fills in what follows from the rest.
func (p *SelectPlan) finish(c *Context, s *cql.Select, sel *selection) {
	for _, col := range p.Where.FilterColumns() {
		sel.addColumn(col)
	}
	p.Columns, p.Wildcard = sel.columns, len(s.Selectors) == 0
	p.NeedStatic = len(p.Table.Static) > 0 && (p.StaticRows || p.Distinct ||
		slices.ContainsFunc(p.Columns, func(col *schema.Column) bool { return col.Kind == schema.Static }))
	if p.JSON {
		p.Simple = false
		p.ResultColumns = []backend.Column{{Keyspace: p.Table.Keyspace, Table: p.Table.Name, Name: "[json]", Type: cqltype.TypeText}}
	}
	if p.Group != nil || len(p.Aggregates) > 0 {
		p.Simple = false
		switch {
		case !p.Where.HasPartitionKey():
			p.Warnings = append(p.Warnings, "Aggregation query used without partition key")
		case p.Where.PartitionKeyHasIN():
			p.Warnings = append(p.Warnings, "Aggregation query used on multiple partition keys (IN restriction)")
		}
	}
	p.Bind, p.PartitionKeyBind = c.Bind, c.PartitionKeyBind(p.Table)
	p.WhereFrom, p.WhereTo = markerRange(s.Where)
	p.Digest = digest(p.Table, s)
}
