package plan

import (
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/function"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// Input is what selectors of one row, or of the first row of a group, see.
type Input struct {
	Env *Env
	// Values holds the wire value of each column of SelectPlan.Columns, nil for
	// null. Selectors do not keep them.
	Values [][]byte
	// Cells holds the cells of each column; filled when SelectPlan.NeedCells.
	Cells [][]store.Cell
	// States are the running aggregates, parallel to SelectPlan.Aggregates.
	States []function.State
}

// Selector computes one value of a row (org.apache.cassandra.cql3.selection.Selector).
type Selector interface {
	Type() *cqltype.Type
	// Eval returns wire bytes, nil for null. They may share the input's memory.
	Eval(in *Input) ([]byte, error)
}

// Aggregate is one call of an aggregate function.
type Aggregate struct {
	Function *function.Function
	Args     []Selector
}

// Add gives the aggregate the current row. args is room for the arguments, at
// least len(a.Args).
func (a *Aggregate) Add(state function.State, in *Input, args [][]byte) error {
	args = args[:len(a.Args)]
	for i, x := range a.Args {
		v, err := argument(a.Function, x, in)
		if err != nil {
			return err
		}
		args[i] = v
	}
	return state.Add(args)
}

// countRows is count(*).
var countRows = &function.Function{
	Name: "countrows", Return: cqltype.TypeBigint, Pure: true, Aggregate: true,
	NewState: func() function.State { return new(rowCounter) },
}

type rowCounter int64

func (n *rowCounter) Add([][]byte) error { *n++; return nil }
func (n *rowCounter) Reset()             { *n = 0 }

func (n *rowCounter) Result() ([]byte, error) {
	return binary.BigEndian.AppendUint64(nil, uint64(*n)), nil
}

// columnSelector is a column.
type columnSelector struct {
	index int
	typ   *cqltype.Type
}

func (s *columnSelector) Type() *cqltype.Type            { return s.typ }
func (s *columnSelector) Eval(in *Input) ([]byte, error) { return in.Values[s.index], nil }

// termSelector is a constant or a bind variable.
type termSelector struct {
	term Term
	typ  *cqltype.Type
}

func (s termSelector) Type() *cqltype.Type { return s.typ }

func (s termSelector) Eval(in *Input) ([]byte, error) {
	v, err := s.term.Eval(in.Env)
	return v.Bytes, err
}

// hintSelector gives a selector another type.
type hintSelector struct {
	Selector
	typ *cqltype.Type
}

func (s hintSelector) Type() *cqltype.Type { return s.typ }

// aggregateSelector is the result of an aggregate.
type aggregateSelector struct {
	index int
	typ   *cqltype.Type
}

func (s *aggregateSelector) Type() *cqltype.Type            { return s.typ }
func (s *aggregateSelector) Eval(in *Input) ([]byte, error) { return in.States[s.index].Result() }

// callSelector is a call of a scalar function.
type callSelector struct {
	fn   *function.Function
	args []Selector
}

func (s *callSelector) Type() *cqltype.Type { return s.fn.Return }

func (s *callSelector) Eval(in *Input) ([]byte, error) {
	args := make([][]byte, len(s.args))
	for i, a := range s.args {
		v, err := argument(s.fn, a, in)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	return s.fn.Call(&function.Env{NowMicros: in.Env.NowMicros}, args)
}

// argument evaluates an argument of fn, which must not be an unset variable; in
// other places that is null.
func argument(fn *function.Function, x Selector, in *Input) ([]byte, error) {
	if h, ok := x.(hintSelector); ok {
		x = h.Selector
	}
	t, ok := x.(termSelector)
	if !ok {
		return x.Eval(in)
	}
	v, err := t.term.Eval(in.Env)
	if err == nil && v.Unset {
		err = unsetArgument(fn)
	}
	return v.Bytes, err
}

// literalSelector puts a collection, tuple, user type value or vector together.
type literalSelector struct {
	typ *cqltype.Type
	// parts: elements, or keys and values in turn, or fields (nil: null).
	parts []Selector
}

func (s *literalSelector) Type() *cqltype.Type { return s.typ }

func (s *literalSelector) Eval(in *Input) ([]byte, error) {
	values := make([][]byte, len(s.parts))
	for i, p := range s.parts {
		if p == nil {
			continue
		}
		v, err := p.Eval(in)
		if err != nil {
			return nil, err
		}
		if v == nil {
			switch s.typ.Kind {
			case cqltype.Vector:
				return nil, cqlerr.Invalidf("null is not supported inside vectors")
			case cqltype.Set, cqltype.Map:
				return nil, cqlerr.Invalidf("null is not supported inside collections")
			}
		}
		values[i] = v
	}
	return s.pack(values), nil
}

func (s *literalSelector) pack(values [][]byte) []byte {
	b := []byte{}
	switch s.typ.Kind {
	case cqltype.List:
		return packElements(values, len(values))
	case cqltype.Set, cqltype.Map:
		return packSorted(s.typ, values)
	case cqltype.Vector:
		for _, v := range values {
			b = s.typ.AppendVectorElement(b, v)
		}
		return b
	}
	for _, v := range values {
		b = cqltype.AppendElement(b, v)
	}
	return b
}

// fieldSelector is a field of a user type's value.
type fieldSelector struct {
	x     Selector
	index int
	typ   *cqltype.Type
}

func (s *fieldSelector) Type() *cqltype.Type { return s.typ }

func (s *fieldSelector) Eval(in *Input) ([]byte, error) {
	v, err := s.x.Eval(in)
	if v == nil || err != nil {
		return nil, err
	}
	it := s.x.Type().Iter(v)
	for range s.index + 1 {
		if !it.Next() {
			return nil, nil
		}
	}
	return it.Elem(), nil
}
