package cli

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestTLSMistakes: nothing listens where other machines can reach it in plain
// text unless that was asked for, and each mistake is a line.
func TestTLSMistakes(t *testing.T) {
	dir := t.TempDir()
	mustFail(t, 1, "--listen: other machines can reach 0.0.0.0", nil, free(t, dir, "--listen", "0.0.0.0")...)
	mustFail(t, 1, "--listen: other machines can reach ::", nil, free(t, dir, "--listen", "::")...)
	mustFail(t, 1, "--tls-cert and --tls-key go together", nil, free(t, dir, "--tls-cert", "x")...)
	mustFail(t, 1, "--tls-cert: open", nil, free(t, dir, "--tls-cert", filepath.Join(dir, "missing"), "--tls-key", filepath.Join(dir, "missing"))...)
	mustFail(t, 1, "--tls-client-ca: there is no TLS", nil, free(t, dir, "--tls-client-ca", "x")...)
	mustFail(t, 1, "--tls: self makes a certificate", nil, free(t, dir, "--tls", "self", "--tls-cert", "x", "--tls-key", "y")...)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("a start that was refused left %v, %v", left, err)
	}
	harness.Start(t, "serve", t.TempDir(), "--listen", "0.0.0.0", "--insecure")
}

// TestTLSSelf: with --tls self every port speaks TLS, the app's too, the other
// commands find the server, and a certificate that is replaced is shown without
// a restart.
func TestTLSSelf(t *testing.T) {
	s := harness.Start(t, "demo", t.TempDir(), "--tls", "self", "--tls-client-ca", firstAuthority(t))
	if !strings.Contains(s.Output(), "clients must trust "+s.Authority) {
		t.Errorf("the output does not say what to trust:\n%s", s.Output())
	}
	client, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	for _, url := range []string{"https://" + s.HTTP + "/console/", "https://" + s.App + "/", "https://" + s.HTTP + "/v2/schemas/keyspaces"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Cassandra-Token", s.Token)
		answer, err := client.Do(r)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", url, answer.Status)
		}
	}
	if answer, err := http.Get("http://" + s.HTTP + "/health"); err == nil {
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("plain HTTP: %s", answer.Status)
		}
	}
	if out, code := astrolabe(t, nil, "", "token", "list", "--data", s.Data); code != 0 || !strings.Contains(out, "CLIENT ID") {
		t.Errorf("token list: %d\n%s", code, out)
	}
	if out, code := astrolabe(t, nil, "", "cql", "--data", s.Data, "-e", "SELECT cluster_name FROM system.local"); code == 0 {
		t.Errorf("cql without the certificate that the port asks for: %d\n%s", code, out)
	}
}

// firstAuthority is the authority of another server.
func firstAuthority(t *testing.T) string {
	t.Helper()
	s := harness.Start(t, "serve", t.TempDir(), "--tls", "self")
	if out, code := astrolabe(t, nil, "", "cql", "--data", s.Data, "-e", "SELECT cluster_name FROM system.local"); code != 0 || !strings.Contains(out, "Astrolabe") {
		t.Errorf("cql: %d\n%s", code, out)
	}
	host, port, _ := strings.Cut(s.CQL, ":")
	if out, code := astrolabe(t, nil, "", "cql", "--host", host, "--port", port, "--password", s.Token, "--tls-ca", s.Authority,
		"-e", "SELECT cluster_name FROM system.local"); code != 0 {
		t.Errorf("cql --tls-ca: %d\n%s", code, out)
	}
	reloads(t, s)
	return s.Authority
}

// reloads replaces the server's certificate by another's, and back.
func reloads(t *testing.T, s *harness.Server) {
	t.Helper()
	other := harness.Start(t, "serve", t.TempDir(), "--tls", "self")
	for _, name := range []string{"server.key", "server.crt"} {
		text, err := os.ReadFile(filepath.Join(other.Data, "tls", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.Data, "tls", name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		client, err := other.Client()
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Get("https://" + s.HTTP + "/health")
		client.CloseIdleConnections()
		if err == nil {
			answer.Body.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the new certificate is not shown: %v", err)
		}
	}
}
