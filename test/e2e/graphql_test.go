package e2e

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestGraphQL has graphql-js check all kinds of schemas, and asks something on the
// playground page.
func TestGraphQL(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("a Chromium is needed (`make chromium` installs Debian's): %v", err)
	}
	packages(t)
	server := harness.Start(t, "serve", t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), storyTimeout)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "graphql.mjs")
	node.Env = append(os.Environ(), "HTTP="+server.HTTP, "TOKEN="+server.Token, "CHROMIUM="+chromium)
	out, err := node.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "graphql: all checks passed") {
		t.Fatalf("%v\n%s", err, out)
	}
}
