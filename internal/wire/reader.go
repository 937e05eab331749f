package wire

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"net/netip"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Reader reads the notations of native_protocol_v5.spec §3 from a message
// body. The first error stays: every later read returns a zero value, so that
// decoders check Err once at their end. Byte slices it returns point into the
// body.
type Reader struct {
	rest    []byte
	version Version
	err     *cqlerr.Error
}

// NewReader returns a reader over the body of an envelope of version v.
func NewReader(body []byte, v Version) Reader { return Reader{rest: body, version: v} }

// Err returns the first error, a Protocol error, or nil.
func (r *Reader) Err() *cqlerr.Error { return r.err }

// Remaining returns the number of unread bytes.
func (r *Reader) Remaining() int { return len(r.rest) }

func (r *Reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = cqlerr.Newf(cqlerr.Protocol, format, args...)
	}
	r.rest = nil
}

// take returns the next n bytes, or nil with an error that names what.
func (r *Reader) take(n int, what string) []byte {
	if n > len(r.rest) {
		r.fail("Not enough bytes to read %s", what)
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// Byte reads a [byte].
func (r *Reader) Byte() byte {
	if b := r.take(1, "a [byte]"); b != nil {
		return b[0]
	}
	return 0
}

// Short reads a [short].
func (r *Reader) Short() uint16 {
	if b := r.take(2, "a [short]"); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// Int reads an [int].
func (r *Reader) Int() int32 {
	if b := r.take(4, "an [int]"); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

// Long reads a [long].
func (r *Reader) Long() int64 {
	if b := r.take(8, "a [long]"); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

// StringBytes reads a [string] as the bytes it came in, valid UTF-8.
func (r *Reader) StringBytes() []byte {
	if len(r.rest) >= 2 {
		n := int(binary.BigEndian.Uint16(r.rest))
		if n <= len(r.rest)-2 {
			b := r.rest[2 : 2+n : 2+n]
			r.rest = r.rest[2+n:]
			return r.text(b)
		}
	}
	r.fail("Not enough bytes to read an UTF8 serialized string preceded by its 2 bytes length")
	return nil
}

// String reads a [string].
func (r *Reader) String() string { return string(r.StringBytes()) }

// LongString reads a [long string].
func (r *Reader) LongString() string {
	if len(r.rest) >= 4 {
		n := int64(int32(binary.BigEndian.Uint32(r.rest)))
		if n >= 0 && n <= int64(len(r.rest)-4) {
			b := r.rest[4 : 4+n : 4+n]
			r.rest = r.rest[4+n:]
			return string(r.text(b))
		}
	}
	r.fail("Not enough bytes to read an UTF8 serialized string preceded by its 4 bytes length")
	return ""
}

// maxQuoted bounds how much of a malformed string its error repeats.
const maxQuoted = 64

// text checks that b is UTF-8.
func (r *Reader) text(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	bad := b
	for {
		c, n := utf8.DecodeRune(bad)
		if c == utf8.RuneError && n == 1 {
			break
		}
		bad = bad[n:]
	}
	r.fail("Cannot decode string as UTF8: '%s'; java.nio.charset.MalformedInputException: Input length = 1",
		hex.EncodeToString(bad[:min(len(bad), maxQuoted)]))
	return nil
}

// ShortBytes reads a [short bytes].
func (r *Reader) ShortBytes() []byte {
	if len(r.rest) >= 2 {
		n := int(binary.BigEndian.Uint16(r.rest))
		if n <= len(r.rest)-2 {
			b := r.rest[2 : 2+n : 2+n]
			r.rest = r.rest[2+n:]
			return b
		}
	}
	r.fail("Not enough bytes to read a byte array preceded by its 2 bytes length")
	return nil
}

// Bytes reads a [bytes]: nil for any negative length.
func (r *Reader) Bytes() []byte {
	n := int(r.Int())
	if n < 0 {
		return nil
	}
	return r.sized(n)
}

// sized returns the n bytes of a value whose length has been read.
func (r *Reader) sized(n int) []byte {
	if n > len(r.rest) {
		r.fail("Cannot read value of length %d, only %d bytes remaining in the message", n, len(r.rest))
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// Strings reads a [string list].
func (r *Reader) Strings() []string {
	n := int(r.Short())
	list := make([]string, 0, min(n, len(r.rest)/2))
	for range n {
		s := r.String()
		if r.err != nil {
			return nil
		}
		list = append(list, s)
	}
	return list
}

// BytesMap reads a [bytes map].
func (r *Reader) BytesMap() map[string][]byte {
	n := int(r.Short())
	m := make(map[string][]byte, min(n, len(r.rest)/6))
	for range n {
		key := r.String()
		m[key] = r.Bytes()
		if r.err != nil {
			return nil
		}
	}
	return m
}

// Inet reads an [inet]: an address and a port.
func (r *Reader) Inet() netip.AddrPort {
	address, ok := netip.AddrFromSlice(r.take(int(r.Byte()), "an [inet]"))
	port := r.Int()
	if r.err == nil && (!ok || port < 0 || port > math.MaxUint16) {
		r.fail("Invalid [inet]")
	}
	return netip.AddrPortFrom(address, uint16(port))
}
