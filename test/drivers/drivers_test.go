// Package drivers runs unmodified Cassandra drivers, at their defaults, against
// the real binary: connect with the printed token, create, insert, select,
// prepare, page, batch, and see errors and schema changes. Each driver's own
// program is in a folder here; pip, npm and Maven install what they need below
// test/.cache.
package drivers

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// driverTimeout bounds one driver's run, installation included.
const driverTimeout = 8 * time.Minute

func cache(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(harness.Root(), "test", ".cache", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// command runs one program in dir and fails the test with its output.
func command(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), driverTimeout)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// venv makes a Python environment with the packages of python/requirements.txt.
func venv(t *testing.T) string {
	t.Helper()
	dir := cache(t, "venv")
	python := filepath.Join(dir, "bin", "python")
	if _, err := os.Stat(python); err != nil {
		command(t, dir, nil, "python3", "-m", "venv", dir)
	}
	command(t, dir, nil, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", abs(t, "python/requirements.txt"))
	return dir
}

func abs(t *testing.T, path string) string {
	t.Helper()
	p, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// environment tells a driver's program where to connect, and in CQL_BACKEND
// whether the server is an engine or a gateway (see onEach).
func environment(t *testing.T, s *harness.Server, keyspace string) []string {
	t.Helper()
	host, port, err := net.SplitHostPort(s.CQL)
	if err != nil {
		t.Fatal(err)
	}
	return []string{"CQL_HOST=" + host, "CQL_PORT=" + port, "CQL_TOKEN=" + s.Token, "CQL_KEYSPACE=" + keyspace, "CQL_BACKEND=" + path.Base(t.Name())}
}

// mustPrint checks the program's last word, so that one that ends early fails.
func mustPrint(t *testing.T, out, want string) {
	t.Helper()
	if !strings.Contains(out, want) {
		t.Fatalf("the program did not print %q:\n%s", want, out)
	}
}

func TestPython(t *testing.T) { onEach(t, runPython) }

func runPython(t *testing.T, s *harness.Server) {
	out := command(t, abs(t, "python"), environment(t, s, "python_driver"), filepath.Join(venv(t), "bin", "python"), "test_driver.py")
	mustPrint(t, out, "python driver: all checks passed")
}

func TestCqlsh(t *testing.T) { onEach(t, runCqlsh) }

func runCqlsh(t *testing.T, s *harness.Server) {
	dir := venv(t)
	env := append(environment(t, s, "cqlsh"), "CQLSH="+filepath.Join(dir, "bin", "cqlsh"))
	out := command(t, abs(t, "cqlsh"), env, filepath.Join(dir, "bin", "python"), "test_cqlsh.py")
	mustPrint(t, out, "cqlsh: all checks passed")
}

func TestNode(t *testing.T) { onEach(t, runNode) }

func runNode(t *testing.T, s *harness.Server) {
	command(t, abs(t, "node"), nil, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	out := command(t, abs(t, "node"), append(environment(t, s, "node_driver"), tlsEnvironment(s)...), "node", "driver.mjs")
	mustPrint(t, out, "node driver: all checks passed")
}

// javaRequestTimeout is more than the driver's 2 s: a schema change on a real
// node may take longer on a busy machine.
const javaRequestTimeout = "-Ddatastax-java-driver.basic.request.timeout=60 seconds"

func TestJava(t *testing.T) { onEach(t, runJava) }

func runJava(t *testing.T, s *harness.Server) {
	out := command(t, abs(t, "java"), append(environment(t, s, "java_driver"), tlsEnvironment(s)...), "mvn", "-q", "-B", "-DbuildDirectory="+cache(t, "java"),
		javaRequestTimeout, "compile", "exec:java")
	mustPrint(t, out, "java driver: all checks passed")
}
