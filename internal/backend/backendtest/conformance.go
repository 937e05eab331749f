package backendtest

import (
	"path/filepath"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/conformance"
)

// PlayConformance plays the cases that were recorded from a real Cassandra on
// b, the files that match pattern.
func PlayConformance(t *testing.T, b backend.Backend, pattern string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel() // some cases wait
			file, err := conformance.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			file.Check(t, path, conformance.NewSession(b))
		})
	}
}
