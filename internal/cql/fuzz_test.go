package cql

import "testing"

// FuzzParse: no text makes the parser panic or run away, and what it accepts
// prints to something that it parses to the same tree. Seeds: the statements of
// testdata.
func FuzzParse(f *testing.F) {
	for _, s := range acceptedStatements(f) {
		f.Add(s)
	}
	for _, file := range []string{"testdata/syntax_errors.cql", "testdata/syntax_errors_mutated.cql"} {
		for _, block := range readCases(f, file) {
			f.Add(block.statement)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, span := range SplitStatements(text) {
			if span.Start < 0 || span.Start >= span.End || span.End > len(text) {
				t.Fatalf("span %v of %d bytes", span, len(text))
			}
		}
		if _, err := Parse(text); err != nil {
			if err.Error() == "" {
				t.Fatal("error without text")
			}
			return
		}
		checkRoundTrip(t, text)
	})
}
