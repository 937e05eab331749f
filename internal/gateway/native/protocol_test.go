package native

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// testTimeout is how long a test waits for what must come, on however slow a machine.
const testTimeout = steady.Timeout

// cassandra is the address of a real Cassandra to play the exchanges against;
// with datadriven's -rewrite its answers become the expected ones. It has to be
// freshly started, for what it has prepared before it prepares without a warning.
var cassandra = flag.String("cassandra", "", "address of an Apache Cassandra with AllowAllAuthenticator to record protocol answers from")

// cassandraAuth is the same for one with PasswordAuthenticator.
var cassandraAuth = flag.String("cassandra-auth", "", "address of an Apache Cassandra with PasswordAuthenticator to record protocol answers from")

// TestProtocol plays the exchanges in testdata/protocol, whose answers are
// those of Apache Cassandra 5.0.9. A command is
//
//	exchange [unordered]
//
// where unordered compares the answers without their order.
func TestProtocol(t *testing.T) {
	addr := *cassandra
	if addr == "" {
		addr = startServer(t, Options{}).Addr().String()
	}
	datadriven.Walk(t, "testdata/protocol", func(t *testing.T, path string) { playFile(t, path, addr) })
}

// TestDeviations plays the exchanges where this server answers otherwise than
// Cassandra; the comments in testdata/deviations say why.
func TestDeviations(t *testing.T) {
	if *cassandra != "" {
		t.Skip("these are not Cassandra's answers")
	}
	addr := startServer(t, Options{}).Addr().String()
	datadriven.Walk(t, "testdata/deviations", func(t *testing.T, path string) { playFile(t, path, addr) })
}

// TestAuthentication plays the exchanges in testdata/auth, recorded with
// PasswordAuthenticator and its first user, cassandra.
func TestAuthentication(t *testing.T) {
	addr := *cassandraAuth
	if addr == "" {
		addr = startServer(t, Options{Auth: onlyCassandra{}}).Addr().String()
	}
	datadriven.Walk(t, "testdata/auth", func(t *testing.T, path string) { playFile(t, path, addr) })
}

func playFile(t *testing.T, path, addr string) {
	datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
		if d.Cmd != "exchange" {
			t.Fatalf("unknown command %s", d.Cmd)
		}
		want := strings.Split(strings.TrimSuffix(d.Expected, "\n"), "\n")
		got := runExchange(t, addr, d.Input, want, *cassandra+*cassandraAuth != "")
		if d.HasArg("unordered") {
			lines := strings.SplitAfter(got, "\n") // the last two: open or closed, and nothing
			slices.Sort(lines[:len(lines)-2])
			got = strings.Join(lines, "")
		}
		return got
	})
}
