// Package walls holds the test of the project's import rules: which package may
// know which. The rules are data; see docs/architecture.md for the reasons.
package walls

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const module = "github.com/astrolabe-db/astrolabe/"

// leaves may import only the packages of this module listed behind them.
var leaves = map[string][]string{
	"internal/cqlerr":    {},
	"internal/cqltype":   {"internal/cqlerr"},
	"internal/cql":       {"internal/cqlerr", "internal/cqltype"},
	"internal/wire":      {"internal/cqlerr", "internal/cqltype", "internal/elide"},
	"internal/schema":    {"internal/cqlerr", "internal/cqltype", "internal/cql"},
	"internal/backend":   {"internal/cql", "internal/cqlerr", "internal/cqltype", "internal/schema", "internal/wire"},
	"internal/access":    {"internal/backend", "internal/cql", "internal/cqlerr", "internal/cqltype", "internal/jwt", "internal/schema"},
	"internal/cell":      {"internal/cqltype"},
	"internal/cors":      {},
	"internal/httpapi":   {"internal/cell", "internal/cors", "internal/cqlerr", "internal/elide", "internal/inflight", "internal/outbound", "internal/tally"},
	"internal/elide":     {},
	"internal/inflight":  {},
	"internal/jwt":       {},
	"internal/outbound":  {"internal/backend", "internal/cql", "internal/inflight"},
	"internal/tally":     {},
	"internal/tlsconfig": {},
	"internal/guardrail": {"internal/backend", "internal/cql", "internal/cqlerr", "internal/cqltype", "internal/elide", "internal/schema"},
}

// only: an outside module that one place alone may import.
var only = map[string][]string{
	"github.com/cockroachdb/pebble":                {"internal/engine/store"},
	"google.golang.org/grpc":                       {"internal/gateway/grpc"},
	"github.com/apache/cassandra-gocql-driver/v2":  {"internal/cassandra", "userprofile", "cmd/astrolabe"},
	"github.com/alecthomas/kong":                   {"cmd/astrolabe"},
	"github.com/go-jose/go-jose/v4":                {"internal/jwt"},
	"github.com/prometheus/client_golang/promhttp": {"internal/server"},
}

// TestLeaves checks that the packages at the bottom stay there.
func TestLeaves(t *testing.T) {
	for pkg, imports := range listImports(t) {
		allowed, isLeaf := leaves[pkg]
		if !isLeaf {
			continue
		}
		for _, imported := range imports {
			inside, ok := strings.CutPrefix(imported, module)
			if ok && !contains(allowed, inside) {
				t.Errorf("%s imports %s: a leaf may only import %v", pkg, inside, allowed)
			}
		}
	}
}

// TestBackends checks that the back ends do not know each other and that the
// doors know neither a back end nor each other.
func TestBackends(t *testing.T) {
	for pkg, imports := range listImports(t) {
		for _, imported := range imports {
			inside, ok := strings.CutPrefix(imported, module)
			if !ok {
				continue
			}
			switch {
			case within(pkg, "internal/engine") && within(inside, "internal/cassandra"),
				within(pkg, "internal/cassandra") && within(inside, "internal/engine"):
				t.Errorf("%s imports %s: the back ends must not know each other", pkg, inside)
			case (within(pkg, "internal/engine") || within(pkg, "internal/cassandra")) && (within(inside, "internal/gateway") || within(inside, "internal/access")):
				t.Errorf("%s imports %s: a back end knows neither doors nor access control", pkg, inside)
			case within(pkg, "internal/gateway") && (within(inside, "internal/engine") || within(inside, "internal/cassandra")):
				t.Errorf("%s imports %s: a door must not know a concrete back end", pkg, inside)
			case within(pkg, "internal/gateway") && within(inside, "internal/gateway") && door(pkg) != door(inside):
				t.Errorf("%s imports %s: the doors must not know each other", pkg, inside)
			case within(pkg, "userprofile") && within(inside, "internal"):
				t.Errorf("%s imports %s: the app uses only public APIs", pkg, inside)
			case (within(inside, "internal/engine") || within(inside, "internal/cassandra")) && !within(pkg, "internal/engine") && !within(pkg, "internal/cassandra") && pkg != "cmd/astrolabe":
				t.Errorf("%s imports %s: only cmd/astrolabe picks a back end", pkg, inside)
			}
		}
	}
}

// TestOutsideModules checks that big libraries stay behind one package.
func TestOutsideModules(t *testing.T) {
	for pkg, imports := range listImports(t) {
		for _, imported := range imports {
			for library, places := range only {
				if (imported == library || strings.HasPrefix(imported, library+"/")) && !withinAny(pkg, places) {
					t.Errorf("%s imports %s: only %v may", pkg, imported, places)
				}
			}
		}
	}
}

// TestOneRouter checks that the routes of the server are httpapi.Routes everywhere:
// what these say that anybody may ask for is what internal/server looks at.
func TestOneRouter(t *testing.T) {
	routers := regexp.MustCompile(`\bhttp\.(NewServeMux|ServeMux|DefaultServeMux|Handle|HandleFunc)\b`)
	seen := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		if router := routers.Find(text); router != nil && filepath.ToSlash(path) != "../httpapi/routes.go" {
			t.Errorf("%s has a %s: routes are httpapi.Routes", path, router)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 100 {
		t.Errorf("only %d files", seen)
	}
}

// listImports maps each package of the module (path below it) to its imports.
func listImports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		packages[strings.TrimPrefix(fields[0], module)] = fields[1:]
	}
	if len(packages) < 10 {
		t.Fatalf("go list names only %d packages", len(packages))
	}
	return packages
}

func within(pkg, dir string) bool { return pkg == dir || strings.HasPrefix(pkg, dir+"/") }

func withinAny(pkg string, dirs []string) bool {
	for _, dir := range dirs {
		if within(pkg, dir) {
			return true
		}
	}
	return false
}

// door returns internal/gateway/<door>.
func door(pkg string) string {
	parts := strings.SplitN(pkg, "/", 4)
	return strings.Join(parts[:min(3, len(parts))], "/")
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
