// Package cli uses the built binary as a person does: flags, environment and
// file, mistakes, tokens, the CQL shell, health, signals.
package cli

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// astrolabe runs the binary to its end and returns what it printed and its
// exit code.
func astrolabe(t *testing.T, env []string, stdin string, args ...string) (out string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, harness.Binary(), args...)
	c.Env, c.Stdin = append(os.Environ(), env...), strings.NewReader(stdin)
	text, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(text), c.ProcessState.ExitCode()
}

// mustFail checks the exit code and that one line says why.
func mustFail(t *testing.T, code int, part string, env []string, args ...string) {
	t.Helper()
	out, got := astrolabe(t, env, "", args...)
	if got != code || !strings.Contains(out, part) {
		t.Errorf("%v: exit %d, want %d with %q:\n%s", args, got, code, part, out)
	}
	if code == 1 && strings.Count(strings.TrimSpace(out), "\n") != 0 {
		t.Errorf("%v: more than one line:\n%s", args, out)
	}
}

func free(t *testing.T, dir string, more ...string) []string {
	return append([]string{"serve", "--data", dir, "--http-port", "0", "--cql-port", "0", "--grpc-port", "0"}, more...)
}

func TestMistakes(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, taken, _ := net.SplitHostPort(l.Addr().String())
	dir := t.TempDir()
	mustFail(t, 1, "--http-port: port "+taken, nil, "serve", "--data", dir, "--http-port", taken, "--cql-port", "0", "--grpc-port", "0")
	mustFail(t, 1, "--cql-port: port "+taken, nil, "serve", "--data", dir, "--http-port", "0", "--cql-port", taken, "--grpc-port", "0")
	mustFail(t, 1, "--grpc-port: port "+taken, nil, "serve", "--data", dir, "--http-port", "0", "--cql-port", "0", "--grpc-port", taken)
	mustFail(t, 1, "--app-port: port "+taken, nil, "demo", "--data", dir, "--http-port", "0", "--cql-port", "0", "--grpc-port", "0", "--app-port", taken)
	mustFail(t, 1, "--cql-port: 70000 is not a port", nil, "serve", "--data", dir, "--http-port", "0", "--cql-port", "70000")
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustFail(t, 1, "--data", nil, free(t, filepath.Join(file, "below"))...)
	mustFail(t, 1, "no such file", nil, free(t, dir, "--config", filepath.Join(dir, "missing.yaml"))...)
	mustFail(t, 2, "nonsense", nil, "serve", "--nonsense")
	mustFail(t, 1, "is not the directory of a server that has run", nil, "token", "list", "--data", t.TempDir())
}

func TestDataDirectoryInUse(t *testing.T) {
	s := harness.Start(t, "serve", t.TempDir())
	mustFail(t, 1, "--data: "+s.Data+" is in use by another process", nil, free(t, s.Data)...)
}

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	write := func(text string) {
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The port that is refused tells which setting won.
	write("cql-port: 70001\n")
	env := []string{"ASTROLABE_CQL_PORT=70002"}
	args := []string{"serve", "--data", dir, "--http-port", "0", "--config", config}
	mustFail(t, 1, "--cql-port: 70001", nil, args...)
	mustFail(t, 1, "--cql-port: 70002", env, args...)
	mustFail(t, 1, "--cql-port: 70003", env, append(args, "--cql-port", "70003")...)
	write("cql-prot: 1\n")
	mustFail(t, 1, `--config: unknown setting "cql-prot"`, nil, args...)
	write("\tnot yaml")
	mustFail(t, 1, "--config: yaml", nil, args...)
}

func TestTokens(t *testing.T) {
	dir := t.TempDir()
	s := harness.Start(t, "serve", dir)
	info, err := os.Stat(filepath.Join(dir, "admin-token"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("admin-token: %v %v", info, err)
	}
	running := makeToken(t, dir)
	if code := get(t, s, "/v2/schemas/keyspaces", running); code != http.StatusOK {
		t.Errorf("a new token: %d", code)
	}
	revoke(t, dir, running)
	if code := get(t, s, "/v2/schemas/keyspaces", running); code != http.StatusUnauthorized {
		t.Errorf("a revoked token: %d", code)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "endpoints.json")); strings.Contains(string(text), "AstraCS") {
		t.Error("endpoints.json holds a token")
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	stopped := makeToken(t, dir)
	again := harness.Start(t, "serve", dir)
	for token, want := range map[string]int{stopped: 200, running: 401, s.Token: 200, "": 401, "AstraCS:x": 401} {
		if code := get(t, again, "/v2/schemas/keyspaces", token); code != want {
			t.Errorf("token %.12s after a restart: %d, want %d", token, code, want)
		}
	}
}

func makeToken(t *testing.T, dir string) string {
	t.Helper()
	out, code := astrolabe(t, nil, "", "token", "create", "--data", dir, "--role", "RO User", "--description", "reader")
	_, token, ok := strings.Cut(out, "token          ")
	token = strings.TrimSpace(token)
	if code != 0 || !ok || len(token) != 97 {
		t.Fatalf("token create: %d\n%s", code, out)
	}
	list, _ := astrolabe(t, nil, "", "token", "list", "--data", dir)
	if !strings.Contains(list, token[8:32]) || strings.Contains(list, token[33:]) || !strings.Contains(list, "reader") {
		t.Errorf("token list:\n%s", list)
	}
	return token
}

func revoke(t *testing.T, dir, token string) {
	t.Helper()
	if out, code := astrolabe(t, nil, "", "token", "revoke", "--data", dir, token[8:32]); code != 0 {
		t.Fatalf("token revoke: %d\n%s", code, out)
	}
}

func get(t *testing.T, s *harness.Server, path, token string) int {
	t.Helper()
	code, _ := fetch(t, s, path, token)
	return code
}

func fetch(t *testing.T, s *harness.Server, path, token string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.HTTP+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("X-Cassandra-Token", token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func TestHealthAndMetrics(t *testing.T) {
	s := harness.Start(t, "serve", t.TempDir())
	for path, part := range map[string]string{"/health": `"UP"`, "/health/live": `"UP"`, "/health/ready": `"backend"`, "/metrics": "astrolabe_native_connections", "/console/": "<title>Astrolabe"} {
		if code, body := fetch(t, s, path, ""); code != http.StatusOK || !strings.Contains(body, part) {
			t.Errorf("%s: %d %.200s", path, code, body)
		}
	}
	if strings.Contains(strings.Split(s.Output(), "Administrator token")[0], s.Token) {
		t.Error("the log holds the token")
	}
}

func TestShell(t *testing.T) {
	s := harness.Start(t, "serve", t.TempDir())
	script := "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}; USE k;\n" +
		"CREATE TABLE t (id int PRIMARY KEY, v text, m map<text, int>, p tuple<int, text>); -- a comment; too\n" +
		"INSERT INTO t (id, v, m, p) VALUES (1, 'a;b', {'x': 1}, (7, 'seven')); SELECT * FROM t;"
	out, code := astrolabe(t, nil, script, "cql", "--data", s.Data)
	for _, part := range []string{" id | m ", "a;b", "{'x': 1}", "(7, 'seven')", "(1 rows)"} {
		if !strings.Contains(out, part) {
			t.Errorf("the script's output lacks %q (exit %d):\n%s", part, code, out)
		}
	}
	file := filepath.Join(t.TempDir(), "script.cql")
	if err := os.WriteFile(file, []byte("EXPAND ON; SELECT v FROM k.t"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := astrolabe(t, nil, "", "cql", "--data", s.Data, "-f", file); code != 0 || !strings.Contains(out, "@ Row 1\n v | a;b") {
		t.Errorf("-f: %d\n%s", code, out)
	}
	if out, code := astrolabe(t, nil, "", "cql", "--data", s.Data, "-e", "SELECT nope FROM k.t"); code != 1 || !strings.Contains(out, "Undefined column name nope") {
		t.Errorf("an error: %d\n%s", code, out)
	}
	if out, code := astrolabe(t, nil, "", "cql", "--data", s.Data, "-p", "wrong", "-e", "SELECT * FROM k.t"); code != 1 || !strings.Contains(out, "incorrect") {
		t.Errorf("a wrong password: %d\n%s", code, out)
	}
	if out, code := astrolabe(t, nil, "", "version"); code != 0 || !strings.Contains(out, "CQL 3.4.7") {
		t.Errorf("version: %d\n%s", code, out)
	}
}

// TestStop: the harness fails a server that does not exit with 0 soon after
// SIGTERM; here one does so with clients connected and a request under way.
func TestStop(t *testing.T) {
	s := harness.Start(t, "demo", t.TempDir())
	for _, address := range []string{s.CQL, s.HTTP, s.App} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: half")); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	if err := s.Stop(); err != nil {
		t.Errorf("stop: %v\n%s", err, s.Output())
	}
	t.Logf("stopped in %v", time.Since(began))
}
