package engine_test

import (
	"runtime"
	"slices"
	"strings"
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

// TestBatchMetrics reads how many partitions batches wrote to. What is wanted
// was recorded from a Cassandra 5.0.9 that ran the same statements.
func TestBatchMetrics(t *testing.T) {
	e := open(t)
	for _, s := range []string{
		"CREATE KEYSPACE b WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE KEYSPACE b2 WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE b.t (k int, c int, v int, PRIMARY KEY (k, c))",
		"CREATE TABLE b.u (k int PRIMARY KEY, v int)",
		"CREATE TABLE b2.u (k int PRIMARY KEY, v int)",
		"CREATE TABLE b.n (k int PRIMARY KEY, v counter)",
	} {
		must(t, e, s)
	}
	const logged, unlogged, counter = "partitions_per_logged_batch", "partitions_per_unlogged_batch", "partitions_per_counter_batch"
	for _, step := range []struct{ batch, name, want string }{
		{"BEGIN BATCH APPLY BATCH", logged, "0 0.0 0.0 0.0"},
		{"BEGIN BATCH DELETE FROM b.t WHERE k = 9 AND c IN (); APPLY BATCH", logged, "0 0.0 0.0 0.0"},
		{"BEGIN BATCH INSERT INTO b.t (k, c, v) VALUES (7, 1, 1) IF NOT EXISTS; INSERT INTO b.t (k, c, v) VALUES (7, 2, 1); APPLY BATCH", logged, "0 0.0 0.0 0.0"},
		{"BEGIN BATCH INSERT INTO b.t (k, c, v) VALUES (1, 1, 1); APPLY BATCH", logged, "1 1.0 1.0 1.0"},
		{"BEGIN BATCH INSERT INTO b.t (k, c, v) VALUES (1, 1, 1); INSERT INTO b.t (k, c, v) VALUES (1, 2, 1); INSERT INTO b.u (k, v) VALUES (1, 1); APPLY BATCH", logged, "1 1.0 1.0 1.0"},
		{"BEGIN BATCH INSERT INTO b.t (k, c, v) VALUES (1, 1, 1); INSERT INTO b.t (k, c, v) VALUES (2, 2, 1); INSERT INTO b.u (k, v) VALUES (3, 1); APPLY BATCH", logged, "3 1.0 3.0 3.0"},
		{"BEGIN BATCH DELETE FROM b.t WHERE k IN (1, 2, 3, 4, 5); APPLY BATCH", logged, "5 1.0 5.0 5.0"},
		{"BEGIN UNLOGGED BATCH INSERT INTO b.t (k, c, v) VALUES (1, 1, 1); INSERT INTO b.t (k, c, v) VALUES (2, 2, 1); APPLY BATCH", unlogged, "2 2.0 2.0 2.0"},
		{"BEGIN UNLOGGED BATCH INSERT INTO b.u (k, v) VALUES (1, 1); INSERT INTO b2.u (k, v) VALUES (1, 1); INSERT INTO b2.u (k, v) VALUES (2, 1); APPLY BATCH", unlogged, "3 2.0 3.0 3.0"},
		{"BEGIN COUNTER BATCH UPDATE b.n SET v = v + 1 WHERE k = 1; UPDATE b.n SET v = v + 1 WHERE k = 2; UPDATE b.n SET v = v + 1 WHERE k = 1; APPLY BATCH", counter, "2 2.0 2.0 2.0"},
		{"BEGIN UNLOGGED BATCH UPDATE b.n SET v = v + 1 WHERE k IN (1, 2, 3, 4, 5); APPLY BATCH", unlogged, "5 3.0 5.0 5.0"},
		{"INSERT INTO b.u (k, v) VALUES (1, 1)", logged, "5 1.0 5.0 5.0"},
	} {
		must(t, e, step.batch)
		var got []string
		for _, column := range []string{"max", "p50th", "p99th", "p999th"} {
			got = append(got, strings.Trim(keys(must(t, e, "SELECT cast("+column+" AS text) FROM system_views.batch_metrics WHERE name = '"+step.name+"'"))[0], "'"))
		}
		if got := strings.Join(got, " "); got != step.want {
			t.Errorf("after %s: %s has %s, not %s", step.batch, step.name, got, step.want)
		}
	}
}

// TestSystemProperties reads the properties of the machine, as a Java virtual
// machine names them.
func TestSystemProperties(t *testing.T) {
	e := open(t)
	if got := keys(must(t, e, "SELECT name FROM system_views.system_properties")); !slices.Equal(got, []string{"'os.arch'", "'os.name'"}) {
		t.Errorf("the properties are %s", got)
	}
	for name, want := range map[string]string{"os.arch": map[string]string{"amd64": "amd64", "arm64": "aarch64"}[runtime.GOARCH],
		"os.name": map[string]string{"linux": "Linux", "darwin": "Mac OS X"}[runtime.GOOS]} {
		got := keys(must(t, e, "SELECT value FROM system_views.system_properties WHERE name = '"+name+"'"))
		if want != "" && !slices.Equal(got, []string{"'" + want + "'"}) {
			t.Errorf("%s is %s, not %s", name, got, want)
		}
	}
}
