package gateway

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
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

// TestUsers: so do the commands about users.
func TestUsers(t *testing.T) {
	s := gateway(t)
	cluster := flags(t)
	password := filepath.Join(t.TempDir(), "password")
	user := func(args ...string) string {
		t.Helper()
		out, code := command(t, "user", append(args, cluster...)...)
		if code != 0 {
			t.Fatalf("user %s: exit code %d\n%s", args[0], code, out)
		}
		return out
	}
	enters := func(word string) {
		t.Helper()
		wait(t, "the login with the password "+word, 30*time.Second, func() bool {
			c, err := wiretest.Dial(s.CQL, wire.V5)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			return c.Login("someone", word, nil) == nil
		})
	}
	for i, word := range []string{"first", "second"} {
		if err := os.WriteFile(password, []byte(word+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			user("create", "someone", "--role", "RO User", "--password-file", password)
		} else {
			user("password", "someone", "--password-file", password)
		}
		enters(word)
	}
	user("roles", "someone", "--role", "R/W User")
	if out := user("list"); !strings.Contains(out, "someone") || !strings.Contains(out, "R/W User") {
		t.Errorf("list: %s", out)
	}
	user("delete", "someone")
	if out := user("list"); strings.Contains(out, "someone") {
		t.Errorf("list of who is left: %s", out)
	}
	if out, code := command(t, "user", "list", "--data", s.Data); code != 1 || !strings.Contains(out, "is the directory of a gateway") {
		t.Errorf("without the cluster: exit code %d\n%s", code, out)
	}
}

func token(t *testing.T, args ...string) (output string, code int) {
	t.Helper()
	return command(t, "token", args...)
}

// command runs a command of the binary.
func command(t *testing.T, name string, args ...string) (output string, code int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), harness.Binary(), append([]string{name}, args...)...)
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
	for deadline := time.Now().Add(requestTimeout); got != want; time.Sleep(50 * time.Millisecond) {
		if got, _ = get(t, "http://"+s.HTTP+"/v2/schemas/keyspaces", token); got != want && time.Now().After(deadline) {
			t.Fatalf("status %d, want %d", got, want)
		}
	}
}
