package server

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
)

// limited is a site with Astra's limits, asked over REST.
type limited struct {
	*site
	guard *guardrail.Guard
}

// newLimited makes one; changes are names and values of limits that are not to have
// their true values.
func newLimited(t *testing.T, changes ...string) *limited {
	t.Helper()
	limits := guardrail.Astra()
	for i := 0; i < len(changes); i += 2 {
		if err := limits.Set(changes[i], changes[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	g := guardrail.New(limits, nil, access.Keyspace)
	s := &limited{newGuardedSite(t, APIOptions{CQL: true}, g), g}
	s.run(t, `CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	return s
}

func (s *limited) ask(method, path, body string) *httptest.ResponseRecorder {
	media := "application/json"
	if path == "/v2/cql" {
		media = "text/plain"
	}
	return s.site.ask(0, method, path, body, "X-Cassandra-Token", s.login.Token, "Content-Type", media)
}

// allowed and refused make a call that is; the refusal has the limit's message as
// REST tells errors of the database.
func (s *limited) allowed(t *testing.T, method, path, body string) string {
	t.Helper()
	w := s.ask(method, path, body)
	if w.Code >= 300 {
		t.Errorf("%s %s %.100s: %d %s", method, path, body, w.Code, w.Body)
	}
	return w.Body.String()
}

func (s *limited) refused(t *testing.T, method, path, body, message string) {
	t.Helper()
	want := `{"description":"Invalid argument for gRPC operation (Status.Code.INVALID_ARGUMENT->400): INVALID_ARGUMENT: ` + message +
		`","code":400,"grpcStatus":"INVALID_ARGUMENT","internalTxId":null}`
	if w := s.ask(method, path, body); w.Code != 400 || w.Body.String() != want {
		t.Errorf("%s %s %.100s: %d %s", method, path, body, w.Code, w.Body)
	}
}

const (
	limitedTables = "/v2/schemas/keyspaces/ks/tables"
	limitedTypes  = "/v2/schemas/keyspaces/ks/types"
	limitedRows   = "/v2/keyspaces/ks/"
)

// columnsJSON are n columns of ints named c0 and on, or fields.
func columnsJSON(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"name":"c%d","typeDefinition":"int"}`, i))
	}
	return "[" + strings.Join(all, ",") + "]"
}

func tableJSON(name string, columns int) string {
	return fmt.Sprintf(`{"name":%q,"columnDefinitions":%s,"primaryKey":{"partitionKey":["c0"]}}`, name, columnsJSON(columns))
}

// numbers are 0 to n-1, separated by commas.
func numbers(n int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(make([]int, n)), " ", ","), "[]")
}

// TestGuardrailsOverREST: the limits on the schema (astra.md §4).
func TestGuardrailsOverREST(t *testing.T) {
	s := newLimited(t)
	for i := range 199 {
		s.run(t, fmt.Sprintf(`CREATE TABLE ks.t%d (c0 int PRIMARY KEY, a text, b text)`, i))
	}
	s.allowed(t, "POST", limitedTables, tableJSON("last", 50)) // 200 tables, 50 columns
	s.refused(t, "POST", limitedTables, tableJSON("more", 1), "Cannot have more than 200 tables, failed to create table more")
	s.refused(t, "POST", limitedTables, tableJSON("wide", 51), "Tables cannot have more than 50 columns, but 51 provided for table wide")
	s.refused(t, "POST", limitedTables+"/last/columns", `{"name":"x","typeDefinition":"int"}`, "Tables cannot have more than 50 columns, but 51 provided for table last")
	s.allowed(t, "POST", limitedTypes, `{"name":"ten","fields":`+columnsJSON(10)+`}`)
	s.refused(t, "POST", limitedTypes, `{"name":"eleven","fields":`+columnsJSON(11)+`}`, "User types cannot have more than 10 columns, but 11 provided for type eleven")
	s.refused(t, "PUT", limitedTypes, `{"name":"ten","addFields":[{"name":"x","typeDefinition":"int"}]}`, "User types cannot have more than 10 columns, but 11 provided for type ten")
	s.allowed(t, "POST", limitedTables+"/t0/indexes", `{"column":"a","name":"first"}`)
	s.refused(t, "POST", limitedTables+"/t0/indexes", `{"column":"b","name":"second"}`, "Tables cannot have more than 1 secondary indexes, failed to create secondary index second on table t0")
	s.refused(t, "POST", limitedTables+"/t0/indexes", `{"column":"b","name":"sasi","type":"org.apache.cassandra.index.sasi.SASIIndex"}`,
		"Tables cannot have more than 0 SASI indexes, failed to create SASI index sasi on table t0")
	index := func(table, column int) string {
		return fmt.Sprintf(`{"column":"c%d","name":"sai_%d_%d","type":"StorageAttachedIndex"}`, column, table, column)
	}
	for i := range 10 {
		s.allowed(t, "POST", limitedTables+"/last/indexes", index(0, i+1))
	}
	s.refused(t, "POST", limitedTables+"/last/indexes", index(0, 11), "Tables cannot have more than 10 StorageAttachedIndex secondary indexes, failed to create secondary index sai_0_11 on table last")
	for i := range 90 {
		s.run(t, fmt.Sprintf(`CREATE CUSTOM INDEX ON ks.t%d (b) USING 'StorageAttachedIndex'`, i+1))
	}
	s.refused(t, "POST", limitedTables+"/t100/indexes", `{"column":"a","name":"over","type":"StorageAttachedIndex"}`,
		"Cannot have more than 100 StorageAttachedIndex secondary indexes across all keyspaces, failed to create secondary index over on table t100")
	s.refused(t, "POST", "/v2/cql", "CREATE MATERIALIZED VIEW ks.v AS SELECT * FROM ks.t0 WHERE c0 IS NOT NULL AND a IS NOT NULL PRIMARY KEY (a, c0)",
		"Materialized views are disabled. Enable in cassandra.yaml to use.")
	s.refused(t, "POST", "/v2/cql", "CREATE FUNCTION ks.f (a int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return a;'",
		"User-defined functions are disabled in cassandra.yaml - set user_defined_functions_enabled=true to enable")
	s.allowed(t, "POST", "/v2/cql", "ALTER TABLE ks.t0 WITH gc_grace_seconds = 5 AND default_time_to_live = 60")
	if got := s.allowed(t, "POST", "/v2/cql", "SELECT gc_grace_seconds, default_time_to_live FROM system_schema.tables WHERE keyspace_name = 'ks' AND table_name = 't0'"); got != `{"count":1,"data":[{"gc_grace_seconds":864000,"default_time_to_live":60}]}` {
		t.Errorf("properties: %s", got)
	}
}

// TestRowGuardrailsOverREST: the limits on rows (astra.md §4). REST writes at
// LOCAL_QUORUM, and shows no warnings.
func TestRowGuardrailsOverREST(t *testing.T) {
	s := newLimited(t)
	s.run(t, `CREATE TABLE ks.t (k int, c int, v text, l list<int>, n set<int>, PRIMARY KEY (k, c))`)
	s.run(t, `CREATE TABLE ks.n (k int PRIMARY KEY, n counter)`)
	megabyte := strings.Repeat("x", 1<<20)
	s.allowed(t, "POST", limitedRows+"t", `{"k":1,"c":1,"v":"`+strings.Repeat(megabyte, 5)+`"}`)
	s.refused(t, "POST", limitedRows+"t", `{"k":1,"c":1,"v":"`+strings.Repeat(megabyte, 5)+`x"}`, "Value of v of size 5.0MB is greater than the maximum allowed (5.0MB)")
	s.allowed(t, "POST", limitedRows+"t", `{"k":1,"c":2,"l":[`+numbers(21)+`]}`) // warned of in CQL
	for _, c := range s.guard.Counts() {
		if c.Guardrail == "items_per_collection" && c.Warnings != 1 {
			t.Errorf("items: %+v", c)
		}
	}
	for _, text := range []string{"UPDATE ks.t SET l[0] = 1 WHERE k = 1 AND c = 2", "DELETE l[0] FROM ks.t WHERE k = 1 AND c = 2", "UPDATE ks.t SET l = l - [0] WHERE k = 1 AND c = 2"} {
		s.refused(t, "POST", "/v2/cql", text, "List operation requiring read before write is not allowed")
	}
	where := func(keys, clusterings int) string {
		w := fmt.Sprintf(`{"k":{"$in":[%s]}`, numbers(keys))
		if clusterings > 0 {
			w += fmt.Sprintf(`,"c":{"$in":[%s]}`, numbers(clusterings))
		}
		return limitedRows + "t?fields=k&where=" + url.QueryEscape(w+"}")
	}
	s.allowed(t, "GET", where(20, 0), "")
	s.refused(t, "GET", where(21, 0), "", "Select query cannot be completed because it selects 21 partitions keys - more than the maximum allowed 20")
	s.allowed(t, "GET", where(1, 25), "")
	s.refused(t, "GET", where(1, 26), "", "The query cannot be completed because cartesian product of all values in IN conditions is greater than 25")
	for i := range 4 {
		s.allowed(t, "POST", limitedRows+"t", fmt.Sprintf(`{"k":2,"c":%d,"v":"%s"}`, i, megabyte[:200<<10]))
	}
	if got := s.allowed(t, "GET", limitedRows+"t/2?fields=c", ""); !strings.HasPrefix(got, `{"count":4,`) {
		t.Errorf("a small page: %s", got)
	}
	if got := s.allowed(t, "GET", limitedRows+"t/2", ""); !strings.HasPrefix(got, `{"count":3,"pageState":"`) {
		t.Errorf("a page of 512 KB: %.100s", got)
	}
	var batch []string
	for i := range 4 {
		batch = append(batch, fmt.Sprintf("INSERT INTO ks.t (k, c, v) VALUES (%d, 1, '%s')", i, megabyte[:200<<10]))
	}
	s.refused(t, "POST", "/v2/cql", "BEGIN BATCH "+strings.Join(batch, " ")+" APPLY BATCH", "Batch for [ks.t] is of size 800.3KB, exceeding specified failure threshold 640.0KB")
	for _, text := range []string{
		"BEGIN BATCH INSERT INTO ks.t (k, c) VALUES (3, 1) INSERT INTO ks.t (k, c) VALUES (4, 1) APPLY BATCH",
		"INSERT INTO ks.t (k, c) VALUES (3, 2) USING TIMESTAMP 1", "UPDATE ks.n SET n = n + 1 WHERE k = 1", "TRUNCATE ks.n",
	} {
		s.allowed(t, "POST", "/v2/cql", text)
	}
}

// TestReadGuardrailsOverREST: tombstones that are passed over, and a disk that is
// full.
func TestReadGuardrailsOverREST(t *testing.T) {
	s := newLimited(t, "tombstone_failure_threshold", "3")
	s.run(t, `CREATE TABLE ks.t (k int, c int, PRIMARY KEY (k, c))`)
	for i := range 4 {
		s.allowed(t, "DELETE", limitedRows+fmt.Sprintf("t/1/%d", i), "")
	}
	s.refused(t, "GET", limitedRows+"t/1", "", "Scanned over 4 tombstone rows during query SELECT * FROM ks.t WHERE k = 1 LIMIT 100 ALLOW FILTERING - more than the maximum allowed 3; query aborted")
	s.guard.LookAtDisk(func() (int64, error) { return 80, nil }, slog.New(slog.DiscardHandler))
	s.allowed(t, "POST", limitedRows+"t", `{"k":1,"c":1}`)
	s.guard.LookAtDisk(func() (int64, error) { return 81, nil }, slog.New(slog.DiscardHandler))
	s.refused(t, "POST", limitedRows+"t", `{"k":1,"c":1}`, "Write request failed because disk usage exceeds failure threshold")
}
