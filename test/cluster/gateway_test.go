//go:build cluster

package cluster

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// request asks a gateway's HTTP port; status 0 is no answer.
func request(t *testing.T, method, url, header, token, body string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(header, token)
	r.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 30 * time.Second}
	a, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(text)
}

// restStatus is that of a read of row 1 of k.t through the REST API.
func restStatus(t *testing.T, g *harness.Server, token string) int {
	t.Helper()
	status, _ := request(t, http.MethodGet, "http://"+g.HTTP+"/v2/keyspaces/k/t/1", "X-Cassandra-Token", token, "")
	return status
}

// createToken makes an administrator's token at a gateway, with the story's.
func (s *story) createToken(t *testing.T, g *harness.Server) string {
	t.Helper()
	status, body := request(t, http.MethodPost, "http://"+g.HTTP+"/v2/clientIdSecrets", "Authorization", "Bearer "+s.token,
		`{"roles": ["Database Administrator"]}`)
	var made struct{ Token string }
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != http.StatusOK {
		t.Fatalf("making a token: %d %s", status, body)
	}
	return made.Token
}

// metric is the value of one of a gateway's metrics.
func metric(t *testing.T, g *harness.Server, name string) float64 {
	t.Helper()
	_, text := request(t, http.MethodGet, "http://"+g.HTTP+"/metrics", "Accept", "text/plain", "")
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}

// mustEnd starts a gateway that must refuse its flags with a line that begins
// with want.
func mustEnd(t *testing.T, want string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), harness.Binary(), append([]string{"serve", "--data", t.TempDir(), "--http-port", "0", "--cql-port", "0"}, args...)...)
	timer := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	out, _ := c.CombinedOutput() // its exit code is looked at
	last := strings.TrimSpace(string(out))
	last = last[strings.LastIndex(last, "\n")+1:]
	if code := c.ProcessState.ExitCode(); code != 1 || !strings.HasPrefix(last, "astrolabe: "+want) {
		t.Errorf("%v: exit %d, want 1 and %q\n%s", args, code, want, out)
	}
}
