package grpc

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// The bytes of a message are appended as they come. The length of a message
// that holds others is known at its end: begin leaves one byte for it, end
// makes room for more where that is not enough.

// tag is the first byte of a length-delimited field with a number below 16.
func tag(number protowire.Number) byte { return byte(number<<3) | byte(protowire.BytesType) }

// begin begins a length-delimited field; at is for end.
func begin(dst []byte, number protowire.Number) (grown []byte, at int) {
	dst = append(dst, tag(number), 0)
	return dst, len(dst)
}

// end ends the field that begin began.
func end(dst []byte, at int) []byte {
	n := len(dst) - at
	if n < 0x80 {
		dst[at-1] = byte(n)
		return dst
	}
	var zeros [maxVarint]byte
	extra := protowire.SizeVarint(uint64(n)) - 1
	dst = append(dst, zeros[:extra]...)
	copy(dst[at+extra:], dst[at:at+n])
	protowire.AppendVarint(dst[:at-1], uint64(n))
	return dst
}

// appendBytes appends a length-delimited field.
func appendBytes(dst []byte, number protowire.Number, b []byte) []byte {
	return append(protowire.AppendVarint(append(dst, tag(number)), uint64(len(b))), b...)
}

// appendString appends a string field; what is not UTF-8 in s would make the
// message unreadable, and is replaced.
func appendString(dst []byte, number protowire.Number, s string) []byte {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	return append(protowire.AppendVarint(append(dst, tag(number)), uint64(len(s))), s...)
}

// appendNumber appends a varint field, or nothing for 0, as proto3 has it for
// fields without presence.
func appendNumber(dst []byte, number protowire.Number, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return protowire.AppendVarint(append(dst, byte(number<<3)|byte(protowire.VarintType)), v)
}
