package cell

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
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

// TestVarint compares whole numbers of every length, and of the edges of lengths,
// with math/big.
func TestVarint(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	check := func(cell []byte) {
		t.Helper()
		want := bigVarint(cell).String()
		if got := string(appendBigInteger([]byte("x"), cell)); got != "x"+want {
			t.Errorf("%x: got %s, want %s", cell, got, want)
		}
		neg, digits := sign([]byte(want))
		for _, zeros := range []string{"", "0", "00000000000000000000"} {
			back := appendVarint([]byte("x"), neg, append([]byte(zeros), digits...))
			if bigVarint(back[1:]).String() != want || len(back) > 2 && (back[1] == 0 && back[2] < 0x80 || back[1] == 0xFF && back[2] >= 0x80) {
				t.Errorf("%s%s: %x", zeros, want, back[1:])
			}
		}
	}
	for length := 1; length <= 20; length++ {
		for _, first := range []byte{0x00, 0x01, 0x7F, 0x80, 0xFF} {
			for _, rest := range []byte{0x00, 0x01, 0x7F, 0x80, 0xFF} {
				check(append([]byte{first}, bytes.Repeat([]byte{rest}, length-1)...))
			}
		}
		for range 200 {
			cell := make([]byte, length)
			for i := range cell {
				cell[i] = byte(rng.Uint32())
			}
			check(cell)
		}
	}
	for exponent := range 39 { // powers of ten have the most zeros
		for _, n := range []int64{-1, 0, 1} {
			for _, sign := range []int64{-1, 1} {
				v := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exponent)), nil)
				v.Mul(v.Add(v, big.NewInt(n)), big.NewInt(sign))
				cell := make([]byte, 17)
				if v.Sign() < 0 {
					new(big.Int).Add(v, new(big.Int).Lsh(big.NewInt(1), 136)).FillBytes(cell)
				} else {
					v.FillBytes(cell)
				}
				check(cell)
				if exponent < 38 {
					check(cell[1:])
				}
			}
		}
	}
}

// TestLargeUDT: a user type may have many fields, and a value some of them.
func TestLargeUDT(t *testing.T) {
	typ := &cqltype.Type{Kind: cqltype.UDT, Keyspace: "gold", Name: "large"}
	var text, want strings.Builder
	for i := range 40 {
		name := "f" + strconv.Itoa(i)
		typ.FieldNames, typ.Elems = append(typ.FieldNames, name), append(typ.Elems, cqltype.TypeInt)
		value := "null"
		if i%3 == 0 {
			value = strconv.Itoa(i)
			fmt.Fprintf(&text, `%c"%s":%s`, "{,"[min(i, 1)], name, value)
		}
		fmt.Fprintf(&want, `%c"%s":%s`, "{,"[min(i, 1)], name, value)
	}
	if got := roundTrip(t, &Decoder{}, typ, text.String()+"}"); got != want.String()+"}" {
		t.Errorf("got %s, want %s}", got, want.String())
	}
}

// TestPadded: what has the width, less and more, and what no time has.
func TestPadded(t *testing.T) {
	for _, n := range []int64{0, 1, 9, 10, 99, 100, 999, 1000, 123456789, 999999999, 1000000000, math.MaxInt64, -1, -12, math.MinInt64} {
		for _, width := range []int{2, 3, 4, 6, 9} {
			want := strconv.FormatInt(n, 10)
			want = "x" + strings.Repeat("0", max(0, width-len(want))) + want
			if got := string(appendPadded([]byte("x"), n, width)); got != want {
				t.Errorf("%d to %d: %s, want %s", n, width, got, want)
			}
		}
	}
}
