package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// openMem opens a store in memory that is closed with the test. Its reads don't
// come from the row cache, which would hide what merges and compactions do.
func openMem(t testing.TB, o Options) *Store {
	t.Helper()
	o.noRowCache = true
	return openCached(t, o)
}

// openCached is openMem with a row cache.
func openCached(t testing.TB, o Options) *Store {
	t.Helper()
	if o.FS == nil {
		o.FS = vfs.NewMem()
	}
	if o.Dir == "" {
		o.Dir = "data"
	}
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && err != ErrClosed {
			t.Error(err)
		}
	})
	return s
}

// compact flushes and compacts everything.
func (s *Store) compact(t testing.TB) {
	t.Helper()
	if err := s.db.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := s.db.Compact(context.Background(), []byte{0}, []byte{0xff}, false); err != nil {
		t.Fatal(err)
	}
}

func intBytes(v int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(int32(v))) }

func intOf(b []byte) int { return int(int32(binary.BigEndian.Uint32(b))) }

// clusteredLayout has two int clustering columns, the second descending.
func clusteredLayout(id uint32) *Layout {
	return &Layout{ID: id, GCGraceSeconds: 100, Clustering: []ClusteringColumn{{Type: cqltype.TypeInt}, {Type: cqltype.TypeInt, Desc: true}}}
}

func commit(t testing.TB, b *Batch) {
	t.Helper()
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
}

// dump shows what a scan answers, one line a partition and a row.
func dump(t testing.TB, s *Store, l *Layout, sc *Scan) string {
	t.Helper()
	r := s.NewReader()
	defer r.Close()
	return dumpReader(t, r, l, sc)
}

func dumpReader(t testing.TB, r *Reader, l *Layout, sc *Scan) string {
	t.Helper()
	var sb strings.Builder
	it := r.Scan(l, sc)
	for it.NextPartition() {
		fmt.Fprintf(&sb, "partition %s", it.Partition())
		if s := it.Static(); s != nil {
			fmt.Fprintf(&sb, " static %s", showRow(s))
		}
		sb.WriteByte('\n')
		for it.NextRow() {
			fmt.Fprintf(&sb, "  %s\n", showRow(it.Row()))
		}
	}
	if err := it.Close(); err != nil {
		fmt.Fprintf(&sb, "error: %v\n", err)
	}
	return sb.String()
}

func showRow(r *Row) string {
	var sb strings.Builder
	for i, c := range r.Clustering {
		if i > 0 {
			sb.WriteByte(',')
		}
		fmt.Fprint(&sb, intOf(c))
	}
	if r.Clustering != nil {
		sb.WriteByte(' ')
	}
	if r.Liveness.Present {
		fmt.Fprintf(&sb, "live@%d", r.Liveness.Timestamp)
		if r.Liveness.TTL != 0 {
			fmt.Fprintf(&sb, "/%d/%d", r.Liveness.TTL, r.Liveness.Expires)
		}
		sb.WriteByte(' ')
	}
	for i := range r.Cells {
		if i > 0 {
			sb.WriteByte(' ')
		}
		sb.WriteString(showCell(&r.Cells[i]))
	}
	return strings.TrimSpace(sb.String())
}

func showCell(c *Cell) string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "c%d", c.Column)
	if c.Path != nil {
		key, _, _ := splitPath(c.Path)
		fmt.Fprintf(&sb, "[%s]", key)
	}
	value := string(c.Value)
	if len(value) == 8 && (value[0] == 0 || value[0] == 0xff) { // a counter
		value = fmt.Sprintf("%+d", int64(binary.BigEndian.Uint64(c.Value)))
	}
	fmt.Fprintf(&sb, "=%s@%d", value, c.Timestamp)
	if c.TTL != 0 {
		fmt.Fprintf(&sb, "/%d/%d", c.TTL, c.Expires)
	}
	return sb.String()
}
