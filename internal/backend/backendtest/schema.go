package backendtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// changeTimeout is how long a change may take to reach subscribers on a busy
// machine; it takes milliseconds.
const changeTimeout = time.Minute

// changes collects what a back end publishes of one keyspace.
type changes struct {
	keyspace string
	mu       sync.Mutex
	all      []string
}

func (c *changes) add(change schema.Change) {
	if change.Keyspace != c.keyspace {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, brief(&change))
	if change.Snapshot == nil {
		c.all = append(c.all, "a change without its snapshot")
	}
}

// brief is a change on a line.
func brief(c *schema.Change) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Kind, c.Target, c.Name))
}

// take waits until a change like want has come, and forgets it.
func (c *changes) take(want string) bool {
	for deadline := time.Now().Add(changeTimeout); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		c.mu.Lock()
		i := slices.Index(c.all, want)
		if i >= 0 {
			c.all = slices.Delete(c.all, i, i+1)
		}
		c.mu.Unlock()
		if i >= 0 {
			return true
		}
	}
	return false
}

// schemaChanges checks that a schema statement answers with its change, that
// the catalog has it then, and that subscribers learn of it.
func schemaChanges(s *suite) {
	seen := &changes{keyspace: s.keyspace}
	cancel := s.b.Subscribe(seen.add)
	for _, c := range []struct{ text, want string }{
		{"CREATE TYPE pair (a int, b text)", "CREATED TYPE pair"},
		{"CREATE TABLE t (k int, c text, v frozen<pair>, l list<int>, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (c DESC) AND comment = 'it''s'", "CREATED TABLE t"},
		{"CREATE INDEX by_l ON t (l)", "UPDATED TABLE t"},
		{"ALTER TABLE t ADD n int", "UPDATED TABLE t"},
		{"ALTER TABLE t WITH gc_grace_seconds = 60", "UPDATED TABLE t"},
		{"CREATE TABLE IF NOT EXISTS t (k int PRIMARY KEY)", ""},
		{"ALTER TYPE pair ADD c int", "UPDATED TYPE pair"},
		{"ALTER KEYSPACE " + s.keyspace + " WITH durable_writes = false", "UPDATED KEYSPACE"},
	} {
		r := s.exec(c.text)
		switch {
		case c.want == "":
			if r.Kind != backend.Void {
				s.Errorf("%s: result of kind %d", c.text, r.Kind)
			}
		case r.Kind != backend.SchemaChange || brief(r.Change) != c.want || r.Change.Keyspace != s.keyspace:
			s.Errorf("%s: %+v, want %s", c.text, r.Change, c.want)
		case !seen.take(c.want):
			s.Errorf("%s: subscribers did not learn of it", c.text)
		}
	}
	s.catalog()
	s.exec("DROP INDEX by_l")
	s.exec("DROP TABLE t")
	if !seen.take("DROPPED TABLE t") || s.b.Schema().Table(s.keyspace, "t") != nil {
		s.Error("DROP TABLE did not get through")
	}
	cancel()
	seen.mu.Lock()
	seen.all = nil
	seen.mu.Unlock()
	s.exec("DROP TYPE pair")
	if s.b.Schema().Keyspaces[s.keyspace].Types["pair"] != nil {
		s.Error("DROP TYPE did not get through")
	}
	if seen.mu.Lock(); len(seen.all) > 0 {
		s.Errorf("after cancel: %q", seen.all)
	}
	seen.mu.Unlock()
}

// catalog checks the snapshot of what schemaChanges has made.
func (s *suite) catalog() {
	s.Helper()
	snapshot := s.b.Schema()
	k := snapshot.Keyspaces[s.keyspace]
	if k == nil || k.DurableWrites || !strings.HasSuffix(k.Replication["class"], "SimpleStrategy") || k.Replication["replication_factor"] != "1" {
		s.Fatalf("keyspace %+v", k)
	}
	if pair := k.Types["pair"]; pair == nil || strings.Join(pair.FieldNames, " ") != "a b c" || pair.Keyspace != s.keyspace {
		s.Errorf("type %+v", pair)
	}
	t := k.Tables["t"]
	var columns []string
	for _, c := range t.InOrder() {
		columns = append(columns, c.Name+" "+c.Type.String()+" "+c.Kind.String())
	}
	want := "k int partition_key, c text clustering, l list<int> regular, n int regular, v frozen<pair> regular"
	if got := strings.Join(columns, ", "); got != want {
		s.Errorf("columns %s\nwant %s", got, want)
	}
	if !t.Clustering[0].Desc || t.Options.Comment != "it's" || t.Options.GCGraceSeconds != 60 {
		s.Errorf("table %+v", t)
	}
	if ix := t.Indexes["by_l"]; ix == nil || ix.Column != "l" || ix.Target != schema.TargetValues || ix.Kind != schema.CompositesIndex {
		s.Errorf("index %+v", ix)
	}
	if system := snapshot.Table("system", "local"); system == nil || !snapshot.Keyspaces["system"].System {
		s.Error("system.local is not in the catalog")
	}
}

// outlives checks that a prepared statement follows the changes of its table.
func outlives(s *suite) {
	s.exec("CREATE TABLE t (k int PRIMARY KEY, a int)")
	s.exec("INSERT INTO t (k, a) VALUES (1, 2)")
	all, insert := s.prepare("SELECT * FROM t"), s.prepare("INSERT INTO t (k, a) VALUES (?, ?)")
	s.run(all, query())
	s.exec("ALTER TABLE t ADD b text")
	if r := s.run(all, query()); len(r.Columns) != 3 || len(s.rows(r)[0]) != 3 {
		s.Errorf("after ADD: %+v", r)
	}
	s.run(insert, query(schema.Int(2), schema.Int(3)))
	s.exec("DROP TABLE t")
	if _, err := s.b.Execute(s.Context(), all, query()); s.asError("a dropped table", err).Code != 0x2200 {
		s.Errorf("a dropped table: %v", err)
	}
	s.exec("CREATE TABLE t (k int PRIMARY KEY, z text)")
	s.exec("INSERT INTO t (k, z) VALUES (5, 'z')")
	if r := s.run(all, query()); r.RowCount != 1 || len(r.Columns) != 2 || r.Columns[1].Name != "z" {
		s.Errorf("after it was made anew: %+v", r)
	}
}
