package function

import (
	"math"
	"math/big"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// sumOf is sum() of a number type. Sums of integers wrap around, as Java's do.
func sumOf(t *cqltype.Type) *Function {
	return aggregate("sum", t, types(t), func() State {
		switch t.Kind {
		case cqltype.Float, cqltype.Double:
			return &floatSum{t: t}
		case cqltype.Varint:
			return &varintSum{}
		case cqltype.Decimal:
			s := &decimalSum{}
			s.Reset()
			return s
		}
		return &integerSum{t: t}
	})
}

type integerSum struct {
	t   *cqltype.Type
	sum int64
}

func (s *integerSum) Add(args [][]byte) error {
	s.sum += cqltype.Int64(args[0]) // null and empty count nothing
	return nil
}

func (s *integerSum) Result() ([]byte, error) { return appendInteger(s.sum, size(s.t)), nil }
func (s *integerSum) Reset()                  { s.sum = 0 }

// floatSum adds with Kahan's compensation, in doubles for floats too.
type floatSum struct {
	t                         *cqltype.Type
	sum, compensation, simple float64
}

func (s *floatSum) Add(args [][]byte) error {
	if !absent(s.t, args[0]) {
		s.add(asFloat(s.t, args[0]))
	}
	return nil
}

func (s *floatSum) add(d float64) {
	s.simple += d
	term := d - s.compensation
	rounded := s.sum + term
	s.compensation = rounded - s.sum - term
	s.sum = rounded
}

// total is the sum; where compensation made NaN of infinities, the plain one.
func (s *floatSum) total() float64 {
	total := s.sum + s.compensation
	if math.IsNaN(total) && math.IsInf(s.simple, 0) {
		return s.simple
	}
	return total
}

func (s *floatSum) Result() ([]byte, error) { return appendFloat(s.t, s.total()), nil }
func (s *floatSum) Reset()                  { *s = floatSum{t: s.t} }

type varintSum struct{ sum big.Int }

func (s *varintSum) Add(args [][]byte) error {
	if len(args[0]) > 0 {
		s.sum.Add(&s.sum, cqltype.VarintBig(args[0]))
	}
	return nil
}

func (s *varintSum) Result() ([]byte, error) { return cqltype.AppendVarintBig(nil, &s.sum), nil }
func (s *varintSum) Reset()                  { s.sum.SetInt64(0) }

type decimalSum struct{ sum decimal }

func (s *decimalSum) Add(args [][]byte) error {
	if len(args[0]) == 0 {
		return nil
	}
	next, err := sum(s.sum, decimalOf(args[0]), 0)
	if err != nil {
		return asJava(err)
	}
	s.sum = next
	return nil
}

func (s *decimalSum) Result() ([]byte, error) { return s.sum.wire(), nil }
func (s *decimalSum) Reset()                  { s.sum = decimal{new(big.Int), 0} }

// asJava makes a server error of an arithmetic error.
func asJava(err error) error {
	if err == nil {
		return nil
	}
	return javaArithmetic(err.Error())
}
