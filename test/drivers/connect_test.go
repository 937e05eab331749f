package drivers

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/test/harness"
	"github.com/astrolabe-db/astrolabe/test/install"
)

// TestConnect takes the snippets of the console's Connect page from a real
// browser and runs each as it is pasted: commands in a shell, programs from
// files beside what they say they need.
func TestConnect(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("a Chromium is needed (`make chromium` installs Debian's): %v", err)
	}
	s := harness.Start(t, "serve", t.TempDir())
	e2e, err := install.NPM(t.Context(), "e2e")
	if err != nil {
		t.Fatal(err)
	}
	out := command(t, e2e, []string{"HTTP=" + s.HTTP, "TOKEN=" + s.Token, "CHROMIUM=" + chromium}, "node", "connect.mjs")
	mustPrint(t, out, "console pages: all checks passed")
	_, rest, _ := strings.Cut(out, "snippets: ")
	line, _, _ := strings.Cut(rest, "\n")
	var snippets map[string]string
	if err := json.Unmarshal([]byte(line), &snippets); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	want := []string{"cqlsh", "document", "gocql", "graphql", "grpc", "java", "node", "python", "rest"}
	if got := slices.Sorted(maps.Keys(snippets)); !slices.Equal(got, want) {
		t.Fatalf("snippets %v, want %v", got, want)
	}
	for _, name := range want {
		t.Run(name, func(t *testing.T) {
			out := pasted[name](t, snippets[name])
			if !expected[name].MatchString(out) {
				t.Errorf("%s printed %q", name, out)
			}
		})
	}
}

var release = regexp.MustCompile(`\d+\.\d+\.\d+`)

// expected is what each snippet prints.
var expected = map[string]*regexp.Regexp{
	"cqlsh": release, "gocql": release, "grpc": release, "java": release, "node": release, "python": release,
	"document": regexp.MustCompile(`"name":\s*"library"`), "graphql": regexp.MustCompile(`"name":\s*"library"`), "rest": regexp.MustCompile(`"name":\s*"library"`),
}

// pasted runs a snippet of each kind.
var pasted = map[string]func(t *testing.T, code string) string{
	"cqlsh":    inShell,
	"document": inShell,
	"graphql":  inShell,
	"rest":     inShell,
	"python": func(t *testing.T, code string) string {
		return patiently(t, filepath.Dir(saved(t, t.TempDir(), "connect.py", code)), nil, filepath.Join(venv(t), "bin", "python"), "connect.py")
	},
	"node": func(t *testing.T, code string) string { return inNode(t, "node", "connect.mjs", code) },
	"grpc": func(t *testing.T, code string) string { return inNode(t, "grpc/node", "grpc.mjs", code) },
	"gocql": func(t *testing.T, code string) string {
		dir := filepath.Join(harness.Root(), "test") // the module that has the driver
		return patiently(t, dir, nil, "go", "run", saved(t, t.TempDir(), "main.go", code))
	},
	"java": func(t *testing.T, code string) string {
		return java(t, "java", filepath.Dir(saved(t, t.TempDir(), "Connect.java", code)), "Connect", nil, javaTimeouts...)
	},
}

// patiently is command with three tries: a snippet is run as it is, with the
// timeouts of its driver, which may be too short for a busy machine.
func patiently(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	for range 2 {
		out, err := execute(t, dir, env, name, args...)
		if err == nil {
			return out
		}
		t.Logf("once more after: %v", err)
	}
	return command(t, dir, env, name, args...)
}

func saved(t *testing.T, dir, name, code string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// inShell runs a command where cqlsh is on the path.
func inShell(t *testing.T, code string) string {
	return patiently(t, t.TempDir(), []string{"PATH=" + filepath.Join(venv(t), "bin") + string(os.PathListSeparator) + os.Getenv("PATH")}, "sh", "-c", code)
}

// inNode runs a program beside the packages of one of the folders here.
func inNode(t *testing.T, packages, file, code string) string {
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(npm(t, packages), "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return patiently(t, dir, nil, "node", filepath.Base(saved(t, dir, file, code)))
}
