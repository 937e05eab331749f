package cell

import (
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// benchValues are a value of each type, as JSON.
var benchValues = []struct{ typ, text string }{
	{"ascii", `"ascii"`}, {"bigint", `9007199254740993`}, {"blob", `"AAECAwQFBgc="`}, {"boolean", `true`},
	{"date", `"2026-11-26"`}, {"decimal", `12345.6789`}, {"double", `3.25`}, {"duration", `"1mo2d3h"`}, {"float", `1.5`},
	{"inet", `"127.0.0.1"`}, {"int", `12345`}, {"smallint", `-300`}, {"text", `"john.smith.12345@example.com"`}, {"time", `"12:34:56.789"`},
	{"timestamp", `"2026-11-26T12:34:56.789Z"`}, {"timeuuid", `"b4ec18a0-cac8-11f0-8de9-0242ac120002"`}, {"tinyint", `-7`},
	{"uuid", `"3f6d3a52-7d5b-4a0e-9c1c-2f6c2b1f9a11"`}, {"varint", `123456789012345678901234567890`},
	{"list<int>", `[1,2,3]`}, {"set<text>", `["a","b","c"]`}, {"map<text, int>", `{"k":1,"l":2}`}, {"tuple<int, text>", `[1,"two"]`},
	{"address", `{"street":"Main Street","zipcode":12345,"town":null,"country":"X"}`},
}

// BenchmarkAppendJSON and BenchmarkColumn write and read a value of each type.
func BenchmarkAppendJSON(b *testing.B) {
	benchEach(b, func(typ *cqltype.Type, _ Value, cell []byte) func() {
		var out []byte
		return func() { out = AppendJSON(out[:0], typ, cell, true) }
	})
}

func BenchmarkColumn(b *testing.B) {
	benchEach(b, func(typ *cqltype.Type, v Value, _ []byte) func() {
		d := &Decoder{CompactMaps: true}
		return func() {
			d.Buf = d.Buf[:0]
			if _, err := d.Column(typ, v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func benchEach(b *testing.B, prepare func(typ *cqltype.Type, v Value, cell []byte) func()) {
	for _, c := range benchValues {
		typ := parseType(b, c.typ)
		v, err := Parse([]byte(c.text), Options{})
		if err != nil {
			b.Fatal(err)
		}
		cell, err := (&Decoder{CompactMaps: true}).Column(typ, v)
		if err != nil {
			b.Fatal(err)
		}
		f := prepare(typ, v, cell)
		b.Run(c.typ, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}
