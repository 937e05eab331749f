package function

import (
	"bytes"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// addAggregates adds count, min, max, sum and avg (AggregateFcts). count(*)
// is count_rows.
func addAggregates(r *functions) {
	rows := aggregate("count_rows", cqltype.TypeBigint, nil, func() State { return &count{} })
	rows.column = func([]string) string { return "count" }
	r.add(rows, "countRows")
	r.add(aggregate("count", cqltype.TypeBigint, types(cqltype.TypeBlob), func() State { return &count{} }))
	for _, t := range numeric {
		r.add(sumOf(t))
		r.add(avgOf(t))
	}
	for name, order := range map[string]int{"min": -1, "max": 1} {
		r.addGeneric(&generic{name: name, params: []parameter{anyParameter(true)},
			make: func(name string, args []*cqltype.Type, _ *cqltype.Type) (*Function, error) {
				f := extreme(name, args[0], order)
				f.Return = answered(f.Return)
				return f, nil
			}})
	}
}

func aggregate(name string, ret *cqltype.Type, args []*cqltype.Type, start func() State) *Function {
	return &Function{Name: name, Return: ret, Args: args, Pure: true, Aggregate: true, NewState: start}
}

// count counts rows, or the values that are not null.
type count struct{ n int64 }

func (c *count) Add(args [][]byte) error {
	if len(args) == 0 || args[0] != nil {
		c.n++
	}
	return nil
}

func (c *count) Result() ([]byte, error) { return appendInteger(c.n, 8), nil }
func (c *count) Reset()                  { c.n = 0 }

// extreme is min (order -1) or max (order 1) of a type. The first of equal
// values stays.
func extreme(name string, t *cqltype.Type, order int) *Function {
	return aggregate(name, t, types(t), func() State { return &best{t: t, order: order} })
}

type best struct {
	t     *cqltype.Type
	order int
	value []byte
	some  bool
}

func (b *best) Add(args [][]byte) error {
	v := args[0]
	if v == nil || b.t.Kind == cqltype.Counter && len(v) == 0 {
		return nil
	}
	if !b.some || b.t.Compare(v, b.value)*b.order > 0 {
		b.value, b.some = append(b.value[:0], v...), true
	}
	return nil
}

func (b *best) Result() ([]byte, error) {
	if !b.some {
		return nil, nil
	}
	return append([]byte{}, bytes.Clone(b.value)...), nil
}

func (b *best) Reset() { b.value, b.some = b.value[:0], false }
