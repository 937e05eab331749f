package gateway

import (
	"slices"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
)

// TestMetadata: a token sees of the cluster's schema what it may reach, whatever
// way it asks, a role that logs in everything, and nobody the keyspace in which
// tokens are kept, be it to list or to read.
func TestMetadata(t *testing.T) {
	s := gateway(t)
	admin := connectGateway(t, s, wire.V5)
	for _, text := range []string{
		"DROP KEYSPACE IF EXISTS seen", "DROP KEYSPACE IF EXISTS unseen",
		"CREATE KEYSPACE seen WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE seen.t (k int PRIMARY KEY, v int)",
		"CREATE TABLE seen.secret (k int PRIMARY KEY, v int)",
		"CREATE KEYSPACE unseen WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE unseen.t (k int PRIMARY KEY)",
		"DROP ROLE IF EXISTS observer",
		"CREATE ROLE observer WITH LOGIN = true AND PASSWORD = 'observer'",
	} {
		must(t, admin, text)
	}
	cluster := flags(t)
	if out, code := command(t, "role", append([]string{"create", "reader of seen.t", "--on", "seen.t", "--action", "db-cql,db-rest,db-table-select,db-table-describe"}, cluster...)...); code != 0 {
		t.Fatalf("role create: exit code %d\n%s", code, out)
	}
	out, exit := command(t, "token", append([]string{"create", "--role", "reader of seen.t"}, cluster...)...)
	_, secret, _ := strings.Cut(out, "token          ")
	if exit != 0 {
		t.Fatalf("token create: exit code %d\n%s", exit, out)
	}
	awaitStatus(t, s, strings.TrimSpace(secret), 200)
	if out, code := command(t, "role", append([]string{"show", "reader of seen.t"}, cluster...)...); code != 0 || !strings.Contains(out, ":keyspace:seen:table:t") || !strings.Contains(out, "db-table-select") {
		t.Errorf("role show: exit code %d\n%s", code, out)
	}

	clients := map[string]*wiretest.Client{
		"token": login(t, s.CQL, wire.V4, "token", strings.TrimSpace(secret)), "role": login(t, s.CQL, wire.V5, "observer", "observer"), "administrator": admin,
	}
	for who, c := range clients {
		tables := []string{"secret", "t"}
		if who == "token" {
			tables = []string{"t"}
		}
		if got := column(t, c, "SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'seen'", 0); !slices.Equal(got, tables) {
			t.Errorf("%s: tables %v, want %v", who, got, tables)
		}
		for _, text := range []string{
			"SELECT keyspace_name FROM system_schema.keyspaces", "SELECT DISTINCT keyspace_name FROM system_schema.columns",
			"SELECT keyspace_name FROM system_schema.tables WHERE keyspace_name IN ('seen', 'unseen', 'astrolabe')",
			"DESCRIBE KEYSPACES", "DESCRIBE TABLES", "DESCRIBE SCHEMA",
		} {
			got := column(t, c, text, 0)
			if !slices.Contains(got, "seen") || slices.Contains(got, "unseen") == (who == "token") || slices.Contains(got, "astrolabe") {
				t.Errorf("%s: %s: %v", who, text, got)
			}
		}
		hidden := map[string]bool{
			"DESCRIBE KEYSPACE astrolabe": true, "DESCRIBE TABLE astrolabe.tokens": true,
			"DESCRIBE TABLE seen.t": false, "DESCRIBE TABLE seen.secret": who == "token", "DESCRIBE unseen": who == "token",
		}
		for text, want := range hidden {
			if got := code(do(t, c, wire.OpQuery, query(text))); (got == cqlerr.Invalid) != want {
				t.Errorf("%s: %s: code %#x", who, text, got)
			}
		}
		for _, text := range []string{
			"SELECT * FROM astrolabe.tokens", "INSERT INTO astrolabe.tokens (client_id) VALUES ('x')", "TRUNCATE astrolabe.tokens",
			"DROP TABLE astrolabe.tokens", "ALTER KEYSPACE astrolabe WITH durable_writes = false", "CREATE TABLE astrolabe.mine (k int PRIMARY KEY)",
		} {
			if got := code(do(t, c, wire.OpQuery, query(text))); got != cqlerr.Unauthorized {
				t.Errorf("%s: %s: code %#x", who, text, got)
			}
		}
		r := do(t, c, wire.OpPrepare, &wire.Prepare{Text: "SELECT salted_hash FROM astrolabe.roles"})
		if res, err := r.Result(); err == nil {
			if got := code(do(t, c, wire.OpExecute, execute(res.Prepared))); got != cqlerr.Unauthorized {
				t.Errorf("%s: a prepared read of our own table: code %#x", who, got)
			}
		}
	}

	must(t, admin, "DROP ROLE observer")
	if out, code := command(t, "role", append([]string{"delete", "reader of seen.t"}, cluster...)...); code != 0 {
		t.Errorf("role delete: exit code %d\n%s", code, out)
	}
	awaitStatus(t, s, strings.TrimSpace(secret), 401)
}

// column is one column of all rows of an answer, as text.
func column(t *testing.T, c *wiretest.Client, text string, at int) (cells []string) {
	t.Helper()
	q := query(text)
	for {
		res, err := do(t, c, wire.OpQuery, q).Result()
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, row := range res.Rows.Rows {
			cells = append(cells, string(row[at]))
		}
		if q.Params.PagingState = res.Rows.PagingState; q.Params.PagingState == nil {
			return cells
		}
	}
}
