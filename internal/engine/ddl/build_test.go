package ddl_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine/ddl"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// open opens a catalog alone, with build as its index builder.
func open(t *testing.T, dir string, build func(context.Context, *schema.Table, *schema.Index) error) (*store.Store, *ddl.Catalog) {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	c, err := ddl.Open(context.Background(), s, ddl.Options{BuildIndex: build})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
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
// have left, and one that comes during the build sees the index, but not as
// one to query.
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
		if seen != table || seen.Indexes["i"] != ix || !ix.Building {
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
	for c.Snapshot().Table("ks", "t").Indexes["i"] == nil {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(10 * time.Millisecond) // time for a build that does not wait
	left.Store(true)
	c.Leave(ticket)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if ix := c.Snapshot().Table("ks", "t").Indexes["i"]; ix == nil || ix.Building {
		t.Errorf("after the build: %+v", ix)
	}
}

func TestBuildFails(t *testing.T) {
	broken := errors.New("broken")
	s, c := open(t, t.TempDir(), func(context.Context, *schema.Table, *schema.Index) error { return broken })
	defer s.Close()
	if err := run(t, c, createKeyspace, createTable); err != nil {
		t.Fatal(err)
	}
	if err := run(t, c, "CREATE INDEX i ON ks.t (v)"); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if ix := c.Snapshot().Table("ks", "t").Indexes["i"]; ix != nil {
		t.Errorf("the index is still there: %+v", ix)
	}
}

// TestBuildGoesOn: an index whose build the process did not survive is built
// at the next start.
func TestBuildGoesOn(t *testing.T) {
	dir, crashed := t.TempDir(), ""
	s, c := open(t, dir, func(context.Context, *schema.Table, *schema.Index) error {
		crashed = t.TempDir() + "/copy"
		return nil
	})
	if err := run(t, c, createKeyspace, createTable); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s, c = open(t, dir, func(context.Context, *schema.Table, *schema.Index) error {
		crashed = t.TempDir() + "/copy"
		return s.Checkpoint(crashed)
	})
	if err := run(t, c, "CREATE INDEX i ON ks.t (v)"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	builds := 0
	s, c = open(t, crashed, func(_ context.Context, table *schema.Table, ix *schema.Index) error {
		if table.Name != "t" || ix.Name != "i" {
			t.Errorf("builds %s on %s", ix.Name, table)
		}
		builds++
		return nil
	})
	defer s.Close()
	if builds != 1 {
		t.Errorf("built %d times", builds)
	}
	if ix := c.Snapshot().Table("ks", "t").Indexes["i"]; ix == nil || ix.Building {
		t.Errorf("after the start: %+v", ix)
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
	for c.Snapshot().Table("ks", "t") != nil {
		time.Sleep(time.Millisecond)
	}
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
