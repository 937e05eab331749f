package cqltype

import (
	"bytes"
	"encoding/binary"
	"math"
)

// The key encoding turns wire values into bytes that sort, with memcmp, as
// Compare orders the values, each form ending in itself: no form is the
// beginning of another.
//
//	component   0x01                    null
//	            0x02                    a value of no bytes
//	            0x03 body               any other value
//	body        integers, time          big endian, sign bit flipped (date, time: as they are)
//	            boolean                 0x00 or 0x01
//	            float, double           IEEE bits, all flipped when negative, else the sign bit
//	            uuid, timeuuid          16 bytes, reordered (see uuidOrder)
//	            text, blob, inet, ...   bytes with 0x00 as 0x00 0xFF, then 0x00 0x00
//	            varint                  length with sign, then two's complement
//	            decimal                 sign, exponent, pairs of digits
//	            collections, tuples     components, then 0x00; a tuple without its last nulls
//	descending  the whole component with all bits flipped
//
// A component so begins with 0x01..0x03 (0xFC..0xFE descending): a prefix of
// whole components followed by 0x00 sorts before all its continuations, by
// 0xFF behind them.
//
// Values that Compare calls equal have one form, for they are one clustering
// key in Cassandra too (1.0 and 1.00 are the same row, which shows the one
// that was written first). DecodeKey then gives the plainest of them; see
// KeyIsExact.
const (
	keyNull  = 0x01
	keyEmpty = 0x02
	keyValue = 0x03

	keyEnd        = 0x00
	keyEscape     = 0x00
	keyEscapedNul = 0xff
)

// AppendKey appends the order-preserving form of wire, a value of t (nil =
// null); desc for a column in descending order. It allocates only when dst is
// too short, and for decimals of more than 18 digits.
func (t *Type) AppendKey(dst, wire []byte, desc bool) []byte {
	if wire != nil && len(wire) == 0 && !desc { // inlined: keys may have many columns that are empty
		return append(dst, keyEmpty)
	}
	return t.appendKeyOf(dst, wire, desc)
}

func (t *Type) appendKeyOf(dst, wire []byte, desc bool) []byte {
	start := len(dst)
	dst = t.appendKey(dst, wire)
	if desc {
		for i := start; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}

// KeyIsExact reports whether DecodeKey gives back exactly the bytes of wire.
// When it does not, it gives bytes that compare equal: decimals lose trailing
// zeros behind the point (1.10 becomes 1.1, 1E+2 becomes 100), varints their superfluous
// sign bytes, booleans become 0 or 1, NaNs the one Java writes, tuples and
// UDTs get all their fields. Whoever must show the bytes as first written
// keeps them beside the key.
func (t *Type) KeyIsExact(wire []byte) bool { return len(wire) == 0 || t.keyIsExact(wire) }

func (t *Type) keyIsExact(wire []byte) bool {
	switch t.Kind {
	case Boolean:
		return wire[0] <= 1
	case Float:
		f, _ := FloatValue(wire)
		return f == f || binary.BigEndian.Uint32(wire) == javaFloatNaN
	case Double:
		f, _ := FloatValue(wire)
		return f == f || binary.BigEndian.Uint64(wire) == javaDoubleNaN
	case Varint:
		return len(minimalVarint(wire)) == len(wire)
	case Decimal:
		return isPlainDecimal(wire)
	case List, Set, Map, Vector, Tuple, UDT:
		it := t.Iter(wire)
		i := 0
		for ; it.Next(); i++ {
			if !t.Elems[i%len(t.Elems)].KeyIsExact(it.Elem()) {
				return false
			}
		}
		return i == len(t.Elems) || t.Kind != Tuple && t.Kind != UDT
	}
	return true
}

// isPlainDecimal reports whether a decimal is the one that plainDecimal makes
// of its value.
func isPlainDecimal(wire []byte) bool {
	unscaled, scale := DecimalParts(wire)
	if len(unscaled) == 0 || len(minimalVarint(unscaled)) != len(unscaled) {
		return false
	}
	var buf [24]byte
	_, exp, digits := significant(buf[:], wire)
	switch n := int64(len(digits)); {
	case n == 0:
		return scale == 0
	case exp <= maxPlainDigits && n < exp:
		return scale == 0
	default:
		return int64(scale) == max(n-exp, math.MinInt32)
	}
}

func (t *Type) appendKey(dst, wire []byte) []byte {
	if wire == nil {
		return append(dst, keyNull)
	}
	if len(wire) == 0 || !t.keyFits(wire) {
		return append(dst, keyEmpty)
	}
	dst = append(dst, keyValue)
	switch t.Kind {
	case Tinyint, Smallint, Int, Bigint, Counter, Timestamp:
		dst = append(dst, wire[0]^0x80)
		return append(dst, wire[1:]...)
	case Date, Time:
		return append(dst, wire...)
	case Boolean:
		return append(dst, byte(truth(wire)))
	case Float:
		return appendKeyFloat(dst, wire)
	case Double:
		return binary.BigEndian.AppendUint64(dst, orderDouble(binary.BigEndian.Uint64(wire)))
	case Uuid, Timeuuid:
		high, low := t.uuidOrder(wire)
		dst = binary.BigEndian.AppendUint64(dst, high)
		return binary.BigEndian.AppendUint64(dst, low)
	case Varint:
		return appendKeyVarint(dst, wire)
	case Decimal:
		return appendKeyDecimal(dst, wire)
	case List, Set, Map, Vector:
		it := t.Iter(wire)
		for i := 0; it.Next(); i++ {
			dst = t.Elems[i%len(t.Elems)].appendKey(dst, it.Elem())
		}
		return append(dst, keyEnd)
	case Tuple, UDT:
		return t.appendKeyTuple(dst, wire)
	default:
		return appendKeyBytes(dst, wire)
	}
}

// keyFits guards the fixed-size forms against bytes that are not valid for t;
// those get the form of an empty value.
func (t *Type) keyFits(wire []byte) bool {
	switch t.Kind {
	case Tinyint, Smallint, Int, Bigint, Counter, Timestamp, Date, Time:
		return len(wire) == fixedKeyLen(t.Kind)
	case Float:
		return len(wire) == 4
	case Double:
		return len(wire) == 8
	case Uuid, Timeuuid:
		return len(wire) == 16
	}
	return true
}

func appendKeyBytes(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, keyEscape)
		if i < 0 {
			break
		}
		dst = append(dst, b[:i+1]...)
		dst = append(dst, keyEscapedNul)
		b = b[i+1:]
	}
	dst = append(dst, b...)
	return append(dst, keyEscape, keyEnd)
}

func appendKeyFloat(dst, wire []byte) []byte {
	bits := binary.BigEndian.Uint32(wire)
	if f := math.Float32frombits(bits); f != f {
		bits = javaFloatNaN
	}
	if bits>>31 != 0 {
		bits = ^bits
	} else {
		bits |= 1 << 31
	}
	return binary.BigEndian.AppendUint32(dst, bits)
}

// The NaNs that Float.floatToIntBits and Double.doubleToLongBits give.
const (
	javaFloatNaN  = 0x7fc00000
	javaDoubleNaN = 0x7ff8000000000000
)

func orderDouble(bits uint64) uint64 {
	if f := math.Float64frombits(bits); f != f {
		bits = javaDoubleNaN
	}
	if bits>>63 != 0 {
		return ^bits
	}
	return bits | 1<<63
}

// maxShortVarint is the longest varint whose length fits in the form's first
// byte; a longer one has four more bytes of length.
const maxShortVarint = 0x70

func appendKeyVarint(dst, wire []byte) []byte {
	b := minimalVarint(wire)
	negative := b[0] >= 0x80
	n := uint32(len(b))
	switch {
	case n <= maxShortVarint && !negative:
		dst = append(dst, 0x80+byte(n))
	case n <= maxShortVarint:
		dst = append(dst, 0x80-byte(n))
	case !negative:
		dst = append(dst, 0x80+maxShortVarint+1)
		dst = binary.BigEndian.AppendUint32(dst, n)
	default:
		dst = append(dst, 0x80-maxShortVarint-1)
		dst = binary.BigEndian.AppendUint32(dst, ^n)
	}
	return append(dst, b...)
}

// The first byte of a decimal's form.
const (
	keyDecimalNegative = 0x40
	keyDecimalZero     = 0x80
	keyDecimalPositive = 0xc0
)

// appendKeyDecimal appends the sign, the exponent of 0.digits (one byte 0x80+e
// for |e| <= 100, else 0x01 or 0xFF and eight bytes) and the digits in pairs,
// each 1 + 0..99, closed by 0x00; all but the sign flipped for a negative one.
func appendKeyDecimal(dst, wire []byte) []byte {
	var buf [24]byte
	neg, exp, digits := significant(buf[:], wire)
	if len(digits) == 0 {
		return append(dst, keyDecimalZero)
	}
	if neg {
		dst = append(dst, keyDecimalNegative)
	} else {
		dst = append(dst, keyDecimalPositive)
	}
	start := len(dst)
	switch {
	case exp < -100:
		dst = append(dst, 0x01)
		dst = binary.BigEndian.AppendUint64(dst, uint64(exp)^1<<63)
	case exp > 100:
		dst = append(dst, 0xff)
		dst = binary.BigEndian.AppendUint64(dst, uint64(exp)^1<<63)
	default:
		dst = append(dst, byte(0x80+exp))
	}
	for len(digits) > 1 {
		dst = append(dst, 1+(digits[0]-'0')*10+digits[1]-'0')
		digits = digits[2:]
	}
	if len(digits) == 1 {
		dst = append(dst, 1+(digits[0]-'0')*10)
	}
	dst = append(dst, keyEnd)
	if neg {
		for i := start; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}

// appendKeyTuple appends the fields up to the last one that is not null.
func (t *Type) appendKeyTuple(dst, wire []byte) []byte {
	end := len(dst)
	it := t.Iter(wire)
	for i := 0; i < len(t.Elems) && it.Next(); i++ {
		dst = t.Elems[i].appendKey(dst, it.Elem())
		if it.Elem() != nil {
			end = len(dst)
		}
	}
	return append(dst[:end], keyEnd)
}
