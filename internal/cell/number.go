package cell

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// number appends a JSON number. Integer types take any number that is whole and
// in range, 1.0 and 1e3 too.
func (d *Decoder) number(t *cqltype.Type, v Value) error {
	switch t.Kind {
	case cqltype.Text, cqltype.Ascii:
		d.Buf = append(d.Buf, v...)
		return nil
	case cqltype.Varint:
		if !isInteger(v) {
			return fmt.Errorf("For input string: \"%s\"", v)
		}
	case cqltype.Timestamp:
		n, ok := parseInt(v)
		if !ok {
			return cannotCoerce(v, t)
		}
		d.Buf = binary.BigEndian.AppendUint64(d.Buf, uint64(n))
		return nil
	case cqltype.Int, cqltype.Bigint, cqltype.Smallint, cqltype.Tinyint, cqltype.Counter:
		n, ok := parseInt(v)
		if !ok {
			n, ok = wholeNumber(v)
		}
		if !ok || !d.integer(t, n) {
			return cannotCoerce(v, t)
		}
		return nil
	}
	if !d.appendNumber(t, v) {
		return cannotCoerce(v, t)
	}
	return nil
}

// numberText appends a number given as text.
func (d *Decoder) numberText(t *cqltype.Type, text []byte) error {
	if len(text) > MaxNumberLength {
		return fmt.Errorf("Number value length (%d) exceeds the maximum allowed (%d)", len(text), MaxNumberLength)
	}
	switch t.Kind {
	case cqltype.Int, cqltype.Bigint, cqltype.Smallint, cqltype.Tinyint, cqltype.Counter:
		if n, ok := parseInt(text); ok && d.integer(t, n) {
			return nil
		}
		return invalidString(text, t)
	case cqltype.Float, cqltype.Double:
		if f, ok := notFinite(text); ok {
			d.float(t, f)
			return nil
		}
	}
	if !d.appendNumber(t, text) {
		return invalidString(text, t)
	}
	return nil
}

// notFinite reads Java's names of the floating-point values that JSON has no
// numbers for.
func notFinite(text []byte) (float64, bool) {
	neg, name := sign(text)
	switch string(name) {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		if neg {
			return math.Inf(-1), true
		}
		return math.Inf(1), true
	}
	return 0, false
}

// appendNumber appends a varint, decimal, float or double from its text and
// reports whether it was one, and in range.
func (d *Decoder) appendNumber(t *cqltype.Type, text []byte) bool {
	var scratch [numberScratch]byte
	neg, digits, scale, ok := parseDecimal(text, scratch[:0])
	if !ok {
		return false
	}
	switch t.Kind {
	case cqltype.Varint:
		if !isInteger(text) {
			return false
		}
		d.Buf = appendVarint(d.Buf, neg, digits)
	case cqltype.Decimal:
		d.Buf = binary.BigEndian.AppendUint32(d.Buf, uint32(scale))
		d.Buf = appendVarint(d.Buf, neg, digits)
	case cqltype.Float:
		f, err := strconv.ParseFloat(string(text), 32)
		if err != nil {
			return false
		}
		d.float(t, f)
	case cqltype.Double:
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return false
		}
		d.float(t, f)
	default:
		return false
	}
	return true
}

func (d *Decoder) float(t *cqltype.Type, f float64) {
	if t.Kind == cqltype.Float {
		d.Buf = binary.BigEndian.AppendUint32(d.Buf, math.Float32bits(float32(f)))
	} else {
		d.Buf = binary.BigEndian.AppendUint64(d.Buf, math.Float64bits(f))
	}
}

// integer appends n and reports whether it is in t's range.
func (d *Decoder) integer(t *cqltype.Type, n int64) bool {
	switch t.Kind {
	case cqltype.Int:
		if n != int64(int32(n)) {
			return false
		}
		d.Buf = binary.BigEndian.AppendUint32(d.Buf, uint32(n))
	case cqltype.Smallint:
		if n != int64(int16(n)) {
			return false
		}
		d.Buf = binary.BigEndian.AppendUint16(d.Buf, uint16(n))
	case cqltype.Tinyint:
		if n != int64(int8(n)) {
			return false
		}
		d.Buf = append(d.Buf, byte(n))
	default:
		d.Buf = binary.BigEndian.AppendUint64(d.Buf, uint64(n))
	}
	return true
}

// parseInt reads decimal digits with an optional sign.
func parseInt(text []byte) (int64, bool) {
	neg, digits := sign(text)
	if len(digits) == 0 {
		return 0, false
	}
	var n uint64
	for _, c := range digits {
		if c < '0' || c > '9' || n > (1<<63)/10 {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	if neg {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n < 1<<63
}

func sign(text []byte) (neg bool, rest []byte) {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		return text[0] == '-', text[1:]
	}
	return false, text
}

// isInteger reports whether text is digits with an optional sign.
func isInteger(text []byte) bool {
	_, digits := sign(text)
	for _, c := range digits {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(digits) > 0
}

// wholeNumber reads a number with a fraction or an exponent that is a whole
// number all the same.
func wholeNumber(text []byte) (int64, bool) {
	var scratch [numberScratch]byte
	neg, digits, scale, ok := parseDecimal(text, scratch[:0])
	if !ok {
		return 0, false
	}
	for scale > 0 && len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits, scale = digits[:len(digits)-1], scale-1
	}
	switch {
	case len(digits) == 0:
		return 0, true
	case scale > 0 || scale < -18:
		return 0, false
	}
	var n int64
	if n, ok = parseInt(digits); !ok {
		return 0, false
	}
	for ; scale < 0; scale++ {
		if n > math.MaxInt64/10 {
			return 0, false
		}
		n *= 10
	}
	if neg {
		n = -n
	}
	return n, true
}

// numberScratch is how many digits most numbers with a fraction have at most.
const numberScratch = 40

// parseDecimal reads a number with optional sign, fraction and exponent, as
// java.math.BigDecimal does: its value is digits * 10^-scale. The digits of one with
// a fraction are put together in scratch, or where there is room for them.
func parseDecimal(text, scratch []byte) (neg bool, digits []byte, scale int32, ok bool) {
	neg, text = sign(text)
	i := 0
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
	}
	digits, text = text[:i:i], text[i:]
	var exponent int64
	if len(text) > 0 && text[0] == '.' {
		j := 1
		for j < len(text) && text[j] >= '0' && text[j] <= '9' {
			j++
		}
		digits = append(append(scratch, digits...), text[1:j]...)
		exponent -= int64(j - 1)
		text = text[j:]
	}
	if len(digits) == 0 {
		return neg, nil, 0, false
	}
	if len(text) > 0 {
		if text[0]|0x20 != 'e' || len(text) > 12 {
			return neg, nil, 0, false
		}
		e, valid := parseInt(text[1:])
		if !valid {
			return neg, nil, 0, false
		}
		exponent += e
	}
	if -exponent != int64(int32(-exponent)) {
		return neg, nil, 0, false
	}
	return neg, digits, int32(-exponent), true
}

// appendVarint appends the fewest bytes of two's complement that hold the
// number (java.math.BigInteger.toByteArray).
func appendVarint(dst []byte, neg bool, digits []byte) []byte {
	if n, ok := parseInt(digits); ok {
		if neg {
			n = -n
		}
		size := 8
		for size > 1 && (n<<(8*(8-size+1)))>>(8*(8-size+1)) == n {
			size--
		}
		for i := size - 1; i >= 0; i-- {
			dst = append(dst, byte(n>>(8*i)))
		}
		return dst
	}
	if len(digits) <= 2*digits64 {
		return appendVarint38(dst, neg, digits)
	}
	n, _ := new(big.Int).SetString(string(digits), 10)
	if !neg {
		size := n.BitLen()/8 + 1
		return append(dst, n.FillBytes(make([]byte, size))...)
	}
	// -n = ^(n-1): as many bytes as n-1 needs with a sign bit.
	n.Sub(n, big.NewInt(1))
	b := n.FillBytes(make([]byte, n.BitLen()/8+1))
	for i := range b {
		b[i] = ^b[i]
	}
	return append(dst, b...)
}

// digits64 is how many decimal digits 64 bits always have room for, power64 the
// first number that has one more.
const (
	digits64 = 19
	power64  = 1e19
)

// appendVarint38 is appendVarint for digits that 127 bits have room for.
func appendVarint38(dst []byte, neg bool, digits []byte) []byte {
	before := max(0, len(digits)-digits64)
	high, low := bits.Mul64(parseDigits(digits[:before]), power64)
	low, carry := bits.Add64(low, parseDigits(digits[before:]), 0)
	high += carry
	if neg {
		low, carry = bits.Sub64(0, low, 0)
		high = -high - carry
	}
	start := len(dst)
	dst = binary.BigEndian.AppendUint64(dst, high)
	dst = binary.BigEndian.AppendUint64(dst, low)
	cell := dst[start:]
	for len(cell) > 1 && (cell[0] == 0 && cell[1] < 0x80 || cell[0] == 0xFF && cell[1] >= 0x80) {
		cell = cell[1:] // the next byte has the same sign
	}
	return append(dst[:start], cell...)
}

// parseDigits reads up to digits64 decimal digits.
func parseDigits(digits []byte) (n uint64) {
	for _, c := range digits {
		n = n*10 + uint64(c-'0')
	}
	return n
}
