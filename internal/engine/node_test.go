package engine_test

import (
	"slices"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/engine/system"
)

// TestNodeTables reads the tables of system_views that tell of the node itself.
func TestNodeTables(t *testing.T) {
	e := open(t)
	must(t, e, "CREATE KEYSPACE ib WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	must(t, e, "CREATE TABLE ib.t (k int PRIMARY KEY, v int)")
	must(t, e, "INSERT INTO ib.t (k, v) VALUES (1, 1)")
	const row, hits = "SELECT * FROM ib.t WHERE k = 1", "SELECT hit_count FROM system_views.caches WHERE name = 'rows'"
	must(t, e, row)
	before := keys(must(t, e, hits))
	must(t, e, row)
	if after := keys(must(t, e, hits)); slices.Equal(before, after) {
		t.Errorf("the row cache tells %s hits, and as many after another", before)
	}
	if got := keys(must(t, e, "SELECT name FROM system_views.caches")); !slices.Contains(got, "'chunks'") {
		t.Errorf("no cache of blocks among %s", got)
	}
	if got := must(t, e, "SELECT mebibytes FROM system_views.disk_usage WHERE keyspace_name = 'ib' AND table_name = 't'"); got.RowCount != 1 {
		t.Errorf("%d rows about the table's size", got.RowCount)
	}
	if got := keys(must(t, e, "SELECT rpc_ready FROM system_views.gossip_info")); !slices.Equal(got, []string{"'true'"}) {
		t.Errorf("the node's readiness: %s", got)
	}
}

// TestPools reads the tables of system_views that tell what works and has worked.
func TestPools(t *testing.T) {
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true, Requests: func() system.Requests {
		return system.Requests{Prepared: 2, Evicted: 1, Executed: 30, Queries: 10, All: 50, Running: 3, Limit: 128}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, want := range map[string]string{"prepared_statements_count": "2.0", "prepared_statements_evicted": "1.0",
		"prepared_statements_executed": "30.0", "prepared_statements_ratio": "0.75", "regular_statements_executed": "10.0"} {
		got := keys(must(t, e, "SELECT cast(value as text) FROM system_views.cql_metrics WHERE name = '"+name+"'"))
		if !slices.Equal(got, []string{"'" + want + "'"}) {
			t.Errorf("%s: %s, not %s", name, got, want)
		}
	}
	if got := keys(must(t, e, "SELECT name FROM system_views.thread_pools")); !slices.Equal(got, []string{"'CompactionExecutor'", "'MemtableFlushWriter'", "'Native-Transport-Requests'"}) {
		t.Errorf("the pools are %s", got)
	}
	if got := keys(must(t, e, "SELECT cast(completed_tasks as text) FROM system_views.thread_pools WHERE name = 'Native-Transport-Requests'")); !slices.Equal(got, []string{"'47'"}) {
		t.Errorf("%s requests are done", got)
	}
}

// TestMeasures reads the tables of system_views that count what statements do.
func TestMeasures(t *testing.T) {
	e := open(t)
	must(t, e, "CREATE KEYSPACE ib WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	must(t, e, "CREATE TABLE ib.t (k int, c int, v int, PRIMARY KEY (k, c))")
	must(t, e, "CREATE TABLE ib.idle (k int PRIMARY KEY)")
	for _, s := range []string{
		"INSERT INTO ib.t (k, c, v) VALUES (1, 1, 1)",
		"BEGIN BATCH INSERT INTO ib.t (k, c, v) VALUES (1, 2, 1) INSERT INTO ib.t (k, c, v) VALUES (1, 3, 1) APPLY BATCH",
		"INSERT INTO ib.t (k, c, v) VALUES (1, 4, 1) IF NOT EXISTS",
		"DELETE FROM ib.t WHERE k = 1 AND c = 4",
		"SELECT * FROM ib.t WHERE k = 1",
		"SELECT * FROM ib.t",
		"SELECT * FROM ib.t LIMIT 1",
	} {
		must(t, e, s)
	}
	for table, want := range map[string]string{
		"coordinator_read_latency": "1", "local_read_latency": "1",
		"coordinator_scan_latency": "2", "local_scan_latency": "2",
		"coordinator_write_latency": "4", "local_write_latency": "4",
		"rows_per_read": "3", "tombstones_per_read": "3",
	} {
		for name, want := range map[string]string{"t": want, "idle": "0"} {
			got := keys(must(t, e, "SELECT cast(count as text) FROM system_views."+table+" WHERE keyspace_name = 'ib' AND table_name = '"+name+"'"))
			if !slices.Equal(got, []string{"'" + want + "'"}) {
				t.Errorf("%s of %s counts %s, not %s", table, name, got, want)
			}
		}
	}
	if got := keys(must(t, e, "SELECT cast(max as text) FROM system_views.rows_per_read WHERE keyspace_name = 'ib' AND table_name = 't'")); !slices.Equal(got, []string{"'3.0'"}) {
		t.Errorf("a read has had %s rows at most", got)
	}
}
