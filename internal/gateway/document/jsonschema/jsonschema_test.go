package jsonschema

import (
	"os"
	"strings"
	"testing"
)

// TestCases: blocks of a schema, then documents with what is said of them.
func TestCases(t *testing.T) {
	text, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(string(text), "\n\n") {
		var schema *Schema
		got := ""
		for line := range strings.SplitSeq(block, "\n") {
			want, isWant := strings.CutPrefix(line, "= ")
			switch {
			case line == "" || strings.HasPrefix(line, "#"):
			case isWant:
				if got != want {
					t.Errorf("%s\n got %s\nwant %s", block, got, want)
				}
			case schema == nil && got == "":
				got = "compiled"
				if schema, err = Compile(line); err != nil {
					got = err.Error()
				}
			default:
				got = "valid"
				if err := schema.Validate([]byte(line)); err != nil {
					got = err.Error()
				}
			}
		}
	}
}
