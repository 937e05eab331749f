package wire

import "github.com/astrolabe-db/astrolabe/internal/cqlerr"

// nextSegmented returns the next envelope of a connection with segments
// (CQLMessageHandler).
func (s *Stream) nextSegmented() (Envelope, bool, *Fault) {
	for len(s.payload) == 0 {
		unread := s.buf[s.r:s.w]
		size := headerSize(s.lz4)
		if len(unread) < size {
			return s.more(size)
		}
		h, err := parseSegmentHeader(unread, s.lz4)
		if err != nil {
			return s.corrupt(err)
		}
		total := size + h.length + segmentTrailerSize
		if len(unread) < total {
			return s.more(total)
		}
		var payload []byte
		if payload, s.scratch, err = h.open(unread[size:total], s.scratch); err != nil {
			return s.corrupt(err)
		}
		s.r += total
		s.errors = 0
		if !h.selfContained {
			if e, ok, fault := s.assemble(payload); ok || fault != nil {
				return e, ok, fault
			}
			continue
		}
		s.payload = payload
	}
	return s.nextContained()
}

// corrupt is the end of a stream whose checksums don't match: which requests
// were in it can't be known.
func (s *Stream) corrupt(err *cqlerr.Error) (Envelope, bool, *Fault) {
	if s.Name != "" {
		err.Message = s.Name + " " + err.Message
	}
	return Envelope{}, false, &Fault{Err: err, Fatal: true}
}

func (s *Stream) fatal(stream int16, format string, args ...any) (Envelope, bool, *Fault) {
	return Envelope{}, false, &Fault{Err: cqlerr.Newf(cqlerr.Protocol, format, args...), Stream: stream, Fatal: true}
}

// nextContained returns the next envelope of a self-contained segment.
func (s *Stream) nextContained() (Envelope, bool, *Fault) {
	if len(s.payload) < HeaderSize {
		return s.fatal(0, "Undersized buffer supplied. Expected %d, actual %d", HeaderSize, len(s.payload))
	}
	h := parseHeader(s.payload)
	rest := s.payload[HeaderSize:]
	if int32(h.Length) < 0 {
		return s.fatal(h.Stream, "Invalid value for envelope header body length field: %d", int32(h.Length))
	}
	if fault := s.check(h); fault != nil {
		s.payload = rest[min(len(rest), int(h.Length)):]
		fault.Fatal = s.Reject()
		return Envelope{}, false, fault
	}
	if int(h.Length) > len(rest) {
		return s.fatal(h.Stream, "Envelope of %d bytes in a self-contained segment that has %d", h.Length, len(rest))
	}
	s.payload = rest[h.Length:]
	return Envelope{Header: h, Body: rest[:h.Length:h.Length]}, true, nil
}

// Reject counts an envelope that could not be served and reports whether there
// were too many in the same segment: then the connection has to be closed.
// Without segments there is no limit.
func (s *Stream) Reject() (fatal bool) {
	s.errors++
	return s.segmented && s.errors > MaxConsecutiveErrors
}

// Accept ends a run of envelopes that could not be served.
func (s *Stream) Accept() { s.errors = 0 }

// assemble adds the payload of a segment that is not self-contained to the
// envelope that it is a part of.
func (s *Stream) assemble(payload []byte) (Envelope, bool, *Fault) {
	if s.large == nil && s.skip == 0 {
		if fault := s.beginLarge(payload); fault != nil {
			return Envelope{}, false, fault
		}
	}
	if s.skip > 0 {
		s.skip -= min(s.skip, int64(len(payload)))
		if s.skip == 0 {
			fault := s.skipFault
			s.skipFault = nil
			return Envelope{}, false, fault
		}
		return Envelope{}, false, nil
	}
	if s.largeCame+len(payload) > s.largeSize {
		return s.fatal(s.largeStream, "Segments exceed the envelope of %d bytes that they carry", s.largeSize)
	}
	s.addLarge(payload)
	return s.nextLarge()
}

// beginLarge starts an envelope that spans segments. Mistakes in its header
// are fatal, for where it ends is not known then.
func (s *Stream) beginLarge(payload []byte) *Fault {
	if len(payload) < HeaderSize {
		_, _, fault := s.fatal(0, "Undersized buffer supplied. Expected %d, actual %d", HeaderSize, len(payload))
		return fault
	}
	h := parseHeader(payload)
	if int32(h.Length) < 0 {
		_, _, fault := s.fatal(h.Stream, "Invalid value for envelope header body length field: %d", int32(h.Length))
		return fault
	}
	if fault := s.check(h); fault != nil {
		fault.Fatal = true
		return fault
	}
	if s.Handshake {
		_, _, fault := s.fatal(h.Stream, "The connection is not yet in a valid state to process multi frame CQL Messages, "+
			"usually thismeans that authentication is still pending. type = %s, size = %d", h.Opcode, h.Length)
		return fault
	}
	limit := s.MaxEnvelope
	if limit == 0 {
		limit = MaxMessageSize
	}
	if int64(h.Length) > limit {
		s.skip = HeaderSize + int64(h.Length)
		s.skipFault = &Fault{Stream: h.Stream, Err: cqlerr.Newf(cqlerr.Invalid,
			"CQL Message of size %d bytes exceeds allowed maximum of %d bytes", h.Length, limit)}
		return nil
	}
	if err := s.admit(HeaderSize + int(h.Length)); err != nil {
		s.skip = HeaderSize + int64(h.Length)
		s.skipFault = &Fault{Stream: h.Stream, Err: err}
		return nil
	}
	s.startLarge(h, HeaderSize+int(h.Length), nil)
	return nil
}
