package function

import (
	"math"
	"math/big"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// avgOf is avg() of a number type; of no values it is 0. Averages of integers
// are whole, cut off towards zero; sums that overflow go on in big numbers.
func avgOf(t *cqltype.Type) *Function {
	return aggregate("avg", t, types(t), func() State {
		switch t.Kind {
		case cqltype.Float, cqltype.Double:
			return &floatAvg{floatSum: floatSum{t: t}}
		case cqltype.Varint:
			return &varintAvg{}
		case cqltype.Decimal:
			s := &decimalAvg{}
			s.Reset()
			return s
		}
		return &integerAvg{t: t}
	})
}

type integerAvg struct {
	t     *cqltype.Type
	n     int64
	sum   int64
	large *big.Int // the sum once it has overflowed, else nil
}

func (s *integerAvg) Add(args [][]byte) error {
	if absent(s.t, args[0]) {
		return nil
	}
	s.n++
	v := cqltype.Int64(args[0])
	switch next := s.sum + v; {
	case s.large != nil:
		s.large.Add(s.large, big.NewInt(v))
	case (s.sum^next)&(v^next) < 0:
		s.large = new(big.Int).Add(big.NewInt(s.sum), big.NewInt(v))
	default:
		s.sum = next
	}
	return nil
}

func (s *integerAvg) Result() ([]byte, error) {
	avg := int64(0)
	switch {
	case s.large != nil:
		avg = lowBits(new(big.Int).Quo(s.large, big.NewInt(s.n)))
	case s.n > 0:
		avg = s.sum / s.n
	}
	return appendInteger(avg, size(s.t)), nil
}

func (s *integerAvg) Reset() { *s = integerAvg{t: s.t} }

type floatAvg struct {
	floatSum
	n     int64
	large *decimal // the sum once doubles can't hold it
}

func (s *floatAvg) Add(args [][]byte) error {
	if absent(s.t, args[0]) {
		return nil
	}
	s.n++
	d := asFloat(s.t, args[0])
	if s.large != nil {
		return s.addLarge(*s.large, d)
	}
	before := s.sum
	s.add(d)
	if math.IsInf(s.sum, 0) && !math.IsInf(d, 0) {
		start, err := decimalOfDouble(before)
		if err != nil {
			return serverError("java.lang.NumberFormatException", "Infinite or NaN")
		}
		return s.addLarge(start, d)
	}
	return nil
}

func (s *floatAvg) addLarge(to decimal, d float64) error {
	x, err := decimalOfDouble(d)
	if err != nil {
		return serverError("java.lang.NumberFormatException", "Infinite or NaN")
	}
	if x, err = sum(to, x, 0); err != nil {
		return asJava(err)
	}
	s.large = &x
	return nil
}

func (s *floatAvg) Result() ([]byte, error) {
	switch {
	case s.n == 0:
		return appendFloat(s.t, 0), nil
	case s.large != nil:
		n := decimal{big.NewInt(s.n), 0}
		x, err := quotient(*s.large, n, int64(s.large.scale), halfEven)
		if err != nil {
			return nil, asJava(err)
		}
		wire := cqltype.AppendDecimal(nil, x, s.large.scale)
		return appendFloat(s.t, toFloat64(cqltype.TypeDecimal, wire)), nil
	}
	return appendFloat(s.t, s.total()/float64(s.n)), nil
}

func (s *floatAvg) Reset() { *s = floatAvg{floatSum: floatSum{t: s.t}} }

type varintAvg struct {
	varintSum
	n int64
}

func (s *varintAvg) Add(args [][]byte) error {
	if len(args[0]) > 0 {
		s.n++
	}
	return s.varintSum.Add(args)
}

func (s *varintAvg) Result() ([]byte, error) {
	if s.n == 0 {
		return cqltype.AppendVarintInt64(nil, 0), nil
	}
	return cqltype.AppendVarintBig(nil, new(big.Int).Quo(&s.sum, big.NewInt(s.n))), nil
}

func (s *varintAvg) Reset() { s.n = 0; s.varintSum.Reset() }

// decimalAvg moves the average with each value, at the scale the values bring:
// avg(1, 2) is 2, half to even, as Cassandra has it.
type decimalAvg struct {
	avg decimal
	n   int64
}

func (s *decimalAvg) Add(args [][]byte) error {
	if len(args[0]) == 0 {
		return nil
	}
	s.n++
	difference, err := sum(decimalOf(args[0]), decimal{new(big.Int).Neg(s.avg.unscaled), s.avg.scale}, 0)
	if err != nil {
		return asJava(err)
	}
	step, err := quotient(difference, decimal{big.NewInt(s.n), 0}, int64(difference.scale), halfEven)
	if err != nil {
		return asJava(err)
	}
	next, err := sum(s.avg, decimal{step, difference.scale}, 0)
	if err != nil {
		return asJava(err)
	}
	s.avg = next
	return nil
}

func (s *decimalAvg) Result() ([]byte, error) { return s.avg.wire(), nil }
func (s *decimalAvg) Reset()                  { *s = decimalAvg{avg: decimal{new(big.Int), 0}} }
