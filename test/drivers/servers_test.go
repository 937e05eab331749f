package drivers

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// gateway serves the tests in front of a real Cassandra node, once startGateway
// has run.
var gateway *cassandra.Gateway

var startGateway = sync.OnceValues(func() (_ *cassandra.Gateway, err error) {
	gateway, err = cassandra.StartGateway(context.Background(), cassandra.Options{FastSchema: true, Light: true, Patient: true})
	return gateway, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if gateway != nil {
		if err := gateway.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping the gateway and its node:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// onEach runs a test against our server on its own engine, and against one that
// is a gateway in front of a real Cassandra node.
func onEach(t *testing.T, run func(t *testing.T, s *harness.Server)) {
	t.Run("engine", func(t *testing.T) { run(t, harness.Start(t, "serve", t.TempDir())) })
	t.Run("gateway", func(t *testing.T) {
		g, err := startGateway()
		if err != nil {
			t.Fatal(err)
		}
		run(t, g.Server)
		if t.Failed() {
			t.Logf("the gateway's output:\n%s", g.Output())
		}
	})
}
