package wire

// Body is a message that can be sent.
type Body interface {
	// AppendBody appends the message's body as version v lays it out.
	AppendBody(dst []byte, v Version) []byte
}

// Output collects envelopes for one connection as the bytes to be written:
// bare, compressed (v3, v4) or in segments (v5), of which every one is filled
// with as many envelopes as fit. It is not safe for concurrent use.
type Output struct {
	buf       []byte
	segmented bool
	comp      Compression
	// segment is where the payload of the open segment starts, -1 when none is
	// open.
	segment int
	scratch []byte
}

// NewOutput returns an Output of bare, uncompressed envelopes.
func NewOutput() Output { return Output{segment: -1} }

// Compress turns on compression for the envelopes behind those collected.
func (o *Output) Compress(c Compression) { o.comp = c }

// Segment switches to segments for the envelopes behind those collected.
func (o *Output) Segment() { o.segmented = true }

// Len returns the number of bytes collected, those of an open segment included.
func (o *Output) Len() int { return len(o.buf) }

// Take closes the open segment and returns the collected bytes. next is the
// buffer to go on with, emptied.
func (o *Output) Take(next []byte) []byte {
	o.closeSegment(true)
	b := o.buf
	o.buf = next[:0]
	return b
}

// Put collects one envelope; its length is filled in here. If m panics, the
// Output is as it was before.
func (o *Output) Put(h Header, x *Extras, m Body) {
	before, segment, done := len(o.buf), o.segment, false
	defer func() {
		if !done {
			o.buf, o.segment = o.buf[:before], segment
		}
	}()
	o.put(h, x, m)
	done = true
}

// PutRaw collects an envelope whose body is already laid out as h.Version has
// it, what the flags announce in front of the message included: the body of
// another connection's envelope, passed through.
func (o *Output) PutRaw(h Header, body []byte) {
	start := o.begin(h)
	o.buf = append(o.buf, body...)
	o.end(h, start)
}

func (o *Output) put(h Header, x *Extras, m Body) {
	start := o.begin(h)
	var flags Flags
	o.buf, flags = x.Append(o.buf, h.Version)
	o.buf = m.AppendBody(o.buf, h.Version)
	h.Flags |= flags
	o.end(h, start)
}

// begin appends h, to be overwritten by end, and returns where it starts.
func (o *Output) begin(h Header) (start int) {
	if o.segmented && o.segment < 0 {
		o.openSegment()
	}
	start = len(o.buf)
	o.buf = h.Append(o.buf)
	return start
}

// end completes the envelope at start, whose body stands behind its header.
func (o *Output) end(h Header, start int) {
	body := start + HeaderSize
	if h.Version < V3 {
		body = start + legacyHeaderSize
	}
	if !o.segmented && o.comp != NoCompression && len(o.buf)-body >= minCompressedBody {
		if o.compressTail(body) {
			h.Flags |= FlagCompressed
		}
	}
	h.Length = uint32(len(o.buf) - body)
	h.Append(o.buf[:start])
	if o.segmented {
		o.fitSegment(start)
	}
}

// compressTail replaces buf[body:] by its compressed form, if that is smaller.
func (o *Output) compressTail(body int) bool {
	var ok bool
	o.scratch, ok = o.comp.compressBody(o.scratch[:0], o.buf[body:])
	if ok {
		o.buf = append(o.buf[:body], o.scratch...)
	}
	o.trimScratch()
	return ok
}

// trimScratch lets go of a scratch buffer that a large body left behind.
func (o *Output) trimScratch() {
	if cap(o.scratch) > 2*MaxSegmentPayload {
		o.scratch = nil
	}
}

func (o *Output) openSegment() {
	var room [segmentHeaderSizeLZ4]byte
	o.buf = append(o.buf, room[:headerSize(o.comp == LZ4)]...)
	o.segment = len(o.buf)
}

func (o *Output) closeSegment(selfContained bool) {
	if o.segment < 0 {
		return
	}
	if o.comp == LZ4 {
		o.buf, o.scratch = sealSegmentLZ4(o.buf, o.segment, selfContained, o.scratch)
	} else {
		o.buf = sealSegment(o.buf, o.segment, selfContained)
	}
	o.segment = -1
}

// fitSegment is called when the envelope at start was added to the open
// segment. If the segment has become too large, the envelope goes to one of
// its own, or to several.
func (o *Output) fitSegment(start int) {
	if len(o.buf)-o.segment <= MaxSegmentPayload {
		return
	}
	envelope := o.takeEnvelope(start)
	if start > o.segment {
		o.closeSegment(true)
		o.openSegment()
	}
	if len(envelope) <= MaxSegmentPayload {
		o.buf = append(o.buf, envelope...)
		return
	}
	for len(envelope) > 0 {
		n := min(len(envelope), MaxSegmentPayload)
		if o.segment < 0 {
			o.openSegment()
		}
		o.buf = append(o.buf, envelope[:n]...)
		envelope = envelope[n:]
		o.closeSegment(false)
	}
}

// takeEnvelope takes the envelope at start out of the buffer, which then has room
// for it in segments. A large one is not copied: another buffer takes the place of
// that which it stays in.
func (o *Output) takeEnvelope(start int) []byte {
	if size := len(o.buf) - start; size > MaxSegmentPayload {
		all := o.buf
		segments := size/MaxSegmentPayload + 2 // with the open one, and a part of one
		o.buf = append(make([]byte, 0, len(all)+segments*(headerSize(o.comp == LZ4)+segmentTrailerSize)), all[:start]...)
		return all[start:]
	}
	envelope := append([]byte(nil), o.buf[start:]...)
	o.buf = o.buf[:start]
	return envelope
}
