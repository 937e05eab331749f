package wire

import (
	"bytes"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// TestCompressionRoundTrip: a body that was worth compressing comes back.
func TestCompressionRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		comp := rapid.SampledFrom([]Compression{LZ4, Snappy}).Draw(t, "algorithm")
		part := rapid.SliceOfN(rapid.Byte(), 1, 50).Draw(t, "part")
		body := bytes.Repeat(part, rapid.IntRange(1, 500).Draw(t, "times"))
		compressed, ok := comp.compressBody([]byte("prefix"), body)
		if !ok {
			return // it would not have been smaller
		}
		if len(compressed)-6 >= len(body) {
			t.Fatalf("%d bytes became %d", len(body), len(compressed)-6)
		}
		got, err := comp.DecompressBody(compressed[6:], nil)
		if err != nil || !bytes.Equal(got, body) {
			t.Fatalf("%x came back as %x, %v", body, got, err)
		}
	})
}

// TestDecompressBombs: sizes that are too large or can't be true are refused
// before memory is taken for them.
func TestDecompressBombs(t *testing.T) {
	for _, c := range []struct {
		name string
		comp Compression
		body []byte
		code cqlerr.Code
	}{
		{"LZ4 without a size", LZ4, []byte{0, 0}, cqlerr.Protocol},
		{"LZ4 of 2 GiB from 10 bytes", LZ4, append([]byte{0x7f, 0xff, 0xff, 0xff}, make([]byte, 10)...), cqlerr.Protocol},
		{"LZ4 of 4 GiB from 10 bytes", LZ4, append([]byte{0xff, 0xff, 0xff, 0xff}, make([]byte, 10)...), cqlerr.Protocol},
		{"LZ4 past the limit", LZ4, append([]byte{0x01, 0x00, 0x00, 0x01}, make([]byte, 1<<20)...), cqlerr.Invalid},
		{"LZ4 shorter than said", LZ4, []byte{0, 0, 0, 9, 0x10, 'a'}, cqlerr.Protocol},
		{"LZ4 longer than said", LZ4, []byte{0, 0, 0, 1, 0x30, 'a', 'b', 'c'}, cqlerr.Protocol},
		{"Snappy without anything", Snappy, nil, cqlerr.Protocol},
		{"Snappy of 2 GiB from 3 bytes", Snappy, []byte{0xff, 0xff, 0xff, 0xff, 0x07, 0, 0, 0}, cqlerr.Protocol},
		{"Snappy past the limit", Snappy, append([]byte{0x81, 0x80, 0x80, 0x08}, make([]byte, 1<<20)...), cqlerr.Invalid},
		{"Snappy shorter than said", Snappy, []byte{9, 0, 'a'}, cqlerr.Protocol},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := c.comp.DecompressBody(c.body, nil)
		runtime.ReadMemStats(&after)
		if err == nil || err.Code != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 64<<10 {
			t.Errorf("%s: %d bytes were allocated", c.name, n)
		}
	}
}
