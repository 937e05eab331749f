package cassandra

import (
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// TestRoute checks which statements are forwarded, and as what text.
func TestRoute(t *testing.T) {
	c := &Cluster{}
	c.catalog.current.Store(&schema.Snapshot{})
	for text, want := range map[string]string{
		"SELECT * FROM t":              "SELECT * FROM ks.t",
		"SELECT * FROM other.t":        "SELECT * FROM other.t",
		"select  *  from other.t":      "select  *  from other.t", // the client's own text
		"INSERT INTO t (a) VALUES (?)": "INSERT INTO ks.t (a) VALUES (?)",
		"TRUNCATE t":                   "TRUNCATE ks.t",
		"BEGIN BATCH DELETE FROM t WHERE a = 1; APPLY BATCH": "BEGIN BATCH DELETE FROM ks.t WHERE a = 1; APPLY BATCH",
		"SELECT * FROM system_schema.tables":                 "SELECT * FROM system_schema.tables",

		"UPDATE system_auth.roles SET is_superuser = true WHERE role = 'me'":        "",
		"BEGIN BATCH DELETE FROM system_auth.roles WHERE role = 'you'; APPLY BATCH": "",
		"TRUNCATE system_distributed.repair_history":                                "",
		"USE ks": "", "CREATE TABLE t (a int PRIMARY KEY)": "", "DROP TABLE t": "", "CREATE ROLE me": "", "LIST ROLES": "", "DESCRIBE TABLES": "",
	} {
		parsed, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		r := c.Route(parsed.Statement, text, "ks")
		switch {
		case r == nil && want != "":
			t.Errorf("%s is not forwarded", text)
		case r != nil && r.Text != want:
			t.Errorf("%s is forwarded as %q, want %q", text, r.Text, want)
		}
	}
	c.options.Speculative = 1
	parsed, err := cql.Parse("SELECT * FROM ks.t")
	if err != nil {
		t.Fatal(err)
	}
	if c.Route(parsed.Statement, "SELECT * FROM ks.t", "") != nil {
		t.Error("a read that may need a second node is forwarded")
	}
}
