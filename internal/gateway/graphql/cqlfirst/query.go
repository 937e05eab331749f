package cqlfirst

import (
	"fmt"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
)

// selection is what a document wants of a table's rows: the plan of a query.
type selection struct {
	operation
	// columns are ordinals, each once; functions the calls.
	columns   []int
	functions []*exec.Field
	shape     []byte
}

// columnPlan is the plan of a field of a row: its column, and the place of that
// in the result.
type columnPlan struct{ column, at int }

// functionPlan is the plan of a call in a row: its place behind the columns.
type functionPlan struct{ at int }

// Plan implements exec.Resolver.
func (k *Keyspace) Plan(f *exec.Field) error {
	op, ok := k.operation(f.Parent.Name == "Mutation", f.Name)
	if !ok {
		return nil
	}
	p := &selection{operation: op}
	for _, member := range f.Fields {
		if member.Name == "values" || member.Name == "value" {
			p.plan(member.Fields)
		}
	}
	if op.kind == selects {
		if len(p.columns) == 0 && len(p.functions) == 0 {
			p.columns = append(p.columns, 0)
		}
		p.shape = append([]byte(op.table.def.Name), 0, byte(op.kind))
		for _, c := range p.columns {
			p.shape = append(p.shape, byte(c), byte(c>>8))
		}
		p.shape = append(p.shape, 0xff, 0xff)
	}
	f.Plan = p
	return nil
}

func (p *selection) plan(fields []*exec.Field) {
	for _, f := range fields {
		i, ok := p.table.byName[f.Name]
		switch {
		case ok:
			f.Plan = columnPlan{i, p.place(i)}
		case f.Name != "__typename":
			f.Plan = functionPlan{len(p.functions)}
			p.functions = append(p.functions, f)
		}
	}
}

// place returns where a column is in the result.
func (p *selection) place(column int) int {
	for at, c := range p.columns {
		if c == column {
			return at
		}
	}
	p.columns = append(p.columns, column)
	return len(p.columns) - 1
}

// Resolve implements exec.Resolver.
func (k *Keyspace) Resolve(r *exec.Run, f *exec.Field, dst []byte) ([]byte, error) {
	p, ok := f.Plan.(*selection)
	switch {
	case f.Name == "conversionWarnings":
		return k.writeWarnings(r, dst), nil
	case !ok: // keyspaceEmptyMutation
		return append(dst, "true"...), nil
	case p.kind == selects:
		return k.query(r, f, p, dst)
	}
	return k.mutate(r, f, p, dst)
}

func (k *Keyspace) writeWarnings(r *exec.Run, dst []byte) []byte {
	dst = append(dst, '[')
	first := true
	for _, w := range k.warnings {
		if !r.Session.Visible(k.name, w.table) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		dst, first = cell.AppendString(dst, w.text), false
	}
	return append(dst, ']')
}

// query runs a SELECT and writes its page.
func (k *Keyspace) query(r *exec.Run, f *exec.Field, p *selection, dst []byte) ([]byte, error) {
	s := &selectBuilder{r: r, plan: p, stmt: &cql.Select{Table: p.table.name}}
	s.shape = append(s.shape, p.shape...)
	options, err := s.read(f)
	if err != nil {
		return dst, err
	}
	prepared, err := k.runner.Prepare(r, s.shape, s.build)
	if err != nil {
		return dst, err
	}
	result, err := k.runner.Execute(r.Context, r, prepared, s.values, options)
	if err != nil {
		return dst, err
	}
	return r.Object(dst, f.Fields, p.table.graphql+"Result", func(dst []byte, f *exec.Field) ([]byte, error) {
		if f.Name == "pageState" {
			return statement.AppendPageState(dst, result.PagingState), nil
		}
		return p.writeRows(r, f, result, dst)
	})
}

// writeRows writes the rows of a result straight from their cells.
func (p *selection) writeRows(r *exec.Run, f *exec.Field, result *backend.Result, dst []byte) ([]byte, error) {
	cells := make([][]byte, len(result.Columns))
	cursor := result.Cursor()
	write := func(dst []byte, f *exec.Field) ([]byte, error) {
		switch plan := f.Plan.(type) {
		case columnPlan:
			return p.table.columns[plan.column].codec.Write(r, f, dst, cells[plan.at])
		case functionPlan:
			at := len(p.columns) + plan.at
			return writeNumber(f, dst, result.Columns[at].Type, cells[at])
		}
		return append(dst, "null"...), nil
	}
	return r.List(dst, result.RowCount, func(dst []byte, _ int) ([]byte, error) {
		for i := range cells {
			cells[i] = cursor.Next()
		}
		return r.Object(dst, f.Fields, p.table.graphql, write)
	})
}

// selectBuilder reads the arguments of a query: what makes its shape and what
// makes its values.
type selectBuilder struct {
	r         *exec.Run
	plan      *selection
	stmt      *cql.Select
	selectors []cql.Selector
	shape     []byte
	values    []backend.Value
	next      int
	group     []string
}

func (s *selectBuilder) read(f *exec.Field) (statement.Options, error) {
	for _, call := range s.plan.functions {
		selector, err := s.plan.table.call(s.r, call)
		if err != nil {
			return statement.Options{}, err
		}
		s.selectors = append(s.selectors, selector)
		function := selector.X.(*cql.FunctionCall)
		s.describe(function.Name + "(" + function.Args[0].(*cql.Column).Name)
	}
	if err := s.where(f); err != nil {
		return statement.Options{}, err
	}
	s.orderAndGroup(f)
	return s.options(f.Arg(s.r, "options"))
}

// describe adds a text to the shape.
func (s *selectBuilder) describe(text string) {
	s.shape = append(append(s.shape, text...), 0)
}

// where reads the conditions: filter, or else value.
func (s *selectBuilder) where(f *exec.Field) error {
	filter, t := f.Arg(s.r, "filter"), s.plan.table
	if !filter.Given() {
		return f.Arg(s.r, "value").Members(func(name string, v exec.Input) error {
			column := t.columns[t.byName[name]]
			return s.relation(column, "eq", v)
		})
	}
	return filter.Members(func(name string, comparisons exec.Input) error {
		column := t.columns[t.byName[name]]
		return comparisons.Members(func(op string, v exec.Input) error { return s.relation(column, op, v) })
	})
}

func (s *selectBuilder) relation(c *column, op string, v exec.Input) error {
	m, err := c.comparison(s.r, op, v, &s.next)
	if err != nil {
		return err
	}
	s.stmt.Where = append(s.stmt.Where, cql.Relation{Columns: []string{c.Name}, Op: m.op, Element: m.element, Value: m.value})
	s.values = append(s.values, m.values...)
	s.describe(c.Name + " " + op)
	return nil
}

func (s *selectBuilder) orderAndGroup(f *exec.Field) {
	t := s.plan.table
	for _, name := range f.Arg(s.r, "orderBy").Texts() {
		if ordering, ok := t.orders[name]; ok {
			s.stmt.OrderBy = append(s.stmt.OrderBy, ordering)
			s.describe("order " + name)
		}
	}
	groups := f.Arg(s.r, "groupBy")
	if !groups.Given() {
		return
	}
	// In the order of the primary key, the partition key always (CQL wants both).
	for i, c := range t.columns[:t.keys] {
		if i < len(t.def.PartitionKey) || groups.Member(c.graphql).IsTrue() {
			s.group = append(s.group, c.Name)
			s.describe("group " + c.Name)
		}
	}
}

func (s *selectBuilder) options(in exec.Input) (o statement.Options, err error) {
	o.Consistency = backend.LocalQuorum
	if level := in.Member("consistency"); level.Given() {
		o.Consistency = statement.Consistencies[level.Str()]
	}
	if limit := in.Member("limit"); limit.Given() {
		n, err := limit.Int64(32)
		if err != nil {
			return o, err
		}
		s.stmt.Limit = statement.Marker(&s.next)
		s.values = append(s.values, backend.Value{Bytes: int32Cell(n)})
		s.describe("limit")
	}
	if o.PageSize, err = statement.PageSize(in.Member("pageSize")); err != nil {
		return o, err
	}
	o.PagingState, err = statement.PageState(in.Member("pageState"))
	return o, err
}

// build completes the statement.
func (s *selectBuilder) build() cql.Statement {
	for _, c := range s.plan.columns {
		s.stmt.Selectors = append(s.stmt.Selectors, cql.Selector{X: &cql.Column{Name: s.plan.table.columns[c].Name}})
	}
	s.stmt.Selectors = append(s.stmt.Selectors, s.selectors...)
	for _, name := range s.group {
		s.stmt.GroupBy = append(s.stmt.GroupBy, &cql.Column{Name: name})
	}
	return s.stmt
}

// functions that GraphQL may call.
var functions = map[string]bool{"count": true, "avg": true, "min": true, "max": true, "sum": true}

// call reads _x_function(name, args).
func (t *table) call(r *exec.Run, f *exec.Field) (cql.Selector, error) {
	name, args := f.Arg(r, "name").Str(), f.Arg(r, "args").Texts()
	shown := "[" + strings.Join(args, ", ") + "]"
	function := strings.ToLower(name)
	switch {
	case !functions[function] && f.Key != f.Name:
		return cql.Selector{}, fmt.Errorf("The function for arguments: {name=%s, args=%s} does not exists. Column '%s' does not exist", name, shown, f.Key)
	case !functions[function]:
		return cql.Selector{}, fmt.Errorf("The function for arguments: {name=%s, args=%s} does not exists.", name, shown)
	case len(args) != 1:
		return cql.Selector{}, fmt.Errorf("The %s function takes only one argument, but more arguments: %s were provided.", name, shown)
	}
	i, ok := t.byName[args[0]]
	if !ok {
		i, ok = t.byCQL[args[0]]
	}
	if !ok {
		return cql.Selector{}, fmt.Errorf("The column name: %s provided for the %s function does not exists.", args[0], name)
	}
	return cql.Selector{X: &cql.FunctionCall{Name: function, Args: []cql.Expr{&cql.Column{Name: t.columns[i].Name}}}}, nil
}
