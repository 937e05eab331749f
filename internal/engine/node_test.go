package engine_test

import (
	"slices"
	"testing"
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
