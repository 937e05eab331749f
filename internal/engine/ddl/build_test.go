package ddl_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine/ddl"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// open opens a catalog alone, with build as its index builder.
func open(t *testing.T, dir string, build func(context.Context, *schema.Table, *schema.Index) error) (*store.Store, *ddl.Catalog) {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	o := ddl.Options{}
	if build != nil {
		o.BuildIndex = func(ctx context.Context, t *schema.Table, ix *schema.Index, _ []byte, _ func(int64)) error {
			return build(ctx, t, ix)
		}
	}
	c, err := ddl.Open(context.Background(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return s, c
}

// built reports whether the index i of ks.t can be queried.
func built(c *ddl.Catalog) bool {
	return c.IndexBuilt(c.Snapshot().Table("ks", "t").Indexes["i"].Storage)
}

func run(t *testing.T, c *ddl.Catalog, statements ...string) error {
	t.Helper()
	for _, text := range statements {
		parsed, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Execute(context.Background(), parsed.Statement, ""); err != nil {
			return err
		}
	}
	return nil
}

const createTable = "CREATE TABLE ks.t (k int PRIMARY KEY, v int)"

// TestBuildWaitsForWriters: a writer that came before the index is known to
// have left, and one that comes during the build sees the index, which can't be
// queried yet.
func TestBuildWaitsForWriters(t *testing.T) {
	var left atomic.Bool
	var c *ddl.Catalog
	s, c := open(t, t.TempDir(), func(_ context.Context, table *schema.Table, ix *schema.Index) error {
		if !left.Load() {
			t.Error("built while a writer of the old schema was at work")
		}
		ticket := c.Enter()
		defer c.Leave(ticket)
		seen := c.Snapshot().Table("ks", "t")
		if seen != table || seen.Indexes["i"] != ix || c.IndexBuilt(ix.Storage) {
			t.Error("a writer during the build does not see the index")
		}
		return nil
	})
	defer s.Close()
	if err := run(t, c, createKeyspace, createTable); err != nil {
		t.Fatal(err)
	}
	ticket := c.Enter()
	done := make(chan error)
	go func() { done <- run(t, c, "CREATE INDEX i ON ks.t (v)") }()
	steady.Until(t, "the index is known", func() bool { return c.Snapshot().Table("ks", "t").Indexes["i"] != nil })
	time.Sleep(10 * time.Millisecond) // time for a build that does not wait
	left.Store(true)
	c.Leave(ticket)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	steady.Until(t, "the index is built", func() bool { return built(c) })
}

// TestBuildFails: a build that fails is tried again.
func TestBuildFails(t *testing.T) {
	var tried atomic.Int64
	s, c := open(t, t.TempDir(), func(context.Context, *schema.Table, *schema.Index) error {
		if tried.Add(1) == 1 {
			return errors.New("broken")
		}
		return nil
	})
	defer s.Close()
	if err := run(t, c, createKeyspace, createTable, "CREATE INDEX i ON ks.t (v)"); err != nil {
		t.Fatal(err)
	}
	steady.Until(t, "it is tried", func() bool { return tried.Load() > 0 })
	steady.Until(t, "it is tried again", func() bool { return built(c) })
	if n := tried.Load(); n != 2 {
		t.Errorf("tried %d times", n)
	}
}

// TestBuildGoesOn: an index whose build the process did not survive is built
// at the next start, and the build does not hold up other statements.
func TestBuildGoesOn(t *testing.T) {
	dir := t.TempDir()
	started := make(chan struct{})
	s, c := open(t, dir, func(ctx context.Context, _ *schema.Table, _ *schema.Index) error {
		close(started)
		<-ctx.Done()
		return ctx.Err()
	})
	if err := run(t, c, createKeyspace, createTable, "CREATE INDEX i ON ks.t (v)", "CREATE TABLE ks.other (k int PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	<-started
	if built(c) || len(c.Builds()) != 1 {
		t.Error("the index is not built")
	}
	c.Close()
	s.Close()
	var builds atomic.Int64
	s, c = open(t, dir, func(_ context.Context, table *schema.Table, ix *schema.Index) error {
		if table.Name != "t" || ix.Name != "i" {
			t.Errorf("builds %s on %s", ix.Name, table)
		}
		builds.Add(1)
		return nil
	})
	steady.Until(t, "the index is built", func() bool { return built(c) })
	c.Close()
	s.Close()
	s, c = open(t, dir, func(context.Context, *schema.Table, *schema.Index) error {
		builds.Add(1)
		return nil
	})
	defer s.Close()
	if !built(c) || builds.Load() != 1 {
		t.Errorf("built %d times", builds.Load())
	}
}

// TestDropDuringBuild: the build ends with its index, table or keyspace.
func TestDropDuringBuild(t *testing.T) {
	for _, drop := range []string{"DROP INDEX ks.i", "DROP TABLE ks.t", "DROP KEYSPACE ks"} {
		t.Run(drop, func(t *testing.T) {
			stopped := make(chan struct{})
			s, c := open(t, t.TempDir(), func(ctx context.Context, _ *schema.Table, _ *schema.Index) error {
				<-ctx.Done()
				close(stopped)
				return ctx.Err()
			})
			defer s.Close()
			if err := run(t, c, createKeyspace, createTable, "CREATE INDEX i ON ks.t (v)", drop); err != nil {
				t.Fatal(err)
			}
			select {
			case <-stopped:
			default:
				t.Error("the build goes on")
			}
			if len(c.Builds()) != 0 {
				t.Errorf("%d builds", len(c.Builds()))
			}
			r := s.NewReader()
			defer r.Close()
			if err := r.ScanMeta([]byte("catalog/build/"), func(name, _ []byte) error {
				t.Errorf("%s is left", name)
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDropRemovesData: neither the rows of a dropped table nor those that a
// late writer adds to it are left in the store, and a new table of its name
// does not see them.
func TestDropRemovesData(t *testing.T) {
	s, c := open(t, t.TempDir(), nil)
	defer s.Close()
	if err := run(t, c, createKeyspace, createTable); err != nil {
		t.Fatal(err)
	}
	old := c.Snapshot().Table("ks", "t")
	layout := c.Layout(old)
	write := func() {
		b := s.NewBatch()
		var row store.RowBuilder
		row.Liveness(s.Now(), 0, 0)
		b.PutRow(layout, []byte{0, 0, 0, 1}, nil, &row)
		if err := b.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	write()
	ticket := c.Enter()
	done := make(chan error)
	go func() { done <- run(t, c, "DROP TABLE ks.t") }()
	steady.Until(t, "the table is gone", func() bool { return c.Snapshot().Table("ks", "t") == nil })
	write()
	c.Leave(ticket)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := partitions(t, s, layout); n != 0 {
		t.Errorf("%d partitions are left", n)
	}
	if err := run(t, c, createTable); err != nil {
		t.Fatal(err)
	}
	if next := c.Snapshot().Table("ks", "t"); next.Storage == old.Storage || next.ID == old.ID {
		t.Error("the new table has the old one's numbers")
	}
}

func partitions(t *testing.T, s *store.Store, l *store.Layout) (n int) {
	t.Helper()
	r := s.NewReader()
	defer r.Close()
	it := r.Scan(l, &store.Scan{Now: time.Now().Unix()})
	defer it.Close()
	for it.NextPartition() {
		n++
	}
	if err := it.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestOldFormat: an index with entries of another format is built anew, under
// another number, and the old entries go.
func TestOldFormat(t *testing.T) {
	dir := t.TempDir()
	s, c := open(t, dir, nil)
	if err := run(t, c, createKeyspace, createTable, "CREATE INDEX i ON ks.t (v)"); err != nil {
		t.Fatal(err)
	}
	steady.Until(t, "the index is built", func() bool { return built(c) })
	old := c.Snapshot().Table("ks", "t").Indexes["i"].Storage
	r := s.NewReader()
	stored, err := r.GetMeta([]byte("catalog/table/ks/t"))
	format := fmt.Appendf(nil, `,"Format":%d`, index.Format)
	if err != nil || !bytes.Contains(stored, format) {
		t.Fatalf("%v: %s", err, stored)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	b := s.NewBatch()
	b.SetMeta([]byte("catalog/table/ks/t"), bytes.Replace(stored, format, nil, 1))
	b.PutIndex(old, []byte("form"), []byte{0, 0, 0, 1}, c.Layout(c.Snapshot().Table("ks", "t")), nil)
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	c.Close()
	s.Close()
	var builds atomic.Int64
	s, c = open(t, dir, func(_ context.Context, _ *schema.Table, ix *schema.Index) error {
		if ix.Storage == old {
			t.Error("the number is the old one")
		}
		builds.Add(1)
		return nil
	})
	defer s.Close()
	steady.Until(t, "the index is built", func() bool { return built(c) })
	if builds.Load() != 1 {
		t.Errorf("built %d times", builds.Load())
	}
	r = s.NewReader()
	defer r.Close()
	if it := r.Index(old, []byte("form"), nil); it.Next() || it.Close() != nil {
		t.Error("an old entry is left")
	}
}
