package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestGatewaysTogether starts three gateways at once on a cluster without access
// control: one makes it, all have it, and what one changes all know soon.
func TestGatewaysTogether(t *testing.T) {
	if err := connect(t, node.Addr, user, password).Query(`DROP KEYSPACE IF EXISTS astrolabe`).Exec(); err != nil {
		t.Fatal(err)
	}
	gateways := startGateways(t, 3)
	token := ""
	for _, g := range gateways {
		if g.Token != "" && token != "" {
			t.Error("two gateways made a token")
		}
		token += g.Token
	}
	dataDirectory(t) // of the tests that follow
	if err := os.WriteFile(filepath.Join(shared, "admin-token"), []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, g := range gateways {
		if g.Token == "" && !strings.Contains(g.Output(), "made by the first gateway of this cluster, kept in ") {
			t.Errorf("a gateway does not say where the token is:\n%s", g.Output())
		}
		if code, _ := call(t, g, http.MethodGet, token, nil); code != http.StatusOK {
			t.Errorf("the first token at %s: status %d", g.HTTP, code)
		}
	}

	code, answer := call(t, gateways[0], http.MethodPost, token, map[string]any{"roles": []string{"R/W User"}})
	var made struct{ ClientID, Token string }
	if err := json.Unmarshal(answer, &made); err != nil || made.Token == "" {
		t.Fatalf("making a token: status %d, %s", code, answer)
	}
	for _, g := range gateways {
		await(t, "the new token at "+g.HTTP, func() bool { return knows(g, made.Token) })
	}
	if code, answer := call(t, gateways[1], http.MethodDelete, token, nil, made.ClientID); code >= 300 {
		t.Fatalf("revoking: status %d, %s", code, answer)
	}
	if knows(gateways[1], made.Token) {
		t.Error("a revoked token is good where it was revoked")
	}
	for _, g := range gateways {
		await(t, "the revocation at "+g.HTTP, func() bool { return !knows(g, made.Token) })
	}
}

// startGateways starts n gateways at the same moment.
func startGateways(t *testing.T, n int) []*harness.Server {
	t.Helper()
	all := make([]*harness.Server, n)
	dir, line := t.TempDir(), serving(t)
	var starting sync.WaitGroup
	for i := range all {
		starting.Go(func() {
			g, err := harness.Launch("serve", filepath.Join(dir, fmt.Sprint("gateway", i)), line...)
			if err != nil {
				t.Error(err)
				return
			}
			all[i] = g
			t.Cleanup(func() {
				if err := g.Stop(); err != nil {
					t.Errorf("%v\n%s", err, g.Output())
				}
			})
		})
	}
	starting.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return all
}

// await waits for what is to be seen everywhere: within a second, but for busy
// machines.
func await(t *testing.T, what string, seen func() bool) {
	t.Helper()
	t.Logf("%s: after %v", what, wait(t, what, requestTimeout, seen))
}

// call uses the DevOps API for tokens.
func call(t *testing.T, g *harness.Server, method, token string, body any, path ...string) (int, []byte) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(method, "http://"+g.HTTP+"/v2/"+strings.Join(append([]string{"clientIdSecrets"}, path...), "/"), bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, text
}

// knows reports whether a gateway takes a token.
func knows(g *harness.Server, token string) bool {
	request, err := http.NewRequest(http.MethodGet, "http://"+g.HTTP+"/v2/schemas/keyspaces", nil)
	if err != nil {
		return false
	}
	request.Header.Set("X-Cassandra-Token", token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
