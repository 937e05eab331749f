package function

import (
	"math"
	"math/big"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// isFloating reports whether a number type has fractions.
func isFloating(t *cqltype.Type) bool {
	return t.Kind == cqltype.Float || t.Kind == cqltype.Double || t.Kind == cqltype.Decimal
}

// unbounded is the size of varint and decimal.
const unbounded = math.MaxInt32

// size is the size of a number type in bytes.
func size(t *cqltype.Type) int {
	switch t.Kind {
	case cqltype.Tinyint:
		return 1
	case cqltype.Smallint:
		return 2
	case cqltype.Int, cqltype.Float:
		return 4
	case cqltype.Varint, cqltype.Decimal:
		return unbounded
	}
	return 8
}

// appendInteger appends the low bytes of v that a type of that size holds, as
// Java narrows.
func appendInteger(v int64, size int) []byte {
	b := make([]byte, size)
	for i := size - 1; i >= 0; i-- {
		b[i] = byte(v)
		v >>= 8
	}
	return b
}

// asFloat is a number of a type other than varint and decimal as a double.
func asFloat(t *cqltype.Type, b []byte) float64 {
	if t.Kind == cqltype.Float || t.Kind == cqltype.Double {
		f, _ := cqltype.FloatValue(b)
		return f
	}
	return float64(cqltype.Int64(b))
}

// asBig is a whole number as a big integer.
func asBig(t *cqltype.Type, b []byte) *big.Int {
	if t.Kind == cqltype.Varint {
		return cqltype.VarintBig(b)
	}
	return big.NewInt(cqltype.Int64(b))
}

// clamp converts a double to an integer as Java does: towards zero, NaN to
// 0, too large ones to the limit.
func clamp(f float64, low, high int64) int64 {
	switch {
	case math.IsNaN(f):
		return 0
	case f <= float64(low):
		return low
	case f >= float64(high):
		return high
	}
	return int64(f)
}

// toInt32 and toInt64 are Java's (int) and (long) of a double.
func toInt32(f float64) int64 { return clamp(f, math.MinInt32, math.MaxInt32) }
func toInt64(f float64) int64 { return clamp(f, math.MinInt64, math.MaxInt64) }

// lowBits is BigInteger.longValue: the low 64 bits.
func lowBits(x *big.Int) int64 {
	if x.IsInt64() {
		return x.Int64()
	}
	low := new(big.Int).And(x, new(big.Int).SetUint64(math.MaxUint64))
	return int64(low.Uint64())
}
