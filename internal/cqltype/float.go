package cqltype

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// AppendFloatText appends a float or double of 32 or 64 bits as Float.toString
// and Double.toString of the Java that Cassandra runs on: see javaDigits. There
// is at least one digit behind the point; an exponent stands outside
// [10^-3, 10^7); NaN, Infinity.
func AppendFloatText(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case f == 0 || fewDigits(f, bits):
		return appendShortest(dst, f, bits)
	}
	if f < 0 {
		dst = append(dst, '-')
	}
	digits, point := javaDigits(f, bits)
	return appendPointed(dst, digits, point)
}

// fewDigits reports whether the fewest digits that read back as f are so few
// that Java finds the same.
func fewDigits(f float64, bits int) bool {
	most, least, whole := 15, 0x1p-1022, 0x1p53
	if bits == 32 {
		most, least, whole = 6, 0x1p-126, 0x1p24
	}
	if a := math.Abs(f); a < least || a >= whole {
		return false
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], f, 'e', -1, bits)
	digits := bytes.IndexByte(text, 'e')
	for _, c := range text[:digits] {
		if c == '-' || c == '.' {
			digits--
		}
	}
	// Below a power of two the next number is nearer, so that more digits may be
	// needed; few of them are exact.
	if m, _ := math.Frexp(f); math.Abs(m) == 0.5 {
		most = 4
	}
	return digits <= most
}

// appendPointed appends 0.digits * 10^point as Java does.
func appendPointed(dst, digits []byte, point int) []byte {
	whole, shift := point, 0
	if point <= -3 || point >= 8 {
		whole, shift = 1, point-1
	}
	switch {
	case whole <= 0:
		dst = append(dst, "0."...)
		dst = append(dst, "00"[:-whole]...)
		dst = append(dst, digits...)
	case len(digits) <= whole:
		dst = append(dst, digits...)
		dst = append(dst, "0000000"[:whole-len(digits)]...)
		dst = append(dst, ".0"...)
	default:
		dst = append(append(append(dst, digits[:whole]...), '.'), digits[whole:]...)
	}
	if point <= -3 || point >= 8 {
		dst = strconv.AppendInt(append(dst, 'E'), int64(shift), 10)
	}
	return dst
}

// appendShortest appends the fewest digits that read back as f.
func appendShortest(dst []byte, f float64, bits int) []byte {
	start := len(dst)
	if a := math.Abs(f); a == 0 || a >= 1e-3 && a < 1e7 {
		dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
		if bytes.IndexByte(dst[start:], '.') < 0 {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, bits)
	e := start + bytes.IndexByte(dst[start:], 'e')
	exp, _ := strconv.Atoi(string(dst[e+1:]))
	dst = dst[:e]
	if bytes.IndexByte(dst[start:], '.') < 0 {
		dst = append(dst, ".0"...)
	}
	dst = append(dst, 'E')
	return strconv.AppendInt(dst, int64(exp), 10)
}

// FloatValue returns the number in a float's or double's wire bytes and its
// size in bits; 0 and 0 for other lengths.
func FloatValue(wire []byte) (f float64, bits int) {
	switch len(wire) {
	case 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(wire))), 32
	case 8:
		return math.Float64frombits(binary.BigEndian.Uint64(wire)), 64
	}
	return 0, 0
}

// parseJavaFloat reads what Float.parseFloat and Double.parseDouble take:
// blanks around, a sign, NaN, Infinity, digits, point, exponent, a type suffix,
// hexadecimal. Numbers too large are infinite.
func parseJavaFloat(text string, bits int) (float64, bool) {
	s := strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	unsigned := s
	if s != "" && (s[0] == '-' || s[0] == '+') {
		unsigned = s[1:]
	}
	switch unsigned {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		f, err := strconv.ParseFloat(s, bits)
		return f, err == nil
	}
	hex := len(unsigned) > 1 && (unsigned[1] == 'x' || unsigned[1] == 'X')
	if n := len(s); n > 0 && strings.IndexByte("fFdD", s[n-1]) >= 0 && (!hex || strings.ContainsAny(s, "pP")) {
		s = s[:n-1]
	}
	if unsigned == "" || strings.IndexByte("0123456789.", unsigned[0]) < 0 || strings.IndexByte(s, '_') >= 0 {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, bits)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}
