// Command fuzzrest runs schemathesis over the OpenAPI documents of a running
// server: calls made up from them, right and wrong ones. An answer of 5xx, or one
// that its document does not know, fails it.
//
//	fuzzrest [-api rest|document] [-examples n] [-seconds n] [-seed n]
//
// It starts the server itself (make build comes first), on an empty directory
// with what the documents' examples name, and installs schemathesis into
// test/.cache.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

func main() {
	examples := flag.Int("examples", 20, "made-up calls of an operation")
	seconds := flag.Int("seconds", 600, "when to stop")
	seed := flag.Int("seed", 1, "of the made-up calls")
	only := flag.String("api", "", "rest or document; both if not given")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *only, fuzz{examples: *examples, seconds: *seconds, seed: *seed}); err != nil {
		fmt.Fprintln(os.Stderr, "fuzzrest:", err)
		os.Exit(1)
	}
}

// run fuzzes the APIs, or only one, each for the same part of the time.
func run(ctx context.Context, only string, f fuzz) (err error) {
	var chosen []api
	for _, a := range apis {
		if only == "" || only == a.name {
			chosen = append(chosen, a)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("there is no API %q", only)
	}
	if f.tool, err = install(ctx); err != nil {
		return err
	}
	if f.dir, err = os.MkdirTemp("", "fuzzrest-*"); err != nil {
		return err
	}
	defer os.RemoveAll(f.dir)
	server, err := harness.Launch("serve", filepath.Join(f.dir, "data"), "--rest-cql", "--durability", "periodic")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	f.base, f.token, f.seconds = "http://"+server.HTTP, server.Token, f.seconds/(2*len(chosen))
	for _, a := range chosen {
		err = errors.Join(err, f.api(ctx, a))
	}
	return err
}

// fuzz is a run of schemathesis.
type fuzz struct {
	tool, dir, base, token  string
	examples, seconds, seed int
}

// api fuzzes one API: first with calls that name what there is, but for those
// that end it; then with any.
func (f *fuzz) api(ctx context.Context, a api) error {
	for _, c := range a.prepare {
		if _, err := f.call(ctx, http.MethodPost, c[0], c[1], http.StatusCreated); err != nil {
			return err
		}
	}
	document, err := f.call(ctx, http.MethodGet, a.document, "", http.StatusOK)
	if err != nil {
		return err
	}
	known, err := naming(document, a.names)
	if err != nil {
		return err
	}
	err = f.schemathesis(ctx, known, "--exclude-operation-id-regex", "^("+strings.Join(a.ending, "|")+")$")
	return errors.Join(err, f.schemathesis(ctx, document))
}

func (f *fuzz) schemathesis(ctx context.Context, document []byte, more ...string) error {
	path := filepath.Join(f.dir, "openapi.json")
	if err := os.WriteFile(path, document, 0o600); err != nil {
		return err
	}
	c := exec.CommandContext(ctx, f.tool, append([]string{"run", path, "--url", f.base, "--header", "X-Cassandra-Token: " + f.token,
		"--phases", "coverage,fuzzing", "--max-examples", strconv.Itoa(f.examples), "--max-time", strconv.Itoa(f.seconds),
		"--seed", strconv.Itoa(f.seed), "--continue-on-failure", "--suppress-health-check", "all", "--workers", "1",
		"--request-timeout", "60", // a busy machine is no failure
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"}, more...)...)
	c.Stdout, c.Stderr, c.Dir = os.Stdout, os.Stderr, f.dir
	return c.Run()
}

// naming returns the document with parameters that have these values alone.
func naming(document []byte, names map[string][]string) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, err
	}
	parameters := doc["components"].(map[string]any)["parameters"].(map[string]any)
	for name, values := range names {
		schema := parameters[name].(map[string]any)["schema"].(map[string]any)
		schema["enum"] = values
	}
	return json.Marshal(doc)
}

// install returns schemathesis, in a Python environment of its own.
func install(ctx context.Context) (string, error) {
	dir := filepath.Join(harness.Root(), "test", ".cache", "schemathesis")
	tool := filepath.Join(dir, "bin", "schemathesis")
	if _, err := os.Stat(tool); err == nil {
		return tool, nil
	}
	for _, args := range [][]string{
		{"python3", "-m", "venv", dir},
		{filepath.Join(dir, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "-r", filepath.Join(harness.Root(), "test", "fuzzrest", "requirements.txt")},
	} {
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return tool, nil
}

func (f *fuzz) call(ctx context.Context, method, path, body string, want int) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, f.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Cassandra-Token", f.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != want {
		err = fmt.Errorf("%s %s: %d %s", method, path, answer.StatusCode, text)
	}
	return text, err
}
