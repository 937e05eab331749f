package cqltype

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// javaDigits returns the decimal digits of a finite number other than zero as
// Float.toString and Double.toString find them up to Java 18 (Cassandra runs on
// 11 and 17), and the place of the point: the number is 0.digits * 10^point.
// That is the algorithm of Steele and White with the half of an ulp as its
// tolerance, which sometimes gives a digit more than needed. size is 32 or 64.
func javaDigits(f float64, size int) (digits []byte, point int) {
	fraction, exponent, significant := javaFraction(f, size)
	tail := bits.TrailingZeros64(fraction)
	length := 53 - tail
	tiny := max(0, length-exponent-1)
	if exponent >= -21 && exponent <= 62 && tiny == 0 {
		return javaInteger(fraction, exponent, significant)
	}
	g := newDigitGenerator(fraction>>tail, exponent, length, tiny, significant)
	g.point = int(math.Floor((math.Float64frombits(1023<<52|fraction&(1<<52-1))-1.5)*0.289529654 +
		0.176091259 + float64(exponent)*0.301029995663981))
	return g.run()
}

// javaFraction takes a number apart: fraction has its highest bit at 52,
// exponent is that bit's power of two, significant how many bits the format
// keeps of it.
func javaFraction(f float64, size int) (fraction uint64, exponent, significant int) {
	f = math.Abs(f)
	fraction, significant = math.Float64bits(f), 53
	exponent = int(fraction>>52) - 1023
	fraction &= 1<<52 - 1
	if exponent == -1023 { // subnormal
		significant = bits.Len64(fraction)
		shift := 53 - significant
		return fraction << shift, 1 - shift - 1023, significant
	}
	if size == 32 {
		significant = 24
		if least := -126; exponent < least { // subnormal as a float
			significant -= least - exponent
		}
	}
	return fraction | 1<<52, exponent, significant
}

// javaInteger gives the digits of a whole number below 2^63, without those at
// the end that mean nothing.
func javaInteger(fraction uint64, exponent, significant int) (digits []byte, point int) {
	value := fraction
	if exponent >= 52 {
		value <<= exponent - 52
	} else {
		value >>= 52 - exponent
	}
	if p := exponent - significant - 1; exponent > significant && p > 1 {
		drop := int(float64(p) * math.Log10(2))
		unit := uint64(math.Pow10(drop))
		rest := value % unit
		value /= unit
		point = drop
		if drop > 0 && rest >= unit/2 {
			value++
		}
	}
	digits = strconv.AppendUint(nil, value, 10)
	point += len(digits)
	for len(digits) > 1 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return digits, point
}

// digitGenerator divides rest by unit digit by digit; tolerance is how far off
// the digits may be.
type digitGenerator struct {
	fraction                            uint64
	exponent, length, tiny, significant int
	point                               int
	rest, unit, tens, tolerance         *big.Int
	// wide numbers need more than 64 bits; the others are in narrow, as rest, unit
	// and tolerance.
	wide      bool
	narrow    [3]int64
	low, high bool
}

func newDigitGenerator(fraction uint64, exponent, length, tiny, significant int) *digitGenerator {
	return &digitGenerator{fraction: fraction, exponent: exponent, length: length, tiny: tiny, significant: significant}
}

// scale sets up the division for the estimated place of the point.
func (g *digitGenerator) scale() {
	b5, s5 := max(0, -g.point), max(0, g.point)
	b2, s2 := b5+g.tiny+g.exponent, s5+g.tiny
	m2 := b2 - g.significant
	b2 -= g.length - 1
	common := min(b2, s2)
	b2, s2, m2 = b2-common, s2-common, m2-common
	if g.length == 1 {
		m2-- // below a power of two the next number is half as far away
	}
	if m2 < 0 {
		b2, s2, m2 = b2-m2, s2-m2, 0
	}
	g.rest = scaled(new(big.Int).SetUint64(g.fraction), b5, b2)
	g.unit = scaled(big.NewInt(1), s5, s2)
	g.tolerance = scaled(big.NewInt(1), b5, m2)
	g.tens = new(big.Int).Mul(g.unit, ten)
	g.wide = g.length+b2+lengthOf5(b5) >= 64 || s2+1+lengthOf5(s5+1) >= 64
	if !g.wide {
		g.narrow = [3]int64{g.rest.Int64(), g.unit.Int64(), g.tolerance.Int64()}
	}
}

var ten = big.NewInt(10)

// scaled is x * 5^fives * 2^twos.
func scaled(x *big.Int, fives, twos int) *big.Int {
	x.Mul(x, new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(fives)), nil))
	return x.Lsh(x, uint(twos))
}

// lengthOf5 is the length of 5^n in bits, an estimate for large n.
func lengthOf5(n int) int {
	switch {
	case n == 0:
		return 0
	case n >= 27:
		return n * 3
	}
	return new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(n)), nil).BitLen()
}

// next is the next digit; low and high then say whether the digits so far, or
// those with one more at the end, are near enough.
func (g *digitGenerator) next() byte {
	if !g.wide {
		return g.nextNarrow()
	}
	q, r := new(big.Int).QuoRem(g.rest, g.unit, new(big.Int))
	g.rest = r.Mul(r, ten)
	g.tolerance.Mul(g.tolerance, ten)
	g.low = g.rest.Cmp(g.tolerance) < 0
	c := new(big.Int).Add(g.rest, g.tolerance).Cmp(g.tens)
	g.high = c > 0 || c == 0 && g.wide
	return byte('0' + q.Int64())
}

func (g *digitGenerator) run() (digits []byte, point int) {
	g.scale()
	first := g.next()
	if first == '0' && !g.high {
		g.point-- // the estimate was one too large
	} else {
		digits = append(digits, first)
	}
	if g.point < -3 || g.point >= 8 {
		g.low, g.high = false, false // with an exponent there are two digits at least
	}
	for !g.low && !g.high {
		digits = append(digits, g.next())
	}
	half := g.half()
	odd := digits[len(digits)-1]&1 != 0
	if g.high && (!g.low || half > 0 || half == 0 && odd) {
		return roundedUp(digits, g.point+1)
	}
	return digits, g.point + 1
}

// nextNarrow is next in machine words.
func (g *digitGenerator) nextNarrow() byte {
	rest, unit, tolerance := g.narrow[0], g.narrow[1], g.narrow[2]
	q := rest / unit
	rest, tolerance = rest%unit*10, tolerance*10
	g.low, g.high = rest < tolerance, rest+tolerance > unit*10
	if tolerance <= 0 { // too large, as Java finds it
		g.low, g.high = true, true
	}
	g.narrow[0], g.narrow[2] = rest, tolerance
	return byte('0' + q)
}

// half compares what is left with half a unit of the last digit.
func (g *digitGenerator) half() int {
	if !g.wide {
		return cmp.Compare(g.narrow[0]<<1-g.narrow[1]*10, 0)
	}
	return new(big.Int).Lsh(g.rest, 1).Cmp(g.tens)
}

// roundedUp adds one to the last digit.
func roundedUp(digits []byte, point int) ([]byte, int) {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			return digits, point
		}
		digits[i] = '0'
	}
	digits[0] = '1'
	return digits, point + 1
}
