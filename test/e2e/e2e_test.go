// Package e2e walks the whole story in a real Chromium: sign up in the User
// Profile app, see the rows in the CQL console, edit, the source post's own
// client from another origin, kill -9 and all is still there.
package e2e

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

const storyTimeout = 4 * time.Minute

func TestStory(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("a Chromium is needed (`make chromium` installs Debian's): %v", err)
	}
	command(t, nil, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	data := t.TempDir()
	first := harness.Start(t, "demo", data)
	story(t, first, chromium, "before")
	first.Kill()
	story(t, harness.Start(t, "demo", data), chromium, "after")
}

func story(t *testing.T, s *harness.Server, chromium, phase string) {
	t.Helper()
	out := command(t, []string{"APP=" + s.App, "HTTP=" + s.HTTP, "TOKEN=" + s.Token, "CHROMIUM=" + chromium, "PHASE=" + phase}, "node", "story.mjs")
	if !strings.Contains(out, "story: all checks passed") {
		t.Fatalf("the story ended early:\n%s", out)
	}
}

func command(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), storyTimeout)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
