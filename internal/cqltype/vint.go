package cqltype

import (
	"encoding/binary"
	"math/bits"
)

// uvint reads an unsigned vint (org.apache.cassandra.utils.vint.VIntCoding):
// the number of leading one bits of the first byte is the number of bytes that
// follow. It returns the value and its size, size 0 when b is too short.
func uvint(b []byte) (uint64, int) {
	if len(b) == 0 {
		return 0, 0
	}
	first := b[0]
	if first < 0x80 {
		return uint64(first), 1
	}
	extra := bits.LeadingZeros8(^first)
	if len(b) < 1+extra {
		return 0, 0
	}
	var v uint64
	if extra < 8 {
		v = uint64(first & (0xff >> extra))
	}
	for _, c := range b[1 : 1+extra] {
		v = v<<8 | uint64(c)
	}
	return v, 1 + extra
}

// appendUvint appends v as an unsigned vint in the fewest bytes.
func appendUvint(dst []byte, v uint64) []byte {
	magnitude := bits.LeadingZeros64(v | 1)
	size := (639 - magnitude*9) >> 6
	if size == 1 {
		return append(dst, byte(v))
	}
	if size < 9 {
		extra := size - 1
		v |= uint64(^byte(0xff>>extra)) << (8 * extra)
		for i := extra; i >= 0; i-- {
			dst = append(dst, byte(v>>(8*i)))
		}
		return dst
	}
	dst = append(dst, 0xff)
	return binary.BigEndian.AppendUint64(dst, v)
}

// vint reads a signed (zigzag) vint.
func vint(b []byte) (int64, int) {
	u, n := uvint(b)
	return int64(u>>1) ^ -int64(u&1), n
}

func appendVint(dst []byte, v int64) []byte {
	return appendUvint(dst, uint64(v)<<1^uint64(v>>63))
}
