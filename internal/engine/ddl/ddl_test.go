package ddl_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/engine/catalogtest"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

func caseFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	return files
}

func TestStatements(t *testing.T) {
	for _, file := range caseFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) { catalogtest.Run(t, file) })
	}
}

// everything is the whole catalog as text: what DESCRIBE and system_schema say.
func everything(t *testing.T, s *catalogtest.Server) string {
	t.Helper()
	q := &backend.Query{Consistency: backend.One}
	var b strings.Builder
	b.WriteString(s.Catalog.Snapshot().Version.String() + "\n")
	b.WriteString(s.Answer("DESCRIBE FULL SCHEMA WITH INTERNALS", q))
	for _, table := range schema.SchemaTables {
		b.WriteString("\n" + s.Answer("SELECT * FROM system_schema."+table, q))
	}
	return b.String()
}

// TestRestart runs the cases without their last DROP KEYSPACE, and reads the
// catalog again from disk after each file.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	s := catalogtest.Start(t, dir)
	for _, file := range caseFiles(t) {
		runStatements(t, s, file)
		before, snapshot := everything(t, s), s.Catalog.Snapshot()
		s.Close(t)
		s = catalogtest.Start(t, dir)
		if diff := cmp.Diff(before, everything(t, s)); diff != "" {
			t.Fatalf("%s: after a restart:\n%s", file, diff)
		}
		if diff := cmp.Diff(snapshot, s.Catalog.Snapshot()); diff != "" {
			t.Fatalf("%s: snapshot after a restart:\n%s", file, diff)
		}
	}
	if err := exec(s, "CREATE TABLE cat_a.more (k int PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	numbers := map[uint32]string{}
	for _, k := range s.Catalog.Snapshot().Keyspaces {
		for _, table := range k.Tables {
			if other := numbers[table.Storage]; table.Storage != 0 && other != "" {
				t.Errorf("%s and %s have the same storage number", table, other)
			}
			numbers[table.Storage] = table.String()
		}
	}
}

// runStatements runs the statements of a file up to the last, whatever they
// answer.
func runStatements(t *testing.T, s *catalogtest.Server, file string) {
	t.Helper()
	var statements []string
	datadriven.RunTest(t, copied(t, file), func(t *testing.T, d *datadriven.TestData) string {
		statements = append(statements, d.Input)
		return d.Expected
	})
	for _, text := range statements[:len(statements)-1] {
		s.Answer(text, &backend.Query{Consistency: backend.One})
	}
	s.Keyspace = ""
}

// copied keeps a rewrite of expectations away from the file.
func copied(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func exec(s *catalogtest.Server, statements ...string) error {
	for _, text := range statements {
		if _, err := s.Execute(text, &backend.Query{Consistency: backend.One}); err != nil {
			return err
		}
	}
	return nil
}

const createKeyspace = "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"

// TestEvents compares what subscribers are told with the SCHEMA_CHANGE events
// that Apache Cassandra 5.0.9 sent to a registered connection.
func TestEvents(t *testing.T) {
	s := catalogtest.Start(t, t.TempDir())
	var events []string
	cancel := s.Catalog.Subscribe(func(c schema.Change) {
		if c.Snapshot != s.Catalog.Snapshot() {
			t.Errorf("%v: not the published snapshot", c)
		}
		events = append(events, strings.TrimSpace(strings.Join([]string{string(c.Kind), c.Target, c.Keyspace, c.Name}, " ")))
	})
	for _, step := range []struct{ statement, events string }{
		{createKeyspace, "CREATED KEYSPACE ks"},
		{"CREATE TYPE ks.u (a int)", "CREATED TYPE ks u"},
		{"CREATE TYPE ks.w (a frozen<u>)", "CREATED TYPE ks w"},
		{"CREATE TABLE ks.s (k int PRIMARY KEY, v frozen<u>, x int)", "CREATED TABLE ks s"},
		{"CREATE TABLE ks.t (k int PRIMARY KEY, v frozen<w>)", "CREATED TABLE ks t"},
		{"CREATE TABLE ks.z (k int PRIMARY KEY)", "CREATED TABLE ks z"},
		{"ALTER TYPE ks.u ADD b int", "UPDATED TYPE ks u, UPDATED TYPE ks w, UPDATED TABLE ks s, UPDATED TABLE ks t"},
		{"ALTER TABLE ks.t WITH comment = 'x'", "UPDATED TABLE ks t"},
		{"CREATE INDEX ON ks.s (x)", "UPDATED TABLE ks s"},
		{"DROP INDEX ks.s_x_idx", "UPDATED TABLE ks s"},
		{"ALTER KEYSPACE ks WITH durable_writes = false", "UPDATED KEYSPACE ks"},
		{"CREATE TABLE IF NOT EXISTS ks.t (k int PRIMARY KEY, v int)", ""},
		{"DROP TABLE ks.z", "DROPPED TABLE ks z"},
		{"DROP KEYSPACE ks", "DROPPED TABLE ks s, DROPPED TABLE ks t, DROPPED TYPE ks u, DROPPED TYPE ks w, DROPPED KEYSPACE ks"},
	} {
		events = nil
		version := s.Catalog.Snapshot().Version
		if err := exec(s, step.statement); err != nil {
			t.Fatalf("%s: %v", step.statement, err)
		}
		if got := strings.Join(events, ", "); got != step.events {
			t.Errorf("%s:\n got %s\nwant %s", step.statement, got, step.events)
		}
		if changed := s.Catalog.Snapshot().Version != version; changed != (step.events != "") {
			t.Errorf("%s: schema version changed: %v", step.statement, changed)
		}
	}
	cancel()
	events = nil
	if err := exec(s, createKeyspace); err != nil || events != nil {
		t.Errorf("after cancel: %v, %v", events, err)
	}
}

// TestSharing checks that a change leaves what it does not touch the same
// objects, plans and layouts of other tables included.
func TestSharing(t *testing.T) {
	s := catalogtest.Start(t, t.TempDir())
	if err := exec(s, createKeyspace, "CREATE TYPE ks.u (a int)", "CREATE TABLE ks.a (k int PRIMARY KEY, u frozen<u>)", "CREATE TABLE ks.b (k int PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	before := s.Catalog.Snapshot()
	if err := exec(s, "ALTER TYPE ks.u ADD b text"); err != nil {
		t.Fatal(err)
	}
	after := s.Catalog.Snapshot()
	if before.Table("ks", "b") != after.Table("ks", "b") || before.Table("system", "local") != after.Table("system", "local") {
		t.Error("a table that did not change is another one")
	}
	if before.Table("ks", "a") == after.Table("ks", "a") || len(before.Table("ks", "a").Columns["u"].Type.FieldNames) != 1 {
		t.Error("the old snapshot changed")
	}
	if got := after.Table("ks", "a").Columns["u"].Type; len(got.FieldNames) != 2 || !got.Frozen {
		t.Errorf("the column has type %v", got)
	}
	b := after.Table("ks", "b")
	layout := s.Catalog.Layout(b)
	if s.Catalog.Layout(b) != layout || s.Catalog.LayoutByID(b.Storage) != layout {
		t.Error("layouts are not kept")
	}
	if err := exec(s, "DROP KEYSPACE ks"); err != nil {
		t.Fatal(err)
	}
	if s.Catalog.Layout(b) == nil || s.Catalog.LayoutByID(b.Storage) != nil {
		t.Error("layout of a dropped table")
	}
}

func TestCancelled(t *testing.T) {
	s := catalogtest.Start(t, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Catalog.Execute(ctx, nil, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestVectorWarnings counts the warnings that Apache Cassandra 5.0.9 gave: files of
// cases show equal ones once.
func TestVectorWarnings(t *testing.T) {
	s := catalogtest.Start(t, t.TempDir())
	if err := exec(s, createKeyspace, "CREATE TABLE ks.t (k int PRIMARY KEY, v vector<float, 2>, w vector<float, 2>, i int)"); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		statement string
		warnings  int
	}{
		{"CREATE INDEX ON ks.t (v) USING 'sai'", 1},
		{"CREATE INDEX ON ks.t (w) USING 'sai'", 2},
		{"CREATE INDEX i ON ks.t (i)", 2},
		{"DROP INDEX ks.i", 0},
		{"ALTER TABLE ks.t ADD x int", 2},
		{"ALTER TABLE ks.t DROP x", 0},
	} {
		r, err := s.Execute(step.statement, &backend.Query{Consistency: backend.One})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Warnings) != step.warnings {
			t.Errorf("%s: %d warnings, want %d", step.statement, len(r.Warnings), step.warnings)
		}
	}
}
