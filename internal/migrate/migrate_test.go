package migrate_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/migrate"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// TestKinds copies one of each kind of thing from one engine to another and
// compares what both have stored, cell by cell.
func TestKinds(t *testing.T) {
	script, err := os.ReadFile("testdata/kinds.cql")
	if err != nil {
		t.Fatal(err)
	}
	from := t.TempDir()
	e := open(t, from)
	run(t, e, string(script))
	bootstrap(t, e)
	closeAll(t, e)
	before := fileSums(t, from)

	source, to := openSource(t, from), t.TempDir()
	target := open(t, to)
	report, err := migrate.Run(t.Context(), options(source, target))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range report.Tables {
		if !table.Agrees() {
			t.Errorf("%s.%s differs: %+v", table.Keyspace, table.Table, table)
		}
	}
	closeAll(t, source, target)
	if diff := cmp.Diff(before, fileSums(t, from)); diff != "" {
		t.Errorf("the source was changed:\n%s", diff)
	}
	if diff := cmp.Diff(dumpDir(t, from), dumpDir(t, to)); diff != "" {
		t.Errorf("source and target differ:\n%s", diff)
	}
}

// TestNoClock copies to a target that can't be told the time: times to live count
// from the copy, and end when the source's do.
func TestNoClock(t *testing.T) {
	from := t.TempDir()
	e := open(t, from)
	bootstrap(t, e)
	run(t, e, `CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};
		CREATE TABLE k.t (k int PRIMARY KEY, v text, l list<int>);
		INSERT INTO k.t (k, v, l) VALUES (1, 'a', [1, 2]) USING TTL 5000;
		UPDATE k.t USING TTL 1 SET v = 'gone' WHERE k = 2;
		UPDATE k.t USING TTL 9000 SET l = l + [3] WHERE k = 1`)
	closeAll(t, e)
	time.Sleep(2100 * time.Millisecond) // a copy of the TTL alone would end later
	source, to := openSource(t, from), t.TempDir()
	target := open(t, to)
	o := options(source, target)
	o.NoClock = true
	begin := time.Now()
	report, err := migrate.Run(t.Context(), o)
	if err != nil || !report.Agrees() || report.Tables[0].SourceRows != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	took := int64(time.Since(begin) / time.Second) // a second more or less, by how time is cut
	closeAll(t, source, target)
	before, after := openSource(t, from), openSource(t, to)
	defer closeAll(t, before, after)
	if a, b := expiries(t, before), expiries(t, after); len(a) != 5 || len(b) != len(a) {
		t.Errorf("the cells expire at %v, and after the copy at %v", a, b)
	} else {
		for i := range a {
			if d := b[i] - a[i]; d < -1 || d > 1+took {
				t.Errorf("cell %d expires %d s later after the copy", i, d)
			}
		}
	}
}

// expiries are when the cells and markers of k.t go.
func expiries(t *testing.T, s *engine.Source) []int64 {
	t.Helper()
	var all []int64
	for r, err := range s.Rows(t.Context(), s.Schema().Table("k", "t"), backend.StoredRange{Now: time.Now().Unix()}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r.Written.Expires)
		for _, c := range r.Cells {
			all = append(all, c.Expires)
		}
	}
	return all
}

// options of a migration between two engines.
func options(source backend.Source, target backend.Backend) migrate.Options {
	return migrate.Options{
		Source: source, Target: target, Concurrency: 4, Patience: steady.Timeout,
		Replication: map[string]string{"class": "org.apache.cassandra.locator.SimpleStrategy", "replication_factor": "1"},
		Prepare: func(ctx context.Context) error {
			_, err := access.Open(ctx, target)
			return err
		},
	}
}

func open(t *testing.T, dir string) *engine.Engine {
	t.Helper()
	e, err := engine.Open(engine.Options{Dir: dir, Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func openSource(t *testing.T, dir string) *engine.Source {
	t.Helper()
	s, err := engine.OpenSource(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeAll(t *testing.T, all ...interface{ Close() error }) {
	t.Helper()
	for _, c := range all {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func run(t *testing.T, b backend.Backend, script string) {
	t.Helper()
	for _, span := range cql.SplitStatements(script) {
		if err := execute(t.Context(), b, script[span.Start:span.End]); err != nil {
			t.Fatalf("%s: %v", script[span.Start:span.End], err)
		}
	}
}

func execute(ctx context.Context, b backend.Backend, text string, values ...[]byte) error {
	parsed, err := cql.Parse(text)
	if err != nil {
		return err
	}
	p, err := b.Prepare(ctx, parsed.Statement, parsed.Markers, "")
	if err != nil {
		return err
	}
	q := &backend.Query{Consistency: backend.LocalQuorum}
	for _, v := range values {
		q.Values = append(q.Values, backend.Value{Bytes: v})
	}
	_, err = b.Execute(ctx, p, q)
	return err
}

// bootstrap makes a database, a role and tokens.
func bootstrap(t *testing.T, b backend.Backend) {
	t.Helper()
	store, err := access.Open(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Bootstrap(t.Context(), "db", "here", "somewhere", func(access.Secret) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := store.CreateRole(t.Context(), access.KeyspaceRole("custom", "shop")); err != nil {
		t.Fatal(err)
	}
}

// fileSums are the checksums of a directory's files.
func fileSums(t *testing.T, dir string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		sums[path] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

func dumpDir(t *testing.T, dir string) []string {
	t.Helper()
	s := openSource(t, dir)
	defer s.Close()
	return dump(t, s)
}

// dump writes down all that is stored: definitions, and cells with their times.
func dump(t *testing.T, s backend.Source) []string {
	t.Helper()
	var lines []string
	for _, k := range s.Schema().InOrder() {
		if k.Virtual || k.System {
			continue
		}
		lines = append(lines, k.CreateStatement())
		for _, table := range k.TablesInOrder() {
			if table.Name == "migrations" {
				continue
			}
			for line := range strings.Lines(table.CreateStatement(false)) {
				lines = append(lines, line)
			}
			for _, ix := range table.IndexesInOrder() {
				lines = append(lines, ix.CreateStatement(table))
			}
			for r, err := range s.Rows(t.Context(), table, backend.StoredRange{Now: time.Now().Unix()}) {
				if err != nil {
					t.Fatal(err)
				}
				lines = append(lines, dumpRow(table.String(), r)...)
			}
		}
	}
	return lines
}

func dumpRow(table string, r *backend.StoredRow) []string {
	marker := "no marker"
	if r.Live {
		marker = fmt.Sprintf("%+v", r.Written)
	}
	lines := []string{fmt.Sprintf("%s %x %x static=%v %s", table, r.Partition, r.Clustering, r.Static, marker)}
	var cells []string
	list := ""
	for _, c := range r.Cells {
		path := fmt.Sprintf("%x", c.Path)
		if c.Column.Type.Kind == cqltype.List && c.Path != nil { // positions are new, their order is not; nor is the end of a TTL
			list += "+"
			path, c.TTL = list, 0
		}
		written := fmt.Sprintf("%+v", c.Written)
		if c.Column.Type.Kind == cqltype.Counter { // written when copied
			written = ""
		}
		cells = append(cells, fmt.Sprintf("  %s [%s] %x %s", c.Column.Name, path, c.Value, written))
	}
	slices.Sort(cells) // columns are stored in the order in which they were made
	return append(lines, cells...)
}
