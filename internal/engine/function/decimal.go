package function

import (
	"math"
	"math/big"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// decimal is unscaled * 10^-scale (java.math.BigDecimal). The unscaled value
// is never changed in place.
type decimal struct {
	unscaled *big.Int
	scale    int32
}

func (d decimal) wire() []byte {
	if d.unscaled == nil {
		return nil
	}
	return cqltype.AppendDecimal(nil, d.unscaled, d.scale)
}

func decimalOf(wire []byte) decimal {
	x, scale := cqltype.DecimalBig(wire)
	return decimal{x, scale}
}

// asDecimal converts a number as DecimalType.toBigDecimal does: integers of
// fixed size go through a double, and so get a ".0".
func asDecimal(t *cqltype.Type, b []byte) (decimal, error) {
	switch t.Kind {
	case cqltype.Decimal:
		return decimalOf(b), nil
	case cqltype.Varint:
		return decimal{cqltype.VarintBig(b), 0}, nil
	}
	return decimalOfDouble(asFloat(t, b))
}

// decimalOfDouble is BigDecimal.valueOf.
func decimalOfDouble(f float64) (decimal, error) {
	switch {
	case math.IsNaN(f):
		return decimal{}, arithmeticError("A NaN cannot be converted into a decimal")
	case math.IsInf(f, 0):
		return decimal{}, arithmeticError("An infinite number cannot be converted into a decimal")
	}
	wire, err := cqltype.ParseDecimal(string(cqltype.AppendFloatText(nil, f, 64)))
	return decimalOf(wire), err
}

// maxPrecision is how many digits results of + - * keep
// (DecimalType.MAX_PRECISION).
const maxPrecision = 10_000

// maxShift bounds by how many powers of ten a decimal is scaled up, where Java
// would go on until memory runs out.
const maxShift = 100_000

// pow10 is 10^n.
func pow10(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }

// precision is the number of digits of x, 1 for zero.
func precision(x *big.Int) int64 {
	if x.Sign() == 0 {
		return 1
	}
	// log10(2) from below: the estimate is the number of digits or one less.
	n := int64(float64(x.BitLen()-1)*0.301029995663981195) + 1
	if x.CmpAbs(pow10(n)) >= 0 {
		n++
	} else if n > 1 && x.CmpAbs(pow10(n-1)) < 0 {
		n--
	}
	return n
}

// checked returns the decimal if its scale is one.
func checked(x *big.Int, scale int64) (decimal, error) {
	if x.Sign() == 0 {
		scale = min(max(scale, math.MinInt32), math.MaxInt32)
	}
	switch {
	case scale > math.MaxInt32:
		return decimal{}, arithmeticError("Underflow")
	case scale < math.MinInt32:
		return decimal{}, arithmeticError("Overflow")
	}
	return decimal{x, int32(scale)}, nil
}

// rounding is the way to cut digits off.
type rounding uint8

const (
	halfUp rounding = iota
	halfEven
	floorTowardsZero
)

// divideRounded is a / b to a whole number; b is positive.
func divideRounded(a, b *big.Int, mode rounding) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Sign() == 0 || mode == floorTowardsZero {
		return q
	}
	twice := r.Lsh(r, 1)
	c := twice.CmpAbs(b)
	if c > 0 || c == 0 && (mode == halfUp || q.Bit(0) == 1) {
		q.Add(q, big.NewInt(int64(a.Sign())))
	}
	return q
}

// rounded cuts x to that many digits.
func rounded(x *big.Int, scale, digits int64, mode rounding) (*big.Int, int64) {
	for {
		drop := precision(x) - digits
		if drop <= 0 {
			return x, scale
		}
		// Rounding up may make one digit more: 99.9 -> 100.
		x = divideRounded(x, pow10(drop), mode)
		scale -= drop
	}
}

func addDecimal(a, b decimal) (decimal, error) {
	return sum(a, b, maxPrecision)
}

func subtractDecimal(a, b decimal) (decimal, error) {
	return sum(a, decimal{new(big.Int).Neg(b.unscaled), b.scale}, maxPrecision)
}

// sum is a + b with so many digits; 0 for all of them.
func sum(a, b decimal, digits int64) (decimal, error) {
	if a.scale < b.scale {
		a, b = b, a
	}
	// a has the more digits behind the point; b is scaled up to it.
	shift := int64(a.scale) - int64(b.scale)
	switch {
	case digits > 0 && (a.unscaled.Sign() == 0 || b.unscaled.Sign() == 0):
		return sumWithZero(a, b, digits)
	case digits > 0 && shift+precision(b.unscaled) > digits+precision(a.unscaled)+3:
		// a is too small to be seen: a digit of its sign stands for it.
		keep := digits + 3 - precision(b.unscaled)
		if keep < 0 {
			keep = 0
		}
		x := new(big.Int).Mul(b.unscaled, pow10(keep))
		x.Add(x, big.NewInt(int64(a.unscaled.Sign())))
		x, scale := rounded(x, int64(b.scale)+keep, digits, halfUp)
		return checked(x, scale)
	case shift > maxShift:
		return decimal{}, arithmeticError("Overflow")
	}
	x := new(big.Int).Mul(b.unscaled, pow10(shift))
	x.Add(x, a.unscaled)
	scale := int64(a.scale)
	if digits > 0 {
		x, scale = rounded(x, scale, digits, halfUp)
	}
	return checked(x, scale)
}

// sumWithZero is a + b when one of them is zero: the other, with the greater
// scale of the two as far as the digits allow (BigDecimal.add(_, MathContext)).
func sumWithZero(a, b decimal, digits int64) (decimal, error) {
	scale := int64(max(a.scale, b.scale))
	d := a
	if a.unscaled.Sign() == 0 {
		d = b
	}
	if d.unscaled.Sign() == 0 {
		return checked(d.unscaled, scale)
	}
	x, s := rounded(d.unscaled, int64(d.scale), digits, halfUp)
	if room := digits - precision(x); scale > s {
		grow := min(scale-s, room)
		x, s = new(big.Int).Mul(x, pow10(grow)), s+grow
	}
	return checked(x, s)
}

func multiplyDecimal(a, b decimal) (decimal, error) {
	x, scale := rounded(new(big.Int).Mul(a.unscaled, b.unscaled), int64(a.scale)+int64(b.scale), maxPrecision, halfUp)
	return checked(x, scale)
}

// The scale of a quotient (DecimalType.divide).
const (
	minDigits = 32
	maxScale  = 1000
)

// divideDecimal is a / b with at least 32 digits, at most 1000 behind the
// point, without trailing zeros.
func divideDecimal(a, b decimal) (decimal, error) {
	if b.unscaled.Sign() == 0 {
		return decimal{}, errDivideByZero
	}
	firstDigit := precision(a.unscaled) - int64(a.scale) - precision(b.unscaled) + int64(b.scale)
	scale := min(max(minDigits-firstDigit, int64(a.scale), int64(b.scale), minDigits), maxScale)
	x, err := quotient(a, b, scale, halfUp)
	if err != nil {
		return decimal{}, err
	}
	return stripZeros(x, scale)
}

// quotient is the unscaled value of a / b at a scale.
func quotient(a, b decimal, scale int64, mode rounding) (*big.Int, error) {
	shift := scale - int64(a.scale) + int64(b.scale)
	if shift > maxShift {
		return nil, arithmeticError("Overflow")
	}
	n, d := a.unscaled, b.unscaled
	switch {
	case shift >= 0:
		n = new(big.Int).Mul(n, pow10(shift))
	case -shift > maxShift+precision(n):
		return new(big.Int), nil // nothing is left of it
	default:
		d = new(big.Int).Mul(d, pow10(-shift))
	}
	if d.Sign() < 0 {
		n, d = new(big.Int).Neg(n), new(big.Int).Neg(d)
	}
	return divideRounded(n, d, mode), nil
}

// stripZeros is BigDecimal.stripTrailingZeros.
func stripZeros(x *big.Int, scale int64) (decimal, error) {
	if x.Sign() == 0 {
		return decimal{x, 0}, nil
	}
	for {
		// In great steps first: a number may have thousands of zeros.
		step := int64(1)
		for step < 4096 && divides(pow10(step*2), x) {
			step *= 2
		}
		if !divides(pow10(step), x) {
			return checked(x, scale)
		}
		x = new(big.Int).Quo(x, pow10(step))
		scale -= step
	}
}

func divides(d, x *big.Int) bool { return new(big.Int).Rem(x, d).Sign() == 0 }

// moduloDecimal is a - b * (a / b to a whole number) (BigDecimal.remainder).
func moduloDecimal(a, b decimal) (decimal, error) {
	switch {
	case b.unscaled.Sign() != 0:
	case a.unscaled.Sign() == 0:
		return decimal{}, arithmeticError("Division undefined")
	default:
		return decimal{}, arithmeticError("Division by zero")
	}
	if a.unscaled.Sign() == 0 || magnitude(a) < magnitude(b) {
		return a, nil
	}
	scale := max(a.scale, b.scale)
	n, err := scaledUp(a, scale)
	if err != nil {
		return decimal{}, err
	}
	d, err := scaledUp(b, scale)
	if err != nil {
		return decimal{}, err
	}
	q, r := new(big.Int).QuoRem(n, d, new(big.Int))
	// The whole quotient has the scale a.scale - b.scale if its zeros allow;
	// the remainder has that of the product with b, and at least a's.
	want := int64(a.scale) - int64(b.scale)
	if want < 0 && q.Sign() != 0 {
		stripped, err := stripZeros(q, 0)
		if err != nil {
			return decimal{}, err
		}
		want = max(want, int64(stripped.scale))
	}
	result := max(int64(a.scale), want+int64(b.scale))
	return checked(r.Quo(r, pow10(int64(scale)-result)), result)
}

// magnitude is the exponent e of |d| = 0.xyz * 10^e.
func magnitude(d decimal) int64 { return precision(d.unscaled) - int64(d.scale) }

// scaledUp is the unscaled value of d at a scale not below its own.
func scaledUp(d decimal, scale int32) (*big.Int, error) {
	shift := int64(scale) - int64(d.scale)
	if shift > maxShift {
		return nil, arithmeticError("Overflow")
	}
	return new(big.Int).Mul(d.unscaled, pow10(shift)), nil
}
