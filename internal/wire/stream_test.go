package wire

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// rawBody is a message with any content.
type rawBody []byte

func (b rawBody) AppendBody(dst []byte, _ Version) []byte { return append(dst, b...) }

// framing is how envelopes travel.
type framing struct {
	version Version
	comp    Compression
}

var framings = []framing{{V3, NoCompression}, {V4, NoCompression}, {V4, LZ4}, {V4, Snappy}, {V5, NoCompression}, {V5, LZ4}}

func (f framing) String() string { return fmt.Sprintf("v%d %s", f.version, f.comp) }

// receive feeds b to s in pieces of the sizes that next gives and returns the
// bodies, decompressed.
func (f framing) receive(s *Stream, b []byte, next func() int) (bodies [][]byte, headers []Header, fault *Fault) {
	for {
		e, ok, fault := s.Next()
		switch {
		case fault != nil:
			return bodies, headers, fault
		case ok:
			body := bytes.Clone(e.Body)
			if e.Flags&FlagCompressed != 0 && !f.version.Segmented() {
				plain, err := f.comp.DecompressBody(body, nil)
				if err != nil {
					return bodies, headers, &Fault{Err: err}
				}
				body = plain
			}
			bodies, headers = append(bodies, body), append(headers, e.Header)
			continue
		case len(b) == 0:
			return bodies, headers, nil
		}
		space := s.Space()
		n := copy(space[:min(len(space), next())], b)
		s.Filled(n)
		b = b[n:]
	}
}

// TestStream: what an Output collects, a Stream gives back, however the bytes
// are cut on the way.
func TestStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(framings).Draw(t, "framing")
		o := NewOutput()
		o.Compress(f.comp)
		s := &Stream{}
		if f.version.Segmented() {
			o.Segment()
			s.Segment(f.comp == LZ4)
		}
		var want [][]byte
		var sent []byte
		for i := range rapid.IntRange(1, 8).Draw(t, "envelopes") {
			size := rapid.OneOf(rapid.IntRange(0, 100), rapid.IntRange(0, 3000), rapid.IntRange(MaxSegmentPayload-20, MaxSegmentPayload+20),
				rapid.IntRange(200_000, 500_000)).Draw(t, "size")
			body := bytes.Repeat([]byte{byte(i), 'x', byte(size)}, size/3+1)[:size]
			if rapid.Bool().Draw(t, "noise") { // which does not compress
				body = noise(size, uint32(i))
			}
			want = append(want, body)
			o.Put(Header{Version: f.version, Opcode: OpQuery, Stream: int16(i)}, &Extras{}, rawBody(body))
			if rapid.Bool().Draw(t, "write") {
				sent = append(sent, o.Take(nil)...)
			}
		}
		sent = append(sent, o.Take(nil)...)
		piece := rapid.OneOf(rapid.IntRange(1, 9), rapid.IntRange(1, 5000), rapid.Just(1<<20))
		small := rapid.IntRange(0, 3).Draw(t, "cuts")
		next := func() int {
			if small == 0 {
				return 1 << 20
			}
			if len(sent) > 20_000 {
				return 4999
			}
			return piece.Draw(t, "piece")
		}
		got, headers, fault := f.receive(s, sent, next)
		if fault != nil {
			t.Fatalf("%v: %v", f, fault.Err)
		}
		if len(got) != len(want) {
			t.Fatalf("%v: %d envelopes, want %d", f, len(got), len(want))
		}
		for i := range want {
			if !bytes.Equal(got[i], want[i]) || headers[i].Stream != int16(i) || headers[i].Opcode != OpQuery {
				t.Fatalf("%v: envelope %d of %d bytes came as %+v with %d bytes", f, i, len(want[i]), headers[i], len(got[i]))
			}
		}
	})
}

// noise returns n bytes that don't compress.
func noise(n int, seed uint32) []byte {
	b := make([]byte, n)
	x := seed*2654435761 + 1
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

// TestSegmentsShared: envelopes that are collected together share a segment.
func TestSegmentsShared(t *testing.T) {
	o := NewOutput()
	o.Segment()
	for i := range 3 {
		o.Put(Header{Version: V5, Opcode: OpReady, Stream: int16(i)}, &Extras{}, Empty{})
	}
	b := o.Take(nil)
	if want := segmentHeaderSize + 3*HeaderSize + segmentTrailerSize; len(b) != want {
		t.Errorf("%d bytes for three empty envelopes, want %d", len(b), want)
	}
}

// TestCorruptSegments: a bit that flipped anywhere is found, and the stream ends.
func TestCorruptSegments(t *testing.T) {
	for _, comp := range []Compression{NoCompression, LZ4} {
		o := NewOutput()
		o.Compress(comp)
		o.Segment()
		o.Put(Header{Version: V5, Opcode: OpQuery, Stream: 1}, &Extras{}, rawBody(bytes.Repeat([]byte("abc"), 300)))
		good := o.Take(nil)
		for bit := range len(good) * 8 {
			b := bytes.Clone(good)
			b[bit/8] ^= 1 << (bit % 8)
			s := &Stream{Name: "00000001"}
			s.Segment(comp == LZ4)
			f := framing{V5, comp}
			bodies, _, fault := f.receive(s, b, func() int { return 1 << 20 })
			if fault == nil || !fault.Fatal || len(bodies) > 0 {
				t.Fatalf("%v bit %d: %d envelopes, fault %+v", comp, bit, len(bodies), fault)
			}
		}
	}
}

// TestClaimedLengths: memory follows what arrives, not what is claimed.
func TestClaimedLengths(t *testing.T) {
	claim := Header{Version: V4, Opcode: OpQuery, Length: MaxFrameSize - HeaderSize}.Append(nil)
	s := &Stream{}
	if _, _, fault := (framing{V4, NoCompression}).receive(s, append(claim, make([]byte, 100_000)...), func() int { return 1 << 20 }); fault != nil {
		t.Fatal(fault.Err)
	}
	if n := cap(s.large) + cap(s.buf); n > 512<<10 {
		t.Errorf("%d bytes held for 100,009 that arrived", n)
	}
}

// TestAdmit: a large envelope that is not admitted is dropped, answered, and
// the next one is understood.
func TestAdmit(t *testing.T) {
	for _, f := range framings {
		o := NewOutput()
		s := &Stream{}
		if f.version.Segmented() {
			o.Compress(f.comp)
			o.Segment()
			s.Segment(f.comp == LZ4)
		}
		o.Put(Header{Version: f.version, Opcode: OpQuery, Stream: 1}, &Extras{}, rawBody(noise(300_000, 1)))
		o.Put(Header{Version: f.version, Opcode: OpOptions, Stream: 2}, &Extras{}, Empty{})
		refusal := cqlerr.New(cqlerr.Overloaded, "no")
		s.Admit = func(int) *cqlerr.Error { return refusal }
		rest := o.Take(nil)
		var fault *Fault
		for fault == nil {
			var e Envelope
			var ok bool
			if e, ok, fault = s.Next(); ok {
				t.Fatalf("%v: got %+v", f, e.Header)
			}
			if fault == nil {
				n := copy(s.Space(), rest)
				s.Filled(n)
				rest = rest[n:]
			}
		}
		if fault.Err != refusal || fault.Stream != 1 || fault.Fatal {
			t.Fatalf("%v: fault %+v", f, fault)
		}
		_, headers, fault := f.receive(s, rest, func() int { return 1 << 20 })
		if fault != nil || len(headers) != 1 || headers[0].Stream != 2 {
			t.Fatalf("%v: then %+v, %+v", f, headers, fault)
		}
	}
}
