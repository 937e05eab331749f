package cqltype

import (
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestFloatTextIsJavas compares with what Java 17 printed.
func TestFloatTextIsJavas(t *testing.T) {
	data, err := os.ReadFile("testdata/javafloat.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	for _, line := range lines[1:] {
		words := strings.Fields(line)
		b, err := strconv.ParseUint(words[1], 16, 64)
		if err != nil {
			t.Fatal(line)
		}
		f, bits := math.Float64frombits(b), 64
		if words[0] == "32" {
			f, bits = float64(math.Float32frombits(uint32(b))), 32
		}
		if got := string(AppendFloatText(nil, f, bits)); got != words[2] {
			t.Errorf("%s: got %s", line, got)
		}
	}
}

// TestFloatTextReadsBack checks that no number changes on its way through text.
func TestFloatTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "f")
		if got, err := strconv.ParseFloat(string(AppendFloatText(nil, f, 64)), 64); err != nil || got != f {
			t.Errorf("%v came back as %v, %v", f, got, err)
		}
		g := rapid.Float32().Draw(t, "g")
		if got, err := strconv.ParseFloat(string(AppendFloatText(nil, float64(g), 32)), 32); err != nil || float32(got) != g {
			t.Errorf("%v came back as %v, %v", g, got, err)
		}
	})
}
