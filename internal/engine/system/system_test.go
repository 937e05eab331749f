package system_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/engine/catalogtest"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/engine/system"
)

func TestTables(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { catalogtest.Run(t, file) })
	}
}

// filled is a server with something in every table of system_schema that can
// have anything, and with clients and settings.
func filled(t *testing.T) *catalogtest.Server {
	t.Helper()
	s := catalogtest.Start(t, t.TempDir())
	for _, text := range []string{
		"CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TYPE ks.u (a int, b text)",
		"CREATE TABLE ks.t (k int, c int, s text STATIC, v frozen<u>, x int, PRIMARY KEY (k, c)) WITH memtable_flush_period_in_ms = 5 AND allow_auto_snapshot = false",
		"ALTER TABLE ks.t DROP v",
		"CREATE INDEX ON ks.t (x)",
		"CREATE TABLE ks.n (k int PRIMARY KEY, n counter) WITH incremental_backups = false",
	} {
		if _, err := s.Execute(text, nil); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	s.Tables = system.New(system.Options{
		Snapshot: s.Catalog.Snapshot, ClusterName: "local", HostID: uuid.New(), Started: time.Now(),
		Address: func() netip.AddrPort { return netip.MustParseAddrPort("[::1]:9042") },
		Clients: func() []system.Client {
			return []system.Client{
				{Address: netip.MustParseAddrPort("127.0.0.2:5"), Stage: "ready", Options: map[string]string{"CQL_VERSION": "3.4.7"}},
				{Address: netip.MustParseAddrPort("127.0.0.1:6"), Stage: "ready", DriverName: "d", DriverVersion: "1", Keyspace: "ks", TLSProtocol: "TLSv1.3", TLSCipherSuite: "x", Username: "u"},
				{Address: netip.MustParseAddrPort("[::ffff:127.0.0.1]:5"), Stage: "startup"},
			}
		},
		Settings: func() []system.Setting { return []system.Setting{{Name: "b", Value: "2"}, {Name: "a"}} },
	})
	return s
}

// TestRowsFitTables reads every table of the server's own: rows have the
// columns of the table, and cells are values of their types.
func TestRowsFitTables(t *testing.T) {
	s := filled(t)
	rows := map[string]int{}
	for _, k := range s.Catalog.Snapshot().Keyspaces {
		for _, table := range k.Tables {
			if !k.System {
				continue
			}
			it, err := s.Tables.Open(context.Background(), table, &store.Scan{Now: 1})
			if err != nil {
				t.Fatal(err)
			}
			byStorage := map[uint32]string{}
			for _, c := range table.Columns {
				byStorage[c.Storage] = c.Name
			}
			for it.NextPartition() {
				for it.NextRow() {
					rows[table.String()]++
					for i, c := range table.Clustering {
						if err := c.Type.Validate(it.Row().Clustering[i]); err != nil {
							t.Errorf("%s.%s: %v", table, c.Name, err)
						}
					}
					for _, cell := range it.Row().Cells {
						name := byStorage[cell.Column]
						if name == "" {
							t.Fatalf("%s has no column %d", table, cell.Column)
						}
						if err := table.Columns[name].Type.Validate(cell.Value); err != nil {
							t.Errorf("%s.%s: %v", table, name, err)
						}
					}
				}
			}
		}
	}
	for _, name := range []string{
		"system.local", `system."IndexInfo"`, "system_schema.keyspaces", "system_schema.tables", "system_schema.columns",
		"system_schema.dropped_columns", "system_schema.types", "system_schema.indexes", "system_virtual_schema.keyspaces",
		"system_virtual_schema.tables", "system_virtual_schema.columns", "system_views.clients", "system_views.settings",
	} {
		if rows[name] == 0 {
			t.Errorf("%s is empty", name)
		}
	}
}

func TestClientsAndSettings(t *testing.T) {
	s := filled(t)
	q := &backend.Query{Consistency: backend.One}
	for text, want := range map[string]string{
		"SELECT name, value FROM system_views.settings":                        "name | value\na | \nb | 2",
		"SELECT value FROM system_views.settings WHERE name = 'b'":             "value\n2",
		"SELECT rpc_address, rpc_port FROM system.local":                       "rpc_address | rpc_port\n0:0:0:0:0:0:0:1 | 9042",
		"SELECT port FROM system_views.clients WHERE port > 5 ALLOW FILTERING": "port\n6",
		"SELECT address, port, username, driver_name, keyspace_name, ssl_enabled, ssl_protocol FROM system_views.clients": `
address | port | username | driver_name | keyspace_name | ssl_enabled | ssl_protocol
127.0.0.1 | 5 | null | null | null | false | null
127.0.0.1 | 6 | u | d | ks | true | TLSv1.3
127.0.0.2 | 5 | null | null | null | false | null`[1:],
		"SELECT port FROM system_views.clients WHERE address = '127.0.0.1' ORDER BY port DESC": "port\n6\n5",
	} {
		if diff := cmp.Diff(want, s.Answer(text, q)); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}

// TestPaging reads page by page, whatever the size of the page, what is read
// without pages.
func TestPaging(t *testing.T) {
	s := filled(t)
	for _, text := range []string{
		"SELECT keyspace_name FROM system_schema.keyspaces",
		"SELECT keyspace_name, table_name FROM system_schema.tables",
		"SELECT keyspace_name, table_name, column_name FROM system_schema.columns WHERE keyspace_name = 'ks'",
		"SELECT table_name, column_name FROM system_schema.columns WHERE keyspace_name = 'ks' ORDER BY table_name DESC, column_name DESC",
		"SELECT keyspace_name, table_name FROM system_schema.tables WHERE keyspace_name IN ('system_traces', 'ks', 'none', 'system_auth')",
		"SELECT keyspace_name, table_name FROM system_schema.tables WHERE keyspace_name = 'system' AND table_name > 'p' AND table_name < 's'",
		"SELECT keyspace_name, table_name, column_name FROM system_virtual_schema.columns",
		"SELECT DISTINCT keyspace_name FROM system_schema.columns",
		"SELECT keyspace_name, table_name FROM system_schema.tables WHERE token(keyspace_name) > token('system_schema')",
		"SELECT address, port FROM system_views.clients",
		"SELECT key FROM system.local",
		"SELECT * FROM system.peers_v2",
		"DESCRIBE KEYSPACES",
		"DESCRIBE KEYSPACE ks",
		"DESCRIBE TABLES",
	} {
		whole := strings.Split(s.Answer(text, &backend.Query{Consistency: backend.One}), "\n")
		for size := 1; size <= 5; size++ {
			if diff := cmp.Diff(whole, paged(t, s, text, size)); diff != "" {
				t.Errorf("%s in pages of %d:\n%s", text, size, diff)
			}
		}
	}
}

func paged(t *testing.T, s *catalogtest.Server, text string, size int) []string {
	t.Helper()
	var lines []string
	q := &backend.Query{Consistency: backend.One, PageSize: size}
	for {
		r, err := s.Execute(text, q)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if r.RowCount > size {
			t.Fatalf("%s: %d rows in a page of %d", text, r.RowCount, size)
		}
		page := strings.Split(s.Answer(text, q), "\n")
		if lines == nil {
			lines = page[:1]
		}
		for _, line := range page[1:] {
			if line != "more pages" {
				lines = append(lines, line)
			}
		}
		if r.PagingState == nil {
			return lines
		}
		q.PagingState = r.PagingState
	}
}

func TestHostID(t *testing.T) {
	dir := t.TempDir()
	s := catalogtest.Start(t, dir)
	first, err := system.HostID(s.Store)
	if err != nil || first == uuid.Nil {
		t.Fatal(first, err)
	}
	s.Close(t)
	s = catalogtest.Start(t, dir)
	if second, err := system.HostID(s.Store); err != nil || second != first {
		t.Errorf("%v became %v: %v", first, second, err)
	}
}

func TestSchemaVersion(t *testing.T) {
	s := filled(t)
	const text = "SELECT schema_version FROM system.local WHERE key = 'local'"
	before := s.Answer(text, &backend.Query{Consistency: backend.One})
	if !strings.HasSuffix(before, s.Catalog.Snapshot().Version.String()) {
		t.Errorf("got %s", before)
	}
	if _, err := s.Execute("DROP TABLE ks.n", nil); err != nil {
		t.Fatal(err)
	}
	if after := s.Answer(text, &backend.Query{Consistency: backend.One}); after == before {
		t.Error("a schema change leaves the version as it was")
	}
}

func FuzzDescribePagingState(f *testing.F) {
	s := catalogtest.Start(f, f.TempDir())
	r, err := s.Execute("DESCRIBE KEYSPACES", &backend.Query{PageSize: 2})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(r.PagingState)
	f.Add([]byte{})
	f.Add(append(append([]byte(nil), r.PagingState[:21]...), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))
	f.Fuzz(func(t *testing.T, state []byte) {
		r, err := s.Execute("DESCRIBE KEYSPACES", &backend.Query{PageSize: 2, PagingState: state})
		if err == nil && r.RowCount > 2 {
			t.Errorf("%d rows", r.RowCount)
		}
	})
}

func TestDescribeAfterChange(t *testing.T) {
	s := filled(t)
	r, err := s.Execute("DESCRIBE KEYSPACES", &backend.Query{PageSize: 2})
	if err != nil || r.PagingState == nil {
		t.Fatal(err)
	}
	if _, err := s.Execute("DROP KEYSPACE ks", nil); err != nil {
		t.Fatal(err)
	}
	want := "error 0x2200: The schema has changed since the previous page of the DESCRIBE statement result. Please retry the DESCRIBE statement."
	if got := s.Answer("DESCRIBE KEYSPACES", &backend.Query{PageSize: 2, PagingState: r.PagingState}); got != want {
		t.Errorf("got %s", got)
	}
}
