package native

import (
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/linearize"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestLinearizable: what the engine promises in process, many connections see
// through the native protocol.
func TestLinearizable(t *testing.T) {
	server := harness.Start(t, "serve", t.TempDir())
	sessions := make([]conformance.Session, 8)
	for i := range sessions {
		s, err := Connect(server.CQL, server.Token)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		sessions[i] = s
	}
	for seed := range uint64(3) {
		history, err := linearize.Play(t.Context(), sessions, seed, 200)
		if err != nil {
			t.Fatal(err)
		}
		if err := linearize.Check(history); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}
