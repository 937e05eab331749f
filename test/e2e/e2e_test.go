// Package e2e walks the whole story in a real Chromium: sign up in the User
// Profile app, see the rows in the CQL console, edit, the source post's own
// client from another origin, kill -9 and all is still there.
//
//	TestStory --addresses, token--> story.mjs --playwright-core--> Chromium --> the binary
//	    ^------- "kill the server" ------+ (and a line back when it runs again)
//
// With SCREENSHOTS=DIR the story also writes the README's pictures into DIR.
package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
	"github.com/astrolabe-db/astrolabe/test/install"
)

const (
	storyTimeout = 8 * time.Minute // on a busy machine; a quiet one takes a twelfth

	// What story.mjs prints when the test is to act, and as its last line.
	killLine    = "story: kill the server"
	closingLine = "story: all checks passed"
)

func TestStory(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("a Chromium is needed (`make chromium` installs Debian's): %v", err)
	}
	packages(t)
	data := t.TempDir()
	server := harness.Start(t, "demo", data, ports(t)...)

	ctx, cancel := context.WithTimeout(t.Context(), storyTimeout)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "story.mjs")
	node.Env = append(os.Environ(), "APP="+server.App, "HTTP="+server.HTTP, "TOKEN="+server.Token, "CHROMIUM="+chromium)
	var failure strings.Builder
	node.Stderr = &failure
	answer, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	last := follow(t, output, func() {
		restart(t, server, data)
		if _, err := io.WriteString(answer, "it runs again\n"); err != nil {
			t.Error(err)
		}
	})
	if err := node.Wait(); err != nil {
		t.Fatalf("the story: %v (at most %v)\n%s", err, storyTimeout, failure.String())
	}
	if last != closingLine {
		t.Fatalf("the story ended early, with %q", last)
	}
}

// packages are installed beside the stories.
func packages(t *testing.T) {
	t.Helper()
	if _, err := install.NPM(t.Context(), "e2e"); err != nil {
		t.Fatal(err)
	}
}

// follow logs the story's lines, kills when it asks for that, and returns the
// last line.
func follow(t *testing.T, output io.Reader, kill func()) (last string) {
	t.Helper()
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		last = lines.Text()
		t.Log(last)
		if last == killLine {
			kill()
		}
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
	return last
}

// ports are flags for ports that nobody takes while the server is down.
func ports(t *testing.T) (flags []string) {
	t.Helper()
	for _, flag := range []string{"--http-port", "--cql-port", "--app-port"} {
		port, err := harness.FreePort("127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		flags = append(flags, flag, strconv.Itoa(port))
	}
	return flags
}

// restart kills the server with SIGKILL and starts it on the same data
// directory and ports, so that the pages that are open find it again.
func restart(t *testing.T, s *harness.Server, data string) {
	t.Helper()
	s.Kill()
	var ports []string
	for flag, address := range map[string]string{"--http-port": s.HTTP, "--cql-port": s.CQL, "--app-port": s.App} {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", flag, err))
		}
		ports = append(ports, flag, port)
	}
	harness.Start(t, "demo", data, ports...)
}
