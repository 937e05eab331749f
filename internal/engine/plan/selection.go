package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/function"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// selection prepares the select clause of one statement: the columns it reads
// and the aggregates it runs (org.apache.cassandra.cql3.selection).
type selection struct {
	c          *Context
	table      *schema.Table
	columns    []*schema.Column
	aggregates []*Aggregate
	// needCells is set by WRITETIME and TTL.
	needCells bool
	// calls remembers the functions of calls.
	calls map[cql.Expr]callFound
	// inAggregate is set within the arguments of an aggregate.
	inAggregate bool
}

// selected is a prepared item of a select clause.
type selected struct {
	Selector
	// name of the result column when there is no alias.
	name string
	// column is the index in selection.columns when the item is a plain column,
	// else -1.
	column int
	// aggregate: there is an aggregate in it.
	aggregate bool
}

// addColumn returns the index of col in s.columns.
func (s *selection) addColumn(col *schema.Column) int {
	for i, have := range s.columns {
		if have == col {
			return i
		}
	}
	s.columns = append(s.columns, col)
	return len(s.columns) - 1
}

// checkColumns checks that the columns e reads are there.
func (s *selection) checkColumns(e cql.Expr) error {
	for _, name := range columnsOf(e, nil) {
		if _, err := s.c.Column(s.table, name); err != nil {
			return err
		}
	}
	return nil
}

func notInferred(e cql.Expr, s *selection) error {
	return cqlerr.Invalidf("Cannot infer type for term %s in selection clause (try using a cast to force a type)", s.text(e))
}

// prepare makes a selector of e. expected is the type that the place asks for,
// nil when it takes any.
func (s *selection) prepare(e cql.Expr, expected *cqltype.Type) (*selected, error) {
	switch e := e.(type) {
	case *cql.Column:
		col, err := s.c.Column(s.table, e.Name)
		if err != nil {
			return nil, err
		}
		i := s.addColumn(col)
		return &selected{Selector: &columnSelector{i, col.Type}, name: col.Name, column: i}, nil
	case *cql.Literal, *cql.BindMarker:
		return s.term(e, expected)
	case *cql.FunctionCall:
		if isTimesFunction(e) {
			return s.times(e)
		}
		return s.call(e)
	case *cql.Binary, *cql.Negate:
		return s.call(e)
	case *cql.Cast:
		return s.cast(e)
	case *cql.Field:
		return s.field(e)
	case *cql.Element:
		return s.element(e)
	case *cql.SliceOf:
		return s.slice(e)
	case *cql.TypeHint:
		return s.hint(e)
	}
	return s.literal(e, expected)
}

// term prepares a constant or a bind marker.
func (s *selection) term(e cql.Expr, expected *cqltype.Type) (*selected, error) {
	if expected == nil {
		return nil, notInferred(e, s)
	}
	t, err := s.c.Term(e, Receiver{Keyspace: s.table.Keyspace, Table: s.table.Name, Name: "[selection]", Type: expected})
	if err != nil {
		return nil, err
	}
	return &selected{Selector: termSelector{t, expected}, name: text(e), column: -1}, nil
}

// hint prepares (type) x.
func (s *selection) hint(e *cql.TypeHint) (*selected, error) {
	t, err := s.c.Type(e.Type, s.table.Keyspace)
	if err != nil {
		return nil, err
	}
	t = t.AsFrozen()
	if call, ok := e.X.(*cql.FunctionCall); ok && (call.Name == "from_json" || call.Name == "fromjson") {
		return s.prepare(e.X, nil) // refused, as without the hint
	}
	if s.fit(e.X, t) == noFit {
		return nil, cqlerr.Invalidf("Cannot assign value %s to %s of type %s", s.text(e), s.text(e), t)
	}
	x, err := s.prepare(e.X, t)
	if err != nil {
		return nil, err
	}
	x.Selector = hintSelector{x.Selector, t}
	x.name, x.column = "("+TypeText(qualified(e.Type, s.table.Keyspace))+")"+x.name, -1
	return x, nil
}

// field prepares x.name.
func (s *selection) field(e *cql.Field) (*selected, error) {
	var expected *cqltype.Type
	if p, ok := e.X.(*cql.TupleLiteral); ok && len(p.Elems) > 0 {
		expected = s.exactType(p.Elems[0])
	}
	x, err := s.prepare(e.X, expected)
	if err != nil {
		return nil, err
	}
	t := x.Type()
	if t.Kind != cqltype.UDT {
		return nil, cqlerr.Invalidf("Invalid field selection: %s of type %s is not a user type", s.text(e.X), t)
	}
	i := fieldIndex(t, e.Name)
	if i < 0 {
		return nil, cqlerr.Invalidf("%s of type %s has no field %s", s.text(e.X), t, e.Name)
	}
	x.Selector = &fieldSelector{x: x.Selector, index: i, typ: t.Elems[i]}
	x.name, x.column = x.name+"."+e.Name, -1
	return x, nil
}

// element prepares x[index].
func (s *selection) element(e *cql.Element) (*selected, error) {
	x, err := s.prepare(e.X, nil)
	if err != nil {
		return nil, err
	}
	recv, err := s.indexReceiver(e.X, x, "Element", "is of type %s")
	if err != nil {
		return nil, err
	}
	key, err := s.c.Term(e.Index, recv)
	if err != nil {
		return nil, err
	}
	t := x.Type()
	x.Selector = &elementSelector{x: x.Selector, of: t, key: key, name: x.name}
	x.name, x.column = s.text(e), -1
	return x, nil
}

// slice prepares x[from..to].
func (s *selection) slice(e *cql.SliceOf) (*selected, error) {
	x, err := s.prepare(e.X, nil)
	if err != nil {
		return nil, err
	}
	recv, err := s.indexReceiver(e.X, x, "Slice", "of type %s")
	if err != nil {
		return nil, err
	}
	sel := &sliceSelector{x: x.Selector, of: x.Type(), name: x.name}
	if e.From != nil {
		if sel.from, err = s.c.Term(e.From, recv); err != nil {
			return nil, err
		}
	}
	if e.To != nil {
		if sel.to, err = s.c.Term(e.To, recv); err != nil {
			return nil, err
		}
	}
	x.Selector = sel
	x.name, x.column = s.text(e), -1
	return x, nil
}

// indexReceiver is the receiver of what stands in brackets behind x.
func (s *selection) indexReceiver(e cql.Expr, x *selected, what, ofType string) (Receiver, error) {
	t := x.Type()
	r := Receiver{Keyspace: s.table.Keyspace, Table: s.table.Name, Name: x.name, Type: t}
	switch t.Kind {
	case cqltype.Set:
		return valueReceiver(r), nil
	case cqltype.Map:
		return keyReceiver(r), nil
	case cqltype.List:
		return r, cqlerr.Invalidf("%s selection is only allowed on sets and maps, but %s is a list", what, s.text(e))
	}
	lower := map[string]string{"Element": "element", "Slice": "slice"}[what]
	return r, cqlerr.Invalidf("Invalid %s selection: %s "+ofType+" is not a collection", lower, s.text(e), t)
}

// call prepares a call of a function or an operation.
func (s *selection) call(e cql.Expr) (*selected, error) {
	k := callOf(e)
	if isCountRows(e) && !s.inAggregate {
		return s.aggregate(countRows, nil, "count"), nil
	}
	fn, err := s.resolve(e)
	if err != nil {
		return nil, err
	}
	if fn == nil {
		return nil, cqlerr.Invalidf("Unknown function '%s'", k)
	}
	if fn.Aggregate && s.inAggregate {
		return nil, cqlerr.Invalidf("aggregate functions cannot be used as arguments of aggregate functions")
	}
	outer := s.inAggregate
	s.inAggregate = outer || fn.Aggregate
	args, names, aggregate, err := s.prepareAll(k.args, fn.Args)
	s.inAggregate = outer
	if err != nil {
		return nil, err
	}
	name := callName(e, fn, names)
	if fn.Aggregate {
		return s.aggregate(fn, args, name), nil
	}
	return &selected{Selector: &callSelector{fn: fn, args: args}, name: name, column: -1, aggregate: aggregate}, nil
}

// prepareAll prepares items whose places ask for the given types.
func (s *selection) prepareAll(items []cql.Expr, types []*cqltype.Type) (sels []Selector, names []string, aggregate bool, err error) {
	for i, e := range items {
		x, err := s.prepare(e, types[i])
		if err != nil {
			return nil, nil, false, err
		}
		sels, names = append(sels, x.Selector), append(names, x.name)
		aggregate = aggregate || x.aggregate
	}
	return sels, names, aggregate, nil
}

func (s *selection) aggregate(fn *function.Function, args []Selector, name string) *selected {
	s.aggregates = append(s.aggregates, &Aggregate{Function: fn, Args: args})
	return &selected{Selector: &aggregateSelector{len(s.aggregates) - 1, fn.Return}, name: name, column: -1, aggregate: true}
}

// isCountRows recognizes count(*) and count(1).
func isCountRows(e cql.Expr) bool {
	f, ok := e.(*cql.FunctionCall)
	if !ok || f.Name != "count" || f.Keyspace != "" && f.Keyspace != "system" {
		return false
	}
	if f.Star || len(f.Args) != 1 {
		return f.Star
	}
	l, ok := f.Args[0].(*cql.Literal)
	return ok && l.Kind != cql.NullLiteral
}

// callName is the name of the result column of a call (Function.columnName).
func callName(e cql.Expr, fn *function.Function, args []string) string {
	switch e := e.(type) {
	case *cql.Binary:
		return args[0] + " " + string(e.Op) + " " + args[1]
	case *cql.Negate:
		return "-" + args[0]
	case *cql.Cast:
		return "cast(" + args[0] + " as " + TypeText(e.Type) + ")"
	}
	name := "system." + fn.Name + "("
	for i, a := range args {
		if i > 0 {
			name += ", "
		}
		name += a
	}
	return name + ")"
}

// cast prepares CAST(x AS type).
func (s *selection) cast(e *cql.Cast) (*selected, error) {
	to, err := s.c.Type(e.Type, s.table.Keyspace)
	if err != nil {
		return nil, err
	}
	x, err := s.prepare(e.X, nil)
	if err != nil {
		return nil, err
	}
	if to.Same(x.Type()) && !s.reversed(e.X) {
		return x, nil
	}
	var fn *function.Function
	if e.Type.Name != "varchar" { // cast_as_varchar is no function
		if fn, err = s.resolve(e); err != nil {
			return nil, err
		}
	}
	if fn == nil {
		return nil, cqlerr.Invalidf("%s cannot be cast to %s", s.firstName(x), TypeText(e.Type))
	}
	name := callName(e, fn, []string{x.name})
	return &selected{Selector: &callSelector{fn: fn, args: []Selector{x.Selector}}, name: name, column: -1, aggregate: x.aggregate}, nil
}

// firstName is what Cassandra names a cast by that can't be: the first column of
// the whole select clause up to here.
func (s *selection) firstName(x *selected) string {
	if len(s.columns) > 0 {
		return s.columns[0].Name
	}
	return x.name
}

// reversed reports whether e is a column in descending order. Its type is one
// of its own for Cassandra (ReversedType), and so no cast to its type is
// superfluous.
func (s *selection) reversed(e cql.Expr) bool {
	c, ok := e.(*cql.Column)
	if !ok {
		return false
	}
	col := s.table.Columns[c.Name]
	return col != nil && col.Desc
}
