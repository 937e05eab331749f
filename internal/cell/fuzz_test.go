package cell

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"pgregory.net/rapid"
)

// fuzzTypes are the types that the fuzz targets read: each scalar one and the
// ways to nest them.
var fuzzTypes = []string{
	"ascii", "bigint", "blob", "boolean", "counter", "date", "decimal", "double", "duration", "float", "inet",
	"int", "smallint", "text", "time", "timestamp", "timeuuid", "tinyint", "uuid", "varint",
	"list<int>", "set<text>", "map<text, int>", "map<timestamp, frozen<map<text, double>>>", "tuple<int, text, boolean>",
	"address", "list<frozen<tuple<int, frozen<address>>>>", "vector<float, 3>", "vector<text, 2>",
}

// seeds calls add with a type (its place in fuzzTypes) and a JSON text.
func seeds(t testing.TB, add func(kind uint8, text []byte)) {
	seedsOf(t, add, "testdata/column.txt", "testdata/arraymaps.txt")
}

// seedsOf are those of files of cases.
func seedsOf(t testing.TB, add func(kind uint8, text []byte), files ...string) {
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			f := strings.Split(line, " | ")
			for kind, name := range fuzzTypes {
				if f[0] == name {
					add(uint8(kind), []byte(f[1]))
				}
			}
		}
	}
}

// FuzzColumn reads any JSON as a column of each type. What is accepted is a
// valid cell, shows as JSON, and reads from it again as the same cell.
func FuzzColumn(f *testing.F) {
	seeds(f, func(kind uint8, text []byte) { f.Add(kind, text, true) })
	seeds(f, func(kind uint8, text []byte) { f.Add(kind, text, false) })
	f.Fuzz(func(t *testing.T, kind uint8, text []byte, compact bool) {
		typ := parseType(t, fuzzTypes[int(kind)%len(fuzzTypes)])
		v, err := Parse(text, Options{})
		if (err == nil) != json.Valid(text) && !stricter(err) {
			t.Fatalf("Parse(%q): %v, encoding/json says valid is %v", text, err, json.Valid(text))
		}
		if err != nil {
			return
		}
		cell, err := (&Decoder{CompactMaps: compact}).Column(typ, v)
		if err != nil || cell == nil {
			return
		}
		if err := typ.Validate(cell); err != nil && typ.Kind != cqltype.Timeuuid {
			t.Fatalf("%s from %q: %x is not valid: %v", typ, text, cell, err)
		}
		checkRoundTrip(t, typ, cell)
	})
}

// FuzzV1 reads any JSON as the older profile does: what is accepted is a valid cell,
// and shows as JSON.
func FuzzV1(f *testing.F) {
	seedsOf(f, func(kind uint8, text []byte) { f.Add(kind, text) }, "testdata/v1.txt", "testdata/column.txt")
	f.Fuzz(func(t *testing.T, kind uint8, text []byte) {
		typ := parseType(t, fuzzTypes[int(kind)%len(fuzzTypes)])
		v, err := Parse(text, Options{})
		if err != nil {
			return
		}
		cell, err := (&Decoder{}).V1(typ, v)
		if err != nil || cell == nil {
			return
		}
		if err := typ.Validate(cell); err != nil && typ.Kind != cqltype.Timeuuid {
			t.Fatalf("%s from %q: %x is not valid: %v", typ, text, cell, err)
		}
		if shown := AppendJSONv1(nil, typ, cell); !json.Valid(shown) {
			t.Fatalf("%s: %x shows as %s", typ, cell, shown)
		}
	})
}

// stricter says that our refusal is one that encoding/json does not know.
func stricter(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "exceeds the maximum") || strings.HasPrefix(err.Error(), "Invalid UTF-8") ||
		strings.HasPrefix(err.Error(), "Unpaired surrogate"))
}

// checkRoundTrip shows a cell as JSON and reads it again, with maps as arrays
// (an object can't be read as a map<int, ...>).
func checkRoundTrip(t interface {
	Fatalf(string, ...any)
}, typ *cqltype.Type, cell []byte) {
	shown := AppendJSON(nil, typ, cell, false)
	v, err := Parse(shown, Options{})
	if err != nil {
		t.Fatalf("%s: %x shows as %s: %v", typ, cell, shown, err)
	}
	if !json.Valid(AppendJSON(nil, typ, cell, true)) {
		t.Fatalf("%s: %x shows as %s", typ, cell, AppendJSON(nil, typ, cell, true))
	}
	if typ.Kind == cqltype.Duration && string(shown) == `""` {
		return // no time at all, which has no text that reads as it
	}
	again, err := (&Decoder{}).Column(typ, v)
	if err != nil {
		t.Fatalf("%s: %x shows as %s, which reads as %v", typ, cell, shown, err)
	}
	if !bytes.Equal(again, cell) {
		t.Fatalf("%s: %x shows as %s, which reads as %x", typ, cell, shown, again)
	}
}

// FuzzStringified reads any text as a segment of a path.
func FuzzStringified(f *testing.F) {
	seeds(f, func(kind uint8, text []byte) { f.Add(kind, bytes.Trim(text, `"`)) })
	f.Fuzz(func(t *testing.T, kind uint8, text []byte) {
		typ := parseType(t, fuzzTypes[int(kind)%len(fuzzTypes)])
		for _, compact := range []bool{true, false} {
			cell, err := (&Decoder{CompactMaps: compact}).Stringified(typ, text)
			if err != nil || bytes.ContainsRune(cell, '�') || !jsonText(cell, typ) {
				continue
			}
			checkRoundTrip(t, typ, cell)
		}
	})
}

// jsonText says whether the text in a cell can be shown as JSON: that a path is
// UTF-8 is checked before it comes here.
func jsonText(cell []byte, typ *cqltype.Type) bool {
	_, err := Parse(AppendJSON(nil, typ, cell, false), Options{})
	return err == nil
}

// TestScalarRoundTrip checks random cells of the types that have any bytes.
func TestScalarRoundTrip(t *testing.T) {
	sizes := map[cqltype.Kind]int{
		cqltype.Int: 4, cqltype.Smallint: 2, cqltype.Tinyint: 1, cqltype.Bigint: 8, cqltype.Counter: 8,
		cqltype.Timestamp: 8, cqltype.Date: 4, cqltype.Uuid: 16, cqltype.Inet: 4,
	}
	types := scalarTypes()
	for kind, size := range sizes {
		t.Run(kind.String(), rapid.MakeCheck(func(t *rapid.T) {
			checkRoundTrip(t, types[kind.String()], rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "cell"))
		}))
	}
	t.Run("varint", rapid.MakeCheck(func(t *rapid.T) {
		checkRoundTrip(t, cqltype.TypeVarint, minimal(rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "cell")))
	}))
	t.Run("decimal", rapid.MakeCheck(func(t *rapid.T) {
		scale := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "scale")
		// The exponent that is shown is scale and digits together: leave room.
		scale[0] = byte(int8(scale[0]) / 2)
		cell := append(scale, minimal(rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "unscaled"))...)
		checkRoundTrip(t, cqltype.TypeDecimal, cell)
	}))
	t.Run("time", rapid.MakeCheck(func(t *rapid.T) {
		n := rapid.Int64Range(0, 24*3600*nanosPerSecond-1).Draw(t, "nanos")
		d := Decoder{}
		cell, err := d.Typed(cqltype.TypeBigint, AppendJSON(nil, cqltype.TypeBigint, bigEndian(n), true))
		if err != nil {
			t.Fatalf("%v", err)
		}
		checkRoundTrip(t, cqltype.TypeTime, cell)
	}))
}

func bigEndian(n int64) []byte {
	b := make([]byte, 8)
	for i := range b {
		b[i] = byte(n >> (56 - 8*i))
	}
	return b
}

// minimal drops the bytes of a two's complement number that say nothing.
func minimal(b []byte) []byte {
	for len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80) {
		b = b[1:]
	}
	return b
}
