package wire

// Collecting reports whether an envelope that Admit was asked for has not arrived
// in whole.
func (s *Stream) Collecting() bool { return s.large != nil }

// startLarge starts to collect an envelope of size bytes, of which there is begun.
func (s *Stream) startLarge(h Header, size int, begun []byte) {
	s.largeSize, s.largeCame, s.largeStream, s.elider = size, 0, h.Stream, nil
	s.large = make([]byte, 0, max(min(size, maxStreamBuffer), len(begun)))
	if s.Elide != nil && (s.segmented || h.Flags&FlagCompressed == 0) {
		s.elider = s.Elide(h, size)
	}
	s.addLarge(begun)
}

// addLarge adds what has arrived of the large envelope, shortened.
func (s *Stream) addLarge(b []byte) {
	if header := HeaderSize - s.largeCame; header > 0 { // is there, or comes at once
		header = min(header, len(b))
		s.large = append(s.large, b[:header]...)
		s.largeCame += header
		b = b[header:]
	}
	s.largeCame += len(b)
	if s.elider != nil {
		s.large = s.elider.Append(s.large, b)
		return
	}
	if free := cap(s.large) - len(s.large); free < len(b) {
		s.large = grow(s.large, min(s.largeSize-len(s.large), max(len(b), len(s.large))))
	}
	s.large = append(s.large, b...)
}

// largeSpace returns where the next bytes of the large envelope go: behind the
// others, or where the elider reads them.
func (s *Stream) largeSpace() []byte {
	missing := s.largeSize - s.largeCame
	if s.elider != nil {
		if len(s.buf) < maxStreamBuffer {
			s.buf = make([]byte, maxStreamBuffer)
		}
		s.r, s.w = 0, 0
		return s.buf[:min(len(s.buf), missing)]
	}
	if len(s.large) == cap(s.large) {
		s.large = grow(s.large, min(missing, len(s.large)))
	}
	return s.large[len(s.large):min(cap(s.large), s.largeSize)]
}

// nextLarge returns the large envelope once it is complete.
func (s *Stream) nextLarge() (Envelope, bool, *Fault) {
	if s.largeCame < s.largeSize {
		return Envelope{}, false, nil
	}
	e := Envelope{Header: parseHeader(s.large), Body: s.large[HeaderSize:], Detached: true, Size: s.largeSize}
	if s.elider != nil {
		e.Cuts = s.elider.Cuts()
	}
	s.large, s.elider = nil, nil
	return e, true, nil
}
