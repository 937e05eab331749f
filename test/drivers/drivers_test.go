// Package drivers runs unmodified Cassandra drivers, at their defaults, against
// the real binary: connect with the printed token, create, insert, select,
// prepare, page, batch, and see errors and schema changes. Each driver's own
// program is in a folder here; package install fetches what they need. Only
// timeouts are longer than the defaults where those are too short for a busy
// machine.
package drivers

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
	"github.com/astrolabe-db/astrolabe/test/install"
)

// driverTimeout bounds one driver's run.
const driverTimeout = 8 * time.Minute

// command runs one program in dir and fails the test with its output.
func command(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	out, err := execute(t, dir, env, name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// execute runs one program in dir; an error holds its output.
func execute(t *testing.T, dir string, env []string, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), driverTimeout)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), env...)
	c.WaitDelay = 10 * time.Second // for what it started itself
	out, err := c.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// venv is a Python environment with the packages of python/requirements.txt.
func venv(t *testing.T) string {
	t.Helper()
	dir, err := install.Python(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// npm is a folder here with its npm packages installed.
func npm(t *testing.T, folder string) string {
	t.Helper()
	dir, err := install.NPM(t.Context(), path.Join("drivers", folder))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// shortJVM are options of a JVM that does not live long.
var shortJVM = []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"}

// java compiles the sources in a directory and runs a class of them, both with the
// jars of a folder's pom.xml.
func java(t *testing.T, folder, sources, class string, env []string, options ...string) string {
	t.Helper()
	jars, err := install.Jars(t.Context(), path.Join("drivers", folder))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(sources, "*.java"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources in %s: %v", sources, err)
	}
	classes := t.TempDir()
	jars = filepath.Join(jars, "*")
	compile := []string{"-encoding", "UTF-8", "-d", classes, "-cp", jars}
	for _, option := range shortJVM {
		compile = append(compile, "-J"+option)
	}
	command(t, classes, nil, "javac", append(compile, files...)...)
	run := append([]string{"-Dfile.encoding=UTF-8", "-cp", classes + string(os.PathListSeparator) + jars}, shortJVM...)
	return command(t, classes, env, "java", append(append(run, options...), class)...)
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
	out := command(t, npm(t, "node"), append(environment(t, s, "node_driver"), tlsEnvironment(s)...), "node", "driver.mjs")
	mustPrint(t, out, "node driver: all checks passed")
}

// javaTimeouts are more than the driver's of 2 to 5 s: a schema change on a real
// node, and a driver that starts, may take longer on a busy machine.
var javaTimeouts = []string{
	"-Ddatastax-java-driver.basic.request.timeout=60 seconds",
	"-Ddatastax-java-driver.advanced.connection.connect-timeout=60 seconds",
	"-Ddatastax-java-driver.advanced.connection.init-query-timeout=60 seconds",
	"-Ddatastax-java-driver.advanced.connection.set-keyspace-timeout=60 seconds",
	"-Ddatastax-java-driver.advanced.control-connection.timeout=60 seconds",
	"-Ddatastax-java-driver.advanced.control-connection.schema-agreement.timeout=60 seconds",
	"-Ddatastax-java-driver.advanced.metadata.schema.request-timeout=60 seconds",
}

func TestJava(t *testing.T) { onEach(t, runJava) }

func runJava(t *testing.T, s *harness.Server) {
	out := java(t, "java", abs(t, "java/src/main/java/drivers"), "drivers.DriverTest", append(environment(t, s, "java_driver"), tlsEnvironment(s)...), javaTimeouts...)
	mustPrint(t, out, "java driver: all checks passed")
}
