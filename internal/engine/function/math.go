package function

import (
	"math"
	"math/big"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

func addMath(r *functions) {
	for _, t := range numeric {
		add := func(name string, call func(arg []byte) ([]byte, error)) {
			r.add(strict(name, t, types(t), func(args [][]byte) ([]byte, error) { return call(args[0]) }))
		}
		add("abs", func(arg []byte) ([]byte, error) { return absoluteOf(t, arg), nil })
		add("round", func(arg []byte) ([]byte, error) { return roundOf(t, arg) })
		add("exp", realFunction(t, expDouble, expDecimal))
		add("log", realFunction(t, logDouble, logDecimal))
		add("log10", realFunction(t, log10Double, log10Decimal))
	}
}

func absoluteOf(t *cqltype.Type, arg []byte) []byte {
	switch t.Kind {
	case cqltype.Float, cqltype.Double:
		return appendFloat(t, math.Abs(asFloat(t, arg)))
	case cqltype.Varint:
		x := cqltype.VarintBig(arg)
		return cqltype.AppendVarintBig(nil, x.Abs(x))
	case cqltype.Decimal:
		x, scale := cqltype.DecimalBig(arg)
		return cqltype.AppendDecimal(nil, x.Abs(x), scale)
	}
	v := cqltype.Int64(arg)
	if v < 0 {
		v = -v // the least one stays, as in Java
	}
	return appendInteger(v, size(t))
}

// roundOf rounds half up. Floats go through an int, doubles through a long,
// which is where too large ones stop (Math.round).
func roundOf(t *cqltype.Type, arg []byte) ([]byte, error) {
	switch t.Kind {
	case cqltype.Float:
		v := clamp(math.Floor(asFloat(t, arg)+0.5), math.MinInt32, math.MaxInt32)
		return cqltype.AppendFloat(nil, float32(v)), nil
	case cqltype.Double:
		return cqltype.AppendDouble(nil, float64(roundDouble(asFloat(t, arg)))), nil
	case cqltype.Decimal:
		d := decimalOf(arg)
		switch {
		case d.scale < -maxShift:
			return nil, javaArithmetic("Overflow")
		case d.scale <= 0:
			return cqltype.AppendDecimal(nil, new(big.Int).Mul(d.unscaled, pow10(-int64(d.scale))), 0), nil
		case int64(d.scale) > precision(d.unscaled):
			return cqltype.AppendDecimalInt64(nil, 0, 0), nil
		}
		return cqltype.AppendDecimal(nil, divideRounded(d.unscaled, pow10(int64(d.scale)), halfUp), 0), nil
	case cqltype.Varint:
		return cqltype.AppendVarintBig(nil, cqltype.VarintBig(arg)), nil
	}
	return arg, nil
}

// roundDouble is Math.round(double): half up without the error of adding 0.5.
func roundDouble(f float64) int64 {
	floor := math.Floor(f)
	if f-floor >= 0.5 {
		floor++
	}
	return toInt64(floor)
}

// realFunction is a function of real numbers on type t: integers go through a
// double and lose the fraction, varints go through a decimal.
func realFunction(t *cqltype.Type, real func(float64) float64, precise func(decimal) (decimal, error)) func(arg []byte) ([]byte, error) {
	return func(arg []byte) ([]byte, error) {
		switch t.Kind {
		case cqltype.Float, cqltype.Double:
			return appendFloat(t, real(asFloat(t, arg))), nil
		case cqltype.Decimal:
			d, err := precise(decimalOf(arg))
			return d.wire(), err
		case cqltype.Varint:
			d, err := precise(decimal{cqltype.VarintBig(arg), 0})
			if err != nil {
				return nil, err
			}
			return wholeVarint(d)
		}
		f := real(float64(cqltype.Int64(arg)))
		if size(t) == 8 {
			return appendInteger(toInt64(f), 8), nil
		}
		return appendInteger(toInt32(f), size(t)), nil
	}
}

// wholeVarint is BigDecimal.toBigInteger.
func wholeVarint(d decimal) ([]byte, error) {
	switch {
	case d.scale < -maxShift:
		return nil, javaArithmetic("Overflow")
	case d.scale <= 0:
		return cqltype.AppendVarintBig(nil, new(big.Int).Mul(d.unscaled, pow10(-int64(d.scale)))), nil
	case precision(d.unscaled) <= int64(d.scale):
		return cqltype.AppendVarintInt64(nil, 0), nil
	}
	return cqltype.AppendVarintBig(nil, new(big.Int).Quo(d.unscaled, pow10(int64(d.scale)))), nil
}

// The C library behind Java rounds these three nearly always right, and
// whole logarithms always; Go's package math does not. So they are computed
// longer and rounded once.

// doubleBits is how many bits are computed with.
const doubleBits = 128

func expDouble(f float64) float64 {
	if f == 0 || math.IsNaN(f) || math.Abs(f) > 750 {
		return math.Exp(f)
	}
	y, _ := expFloat(new(big.Float).SetPrec(doubleBits).SetFloat64(f), doubleBits).Float64()
	return y
}

func logDouble(f float64) float64 {
	x := preciseLog(f)
	if x == nil {
		return math.Log(f)
	}
	y, _ := x.Float64()
	return y
}

func log10Double(f float64) float64 {
	x := preciseLog(f)
	if x == nil {
		return math.Log10(f)
	}
	y, _ := x.Quo(x, ln10).Float64()
	return y
}

var ln2, ln10 = func() (two, ten *big.Float) {
	ln := func(x float64) *big.Float {
		return lnNear(new(big.Float).SetPrec(doubleBits).SetFloat64(x), doubleBits)
	}
	return ln(2), ln(10)
}()

// preciseLog is ln f, nil where that is no finite number or 0.
func preciseLog(f float64) *big.Float {
	if !(f > 0) || math.IsInf(f, 1) || f == 1 {
		return nil
	}
	mantissa, exponent := math.Frexp(f)
	x := new(big.Float).SetPrec(doubleBits).SetInt64(int64(exponent))
	x.Mul(x, ln2)
	return x.Add(x, lnNear(new(big.Float).SetPrec(doubleBits).SetFloat64(mantissa), doubleBits))
}
