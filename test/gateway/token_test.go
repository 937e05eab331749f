package gateway

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestTokens: the token commands work on the cluster, and running gateways see
// at once what they do.
func TestTokens(t *testing.T) {
	s := gateway(t)
	if out, code := token(t, "list", "--data", s.Data); code != 1 || !strings.Contains(out, "is the directory of a gateway, whose tokens are in the cluster: name that with --cassandra") {
		t.Errorf("without the cluster: exit code %d\n%s", code, out)
	}
	cluster := flags(t)
	out, code := token(t, append([]string{"create", "--role", "RO User", "--description", "by command"}, cluster...)...)
	_, made, _ := strings.Cut(out, "token          ")
	if made = strings.TrimSpace(made); code != 0 || len(made) != 97 {
		t.Fatalf("create: exit code %d\n%s", code, out)
	}
	awaitStatus(t, s, made, http.StatusOK)
	if out, code := token(t, append([]string{"list"}, cluster...)...); code != 0 || !strings.Contains(out, "by command") || !strings.Contains(out, made[8:32]) || strings.Contains(out, made[33:]) {
		t.Errorf("list: exit code %d\n%s", code, out)
	}
	if out, code := token(t, append([]string{"revoke", made}, cluster...)...); code != 0 {
		t.Errorf("revoke: exit code %d\n%s", code, out)
	}
	awaitStatus(t, s, made, http.StatusUnauthorized)
	if out, code := token(t, append([]string{"revoke", made}, cluster...)...); code != 1 || !strings.Contains(out, "not found") {
		t.Errorf("revoke again: exit code %d\n%s", code, out)
	}
	if out, code := token(t, "list", "--cassandra", node.Addr); code != 1 || !strings.Contains(out, "--cassandra-user: the cluster asks for a login") {
		t.Errorf("without a login: exit code %d\n%s", code, out)
	}
}

func token(t *testing.T, args ...string) (output string, code int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), harness.Binary(), append([]string{"token"}, args...)...)
	out, err := c.CombinedOutput()
	if err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

// awaitStatus waits for the gateway to know, or to refuse, a token.
func awaitStatus(t *testing.T, s *harness.Server, token string, want int) {
	t.Helper()
	var got int
	for deadline := time.Now().Add(10 * time.Second); got != want; time.Sleep(50 * time.Millisecond) {
		if got, _ = get(t, "http://"+s.HTTP+"/v2/schemas/keyspaces", token); got != want && time.Now().After(deadline) {
			t.Fatalf("status %d, want %d", got, want)
		}
	}
}
