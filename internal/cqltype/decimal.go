package cqltype

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// A decimal is its [int] scale and its unscaled value as a varint; its value
// is unscaled * 10^-scale (java.math.BigDecimal).

// DecimalParts splits a decimal into its unscaled varint and its scale. An
// empty decimal is 0; one of fewer than four bytes (invalid) too.
func DecimalParts(wire []byte) (unscaled []byte, scale int32) {
	if len(wire) < 4 {
		return nil, 0
	}
	return wire[4:], int32(binary.BigEndian.Uint32(wire))
}

// AppendDecimal appends the decimal unscaled * 10^-scale.
func AppendDecimal(dst []byte, unscaled *big.Int, scale int32) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(scale))
	return AppendVarintBig(dst, unscaled)
}

// AppendDecimalInt64 appends the decimal unscaled * 10^-scale.
func AppendDecimalInt64(dst []byte, unscaled int64, scale int32) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(scale))
	return AppendVarintInt64(dst, unscaled)
}

// DecimalBig returns the unscaled value and the scale of a decimal.
func DecimalBig(wire []byte) (*big.Int, int32) {
	unscaled, scale := DecimalParts(wire)
	return VarintBig(unscaled), scale
}

// significant splits a decimal into sign and digits: its absolute value is
// 0.digits * 10^exp, with neither leading nor trailing zeros in digits. Zero
// has no digits. The digits are ASCII, in buf when it is long enough.
func significant(buf, wire []byte) (neg bool, exp int64, digits []byte) {
	unscaled, scale := DecimalParts(wire)
	if v, ok := VarintInt64(unscaled); ok {
		u := uint64(v)
		if v < 0 {
			neg, u = true, -u
		}
		if u == 0 {
			return false, 0, buf[:0]
		}
		digits = strconv.AppendUint(buf[:0], u, 10)
	} else {
		x := VarintBig(unscaled)
		neg = x.Sign() < 0
		digits = x.Abs(x).Append(buf[:0], 10)
	}
	exp = int64(len(digits)) - int64(scale)
	for digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return neg, exp, digits
}

func compareDecimal(a, b []byte) int {
	var bufA, bufB [24]byte
	negA, expA, digitsA := significant(bufA[:], a)
	negB, expB, digitsB := significant(bufB[:], b)
	signA, signB := sign(negA, digitsA), sign(negB, digitsB)
	switch {
	case signA != signB:
		return signA - signB
	case signA == 0:
		return 0
	case expA != expB:
		if expA < expB {
			return -signA
		}
		return signA
	}
	return signA * bytes.Compare(digitsA, digitsB)
}

func sign(neg bool, digits []byte) int {
	switch {
	case len(digits) == 0:
		return 0
	case neg:
		return -1
	}
	return 1
}

// AppendDecimalText appends a decimal as BigDecimal.toString: plain digits
// when the scale is not negative and the value not below 10^-6, else with an
// exponent.
func AppendDecimalText(dst, wire []byte) []byte {
	unscaled, scale := DecimalParts(wire)
	if scale == 0 {
		return AppendVarintText(dst, unscaled)
	}
	start := len(dst)
	dst = AppendVarintText(dst, unscaled)
	first := start
	if dst[first] == '-' {
		first++
	}
	n := len(dst) - first
	adjusted := int64(n-1) - int64(scale)
	if scale > 0 && adjusted >= -6 {
		if zeros := int(scale) + 1 - n; zeros > 0 {
			dst = insertZeros(dst, first, zeros)
		}
		return insertByte(dst, len(dst)-int(scale), '.')
	}
	if n > 1 {
		dst = insertByte(dst, first+1, '.')
	}
	if adjusted != 0 {
		dst = append(dst, 'E')
		if adjusted > 0 {
			dst = append(dst, '+')
		}
		dst = strconv.AppendInt(dst, adjusted, 10)
	}
	return dst
}

func insertByte(b []byte, at int, c byte) []byte {
	b = append(b, 0)
	copy(b[at+1:], b[at:])
	b[at] = c
	return b
}

func insertZeros(b []byte, at, n int) []byte {
	for range n { // at most 7: the value is not below 10^-6
		b = insertByte(b, at, '0')
	}
	return b
}

// ParseDecimal returns the wire bytes of a decimal's text: digits with an
// optional sign, point and exponent; the scale is kept as written
// (java.math.BigDecimal).
func ParseDecimal(text string) ([]byte, error) {
	bad := func() ([]byte, error) {
		return nil, cqlerr.Invalidf("unable to make BigDecimal from '%s'", text)
	}
	mantissa, exponent := text, int64(0)
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		e := text[i+1:]
		if !isInteger(e) || len(strings.TrimLeft(e, "+-0")) > 10 {
			return bad()
		}
		exponent, _ = strconv.ParseInt(e, 10, 64)
	}
	scale := -exponent
	if i := strings.IndexByte(mantissa, '.'); i >= 0 {
		if strings.IndexByte(mantissa[i+1:], '-') >= 0 || strings.IndexByte(mantissa[i+1:], '+') >= 0 {
			return bad()
		}
		scale += int64(len(mantissa) - i - 1)
		mantissa = mantissa[:i] + mantissa[i+1:]
	}
	if !isInteger(mantissa) || exponent != int64(int32(exponent)) || scale != int64(int32(scale)) {
		return bad()
	}
	wire := binary.BigEndian.AppendUint32(nil, uint32(int32(scale)))
	unscaled, err := ParseVarint(mantissa)
	if err != nil {
		return nil, err
	}
	return append(wire, unscaled...), nil
}
