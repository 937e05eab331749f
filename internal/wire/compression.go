package wire

import (
	"encoding/binary"
	"strings"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/golang/snappy"
	"github.com/pierrec/lz4/v4"
)

// Compression is the algorithm that STARTUP chose.
type Compression uint8

// The algorithms. Snappy is not in version 5.
const (
	NoCompression Compression = iota
	LZ4
	Snappy
)

// SupportedCompression is the COMPRESSION list of SUPPORTED.
var SupportedCompression = []string{"snappy", "lz4"}

// minCompressedBody is the body size from which responses are compressed;
// below, compression costs more than it saves.
const minCompressedBody = 512

// ParseCompression returns the algorithm named by STARTUP's COMPRESSION, ""
// for none, on a connection of version v (StartupMessage.execute).
func ParseCompression(name string, v Version) (Compression, *cqlerr.Error) {
	switch strings.ToLower(name) {
	case "lz4":
		return LZ4, nil
	case "snappy":
		if v >= V5 {
			return 0, cqlerr.New(cqlerr.Protocol, "Snappy compression is not supported in protocol V5")
		}
		return Snappy, nil
	default:
		return 0, cqlerr.Newf(cqlerr.Protocol, "Unknown compression algorithm: %s", strings.ToLower(name))
	}
}

// lz4Compressors holds hash tables, which are too big to allocate per body.
var lz4Compressors = sync.Pool{New: func() any { return new(lz4.Compressor) }}

// compressBlock compresses src into dst, which holds at least
// lz4.CompressBlockBound(len(src)). It returns 0 for incompressible input.
func compressBlock(src, dst []byte) int {
	c := lz4Compressors.Get().(*lz4.Compressor)
	defer lz4Compressors.Put(c)
	n, err := c.CompressBlock(src, dst)
	if err != nil {
		return 0
	}
	return n
}

// compressBody appends the compressed form of a v3/v4 body to dst; ok is false
// when it would not be smaller (native_protocol_v4.spec §5).
func (c Compression) compressBody(dst, body []byte) (out []byte, ok bool) {
	start := len(dst)
	switch c {
	case LZ4:
		dst = AppendInt(dst, int32(len(body)))
		dst = grow(dst, lz4.CompressBlockBound(len(body)))
		n := compressBlock(body, dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		ok = n > 0
	case Snappy:
		dst = grow(dst, snappy.MaxEncodedLen(len(body)))
		dst = dst[:start+len(snappy.Encode(dst[start:cap(dst)], body))]
		ok = true
	}
	return dst, ok && len(dst)-start < len(body)
}

// grow returns dst with room for n more bytes.
func grow(dst []byte, n int) []byte {
	if cap(dst)-len(dst) >= n {
		return dst
	}
	return append(make([]byte, 0, len(dst)+n), dst...)
}

// How much larger than their compressed form data can be: a length byte of LZ4
// stands for up to 255 bytes, a three-byte copy of Snappy for up to 64.
const (
	maxLZ4Ratio    = 255
	maxSnappyRatio = 64
)

// DecompressedSize returns the size that a v3/v4 body says it has uncompressed.
// A size that the data can't have, or past MaxMessageSize, is refused.
func (c Compression) DecompressedSize(body []byte) (int, *cqlerr.Error) {
	var size int64
	possible := true
	switch c {
	case LZ4:
		if len(body) < 4 {
			return 0, malformed("LZ4")
		}
		size = int64(binary.BigEndian.Uint32(body))
		block := body[4:]
		possible = size <= int64(len(block))*maxLZ4Ratio
		if size == 0 { // nothing is one zero byte, which the library takes for no block
			possible = len(block) == 1 && block[0] == 0
		}
	case Snappy:
		n, err := snappy.DecodedLen(body)
		size, possible = int64(n), err == nil && n <= len(body)*maxSnappyRatio
	default:
		return len(body), nil
	}
	switch {
	case !possible:
		return 0, malformed(c.String())
	case size > MaxMessageSize:
		return 0, tooBig(size, MaxMessageSize)
	}
	return int(size), nil
}

// DecompressBody returns a v3/v4 body uncompressed, in scratch where it fits.
// Nothing is allocated for a size that DecompressedSize refuses.
func (c Compression) DecompressBody(body, scratch []byte) ([]byte, *cqlerr.Error) {
	size, err := c.DecompressedSize(body)
	if err != nil || c == NoCompression {
		return body, err
	}
	out := grow(scratch[:0], size)[:size]
	var got int
	var bad error
	if c == LZ4 {
		if size > 0 {
			got, bad = lz4.UncompressBlock(body[4:], out)
		}
	} else {
		var b []byte
		b, bad = snappy.Decode(out, body)
		got = len(b)
	}
	if bad != nil || got != size {
		return nil, malformed(c.String())
	}
	return out, nil
}

// String returns the algorithm's name.
func (c Compression) String() string { return [...]string{"no", "LZ4", "Snappy"}[c] }

func malformed(algorithm string) *cqlerr.Error {
	return cqlerr.Newf(cqlerr.Protocol, "Provided frame does not appear to be %s compressed", algorithm)
}

// tooBig is Envelope.Decoder's error of a frame past its limit.
func tooBig(length, limit int64) *cqlerr.Error {
	return cqlerr.Newf(cqlerr.Invalid, "Request is too big: length %d exceeds maximum allowed length %d.", length, limit)
}
