package cassandra_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cassandra"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// TestVisible: system_schema and DESCRIBE show what may be seen alone
// (backend.Query.Visible), in whatever form they are asked and in pages of any
// size: the gateway answers as its node, which is the engine, would if it knew who
// asks.
func TestVisible(t *testing.T) {
	address := steady.Address(t)
	e := startEngine(t, address)
	startNode(t, address, e)
	for _, text := range []string{
		"CREATE KEYSPACE seen WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TYPE seen.u (a int)",
		"CREATE TABLE seen.t (k int PRIMARY KEY, v frozen<u>, w int)",
		"CREATE INDEX t_w ON seen.t (w)",
		`CREATE TABLE seen."OtherT" (k int PRIMARY KEY)`,
		"CREATE TABLE seen.secret (k int PRIMARY KEY, w int)",
		"CREATE INDEX secret_w ON seen.secret (w)",
		"CREATE KEYSPACE hidden WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE hidden.t (k int PRIMARY KEY, w int)",
		"CREATE INDEX hidden_w ON hidden.t (w)",
	} {
		run(t, e, text)
	}
	gateway := connect(t, cassandra.Options{Hosts: []string{address}, OpenLocal: openLocal})
	visible := func(keyspace, table string) bool {
		return schema.IsSystem(keyspace) || keyspace == "seen" && table != "secret"
	}
	for _, text := range []string{
		"SELECT * FROM system_schema.keyspaces",
		"SELECT * FROM system_schema.keyspaces WHERE keyspace_name = 'hidden'",
		"SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name IN ('system', 'seen', 'hidden')",
		"SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'seen' LIMIT 2",
		"SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'seen' ORDER BY table_name DESC",
		"SELECT table_name, id FROM system_schema.tables WHERE keyspace_name = 'seen' AND table_name = 'secret'",
		"SELECT count(*) FROM system_schema.tables WHERE keyspace_name = 'seen'",
		"SELECT keyspace_name, count(*) FROM system_schema.columns GROUP BY keyspace_name",
		"SELECT DISTINCT keyspace_name FROM system_schema.tables",
		"SELECT JSON keyspace_name, table_name FROM system_schema.indexes",
		"SELECT index_name FROM system_schema.indexes WHERE table_name = 'secret' ALLOW FILTERING",
		"SELECT token(keyspace_name), keyspace_name FROM system_schema.keyspaces WHERE token(keyspace_name) > 0",
		"SELECT keyspace_name, table_name, column_name, type FROM system_schema.columns WHERE keyspace_name IN ('hidden', 'seen')",
		"SELECT * FROM system_schema.types",
		"SELECT nothing FROM system_schema.tables",
		`SELECT table_name, index_name FROM system."IndexInfo"`,
		"DESCRIBE KEYSPACES", "DESCRIBE TABLES", "DESCRIBE TYPES", "DESCRIBE SCHEMA", "DESCRIBE FULL SCHEMA",
		"DESCRIBE KEYSPACE seen", "DESCRIBE ONLY KEYSPACE seen", "DESCRIBE KEYSPACE hidden", "DESCRIBE seen", "DESCRIBE hidden", "DESCRIBE t", "DESCRIBE secret",
		"DESCRIBE TABLE seen.t", `DESCRIBE TABLE seen."OtherT"`, "DESCRIBE TABLE seen.secret", "DESCRIBE TABLE hidden.t", "DESCRIBE TABLE secret",
		"DESCRIBE INDEX seen.t_w", "DESCRIBE INDEX seen.secret_w", "DESCRIBE INDEX hidden.hidden_w", "DESCRIBE seen.secret_w", "DESCRIBE seen.secret",
		"DESCRIBE TYPE seen.u", "DESCRIBE TYPE hidden.u", "DESCRIBE MATERIALIZED VIEW seen.secret",
	} {
		keyspaces, sizes := []string{""}, []int{0, 7}
		switch {
		case strings.HasPrefix(text, "DESCRIBE"):
			keyspaces, sizes = []string{"", "seen", "hidden"}, []int{0}
		case strings.Contains(text, "'seen'"):
			sizes = []int{0, 1, 2}
		}
		for _, keyspace := range keyspaces {
			for _, shown := range []func(keyspace, table string) bool{nil, visible} {
				want := listing(t, e, text, keyspace, shown, 0)
				for _, size := range sizes {
					if got := listing(t, gateway, text, keyspace, shown, size); got != want {
						t.Errorf("%s (in keyspace %q, filtered %v, pages of %d)\ngateway: %s\n engine: %s", text, keyspace, shown != nil, size, got, want)
					}
				}
			}
		}
	}
}

// listing is the whole answer to a statement as text.
func listing(t *testing.T, b backend.Backend, text, keyspace string, visible func(keyspace, table string) bool, size int) string {
	t.Helper()
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := backend.PrepareOnce(t.Context(), b, parsed.Statement, parsed.Markers, keyspace)
	if err != nil {
		return err.Error()
	}
	q := &backend.Query{Consistency: backend.One, PageSize: size, Visible: visible}
	var all strings.Builder
	for pages := 0; ; pages++ {
		r, err := b.Execute(t.Context(), p, q)
		if err != nil {
			return err.Error()
		}
		if pages == 0 {
			fmt.Fprintln(&all, r.Columns)
		}
		cursor := r.Cursor()
		for range r.RowCount {
			for range r.Columns {
				fmt.Fprintf(&all, "%q ", cursor.Next())
			}
			fmt.Fprintln(&all)
		}
		if q.PagingState = r.PagingState; q.PagingState == nil || pages > 1000 {
			return all.String()
		}
	}
}
