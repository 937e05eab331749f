package cli

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

const (
	// largeClients write and read values of largeValue bytes at the same time.
	largeClients = 16
	largeValue   = 5 << 20
	// largeMemory bounds the server's resident memory in bytes: what it has at
	// rest with its memtables, and ten times what it lets large requests have: the
	// request, the value as a cell, the batch and the log, the answer of the store –
	// and what waits to be collected.
	largeMemory = 256<<20 + 10*(64<<20)
)

// TestLargeValues writes and reads values of 64 KB to 5 MB over REST and CQL, many
// at a time, and looks at the most memory that the process ever had.
func TestLargeValues(t *testing.T) {
	s := harness.Start(t, "serve", t.TempDir(), "--durability", "periodic")
	cluster := gocql.NewCluster(s.CQL)
	cluster.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: s.Token}
	cluster.Timeout, cluster.ConnectTimeout = time.Minute, time.Minute
	session, err := cluster.CreateSession()
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	for _, text := range []string{
		`CREATE KEYSPACE large WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
		`CREATE TABLE large.t (k text PRIMARY KEY, v text)`,
	} {
		if err := session.Query(text).ExecContext(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, size := range []int{64 << 10, 1 << 20, largeValue} {
		value := strings.Repeat("0123456789abcdef", size/16)
		var clients sync.WaitGroup
		for i := range largeClients {
			clients.Go(func() { overREST(t, s, fmt.Sprint("rest", i), value) })
			clients.Go(func() { overCQL(t, session, fmt.Sprint("cql", i), value) })
		}
		clients.Wait()
		peak := peakMemory(t, s.PID())
		t.Logf("%d clients with %d KB: at most %d MB", 2*largeClients, size>>10, peak>>20)
		if peak > largeMemory {
			t.Errorf("%d MB of memory, more than %d", peak>>20, largeMemory>>20)
		}
	}
}

func overREST(t *testing.T, s *harness.Server, key, value string) {
	ask := func(method, path, body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.HTTP+"/v2/keyspaces/large/t"+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		r.Header.Set("X-Cassandra-Token", s.Token)
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Error(err)
		}
		return answer.StatusCode, string(text)
	}
	if code, text := ask(http.MethodPost, "", `{"k":"`+key+`","v":"`+value+`"}`); code != http.StatusCreated {
		t.Errorf("POST of %d bytes: %d %.200s", len(value), code, text)
	}
	if code, text := ask(http.MethodGet, "/"+key+"?raw=true", ""); code != http.StatusOK || !strings.Contains(text, value) {
		t.Errorf("GET of %d bytes: %d, %d bytes", len(value), code, len(text))
	}
}

func overCQL(t *testing.T, session *gocql.Session, key, value string) {
	if err := session.Query(`INSERT INTO large.t (k, v) VALUES (?, ?)`, key, value).ExecContext(t.Context()); err != nil {
		t.Errorf("INSERT of %d bytes: %v", len(value), err)
	}
	var got string
	if err := session.Query(`SELECT v FROM large.t WHERE k = ?`, key).ScanContext(t.Context(), &got); err != nil || got != value {
		t.Errorf("SELECT of %d bytes: %d bytes, %v", len(value), len(got), err)
	}
}

// peakMemory is the most resident memory that a process ever had, in bytes.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("the peak of memory is read from /proc: ", err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if kb, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.Fields(kb)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n << 10
		}
	}
	t.Fatal("no VmHWM in /proc")
	return 0
}
