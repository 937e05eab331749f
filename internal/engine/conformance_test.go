package engine_test

import (
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend/backendtest"
	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// TestConformance plays the cases that were recorded from a real Cassandra on
// the engine in process.
func TestConformance(t *testing.T) {
	e := open(t)
	backendtest.PlayConformance(t, e, "../../test/conformance/*.cql")
	backendtest.PlayConformance(t, e, "../../test/differential/corpus/*.cql")
}

// TestBackend runs the suite of all back ends.
func TestBackend(t *testing.T) { backendtest.Run(t, open(t)) }

func open(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}
