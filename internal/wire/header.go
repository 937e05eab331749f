package wire

import "encoding/binary"

// HeaderSize is the size of an envelope header since version 3; versions 1 and
// 2, which are only answered with an error, have legacyHeaderSize.
const (
	HeaderSize       = 9
	legacyHeaderSize = 8
	responseBit      = 0x80
)

// Flags are the flags of an envelope header (native_protocol_v5.spec §2.3.2).
type Flags uint8

// The flags. FlagCompressed has no meaning in segmented versions.
const (
	FlagCompressed    Flags = 0x01
	FlagTracing       Flags = 0x02
	FlagCustomPayload Flags = 0x04
	FlagWarning       Flags = 0x08
	FlagUseBeta       Flags = 0x10
)

// Header is the header of an envelope.
type Header struct {
	Version  Version
	Response bool // direction
	Flags    Flags
	Stream   int16
	Opcode   Opcode
	// Length of the body in bytes, as the sender claims it.
	Length uint32
}

// parseHeader reads the header at the start of b, which has at least
// HeaderSize bytes. Nothing in it is checked.
func parseHeader(b []byte) Header {
	_ = b[HeaderSize-1]
	return Header{
		Version:  Version(b[0] &^ responseBit),
		Response: b[0]&responseBit != 0,
		Flags:    Flags(b[1]),
		Stream:   int16(binary.BigEndian.Uint16(b[2:])),
		Opcode:   Opcode(b[4]),
		Length:   binary.BigEndian.Uint32(b[5:]),
	}
}

// Append appends the header's bytes to dst. Versions 1 and 2 get the header
// they understand, with a stream id of one byte.
func (h Header) Append(dst []byte) []byte {
	first := byte(h.Version)
	if h.Response {
		first |= responseBit
	}
	dst = append(dst, first, byte(h.Flags))
	if h.Version < V3 {
		dst = append(dst, byte(h.Stream))
	} else {
		dst = binary.BigEndian.AppendUint16(dst, uint16(h.Stream))
	}
	dst = append(dst, byte(h.Opcode))
	return binary.BigEndian.AppendUint32(dst, h.Length)
}
