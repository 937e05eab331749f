package gateway

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// bulkRows is how many rows the big table has: enough for a migration to be
// killed several times.
const bulkRows = 20_000

// TestMigrate fills a server, moves its data to Cassandra with runs of which
// all but the last are killed, and compares what both answer to the same
// statements. Then a gateway in front of the cluster takes the old token.
func TestMigrate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	server := harness.Start(t, "serve", dir)
	script := filepath.Join(harness.Root(), "internal", "migrate", "testdata", "kinds.cql")
	if out, err := exec.Command(harness.Binary(), "cql", "--data", dir, "-f", script).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	session := connect(t, server.CQL, "token", server.Token)
	fillBulk(t, session)
	before := answers(t, session)
	if out, code := migrate(t, dir); code != 1 || !strings.Contains(out, "is in use by another process: stop its server first") {
		t.Errorf("with a running server: exit code %d\n%s", code, out)
	}
	session.Close()
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}

	killed := 0
	for range 3 {
		if killMigration(t, dir) {
			killed++
		}
	}
	if killed == 0 {
		t.Error("no migration was killed while it copied")
	}
	out, code := migrate(t, dir)
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	if want := fmt.Sprintf("bulk.t: %d rows", bulkRows); !strings.Contains(out, want) || strings.Contains(out, "DIFFERS") {
		t.Errorf("the report does not say %q:\n%s", want, out)
	}
	after := answers(t, connect(t, node.Addr, user, password))
	for statement, want := range before {
		if got := after[statement]; got != want {
			t.Errorf("%s\nat the source:\n%s\non Cassandra:\n%s", statement, want, got)
		}
	}
	checkTokens(t, server.Token)
	checkDamage(t, dir)
}

// migration is the command's line.
func migration(t *testing.T, dir string) []string {
	t.Helper()
	line := append([]string{"migrate", "--from", dir}, flags(t)...)
	line[slices.Index(line, "--cassandra")] = "--to-cassandra"
	return line
}

// migrate runs the command to its end.
func migrate(t *testing.T, dir string) (output string, code int) {
	t.Helper()
	c := exec.Command(harness.Binary(), migration(t, dir)...)
	out, err := c.CombinedOutput()
	if err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

// killMigration starts a migration and kills it while it copies; false when it
// came to its end before.
func killMigration(t *testing.T, dir string) bool {
	t.Helper()
	var out harness.Output
	c := exec.Command(harness.Binary(), append(migration(t, dir), "--concurrency", "16")...)
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for !strings.Contains(out.String(), "copying") && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(1500 * time.Millisecond) // past the first note of its progress
	_ = c.Process.Kill()                // it may have ended
	_ = c.Wait()
	return !strings.Contains(out.String(), "comparing") && c.ProcessState.ExitCode() == -1
}

// fillBulk writes rows with lists, and counters, which a second try would double.
func fillBulk(t *testing.T, session *gocql.Session) {
	t.Helper()
	for _, statement := range []string{
		`CREATE KEYSPACE bulk WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
		`CREATE TABLE bulk.t (p int, c int, v text, l list<int>, m map<text, int>, PRIMARY KEY (p, c))`,
		`CREATE TABLE bulk.n (p int PRIMARY KEY, n counter)`,
	} {
		if err := session.Query(statement).Exec(); err != nil {
			t.Fatal(err)
		}
	}
	var writers sync.WaitGroup
	for w := range 16 {
		writers.Go(func() {
			for i := w; i < bulkRows; i += 16 {
				statement, values := `INSERT INTO bulk.t (p, c, v) VALUES (?, ?, ?)`, []any{i % 999, i, fmt.Sprint("value ", i)}
				if i%4 == 0 {
					statement = `INSERT INTO bulk.t (p, c, v, l, m) VALUES (?, ?, ?, [1, 2, 2], {'a': 1}) USING TTL 100000`
				}
				if err := session.Query(statement, values...).Exec(); err != nil {
					t.Error(err)
					return
				}
				if i%4 == 0 {
					if err := session.Query(`UPDATE bulk.n SET n = n + ? WHERE p = ?`, i, i%1999).Exec(); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	writers.Wait()
}

// answers are what a server says of all that is there.
func answers(t *testing.T, session *gocql.Session) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, statement := range []string{
		`SELECT JSON * FROM bulk.t`, `SELECT JSON p, c, writetime(v) FROM bulk.t`, `SELECT JSON * FROM bulk.n`,
		`SELECT JSON * FROM shop.plain`, `SELECT JSON id, writetime(a), writetime(b), writetime(c) FROM shop.plain`,
		`SELECT JSON * FROM shop.wide`, `SELECT JSON p1, c1, c2, writetime(s), writetime(v) FROM shop.wide`,
		`SELECT JSON * FROM shop.nested`, `SELECT JSON id, writetime(m), writetime(s), writetime(l), writetime(f) FROM shop.nested`,
		`SELECT JSON * FROM shop.counters`, `SELECT JSON * FROM shop.options`, `SELECT JSON * FROM shop."Keys"`,
		`SELECT JSON * FROM shop.indexed WHERE v = 'one'`, `SELECT JSON * FROM shop.dropped`,
		`SELECT JSON table_name, default_time_to_live, gc_grace_seconds, comment FROM system_schema.tables WHERE keyspace_name = 'shop'`,
		`SELECT JSON table_name, column_name, kind, position, type, clustering_order FROM system_schema.columns WHERE keyspace_name = 'shop'`,
		`SELECT JSON type_name, field_names, field_types FROM system_schema.types WHERE keyspace_name = 'shop'`,
		`SELECT JSON index_name, kind, options FROM system_schema.indexes WHERE keyspace_name = 'shop'`,
		`SELECT JSON durable_writes FROM system_schema.keyspaces WHERE keyspace_name = 'empty'`,
	} {
		all[statement] = lines(t, session, statement)
	}
	return all
}

func lines(t *testing.T, session *gocql.Session, statement string) string {
	t.Helper()
	var rows []string
	var row string
	iter := session.Query(statement).PageSize(1000).Iter()
	for iter.Scan(&row) {
		rows = append(rows, row)
	}
	if err := iter.Close(); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	slices.Sort(rows)
	return strings.Join(rows, "\n")
}

// checkTokens: the token of the source works at a gateway in front of the cluster.
func checkTokens(t *testing.T, token string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "admin-token"), []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := lines(t, connect(t, start(t, dir).CQL, "token", token), `SELECT JSON count(*) FROM shop.nested`); n != `{"count": 5}` {
		t.Errorf("through the gateway: %s", n)
	}
}

// checkDamage: what is changed on the cluster is found, and the exit code says so.
func checkDamage(t *testing.T, dir string) {
	t.Helper()
	session := connect(t, node.Addr, user, password)
	if err := session.Query(`UPDATE shop.plain SET c = 77 WHERE id = 1`).Exec(); err != nil {
		t.Fatal(err)
	}
	out, code := migrate(t, dir)
	if code != 1 || !strings.Contains(out, "shop.plain DIFFERS") || !strings.Contains(out, "id = 1: c is 1 at the source and 77 at the target") {
		t.Errorf("a changed cell: exit code %d\n%s", code, out)
	}
}
