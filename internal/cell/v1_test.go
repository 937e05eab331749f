package cell

import (
	"os"
	"strings"
	"testing"
)

// TestV1 reads testdata/v1.txt: "type | JSON in | JSON out" or
// "type | JSON in | ! error", by the older profile's rules.
func TestV1(t *testing.T) {
	text, err := os.ReadFile("testdata/v1.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.SplitN(line, " | ", 3)
		typ := parseType(t, f[0])
		v, err := Parse([]byte(f[1]), Options{})
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		d := Decoder{}
		cell, err := d.V1(typ, v)
		got := ""
		if err != nil {
			got = "! " + err.Error()
		} else {
			got = string(AppendJSONv1(nil, typ, cell))
		}
		if got != f[2] {
			t.Errorf("%s %s\n got %s\nwant %s", f[0], f[1], got, f[2])
		}
		n++
	}
	if n == 0 {
		t.Error("no cases")
	}
}
