package cqltype

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"slices"
)

// ErrKey is the error of DecodeKey on bytes that AppendKey did not make.
var ErrKey = errors.New("cqltype: malformed key component")

// DecodeKey reads one AppendKey form from the front of src, appends the
// value's wire bytes to dst, and returns the longer dst and what follows in
// src. For null it returns a nil wire. It allocates only when dst is too
// short, and for decimals of more than 18 digits.
func (t *Type) DecodeKey(src []byte, desc bool, dst []byte) (wire, rest []byte, err error) {
	r := keyReader{src: src}
	if desc {
		r.mask = 0xff
	}
	start := len(dst)
	dst, null := r.component(dst, t)
	switch {
	case r.bad:
		return nil, nil, ErrKey
	case null:
		return nil, r.src, nil
	case dst == nil && start == 0:
		dst = []byte{}
	}
	return dst, r.src, nil
}

// SkipKey returns what follows the AppendKey form at the front of src.
func (t *Type) SkipKey(src []byte, desc bool) (rest []byte, err error) {
	var buf [64]byte
	_, rest, err = t.DecodeKey(src, desc, buf[:0])
	return rest, err
}

// keyReader reads key bytes, flipped when mask is 0xff. Past the end it reads
// zeros and sets bad.
type keyReader struct {
	src  []byte
	mask byte
	bad  bool
}

func (r *keyReader) byte() byte {
	if len(r.src) == 0 {
		r.bad = true
		return 0
	}
	c := r.src[0] ^ r.mask
	r.src = r.src[1:]
	return c
}

// fixed appends the next n bytes to dst.
func (r *keyReader) fixed(dst []byte, n int) []byte {
	if n > len(r.src) {
		r.bad = true
		return dst
	}
	start := len(dst)
	dst = append(dst, r.src[:n]...)
	r.src = r.src[n:]
	r.unmask(dst[start:])
	return dst
}

func (r *keyReader) unmask(b []byte) {
	if r.mask != 0 {
		for i := range b {
			b[i] ^= r.mask
		}
	}
}

func (r *keyReader) uint64() uint64 {
	var v uint64
	for range 8 {
		v = v<<8 | uint64(r.byte())
	}
	return v
}

func (r *keyReader) uint32() uint32 {
	var v uint32
	for range 4 {
		v = v<<8 | uint32(r.byte())
	}
	return v
}

// component appends the wire bytes of the next component.
func (r *keyReader) component(dst []byte, t *Type) (wire []byte, null bool) {
	switch r.byte() {
	case keyNull:
		return dst, true
	case keyEmpty:
		return dst, false
	case keyValue:
		return r.value(dst, t), false
	}
	r.bad = true
	return dst, false
}

// fixedKeyLen is the length of the body of integers and the like.
func fixedKeyLen(k Kind) int {
	switch k {
	case Tinyint:
		return 1
	case Smallint:
		return 2
	case Int, Date:
		return 4
	}
	return 8
}

func (r *keyReader) value(dst []byte, t *Type) []byte {
	start := len(dst)
	switch t.Kind {
	case Tinyint, Smallint, Int, Bigint, Counter, Timestamp:
		if dst = r.fixed(dst, fixedKeyLen(t.Kind)); !r.bad {
			dst[start] ^= 0x80
		}
		return dst
	case Date, Time:
		return r.fixed(dst, fixedKeyLen(t.Kind))
	case Boolean:
		return append(dst, r.byte()&1)
	case Float:
		bits := r.uint32()
		if bits>>31 != 0 {
			bits &^= 1 << 31
		} else {
			bits = ^bits
		}
		return binary.BigEndian.AppendUint32(dst, bits)
	case Double:
		bits := r.uint64()
		if bits>>63 != 0 {
			bits &^= 1 << 63
		} else {
			bits = ^bits
		}
		return binary.BigEndian.AppendUint64(dst, bits)
	case Uuid, Timeuuid:
		if dst = r.fixed(dst, 16); !r.bad {
			b := dst[start:]
			high, low := t.uuidFromOrder(binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]))
			binary.BigEndian.PutUint64(b, high)
			binary.BigEndian.PutUint64(b[8:], low)
		}
		return dst
	case Varint:
		return r.varint(dst)
	case Decimal:
		return r.decimal(dst)
	case List, Set, Map:
		return r.collection(dst, t)
	case Vector:
		return r.vector(dst, t)
	case Tuple, UDT:
		return r.tuple(dst, t)
	default:
		dst = r.escaped(dst)
		r.bad = r.bad || len(dst) == start // no bytes are keyEmpty
		return dst
	}
}

func (r *keyReader) escaped(dst []byte) []byte {
	for {
		i := bytes.IndexByte(r.src, keyEscape^r.mask)
		if i < 0 || i+1 >= len(r.src) {
			r.bad = true
			return dst
		}
		start := len(dst)
		dst = append(dst, r.src[:i]...)
		r.unmask(dst[start:])
		next := r.src[i+1] ^ r.mask
		r.src = r.src[i+2:]
		switch next {
		case keyEnd:
			return dst
		case keyEscapedNul:
			dst = append(dst, 0)
		default:
			r.bad = true
			return dst
		}
	}
}

func (r *keyReader) varint(dst []byte) []byte {
	header := int(r.byte())
	n := header - 0x80
	switch {
	case n > maxShortVarint:
		n = int(r.uint32())
	case n < -maxShortVarint:
		n = int(^r.uint32())
	case n < 0:
		n = -n
	}
	return r.fixed(dst, n)
}

func (r *keyReader) decimal(dst []byte) []byte {
	header := r.byte()
	switch header {
	case keyDecimalZero:
		return AppendDecimalInt64(dst, 0, 0)
	case keyDecimalPositive:
	case keyDecimalNegative:
		r.mask = ^r.mask
		defer func() { r.mask = ^r.mask }()
	default:
		r.bad = true
		return dst
	}
	var exp int64
	switch e := r.byte(); e {
	case 0x01, 0xff:
		exp = int64(r.uint64() ^ 1<<63)
	default:
		exp = int64(e) - 0x80
	}
	var buf [24]byte
	digits := buf[:0]
	for !r.bad {
		c := r.byte()
		if c == keyEnd {
			break
		}
		if c > 100 {
			r.bad = true
		}
		digits = append(digits, '0'+(c-1)/10, '0'+(c-1)%10)
	}
	if r.bad || len(digits) == 0 {
		r.bad = true
		return dst
	}
	if digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return r.plainDecimal(dst, header == keyDecimalNegative, exp, digits)
}

// maxPlainDigits is up to how many digits a decoded decimal is written out
// without an exponent.
const maxPlainDigits = 18

// plainDecimal appends ±0.digits * 10^exp with the scale it most likely had:
// no trailing zeros behind the point, none of a negative scale for integers of
// ordinary size.
func (r *keyReader) plainDecimal(dst []byte, neg bool, exp int64, digits []byte) []byte {
	whole := exp <= maxPlainDigits && int64(len(digits)) < exp
	for whole && int64(len(digits)) < exp || int64(len(digits))-exp < math.MinInt32 && len(digits) < 3*MaxNumberBytes {
		digits = append(digits, '0')
	}
	scale := int64(len(digits)) - exp
	if scale != int64(int32(scale)) {
		r.bad = true
		return dst
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(int32(scale)))
	if len(digits) <= maxPlainDigits {
		var v int64
		for _, c := range digits {
			v = v*10 + int64(c-'0')
		}
		if neg {
			v = -v
		}
		return AppendVarintInt64(dst, v)
	}
	unscaled, _ := new(big.Int).SetString(string(digits), 10)
	if neg {
		unscaled.Neg(unscaled)
	}
	return AppendVarintBig(dst, unscaled)
}

// element appends the next component with its [int] length.
func (r *keyReader) element(dst []byte, t *Type) (out []byte, null bool) {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst, null = r.component(dst, t)
	n := uint32(len(dst) - at - 4)
	if null {
		n = math.MaxUint32
	}
	binary.BigEndian.PutUint32(dst[at:], n)
	return dst, null
}

// end reports whether the closing byte of a sequence comes next, and takes it.
func (r *keyReader) end() bool {
	if len(r.src) > 0 && r.src[0]^r.mask != keyEnd {
		return false
	}
	r.byte()
	return true
}

func (r *keyReader) collection(dst []byte, t *Type) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	n := 0
	for ; !r.bad && !r.end(); n++ {
		dst, _ = r.element(dst, t.Elems[n%len(t.Elems)])
	}
	if n%len(t.Elems) != 0 {
		r.bad = true
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(n/len(t.Elems)))
	return dst
}

func (r *keyReader) tuple(dst []byte, t *Type) []byte {
	for i := range t.Elems {
		if len(r.src) > 0 && r.src[0]^r.mask == keyEnd {
			for range t.Elems[i:] {
				dst = AppendElement(dst, nil)
			}
			break
		}
		dst, _ = r.element(dst, t.Elems[i])
	}
	if !r.end() {
		r.bad = true
	}
	return dst
}

func (r *keyReader) vector(dst []byte, t *Type) []byte {
	elem := t.Elems[0]
	fixed := elem.FixedLen() > 0
	for n := 0; !r.bad && !r.end(); n++ {
		at := len(dst)
		dst, _ = r.component(dst, elem)
		if !fixed {
			var size [9]byte
			prefix := appendUvint(size[:0], uint64(len(dst)-at))
			dst = slices.Insert(dst, at, prefix...)
		}
		if n >= t.Dimension {
			r.bad = true
		}
	}
	return dst
}
