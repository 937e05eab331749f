// Command fuzzrest runs schemathesis over the OpenAPI document of a running
// server: calls made up from the document, right and wrong ones. An answer of
// 5xx, or one that the document does not know, fails it.
//
//	fuzzrest [-examples n] [-seconds n] [-seed n]
//
// It starts the server itself (make build comes first), on an empty directory
// with a keyspace that the document's examples name, and installs schemathesis
// into test/.cache.
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
	seconds := flag.Int("seconds", 300, "when to stop")
	seed := flag.Int("seed", 1, "of the made-up calls")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *examples, *seconds, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "fuzzrest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, examples, seconds, seed int) (err error) {
	tool, err := install(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "fuzzrest-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	server, err := harness.Launch("serve", filepath.Join(dir, "data"), "--rest-cql", "--durability", "periodic")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	base := "http://" + server.HTTP
	document, err := prepare(ctx, base, server.Token)
	if err != nil {
		return err
	}
	// First calls that name what there is, but for those that end it; then any.
	known, err := naming(document)
	if err != nil {
		return err
	}
	for _, round := range []struct {
		document []byte
		more     []string
	}{
		{known, []string{"--exclude-operation-id-regex", "^drop(Keyspace|Table|TableV1)$"}},
		{document, nil},
	} {
		path := filepath.Join(dir, "openapi.json")
		if err := os.WriteFile(path, round.document, 0o600); err != nil {
			return err
		}
		fuzz := exec.CommandContext(ctx, tool, append([]string{"run", path, "--url", base, "--header", "X-Cassandra-Token: " + server.Token,
			"--phases", "coverage,fuzzing", "--max-examples", strconv.Itoa(examples), "--max-time", strconv.Itoa(seconds / 2),
			"--seed", strconv.Itoa(seed), "--continue-on-failure", "--suppress-health-check", "all", "--workers", "1",
			"--request-timeout", "60", // a busy machine is no failure
			"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"}, round.more...)...)
		fuzz.Stdout, fuzz.Stderr = os.Stdout, os.Stderr
		fuzz.Dir = dir
		if err := fuzz.Run(); err != nil {
			return err
		}
	}
	return nil
}

// naming returns the document with the names of what prepare has made as the
// only ones, beside one of nothing.
func naming(document []byte) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, err
	}
	parameters := doc["components"].(map[string]any)["parameters"].(map[string]any)
	for name, values := range map[string][]string{
		"keyspace": {"shop", "system", "nope"}, "table": {"orders", "nope"}, "column": {"note", "total", "items", "customer", "nope"},
		"index": {"orders_note_idx", "nope"}, "type": {"address", "nope"}, "key": {"ada", "eve", "ada/1", "ada/x"}, "keyV1": {"ada", "eve", "ada;1", "ada;x"},
		"where":  {`{"customer":{"$eq":"ada"}}`, `{"customer":{"$in":["ada","eve"]},"number":{"$gte":0}}`, `{"note":{"$eq":"gift"}}`, `{"items":{"$containsKey":"tea"}}`, `{"x":1}`},
		"fields": {"total", "customer,items", "nope", ""}, "sort": {`{"number":"desc"}`, `{"total":"asc"}`, "x"},
		"if": {`{"note":{"$eq":null}}`, `{"total":{"$gt":1}}`, `{"note":{"$ne":"x"}}`, "{}"},
	} {
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

// prepare makes what the document's examples name, and returns the document.
func prepare(ctx context.Context, base, token string) (document []byte, err error) {
	const schemas = "/v2/schemas/keyspaces"
	for _, c := range [][2]string{
		{schemas, `{"name":"shop"}`},
		{schemas + "/shop/tables", `{"name":"orders","columnDefinitions":[{"name":"customer","typeDefinition":"text"},{"name":"number","typeDefinition":"int"},
			{"name":"note","typeDefinition":"text"},{"name":"total","typeDefinition":"decimal"},{"name":"items","typeDefinition":"map<text,int>"}],
			"primaryKey":{"partitionKey":["customer"],"clusteringKey":["number"]}}`},
		{schemas + "/shop/types", `{"name":"address","fields":[{"name":"street","typeDefinition":"text"}]}`},
		{schemas + "/shop/tables/orders/indexes", `{"column":"note"}`},
		{"/v2/keyspaces/shop/orders", `{"customer":"ada","number":1,"note":"gift","total":"12.50","items":{"tea":2}}`},
	} {
		if _, err := call(ctx, http.MethodPost, base+c[0], token, c[1], http.StatusCreated); err != nil {
			return nil, err
		}
	}
	return call(ctx, http.MethodGet, base+"/api/rest/openapi?format=json", "", "", http.StatusOK)
}

func call(ctx context.Context, method, url, token, body string, want int) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Cassandra-Token", token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != want {
		err = fmt.Errorf("%s %s: %d %s", method, url, answer.StatusCode, text)
	}
	return text, err
}
