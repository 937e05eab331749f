package wire

import (
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/pierrec/lz4/v4"
)

// The sizes around a segment's payload (native_protocol_v5.spec §2.2).
const (
	segmentHeaderSize    = 6 // 3 bytes and their CRC24
	segmentHeaderSizeLZ4 = 8 // 5 bytes and their CRC24
	segmentTrailerSize   = 4 // CRC32 of the payload
	selfContainedBit     = 17
	selfContainedBitLZ4  = 34
	lengthMask           = 1<<17 - 1
)

// segmentHeader is a decoded segment header.
type segmentHeader struct {
	// length of the payload as it travels.
	length int
	// uncompressed length, 0 when the payload is stored as it is.
	uncompressed  int
	selfContained bool
}

// headerSize is the size of a segment header with its CRC.
func headerSize(compressed bool) int {
	if compressed {
		return segmentHeaderSizeLZ4
	}
	return segmentHeaderSize
}

// parseSegmentHeader checks and decodes the header at the start of b, which has
// at least headerSize(compressed) bytes.
func parseSegmentHeader(b []byte, compressed bool) (segmentHeader, *cqlerr.Error) {
	n := headerSize(compressed) - 3
	var bits uint64
	for i := n - 1; i >= 0; i-- {
		bits = bits<<8 | uint64(b[i])
	}
	read := uint32(b[n]) | uint32(b[n+1])<<8 | uint32(b[n+2])<<16
	if computed := crc24(b[:n]); read != computed {
		return segmentHeader{}, crcMismatch("header", int32(read), int32(computed))
	}
	h := segmentHeader{length: int(bits & lengthMask), selfContained: bits>>selfContainedBit&1 != 0}
	if compressed {
		h.uncompressed = int(bits >> 17 & lengthMask)
		h.selfContained = bits>>selfContainedBitLZ4&1 != 0
	}
	return h, nil
}

// crcMismatch is CQLMessageHandler.processCorruptFrame's error, to which the
// server adds the name of the connection.
func crcMismatch(part string, read, computed int32) *cqlerr.Error {
	return cqlerr.Newf(cqlerr.Protocol, "invalid, unrecoverable CRC mismatch detected in frame %s. Read %d, Computed %d", part, read, computed)
}

// openSegment checks the payload and trailer in b and returns the payload,
// decompressed into scratch if need be.
func (h segmentHeader) open(b, scratch []byte) (payload, newScratch []byte, err *cqlerr.Error) {
	payload = b[:h.length:h.length]
	read := binary.LittleEndian.Uint32(b[h.length:])
	if computed := payloadCRC(payload); read != computed {
		return nil, scratch, crcMismatch("body", int32(read), int32(computed))
	}
	if h.uncompressed == 0 {
		return payload, scratch, nil
	}
	if cap(scratch) < h.uncompressed {
		scratch = make([]byte, h.uncompressed)
	}
	n, lzErr := lz4.UncompressBlock(payload, scratch[:h.uncompressed])
	if lzErr != nil || n != h.uncompressed {
		return nil, scratch, cqlerr.New(cqlerr.Protocol, "Malformed LZ4 data in segment")
	}
	return scratch[:n], scratch, nil
}

// sealSegment fills in the header of the segment whose payload is b[start:],
// room for the header being left before start, and appends the trailer.
func sealSegment(b []byte, start int, selfContained bool) []byte {
	payload := b[start:]
	bits := uint64(len(payload))
	if selfContained {
		bits |= 1 << selfContainedBit
	}
	putSegmentHeader(b[start-segmentHeaderSize:start], bits)
	return binary.LittleEndian.AppendUint32(b, payloadCRC(payload))
}

// sealSegmentLZ4 is sealSegment for a connection with LZ4: the payload is
// replaced by its compressed form where that is smaller. scratch is reused.
func sealSegmentLZ4(b []byte, start int, selfContained bool, scratch []byte) (sealed, newScratch []byte) {
	payload := b[start:]
	if bound := lz4.CompressBlockBound(len(payload)); cap(scratch) < bound {
		scratch = make([]byte, bound)
	}
	uncompressed := 0
	if n := compressBlock(payload, scratch[:cap(scratch)]); n > 0 && n < len(payload) {
		uncompressed = len(payload)
		b = append(b[:start], scratch[:n]...)
		payload = b[start:]
	}
	bits := uint64(len(payload)) | uint64(uncompressed)<<17
	if selfContained {
		bits |= 1 << selfContainedBitLZ4
	}
	putSegmentHeader(b[start-segmentHeaderSizeLZ4:start], bits)
	return binary.LittleEndian.AppendUint32(b, payloadCRC(payload)), scratch
}

// putSegmentHeader writes bits, least significant byte first, and their CRC24.
func putSegmentHeader(dst []byte, bits uint64) {
	n := len(dst) - 3
	for i := range n {
		dst[i] = byte(bits >> (8 * i))
	}
	crc := crc24(dst[:n])
	dst[n], dst[n+1], dst[n+2] = byte(crc), byte(crc>>8), byte(crc>>16)
}
