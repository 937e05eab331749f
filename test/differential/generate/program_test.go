package generate

import (
	"reflect"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// TestProgram: a program is the same for the same seed, its statements parse, but for a few,
// and its values are values.
func TestProgram(t *testing.T) {
	statements, malformed := 0, 0
	for seed := range uint64(100) {
		cases := Program(seed, 200)
		if !reflect.DeepEqual(cases, Program(seed, 200)) {
			t.Fatalf("program %d is another one the second time", seed)
		}
		for _, c := range cases {
			statements++
			r, err := c.Request()
			if err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
			texts := []string{c.Statement}
			if r.Batch != nil {
				texts = nil
				for _, e := range r.Batch.Entries {
					texts = append(texts, e.Statement)
				}
			}
			for _, text := range texts {
				if _, err := cql.Parse(text); err != nil {
					malformed++
				}
			}
		}
	}
	if malformed == 0 || malformed*50 > statements {
		t.Errorf("%d of %d statements are malformed", malformed, statements)
	}
}
