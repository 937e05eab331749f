package cqltype

import (
	"bytes"
	"cmp"
	"math/big"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// A varint is a two's complement big-endian integer (java.math.BigInteger
// .toByteArray), which other writers may pad with superfluous sign bytes.

// minimalVarint returns b without superfluous sign bytes.
func minimalVarint(b []byte) []byte {
	for len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80) {
		b = b[1:]
	}
	return b
}

func compareVarint(a, b []byte) int {
	a, b = minimalVarint(a), minimalVarint(b)
	na, nb := a[0] >= 0x80, b[0] >= 0x80
	switch {
	case na != nb:
		return boolInt(nb) - boolInt(na)
	case len(a) != len(b):
		if na {
			return cmp.Compare(len(b), len(a))
		}
		return cmp.Compare(len(a), len(b))
	}
	return bytes.Compare(a, b)
}

// VarintInt64 returns a varint's value when it fits in 64 bits. An empty
// varint is 0.
func VarintInt64(b []byte) (int64, bool) {
	b = minimalVarint(b)
	if len(b) > 8 {
		return 0, false
	}
	var v int64
	if len(b) > 0 && b[0] >= 0x80 {
		v = -1
	}
	for _, c := range b {
		v = v<<8 | int64(c)
	}
	return v, true
}

// VarintBig returns a varint's value. An empty varint is 0.
func VarintBig(b []byte) *big.Int {
	if v, ok := VarintInt64(b); ok {
		return big.NewInt(v)
	}
	x := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return x
}

// AppendVarintInt64 appends v as a varint in the fewest bytes.
func AppendVarintInt64(dst []byte, v int64) []byte {
	n := 1
	for x := v; x > 127 || x < -128; x >>= 8 {
		n++
	}
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}

// AppendVarintBig appends x as a varint in the fewest bytes.
func AppendVarintBig(dst []byte, x *big.Int) []byte {
	if x.IsInt64() {
		return AppendVarintInt64(dst, x.Int64())
	}
	if x.Sign() > 0 {
		b := x.Bytes()
		if b[0] >= 0x80 {
			dst = append(dst, 0)
		}
		return append(dst, b...)
	}
	// -x-1 has the inverted bits of x.
	b := new(big.Int).Not(x).Bytes()
	if b[0] >= 0x80 {
		dst = append(dst, 0xff)
	}
	start := len(dst)
	dst = append(dst, b...)
	for i := start; i < len(dst); i++ {
		dst[i] = ^dst[i]
	}
	return dst
}

// AppendVarintText appends the decimal digits of a varint.
func AppendVarintText(dst, wire []byte) []byte {
	if v, ok := VarintInt64(wire); ok {
		return strconv.AppendInt(dst, v, 10)
	}
	return VarintBig(wire).Append(dst, 10)
}

// MaxNumberDigits is how many digits a decimal or varint may be given with.
// Beyond it, reading and printing (which are worse than linear) could hold a
// core for seconds.
const MaxNumberDigits = 100_000

// ParseVarint returns the wire bytes of an integer's text: digits with an
// optional sign (java.math.BigInteger).
func ParseVarint(text string) ([]byte, error) {
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		return AppendVarintInt64(nil, v), nil
	}
	if len(text) > MaxNumberDigits {
		return nil, cqlerr.Invalidf("An integer of %d digits is longer than the %d supported", len(text), MaxNumberDigits)
	}
	x, ok := new(big.Int), isInteger(text)
	if ok {
		x, ok = x.SetString(text, 10)
	}
	if !ok {
		return nil, cqlerr.Invalidf("unable to make int from '%s'", text)
	}
	return AppendVarintBig(nil, x), nil
}

// isInteger reports whether text is digits with an optional sign.
func isInteger(text string) bool {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	return isDigits(text)
}

// isDigits reports whether text is one or more ASCII digits.
func isDigits(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}
