package cassandra

import (
	"net/netip"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

func parse(t *testing.T, text string) cql.Statement {
	t.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return parsed.Statement
}

// TestIdempotent: what may be sent twice.
func TestIdempotent(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT * FROM t": true,
		"INSERT INTO t (k, v) VALUES (?, [1, {a: 'x'}])":              true,
		"INSERT INTO t (k, v) VALUES (1, 2) USING TTL 5":              true,
		"INSERT INTO t (k, v) VALUES (1, 2) IF NOT EXISTS":            false,
		"INSERT INTO t (k, v) VALUES (1, now())":                      false,
		"INSERT INTO t (k, v) VALUES (uuid(), 1)":                     false,
		"INSERT INTO t JSON '{}'":                                     false,
		"UPDATE t SET v = 1 WHERE k = ?":                              true,
		"UPDATE t SET u.f = 1 WHERE k = 1":                            true,
		"UPDATE t SET v = v + 1 WHERE k = 1":                          false,
		"UPDATE t SET l = [1] + l WHERE k = 1":                        false,
		"UPDATE t SET l[0] = 1 WHERE k = 1":                           false,
		"UPDATE t SET v = 1 WHERE k = 1 IF EXISTS":                    false,
		"UPDATE t SET v = 1 WHERE k = 1 IF v = 2":                     false,
		"UPDATE t SET v = 1 WHERE k = now()":                          false,
		"DELETE FROM t WHERE k = 1":                                   true,
		"DELETE v FROM t WHERE k IN (1, 2)":                           true,
		"DELETE l[0] FROM t WHERE k = 1":                              false,
		"DELETE FROM t WHERE k = 1 IF EXISTS":                         false,
		"BEGIN BATCH UPDATE t SET v = 1 WHERE k = 1; APPLY BATCH":     true,
		"BEGIN BATCH UPDATE t SET v = v + 1 WHERE k = 1; APPLY BATCH": false,
		"TRUNCATE t":                         false,
		"CREATE TABLE t (k int PRIMARY KEY)": false,
	} {
		if got := idempotent(parse(t, text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// TestQualified: every name gets a keyspace, and the statement itself is left
// as it was.
func TestQualified(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT * FROM t":                         "SELECT * FROM ks.t",
		"SELECT * FROM other.t":                   "SELECT * FROM other.t",
		"INSERT INTO t (k) VALUES (:k)":           "INSERT INTO ks.t (k) VALUES (:k)",
		"UPDATE t SET v = 1 WHERE k = 1":          "UPDATE ks.t SET v = 1 WHERE k = 1",
		"DELETE FROM t WHERE k = 1":               "DELETE FROM ks.t WHERE k = 1",
		"TRUNCATE t":                              "TRUNCATE ks.t",
		"CREATE TABLE t (k int PRIMARY KEY)":      "CREATE TABLE ks.t (k int PRIMARY KEY)",
		"ALTER TABLE t ADD v int":                 "ALTER TABLE ks.t ADD v int",
		"DROP TABLE IF EXISTS t":                  "DROP TABLE IF EXISTS ks.t",
		"CREATE TYPE u (a int)":                   "CREATE TYPE ks.u (a int)",
		"ALTER TYPE u ADD b int":                  "ALTER TYPE ks.u ADD b int",
		"DROP TYPE u":                             "DROP TYPE ks.u",
		"CREATE INDEX i ON t (v)":                 "CREATE INDEX i ON ks.t (v)",
		"DROP INDEX i":                            "DROP INDEX ks.i",
		"CREATE KEYSPACE a WITH replication = {}": "CREATE KEYSPACE a WITH replication = {}",
		"BEGIN BATCH INSERT INTO t (k) VALUES (1); DELETE FROM o.t WHERE k = 1; APPLY BATCH": "BEGIN BATCH INSERT INTO ks.t (k) VALUES (1); DELETE FROM o.t WHERE k = 1; APPLY BATCH",
	} {
		stmt := parse(t, text)
		before := cql.Print(stmt)
		if got := cql.Print(qualified(stmt, "ks")); got != cql.Print(parse(t, want)) {
			t.Errorf("%s\nbecomes %s\nwant    %s", text, got, want)
		}
		if after := cql.Print(stmt); after != before {
			t.Errorf("%s was changed to %s", before, after)
		}
	}
}

// TestWritable: nobody writes into the cluster's own tables.
func TestWritable(t *testing.T) {
	for text, want := range map[string]bool{
		"INSERT INTO system_auth.roles (role) VALUES ('x')": false,
		"TRUNCATE system.local":                             false,
		"BEGIN BATCH INSERT INTO t (k) VALUES (1); DELETE FROM system_schema.tables WHERE keyspace_name = 'x'; APPLY BATCH": false,
		"INSERT INTO t (k) VALUES (1)":                                  true,
		"SELECT * FROM system.local":                                    true,
		"UPDATE system_views.settings SET value = 'x' WHERE name = 'y'": true, // virtual: the node answers
	} {
		if got := writable(parse(t, text), "ks") == nil; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if writable(parse(t, "DELETE FROM peers WHERE peer = '::1'"), "system") == nil {
		t.Error("a table of the current keyspace system may be written")
	}
}

// TestDescribe: what DESCRIBE means in a keyspace.
func TestDescribe(t *testing.T) {
	s := &schema.Snapshot{Keyspaces: map[string]*schema.Keyspace{"other": {}}}
	for text, want := range map[string]string{
		"DESCRIBE TABLE t":       "DESCRIBE TABLE ks.t",
		"DESCRIBE TABLE other.t": "DESCRIBE TABLE other.t",
		"DESCRIBE KEYSPACE":      "DESCRIBE KEYSPACE ks",
		"DESCRIBE t":             "DESCRIBE ks.t",
		"DESCRIBE other":         "DESCRIBE other",
		"DESCRIBE TABLES":        "DESCRIBE TABLES",
		"DESCRIBE CLUSTER":       "DESCRIBE CLUSTER",
	} {
		if got := cql.Print(qualifiedDescribe(parse(t, text).(*cql.Describe), "ks", s)); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
}

func TestOlderThan(t *testing.T) {
	for release, want := range map[string]bool{"3.10": true, "3.11.17": false, "4.0-rc1": false, "2.2.19": true, "5.0.9": false, "?": false} {
		if got := olderThan(release, 3, 11); got != want {
			t.Errorf("%s: %v", release, got)
		}
	}
}

// TestTokens: one gateway has the middle of the ring; of several each has one
// token, evenly spread, whoever tells.
func TestTokens(t *testing.T) {
	address := func(port uint16) netip.AddrPort { return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port) }
	alone := newRing(address(1), nil)
	if got := alone.tokens(nil)[alone.self.id]; got != "-1" {
		t.Errorf("alone: %s", got)
	}
	all := []netip.AddrPort{address(1), address(2), address(3)}
	first, second := newRing(all[0], all), newRing(all[1], all)
	a, b := first.tokens(*first.others.Load()), second.tokens(*second.others.Load())
	tokens := map[string]bool{}
	for id, token := range a {
		tokens[token] = true
		if b[id] != token {
			t.Errorf("gateway %v: %s and %s", id, token, b[id])
		}
	}
	for _, want := range []string{"-6148914691236517206", "-1", "6148914691236517204"} {
		if !tokens[want] {
			t.Errorf("no %s among %v", want, tokens)
		}
	}
}
