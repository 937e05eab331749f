package conformance

import (
	"os"
	"testing"

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
	Play(t, "*.cql", address, token)
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
	Play(t, "access/*.cql", address, token)
}
