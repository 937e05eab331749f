package function

import (
	"math/big"
	"math/bits"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// bigNumber is a whole number of any size, as it came.
type bigNumber struct {
	t    *cqltype.Type
	wire []byte
}

func (n bigNumber) big() *big.Int { return asBig(n.t, n.wire) }

// small returns the number when it fits in 64 bits.
func (n bigNumber) small() (int64, bool) {
	if n.t.Kind == cqltype.Varint {
		return cqltype.VarintInt64(n.wire)
	}
	return cqltype.Int64(n.wire), true
}

// both returns two numbers when both fit in 64 bits.
func both(a, b bigNumber) (x, y int64, ok bool) {
	x, okX := a.small()
	y, okY := b.small()
	return x, y, okX && okY
}

func addVarint(a, b bigNumber) ([]byte, error) {
	if x, y, ok := both(a, b); ok {
		if s := x + y; (s > x) == (y > 0) {
			return cqltype.AppendVarintInt64(nil, s), nil
		}
	}
	return cqltype.AppendVarintBig(nil, new(big.Int).Add(a.big(), b.big())), nil
}

func subtractVarint(a, b bigNumber) ([]byte, error) {
	if x, y, ok := both(a, b); ok {
		if d := x - y; (d < x) == (y > 0) {
			return cqltype.AppendVarintInt64(nil, d), nil
		}
	}
	return cqltype.AppendVarintBig(nil, new(big.Int).Sub(a.big(), b.big())), nil
}

func multiplyVarint(a, b bigNumber) ([]byte, error) {
	if x, y, ok := both(a, b); ok && bits.Len64(absolute(x))+bits.Len64(absolute(y)) < 64 {
		return cqltype.AppendVarintInt64(nil, x*y), nil
	}
	return cqltype.AppendVarintBig(nil, new(big.Int).Mul(a.big(), b.big())), nil
}

func absolute(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

const errDivideByZero = arithmeticError("BigInteger divide by zero")

func divideVarint(a, b bigNumber) ([]byte, error) {
	divisor := b.big()
	if divisor.Sign() == 0 {
		return nil, errDivideByZero
	}
	return cqltype.AppendVarintBig(nil, divisor.Quo(a.big(), divisor)), nil
}

func moduloVarint(a, b bigNumber) ([]byte, error) {
	divisor := b.big()
	if divisor.Sign() == 0 {
		return nil, errDivideByZero
	}
	return cqltype.AppendVarintBig(nil, divisor.Rem(a.big(), divisor)), nil
}
