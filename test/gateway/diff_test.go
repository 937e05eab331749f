package gateway

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiff runs the engine and Cassandra side by side behind one server. What
// both answer alike is not told; a row that only Cassandra has is.
func TestDiff(t *testing.T) {
	file := filepath.Join(t.TempDir(), "found.cql")
	server := start(t, filepath.Join(t.TempDir(), "data"), "--mode", "diff", "--diff-file", file)
	session := connect(t, server.CQL, "token", server.Token)
	for _, statement := range []string{
		`CREATE KEYSPACE side WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
		`CREATE TABLE side.t (k int, c timeuuid, v text, l list<int>, m map<text, int>, d timestamp, PRIMARY KEY (k, c))`,
		`INSERT INTO side.t (k, c, v, d) VALUES (1, now(), 'a', toTimestamp(now()))`,
		`INSERT INTO side.t (k, c, v) VALUES (1, now(), 'b') USING TTL 1000`,
		`UPDATE side.t SET l = l + [1, 2], m['x'] = 1 WHERE k = 2 AND c = 50554d6e-29bb-11e5-b345-feff819cdc9f`,
		`INSERT INTO side.t (k, c, v) VALUES (2, 50554d6e-29bb-11e5-b345-feff819cdc9f, 'c') IF NOT EXISTS`,
		`INSERT INTO side.t (k, c, v) VALUES (3, 50554d6e-29bb-11e5-b345-feff819cdc9f, 'c') IF NOT EXISTS`,
		`SELECT * FROM side.t`,
		`SELECT k, v, writetime(v), ttl(v), now() FROM side.t`,
		`SELECT k, count(*) FROM side.t GROUP BY k`,
		`SELECT v FROM side.t WHERE v = 'a'`, // both refuse it, in the same words
	} {
		_ = session.Query(statement).Exec() // what is answered is compared, be it an error
	}
	if out := server.Output(); strings.Contains(out, "the back ends differ") {
		t.Errorf("differences where there are none:\n%s", out)
	}
	if err := connect(t, node.Addr, user, password).Query(`UPDATE side.t SET v = 'behind our back' WHERE k = 3 AND c = 50554d6e-29bb-11e5-b345-feff819cdc9f`).Exec(); err != nil {
		t.Fatal(err)
	}
	if err := session.Query(`SELECT v FROM side.t WHERE k = 3`).Exec(); err != nil {
		t.Fatal(err)
	}
	told := func() bool { return strings.Contains(server.Output(), "the back ends differ") }
	await(t, "the difference in the log", told)
	if out := server.Output(); strings.Count(out, `"msg":"the back ends differ","what":"rows"`) != 1 {
		t.Errorf("the changed row was not told once:\n%s", out)
	}
	cases, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(cases), "SELECT v FROM t WHERE k = 3\n----\nv text\n'behind our back'\n(1 row)\n") {
		t.Errorf("the file of cases (%v):\n%s", err, cases)
	}
}
