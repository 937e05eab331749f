package engine_test

import (
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/linearize"
)

// TestLinearizable: lightweight transactions, and plain writes and reads of one
// row, take effect one at a time.
func TestLinearizable(t *testing.T) {
	e := open(t)
	for seed := range uint64(4) {
		sessions := make([]conformance.Session, 8)
		for i := range sessions {
			sessions[i] = conformance.NewSession(e)
		}
		history, err := linearize.Play(t.Context(), sessions, seed, 400)
		if err != nil {
			t.Fatal(err)
		}
		if err := linearize.Check(history); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}
