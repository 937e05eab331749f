package e2e

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestAPIDocs makes a call on the page of the OpenAPI documents.
func TestAPIDocs(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("a Chromium is needed (`make chromium` installs Debian's): %v", err)
	}
	packages(t)
	server := harness.Start(t, "serve", t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), storyTimeout)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "apidocs.mjs")
	node.Env = append(os.Environ(), "HTTP="+server.HTTP, "TOKEN="+server.Token, "CHROMIUM="+chromium)
	out, err := node.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "apidocs: all checks passed") {
		t.Fatalf("%v\n%s", err, out)
	}
}
