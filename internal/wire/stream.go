package wire

import (
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/elide"
)

// The sizes of a Stream's buffer: what a quiet connection holds, up to where
// it grows for a busy one, and from where an envelope is collected apart.
const (
	minStreamBuffer = 4 << 10
	maxStreamBuffer = 64 << 10
)

// Envelope is one envelope of a stream.
type Envelope struct {
	Header
	// Body points into the stream's buffer and is valid until the next call of
	// Next, unless Detached: then it belongs to the receiver.
	Body     []byte
	Detached bool
	// Size is that of a detached envelope as it came, header included, in bytes, and
	// Cuts what of it was left out (Stream.Elide): nil for nothing.
	Size int
	Cuts *elide.Cuts
}

// Fault is a mistake in a stream that has to be answered.
type Fault struct {
	Err *cqlerr.Error
	// Version to answer in, 0 for the connection's.
	Version Version
	Stream  int16
	// Fatal: nothing behind the mistake can be understood, so the connection
	// has to be closed once the answer is sent.
	Fatal bool
}

// Stream takes the bytes that one peer sends and gives them back as envelopes:
// bare ones, or, after Segment, those inside of segments. It holds at most one
// envelope or segment, and grows as bytes arrive, not by what they claim.
//
//	for {
//		envelope, ok, fault := s.Next()
//		... handle it; when there is neither an envelope nor a fault:
//		n, err := conn.Read(s.Space()); s.Filled(n)
//	}
type Stream struct {
	// Responses is set on the side of a client.
	Responses bool
	// Handshake is set until the connection is ready: until then envelopes are
	// limited to MaxSegmentPayload, and can't span segments.
	Handshake bool
	// MaxEnvelope is the largest envelope taken, in bytes; 0 is MaxFrameSize. A
	// server bounds what it is sent, not what it sends: its clients set more.
	MaxEnvelope int64
	// Name of the connection in CRC errors.
	Name string
	// Admit, if set, is asked before an envelope of size bytes that needs a
	// buffer of its own is collected; one that it refuses is dropped and
	// answered with the error.
	Admit func(size int) *cqlerr.Error
	// Elide, if set, is asked for what shortens such an envelope; nil for nothing.
	// One that is compressed as a whole it is not asked for.
	Elide func(h Header, size int) *Elider

	buf  []byte // buf[r:w] is unread
	r, w int
	need int  // how many bytes from r the next step needs
	full bool // the last read filled the buffer

	version   Version // negotiated, 0 before
	segmented bool
	lz4       bool
	payload   []byte // unread rest of a self-contained segment
	scratch   []byte // decompressed payloads
	errors    int    // consecutive ones in the current segment

	large     []byte  // envelope under assembly, header included
	largeSize int     // its size when complete
	largeCame int     // how much of it came
	elider    *Elider // of what comes of it, nil when all is kept
	// largeStream is its stream id, when it comes in segments.
	largeStream int16
	skip        int64  // bytes still to be dropped
	skipFault   *Fault // to be reported behind them
}

// Negotiated fixes the version that every later envelope must have.
func (s *Stream) Negotiated(v Version) { s.version = v }

// Segment switches to segments, for the bytes behind the last envelope returned.
func (s *Stream) Segment(compressed bool) { s.segmented, s.lz4 = true, compressed }

// Space returns where the next bytes go, at least one. It may be called only
// when Next had nothing, and invalidates the bodies returned before.
func (s *Stream) Space() []byte {
	if s.large != nil && !s.segmented {
		return s.largeSpace()
	}
	unread := s.w - s.r
	size := max(minStreamBuffer, s.need)
	switch {
	case unread == 0 && cap(s.buf) > maxStreamBuffer && s.need <= maxStreamBuffer:
		s.buf, s.r, s.w = nil, 0, 0 // a big segment is through
	case s.full || unread > len(s.buf)/2:
		size = max(size, min(2*len(s.buf), maxStreamBuffer))
	}
	if len(s.buf) < size {
		b := make([]byte, size)
		copy(b, s.buf[s.r:s.w])
		s.buf = b
	} else if s.r > 0 {
		copy(s.buf, s.buf[s.r:s.w])
	}
	s.r, s.w = 0, unread
	return s.buf[s.w:]
}

// Filled says that n bytes were read into Space.
func (s *Stream) Filled(n int) {
	switch {
	case s.large == nil || s.segmented:
	case s.elider == nil:
		s.large = s.large[:len(s.large)+n]
		s.largeCame += n
		return
	default:
		s.addLarge(s.buf[:n])
		return
	}
	s.w += n
	s.full = s.w == len(s.buf)
}

// Next returns the next envelope, if ok, or a fault; with neither, it needs
// more bytes.
func (s *Stream) Next() (e Envelope, ok bool, fault *Fault) {
	if s.skip > 0 && !s.dropSkipped() {
		return Envelope{}, false, nil
	}
	if s.skip == 0 && s.skipFault != nil {
		fault, s.skipFault = s.skipFault, nil
		return Envelope{}, false, fault
	}
	if s.segmented {
		return s.nextSegmented()
	}
	return s.nextBare()
}

// dropSkipped drops buffered bytes that are to be skipped and reports whether
// all of them are gone. Segments are skipped when they are opened.
func (s *Stream) dropSkipped() bool {
	if s.segmented {
		return true
	}
	n := min(s.skip, int64(s.w-s.r))
	s.skip -= n
	s.r += int(n)
	s.need = 1
	return s.skip == 0
}

func (s *Stream) more(need int) (Envelope, bool, *Fault) {
	s.need = need
	return Envelope{}, false, nil
}

// limit is the size that an envelope may have now, header included.
func (s *Stream) limit() int64 {
	if s.Handshake {
		return MaxSegmentPayload
	}
	if s.MaxEnvelope > 0 {
		return s.MaxEnvelope
	}
	return MaxFrameSize
}

// nextBare returns the next envelope of a connection without segments
// (Envelope.Decoder.decode).
func (s *Stream) nextBare() (Envelope, bool, *Fault) {
	if s.large != nil {
		return s.nextLarge()
	}
	unread := s.buf[s.r:s.w]
	if len(unread) == 0 {
		return s.more(HeaderSize)
	}
	if v := Version(unread[0] &^ responseBit); !v.supported() {
		return s.unsupported(v, unread)
	}
	if len(unread) < HeaderSize {
		return s.more(HeaderSize)
	}
	h := parseHeader(unread)
	total := HeaderSize + int64(h.Length)
	if fault := s.check(h); fault != nil {
		s.skip = total
		return Envelope{}, false, fault
	}
	if total > s.limit() {
		s.skip = total
		s.skipFault = &Fault{Err: tooBig(total, s.limit()), Stream: h.Stream}
		return s.Next()
	}
	if total > maxStreamBuffer && total > int64(len(unread)) {
		if err := s.admit(int(total)); err != nil {
			s.skip, s.skipFault = total, &Fault{Err: err, Stream: h.Stream}
			return s.Next()
		}
		s.startLarge(h, int(total), unread)
		s.r = s.w
		return Envelope{}, false, nil
	}
	if total > int64(len(unread)) {
		return s.more(int(total))
	}
	s.r += int(total)
	return Envelope{Header: h, Body: unread[HeaderSize:total:total]}, true, nil
}

func (s *Stream) admit(size int) *cqlerr.Error {
	if s.Admit == nil {
		return nil
	}
	return s.Admit(size)
}

// unsupported is the fault of a version that is not served. All that has
// arrived is dropped, as its layout is not known.
func (s *Stream) unsupported(v Version, unread []byte) (Envelope, bool, *Fault) {
	fault := &Fault{Err: invalidVersion(v)}
	switch {
	case v < V3:
		if len(unread) < legacyHeaderSize {
			return s.more(legacyHeaderSize)
		}
		fault.Version, fault.Stream = v, int16(int8(unread[2])) // 0 stays: the connection's
	case len(unread) < HeaderSize:
		return s.more(HeaderSize)
	default:
		fault.Stream = parseHeader(unread).Stream
	}
	s.r = s.w
	return Envelope{}, false, fault
}

// check refuses headers that can't be served, but for their length.
func (s *Stream) check(h Header) *Fault {
	switch {
	case !h.Version.supported():
		fault := &Fault{Err: invalidVersion(h.Version), Stream: h.Stream}
		if h.Version == 1 || h.Version == 2 {
			fault.Version = h.Version
		}
		return fault
	case h.Version.Beta() && h.Flags&FlagUseBeta == 0:
		return &Fault{Err: betaUnset(h.Version), Version: h.Version, Stream: h.Stream}
	}
	if err := h.Opcode.check(h.Response); err != nil {
		return &Fault{Err: err, Stream: h.Stream}
	}
	if h.Response != s.Responses {
		return &Fault{Err: cqlerr.Newf(cqlerr.Protocol, "Unexpected %s message %s, expecting %s",
			direction(h.Response), h.Opcode, direction(s.Responses)), Stream: h.Stream}
	}
	if s.version != 0 && h.Version != s.version {
		return &Fault{Err: s.otherVersion(h.Version), Stream: h.Stream}
	}
	return nil
}

// otherVersion is the error of an envelope in another version than the
// connection's; the missing blank in segmented versions is Cassandra's.
func (s *Stream) otherVersion(v Version) *cqlerr.Error {
	blank := " "
	if s.segmented {
		blank = ""
	}
	return cqlerr.Newf(cqlerr.Protocol, "Invalid message version. Got %s but previous%smessages on this connection had version %s", v, blank, s.version)
}
