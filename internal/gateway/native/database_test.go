package native

import (
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// TestDatabase plays the exchanges in testdata/database, for which the server
// needs a database behind it. Their answers are those of Apache Cassandra 5.0.9.
func TestDatabase(t *testing.T) {
	addr := *cassandra
	if addr == "" {
		e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close() })
		addr = startServer(t, Options{Backend: e}).Addr().String()
	}
	datadriven.Walk(t, "testdata/database", func(t *testing.T, path string) { playFile(t, path, addr) })
}
