package function

import (
	"math/big"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Natural and decimal logarithms and the exponential of decimals, to as many
// digits as the argument has, at least 32 (DecimalType.exp, log, log10).

// workDigits is how many digits a result gets.
func workDigits(d decimal) int64 {
	return min(max(minDigits, precision(d.unscaled)), maxPrecision)
}

// guard is how many more digits are computed with.
const guard = 12

func expDecimal(d decimal) (decimal, error) {
	if d.unscaled.Sign() == 0 {
		return decimal{big.NewInt(1), 0}, nil
	}
	digits := workDigits(d)
	exponent := precision(d.unscaled) - int64(d.scale) // |d| < 10^exponent
	switch {
	case exponent > 7:
		return decimal{}, javaArithmetic("Overflow")
	case exponent < -digits:
		return rounding10(new(big.Float).SetInt64(1), digits)
	}
	bits := bitsFor(digits+guard) + uint(max(exponent, 0))*4 + 16
	return rounding10(expFloat(toBigFloat(d, bits), bits), digits)
}

func logDecimal(d decimal) (decimal, error) {
	if d.unscaled.Sign() <= 0 {
		return decimal{}, javaArithmetic("Natural log of number zero or less")
	}
	return lnRounded(d, workDigits(d))
}

func log10Decimal(d decimal) (decimal, error) {
	if d.unscaled.Sign() <= 0 {
		return decimal{}, javaArithmetic("Log10 of number zero or less")
	}
	// Cassandra divides two logarithms of two more digits, so that log10(1000)
	// may have zeros behind its point; divide as it does.
	digits := workDigits(d)
	ln, err := lnRounded(d, digits+2)
	if err != nil {
		return decimal{}, err
	}
	ln10, err := lnRounded(decimal{big.NewInt(10), 0}, digits+2)
	if err != nil {
		return decimal{}, err
	}
	q, err := quotientDigits(ln, ln10, digits+2)
	if err != nil {
		return decimal{}, err
	}
	x, scale := rounded(q.unscaled, int64(q.scale), digits, halfEven)
	return checked(x, scale)
}

// lnRounded is ln d to that many digits, 0 without any for 1.
func lnRounded(d decimal, digits int64) (decimal, error) {
	if k, ok := powerOfTen(d); ok && k == 0 {
		return decimal{new(big.Int), 0}, nil
	}
	return rounding10(logFloat(d, bitsFor(digits+guard)+64), digits)
}

// quotientDigits is a / b to that many digits; an exact one loses zeros down
// to the difference of the scales (BigDecimal.divide(_, MathContext)).
func quotientDigits(a, b decimal, digits int64) (decimal, error) {
	preferred := int64(a.scale) - int64(b.scale)
	if a.unscaled.Sign() == 0 {
		return checked(a.unscaled, preferred)
	}
	shift := digits - precision(a.unscaled) + precision(b.unscaled)
	n, d := a.unscaled, b.unscaled
	if shift >= 0 {
		n = new(big.Int).Mul(n, pow10(shift))
	} else {
		d = new(big.Int).Mul(d, pow10(-shift))
	}
	scale := preferred + shift
	if r := new(big.Int).Rem(n, d); r.Sign() != 0 {
		x, scale := rounded(divideRounded(n, d, halfEven), scale, digits, halfEven)
		return checked(x, scale)
	}
	x := new(big.Int).Quo(n, d)
	for ten := big.NewInt(10); scale > preferred && divides(ten, x); scale-- {
		x.Quo(x, ten)
	}
	return checked(x, scale)
}

// powerOfTen returns k when d is 10^k.
func powerOfTen(d decimal) (k int64, ok bool) {
	n := precision(d.unscaled) - 1
	return n - int64(d.scale), d.unscaled.Cmp(pow10(n)) == 0
}

// bitsFor is how many bits hold that many digits.
func bitsFor(digits int64) uint { return uint(digits*3322/1000 + 8) }

func toBigFloat(d decimal, bits uint) *big.Float {
	x := new(big.Float).SetPrec(bits).SetInt(d.unscaled)
	switch {
	case d.scale > 0:
		x.Quo(x, new(big.Float).SetPrec(bits).SetInt(pow10(int64(d.scale))))
	case d.scale < 0:
		x.Mul(x, new(big.Float).SetPrec(bits).SetInt(pow10(-int64(d.scale))))
	}
	return x
}

// expFloat is e^x: the series for x / 2^k, squared k times.
func expFloat(x *big.Float, bits uint) *big.Float {
	k := max(x.MantExp(nil), 0) + 16
	bits += uint(2 * k)
	r := new(big.Float).SetPrec(bits).SetMantExp(x, -k)
	sum := big.NewFloat(1).SetPrec(bits)
	term := big.NewFloat(1).SetPrec(bits)
	for i := int64(1); ; i++ {
		term.Mul(term, r)
		term.Quo(term, new(big.Float).SetPrec(bits).SetInt64(i))
		if term.Sign() == 0 || term.MantExp(nil) < -int(bits) {
			break
		}
		sum.Add(sum, term)
	}
	for range k {
		sum.Mul(sum, sum)
	}
	return sum
}

// logFloat is ln d: with d = 10^n * m and m near 1, n ln 10 + ln m.
func logFloat(d decimal, bits uint) *big.Float {
	n := precision(d.unscaled) - int64(d.scale)
	m := toBigFloat(decimal{d.unscaled, int32(precision(d.unscaled))}, bits) // 0.1 <= m < 1
	x := lnNear(m, bits)
	if n == 0 {
		return x
	}
	ten := lnNear(new(big.Float).SetPrec(bits).Quo(big.NewFloat(1).SetPrec(bits), big.NewFloat(10).SetPrec(bits)), bits)
	ten.Mul(ten, new(big.Float).SetPrec(bits).SetInt64(-n))
	return x.Add(x, ten)
}

// lnNear is ln m for m not far from 1: 2^k artanh of the 2^k-th root's
// (r-1)/(r+1), twice.
func lnNear(m *big.Float, bits uint) *big.Float {
	const roots = 8
	one := big.NewFloat(1).SetPrec(bits)
	r := new(big.Float).SetPrec(bits).Set(m)
	for range roots {
		r.Sqrt(r)
	}
	z := new(big.Float).SetPrec(bits).Sub(r, one)
	z.Quo(z, new(big.Float).SetPrec(bits).Add(r, one))
	square := new(big.Float).SetPrec(bits).Mul(z, z)
	sum := new(big.Float).SetPrec(bits)
	power := new(big.Float).SetPrec(bits).Set(z)
	for i := int64(1); power.Sign() != 0 && power.MantExp(nil) > -int(bits)-64; i += 2 {
		sum.Add(sum, new(big.Float).SetPrec(bits).Quo(power, new(big.Float).SetPrec(bits).SetInt64(i)))
		power.Mul(power, square)
	}
	return sum.SetMantExp(sum, roots+1)
}

// rounding10 is x to that many digits, half to even.
func rounding10(x *big.Float, digits int64) (decimal, error) {
	if x.Sign() == 0 {
		return decimal{new(big.Int), 0}, nil
	}
	// 'e' gives d.ddde±n with digits of the requested number.
	wire, err := cqltype.ParseDecimal(x.Text('e', int(digits)-1))
	if err != nil {
		return decimal{}, javaArithmetic("Overflow")
	}
	return decimalOf(wire), nil
}
