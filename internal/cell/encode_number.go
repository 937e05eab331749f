package cell

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// appendFloat appends the shortest text that reads back as f, in the form of
// Java's Double.toString: 1.5, 1.0E10, 1.0E-5. The values that JSON has no
// number for are strings.
func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	if a := math.Abs(f); a == 0 || a >= 1e-3 && a < 1e7 {
		start := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
		for _, c := range dst[start:] {
			if c == '.' {
				return dst
			}
		}
		return append(dst, ".0"...)
	}
	var text [32]byte
	e := strconv.AppendFloat(text[:0], f, 'e', -1, bits) // d.ddde±dd
	i := 0
	for e[i] != 'e' {
		i++
	}
	dst = append(dst, e[:i]...)
	if i == 1 || i == 2 && e[0] == '-' {
		dst = append(dst, ".0"...)
	}
	dst = append(dst, 'E')
	exponent, _ := parseInt(e[i+1:])
	return strconv.AppendInt(dst, exponent, 10)
}

// appendBigInteger appends a varint: two's complement, big endian.
func appendBigInteger(dst, cell []byte) []byte {
	if len(cell) == 0 {
		return append(dst, "null"...)
	}
	switch {
	case len(cell) <= 8:
		return strconv.AppendInt(dst, smallVarint(cell), 10)
	case len(cell) <= 16:
		return appendVarint128(dst, uint64(smallVarint(cell[:len(cell)-8])), binary.BigEndian.Uint64(cell[len(cell)-8:]))
	}
	return bigVarint(cell).Append(dst, 10)
}

// appendVarint128 appends a whole number of 128 bits, given by its halves.
func appendVarint128(dst []byte, high, low uint64) []byte {
	if int64(high) < 0 {
		dst = append(dst, '-')
		var borrow uint64
		low, borrow = bits.Sub64(0, low, 0)
		high, _ = bits.Sub64(0, high, borrow)
	}
	high, low = bits.Div64(high, low, power64)
	start := len(dst)
	if high > 0 {
		dst = strconv.AppendUint(dst, high, 10)
	}
	before := len(dst)
	dst = strconv.AppendUint(dst, low, 10)
	if missing := digits64 - (len(dst) - before); before > start && missing > 0 {
		dst = append(dst, "0000000000000000000"[:missing]...)
		copy(dst[before+missing:], dst[before:])
		copy(dst[before:], "0000000000000000000"[:missing])
	}
	return dst
}

func smallVarint(cell []byte) int64 {
	n := int64(int8(cell[0]))
	for _, b := range cell[1:] {
		n = n<<8 | int64(b)
	}
	return n
}

func bigVarint(cell []byte) *big.Int {
	n := new(big.Int).SetBytes(cell)
	if cell[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(cell))))
	}
	return n
}

// appendDecimal appends a decimal in the form of java.math.BigDecimal.toString:
// plain when the scale is not negative and the exponent at least -6, else with
// an exponent.
func appendDecimal(dst, cell []byte) []byte {
	if len(cell) < 5 {
		return append(dst, "null"...)
	}
	scale := int64(int32(binary.BigEndian.Uint32(cell)))
	start := len(dst)
	dst = appendBigInteger(dst, cell[4:])
	if dst[start] == '-' {
		start++
	}
	if scale == 0 {
		return dst
	}
	var stack [64]byte
	digits := append(stack[:0], dst[start:]...)
	dst = dst[:start]
	exponent := int64(len(digits)) - 1 - scale
	if scale < 0 || exponent < -6 {
		dst = append(dst, digits[0])
		if len(digits) > 1 {
			dst = append(dst, '.')
			dst = append(dst, digits[1:]...)
		}
		if exponent == 0 {
			return dst
		}
		dst = append(dst, 'E')
		if exponent > 0 {
			dst = append(dst, '+')
		}
		return strconv.AppendInt(dst, exponent, 10)
	}
	point := len(digits) - int(scale)
	if point > 0 {
		dst = append(dst, digits[:point]...)
		dst = append(dst, '.')
		return append(dst, digits[point:]...)
	}
	dst = append(dst, '0', '.')
	for ; point < 0; point++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}
