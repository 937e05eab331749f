package function

import (
	"math"
	"math/big"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

const castPrefix = "cast_as_"

// addCast registers the cast between two types (CastFcts.CastFunction). Its
// old name, castAsInt and the like, can only be called in quotes.
func (r *functions) addCast(from, to *cqltype.Type, call func(arg []byte) ([]byte, error)) {
	name := to.String()
	f := strict(castPrefix+name, to, types(from), func(args [][]byte) ([]byte, error) { return call(args[0]) })
	f.column = func(args []string) string { return "cast(" + args[0] + " as " + name + ")" }
	r.add(f, "castAs"+string(name[0]-'a'+'A')+name[1:])
}

func addCasts(r *functions) {
	for _, from := range numeric {
		for _, to := range numeric {
			if to.Kind != from.Kind && to.Kind != cqltype.Counter {
				r.addCast(from, to, numberCast(from, to))
			}
		}
	}
	r.addCast(cqltype.TypeAscii, cqltype.TypeText, func(arg []byte) ([]byte, error) { return arg, nil })
	millis := func(from, to *cqltype.Type) {
		r.addCast(from, to, func(arg []byte) ([]byte, error) { return fromMillis(to, toMillis(from, arg)), nil })
	}
	millis(cqltype.TypeTimeuuid, cqltype.TypeDate)
	millis(cqltype.TypeTimeuuid, cqltype.TypeTimestamp)
	millis(cqltype.TypeTimestamp, cqltype.TypeDate)
	millis(cqltype.TypeDate, cqltype.TypeTimestamp)
	texts := append(types(cqltype.TypeInet, cqltype.TypeBoolean, cqltype.TypeTimeuuid, cqltype.TypeTimestamp,
		cqltype.TypeDate, cqltype.TypeTime, cqltype.TypeUuid), numeric...)
	for _, from := range texts {
		text := func(arg []byte) ([]byte, error) { return from.AppendText([]byte{}, arg), nil }
		r.addCast(from, cqltype.TypeAscii, text)
		r.addCast(from, cqltype.TypeText, text)
	}
}

// numberCast converts between number types as Java's Number does: integers
// are narrowed to their low bits, fractions cut off, floats too large for an
// integer become the greatest.
func numberCast(from, to *cqltype.Type) func(arg []byte) ([]byte, error) {
	switch to.Kind {
	case cqltype.Decimal:
		return func(arg []byte) ([]byte, error) { return castDecimal(from, arg) }
	case cqltype.Varint:
		return func(arg []byte) ([]byte, error) {
			// Through a long, whatever the number is, as Cassandra has it.
			return cqltype.AppendVarintInt64(nil, asInt64(from, arg)), nil
		}
	case cqltype.Float, cqltype.Double:
		return func(arg []byte) ([]byte, error) {
			if to.Kind == cqltype.Float {
				return cqltype.AppendFloat(nil, toFloat32(from, arg)), nil
			}
			return cqltype.AppendDouble(nil, toFloat64(from, arg)), nil
		}
	}
	n := size(to)
	floating := from.Kind == cqltype.Float || from.Kind == cqltype.Double
	return func(arg []byte) ([]byte, error) {
		if floating && n < 8 {
			return appendInteger(toInt32(asFloat(from, arg)), n), nil
		}
		return appendInteger(asInt64(from, arg), n), nil
	}
}

// asInt64 is Number.longValue.
func asInt64(t *cqltype.Type, b []byte) int64 {
	switch t.Kind {
	case cqltype.Float, cqltype.Double:
		return toInt64(asFloat(t, b))
	case cqltype.Varint:
		if v, ok := cqltype.VarintInt64(b); ok {
			return v
		}
		return lowBits(cqltype.VarintBig(b))
	case cqltype.Decimal:
		return decimalOf(b).int64()
	}
	return cqltype.Int64(b)
}

// int64 is BigDecimal.longValue: the low 64 bits of the whole part.
func (d decimal) int64() int64 {
	switch {
	case d.scale == 0:
		return lowBits(d.unscaled)
	case d.scale <= -64, precision(d.unscaled) <= int64(d.scale):
		return 0 // 10^64 has 64 zero bits at its end
	case d.scale < 0:
		return lowBits(new(big.Int).Mul(d.unscaled, pow10(-int64(d.scale))))
	}
	return lowBits(new(big.Int).Quo(d.unscaled, pow10(int64(d.scale))))
}

// toFloat64 is Number.doubleValue.
func toFloat64(t *cqltype.Type, b []byte) float64 {
	if t.Kind != cqltype.Varint && t.Kind != cqltype.Decimal {
		return asFloat(t, b)
	}
	f, _ := strconv.ParseFloat(string(t.AppendText(nil, b)), 64)
	return f
}

// toFloat32 is Number.floatValue.
func toFloat32(t *cqltype.Type, b []byte) float32 {
	switch t.Kind {
	case cqltype.Varint, cqltype.Decimal:
		f, _ := strconv.ParseFloat(string(t.AppendText(nil, b)), 32)
		return float32(f)
	case cqltype.Float, cqltype.Double:
		return float32(asFloat(t, b))
	}
	return float32(cqltype.Int64(b))
}

// castDecimal keeps the digits: of a float those of its text.
func castDecimal(from *cqltype.Type, arg []byte) ([]byte, error) {
	switch from.Kind {
	case cqltype.Float, cqltype.Double:
		f, bits := cqltype.FloatValue(arg)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, javaNumberFormat(f)
		}
		return cqltype.ParseDecimal(string(cqltype.AppendFloatText(nil, f, bits)))
	case cqltype.Varint:
		return cqltype.AppendDecimal(nil, cqltype.VarintBig(arg), 0), nil
	}
	return cqltype.AppendDecimalInt64(nil, cqltype.Int64(arg), 0), nil
}
