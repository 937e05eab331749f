package cell

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// address is the user type of the recordings.
var address = &cqltype.Type{
	Kind: cqltype.UDT, Keyspace: "gold", Name: "address",
	FieldNames: []string{"street", "zipcode", "town", "country"},
	Elems:      []*cqltype.Type{cqltype.TypeText, cqltype.TypeInt, cqltype.TypeText, cqltype.TypeText},
}

// cases calls f with the fields of each line of a file of testdata.
func cases(t *testing.T, name string, f func(t *testing.T, fields []string)) {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, ran := bufio.NewScanner(file), 0
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, " | ")
		if len(fields) != 3 {
			t.Fatalf("%s:%d: want three fields: %s", name, n, line)
		}
		ran++
		t.Run(strconv.Itoa(n), func(t *testing.T) { f(t, fields) })
	}
	if lines.Err() != nil || ran == 0 {
		t.Fatalf("%s: %d cases, %v", name, ran, lines.Err())
	}
}

func parseType(t testing.TB, text string) *cqltype.Type {
	t.Helper()
	parsed, err := cqltype.ParseString(text, func(_, name string) *cqltype.Type {
		if name == "address" {
			return address
		}
		return nil
	})
	if err != nil {
		t.Fatalf("type %s: %v", text, err)
	}
	return parsed
}

// roundTrip reads a column's JSON and shows the cell again.
func roundTrip(t testing.TB, d *Decoder, typ *cqltype.Type, text string) string {
	t.Helper()
	v, err := Parse([]byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	cell, err := d.Column(typ, v)
	if err != nil {
		return "! " + err.Error()
	}
	if cell != nil {
		if err := typ.Validate(cell); err != nil {
			t.Errorf("%s %s: the cell %x is not valid: %v", typ, text, cell, err)
		}
	}
	return string(AppendJSON(nil, typ, cell, d.CompactMaps))
}

func TestColumn(t *testing.T) {
	for file, compact := range map[string]bool{"column.txt": true, "arraymaps.txt": false} {
		cases(t, file, func(t *testing.T, f []string) {
			want := f[2]
			if want == "=" {
				want = f[1]
			}
			if got := roundTrip(t, &Decoder{CompactMaps: compact}, parseType(t, f[0]), f[1]); got != want {
				t.Errorf("%s %s\n got %s\nwant %s", f[0], f[1], got, want)
			}
		})
	}
}

func TestInvalidJSON(t *testing.T) {
	cases(t, "invalid.txt", func(t *testing.T, f []string) {
		text, err := strconv.Unquote(f[0])
		if err != nil {
			t.Fatal(err)
		}
		want := f[1] + "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); " + f[2] + "]"
		if _, err := Parse([]byte(text), Options{}); err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", f[0], err, want)
		}
	})
}

func TestParseLimits(t *testing.T) {
	for name, text := range map[string]string{
		"depth":  strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
		"number": strings.Repeat("1", MaxNumberLength+1),
	} {
		if _, err := Parse([]byte(text), Options{}); err == nil || !strings.Contains(err.Error(), "exceeds the maximum allowed") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Parse([]byte(strings.Repeat("[", MaxDepth)+strings.Repeat("]", MaxDepth)), Options{}); err != nil {
		t.Errorf("the deepest allowed text: %v", err)
	}
	if _, err := (&Decoder{}).Stringified(cqltype.TypeVarint, bytes.Repeat([]byte("1"), MaxNumberLength+1)); err == nil {
		t.Error("a number as text has no limit")
	}
}

func TestUniqueNames(t *testing.T) {
	text := []byte(`{"a":1,"b":{"c":1,"\u0063":2}}`)
	if _, err := Parse(text, Options{}); err != nil {
		t.Error(err)
	}
	if _, err := Parse(text, Options{UniqueNames: true}); err == nil || !strings.HasPrefix(err.Error(), "Duplicate field 'c'\n") {
		t.Errorf("got %v", err)
	}
}

func TestAppendCompact(t *testing.T) {
	v, err := Parse([]byte(" { \"a b\" : [ 1 ,\t\"x \\\" y\" ] ,\n\"c\" : { } } "), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(v.AppendCompact(nil)), `{"a b":[1,"x \" y"],"c":{}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestMalformedCells: cells that no back end should give must do no harm.
func TestMalformedCells(t *testing.T) {
	for name, typ := range scalarTypes() {
		for size := range 20 {
			if got := AppendJSON(nil, typ, make([]byte, size), true); len(got) == 0 {
				t.Errorf("%s of %d bytes: no JSON", name, size)
			} else if _, err := Parse(got, Options{}); err != nil {
				t.Errorf("%s of %d bytes: %s: %v", name, size, got, err)
			}
		}
	}
}

// scalarTypes are the types of one value, by name.
func scalarTypes() map[string]*cqltype.Type {
	types := map[string]*cqltype.Type{}
	for kind := range basicNames {
		if typ := cqltype.Native(kind.String()); typ != nil {
			types[kind.String()] = typ
		}
	}
	return types
}
