package conformance

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestConformance plays all files through gocql against our binary, or against
// the server that CONFORMANCE_ADDRESS (and CONFORMANCE_TOKEN) name.
func TestConformance(t *testing.T) {
	address, token := os.Getenv("CONFORMANCE_ADDRESS"), os.Getenv("CONFORMANCE_TOKEN")
	if address == "" {
		server := harness.Start(t, "serve", t.TempDir())
		address, token = server.CQL, server.Token
	}
	play(t, "*.cql", address, token)
}

// TestAccess does the same with the files about roles and permissions, one
// after the other, for they look at the same roles. The server for it may be
// named alike, but is one of its own by default.
func TestAccess(t *testing.T) {
	address, token := os.Getenv("CONFORMANCE_ADDRESS"), os.Getenv("CONFORMANCE_TOKEN")
	if address == "" {
		server := harness.Start(t, "serve", t.TempDir())
		address, token = server.CQL, server.Token
	}
	play(t, "access/*.cql", address, token)
}

// play plays the files that match pattern.
func play(t *testing.T, pattern, address, token string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel() // some cases wait
			session, err := Connect(address, token)
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			file, err := conformance.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			err = file.Play(t.Context(), session, func(r conformance.Result) {
				if r.Skipped != "" {
					t.Logf("%s:%d not compared: %s", path, r.Case.Line, r.Skipped)
				}
				if !r.Agrees() {
					t.Errorf("%s:%d: %s\nCassandra:\n%s\ngot:\n%s", path, r.Case.Line, r.Case.Statement, r.Case.Answer, r.Got)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
