package wire

import (
	"bytes"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// drain takes everything out of a stream that is fed b and ends.
func drain(t *testing.T, s *Stream, b []byte, decode func(*Envelope)) {
	for steps := 0; ; steps++ {
		if steps > 4*len(b)+100 {
			t.Fatalf("no progress after %d steps", steps)
		}
		e, ok, fault := s.Next()
		switch {
		case fault != nil && fault.Fatal:
			return
		case fault != nil:
		case ok:
			decode(&e)
		case len(b) == 0:
			return
		default:
			n := copy(s.Space(), b)
			if n == 0 {
				t.Fatal("no space")
			}
			s.Filled(n)
			b = b[n:]
		}
		if held := cap(s.buf) + cap(s.large) + cap(s.scratch); held > 1<<20+8*len(b) {
			t.Fatalf("%d bytes held", held)
		}
	}
}

// FuzzFrame feeds bytes to a stream without segments, and the bodies that come
// out to their decoders.
func FuzzFrame(f *testing.F) {
	f.Add([]byte{})
	f.Add(Header{Version: V4, Opcode: OpOptions}.Append(nil))
	f.Add([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	f.Add(Header{Version: V4, Opcode: OpQuery, Length: 1 << 31}.Append(nil))
	query := &Query{Text: "SELECT", Params: QueryParams{PageSize: -1, SerialConsistency: 8, Values: []Value{{Bytes: []byte("v")}, {Unset: true}}}}
	for _, v := range []Version{V3, V4, V5, V6} {
		o := NewOutput()
		o.Put(Header{Version: v, Opcode: OpStartup}, &Extras{}, Startup{map[string]string{"CQL_VERSION": "3.0.0"}})
		o.Put(Header{Version: v, Opcode: OpQuery, Flags: FlagUseBeta}, &Extras{CustomPayload: map[string][]byte{"k": {1}}}, query)
		f.Add(o.Take(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		drain(t, &Stream{}, b, decodeAnything)
	})
}

// FuzzSegment feeds bytes to a stream with segments. The checksums are put
// right first, where there are bytes for them, or hardly anything would get past.
func FuzzSegment(f *testing.F) {
	for _, comp := range []Compression{NoCompression, LZ4} {
		o := NewOutput()
		o.Compress(comp)
		o.Segment()
		o.Put(Header{Version: V5, Opcode: OpQuery, Stream: 1}, &Extras{}, &Query{Text: "SELECT 1", Params: seedParams})
		o.Put(Header{Version: V5, Opcode: OpOptions, Stream: 2}, &Extras{}, Empty{})
		f.Add(comp == LZ4, o.Take(nil))
		o.Put(Header{Version: V5, Opcode: OpExecute, Stream: 1}, &Extras{}, rawBody(bytes.Repeat([]byte("ab"), 500)))
		f.Add(comp == LZ4, o.Take(nil))
		// An envelope in two segments.
		envelope := Header{Version: V5, Opcode: OpPrepare, Length: 12}.Append(nil)
		envelope = AppendInt(AppendLongString(envelope, "text"), 0)
		for _, part := range [][]byte{envelope[:15], envelope[15:]} {
			o.openSegment()
			o.buf = append(o.buf, part...)
			o.closeSegment(false)
		}
		f.Add(comp == LZ4, o.Take(nil))
	}
	f.Fuzz(func(t *testing.T, compressed bool, b []byte) {
		b = bytes.Clone(b)
		for rest := b; len(rest) >= headerSize(compressed); {
			n := headerSize(compressed) - 3
			crc := crc24(rest[:n])
			rest[n], rest[n+1], rest[n+2] = byte(crc), byte(crc>>8), byte(crc>>16)
			h, err := parseSegmentHeader(rest, compressed)
			if err != nil {
				t.Fatal(err)
			}
			end := n + 3 + h.length
			if len(rest) < end+segmentTrailerSize {
				break
			}
			sum := payloadCRC(rest[n+3 : end])
			copy(rest[end:], []byte{byte(sum), byte(sum >> 8), byte(sum >> 16), byte(sum >> 24)})
			rest = rest[end+segmentTrailerSize:]
		}
		s := &Stream{}
		s.Negotiated(V5)
		s.Segment(compressed)
		drain(t, s, b, decodeAnything)
	})
}

// decodeAnything decodes a request's body by its opcode.
func decodeAnything(e *Envelope) {
	_, body, err := SplitRequest(e.Header, e.Body)
	if err != nil {
		return
	}
	switch e.Opcode {
	case OpStartup:
		_, _ = DecodeStartup(body, e.Version)
	case OpAuthResponse:
		_, _ = DecodeAuthToken(body, e.Version)
	case OpQuery:
		_ = new(Query).Decode(body, e.Version)
	case OpPrepare:
		_ = new(Prepare).Decode(body, e.Version)
	case OpExecute:
		_ = new(Execute).Decode(body, e.Version)
	case OpBatch:
		_ = new(Batch).Decode(body, e.Version)
	case OpRegister:
		_, _ = DecodeRegister(body, e.Version)
	}
}

type decodable interface {
	Body
	Decode([]byte, Version) *cqlerr.Error
}

// fuzzBody fuzzes one decoder: what it takes, it gives back as bytes that mean
// the same to it.
func fuzzBody(f *testing.F, seeds []Body, fresh func() decodable) {
	for _, v := range versions {
		for _, m := range seeds {
			f.Add(byte(v), m.AppendBody(nil, v))
		}
	}
	f.Fuzz(func(t *testing.T, version byte, body []byte) {
		v := V3 + Version(version%3)
		m := fresh()
		if m.Decode(body, v) != nil {
			return
		}
		first := m.AppendBody(nil, v)
		again := fresh()
		if err := again.Decode(first, v); err != nil {
			t.Fatalf("%x became %x, which is refused: %v", body, first, err)
		}
		if second := again.AppendBody(nil, v); !bytes.Equal(first, second) {
			t.Fatalf("%x became %x, then %x", body, first, second)
		}
	})
}

var seedParams = QueryParams{Consistency: 1, PageSize: 100, PagingState: []byte{1}, SerialConsistency: 9, HasTimestamp: true,
	Values: []Value{{Bytes: []byte("v")}, {}}, Names: [][]byte{[]byte("a"), []byte("b")}}

// FuzzQuery fuzzes the body of QUERY.
func FuzzQuery(f *testing.F) {
	fuzzBody(f, []Body{&Query{Text: "SELECT 1", Params: seedParams}}, func() decodable { return new(Query) })
}

// FuzzPrepare fuzzes the body of PREPARE.
func FuzzPrepare(f *testing.F) {
	fuzzBody(f, []Body{&Prepare{Text: "SELECT 1", HasKeyspace: true, Keyspace: "k"}}, func() decodable { return new(Prepare) })
}

// FuzzExecute fuzzes the body of EXECUTE.
func FuzzExecute(f *testing.F) {
	fuzzBody(f, []Body{&Execute{ID: make([]byte, 16), ResultMetadataID: make([]byte, 16), Params: seedParams}}, func() decodable { return new(Execute) })
}

// FuzzBatch fuzzes the body of BATCH.
func FuzzBatch(f *testing.F) {
	b := &Batch{Kind: 1, Params: seedParams}
	b.Add(BatchEntry{Text: "INSERT"}, Value{Bytes: []byte("v")})
	b.Add(BatchEntry{ID: make([]byte, 16)}, Value{Unset: true}, Value{})
	fuzzBody(f, []Body{b}, func() decodable { return new(Batch) })
}

// FuzzDecompress fuzzes compressed bodies of versions 3 and 4.
func FuzzDecompress(f *testing.F) {
	for _, comp := range []Compression{LZ4, Snappy} {
		b, _ := comp.compressBody(nil, bytes.Repeat([]byte("abcd"), 1000))
		f.Add(byte(comp), b)
	}
	f.Fuzz(func(t *testing.T, comp byte, b []byte) {
		c := LZ4 + Compression(comp%2)
		size, err := c.DecompressedSize(b)
		if err == nil && size > MaxMessageSize {
			t.Fatalf("%d bytes", size)
		}
		if out, err := c.DecompressBody(b, nil); err == nil && len(out) != size {
			t.Fatalf("%d bytes, said to be %d", len(out), size)
		}
	})
}

// FuzzResponse fuzzes what a client decodes: RESULT, ERROR and EVENT.
func FuzzResponse(f *testing.F) {
	f.Add(byte(OpResult), byte(4), []byte{0, 0, 0, 1})
	f.Add(byte(OpError), byte(5), Error{cqlerr.KeyspaceExists("k")}.AppendBody(nil, V5))
	f.Add(byte(OpResult), byte(5), (&Prepared{Result: allTypes()}).AppendBody(nil, V5))
	f.Fuzz(func(t *testing.T, op, version byte, body []byte) {
		v := V3 + Version(version%3)
		switch Opcode(op) {
		case OpError:
			_, _ = DecodeError(body, v)
		case OpEvent:
			_, _ = DecodeSchemaChangeEvent(body, v)
		default:
			_, _ = DecodeResult(body, v)
		}
	})
}
