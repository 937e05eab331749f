package store

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// model is the simplest store with the same meaning: a list of everything ever
// written, in any order, and Cassandra's rules applied to all of it at each
// read. It shares no code with the store but the exported types.
type model struct {
	writes []modelWrite
}

type modelKind int

const (
	modelLiveness modelKind = iota
	modelCell
	modelTombstone
	modelComplex
	modelRowDeletion
	modelRange
	modelPartition
)

type modelWrite struct {
	kind      modelKind
	partition string
	static    bool
	row       [2]int
	column    uint32
	path      string // "" for simple columns
	ts        int64
	ttl       int32
	local     int64 // expires, or when the tombstone was made
	value     string
	slice     Slice
}

// modelRow is what is live of a row.
type modelRow struct {
	row      [2]int
	liveness *modelWrite
	cells    map[string]modelWrite // by column and path
}

func (m *model) add(w ...modelWrite) { m.writes = append(m.writes, w...) }

// compareRows is the clustering order of clusteredLayout.
func compareRows(a, b [2]int) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(b[1], a[1]))
}

// inSlice compares prefix by prefix, as CQL describes slices.
func inSlice(s *Slice, row [2]int) bool {
	compare := func(bound [][]byte) int {
		for i, b := range bound {
			v := intOf(b)
			c := cmp.Compare(row[i], v)
			if i == 1 {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	}
	if len(s.Start) > 0 {
		if c := compare(s.Start); c < 0 || c == 0 && !s.StartInclusive {
			return false
		}
	}
	if len(s.End) > 0 {
		if c := compare(s.End); c > 0 || c == 0 && !s.EndInclusive {
			return false
		}
	}
	return true
}

// deletedAt is the latest tombstone time over a row; ok is false without one.
func (m *model) deletedAt(partition string, static bool, row [2]int) (ts int64, ok bool) {
	for _, w := range m.writes {
		if w.partition != partition {
			continue
		}
		covers := false
		switch w.kind {
		case modelPartition:
			covers = true
		case modelRange:
			covers = !static && inSlice(&w.slice, row)
		case modelRowDeletion:
			covers = w.static == static && (static || w.row == row)
		}
		if covers && (!ok || w.ts > ts) {
			ts, ok = w.ts, true
		}
	}
	return ts, ok
}

// beats: which of two cells of one place wins.
func (w modelWrite) beats(o modelWrite) bool {
	rank := func(w modelWrite) int {
		if w.kind == modelTombstone {
			return 2
		}
		if w.ttl != 0 {
			return 1
		}
		return 0
	}
	c := cmp.Or(cmp.Compare(w.ts, o.ts), cmp.Compare(rank(w), rank(o)), cmp.Compare(w.local, o.local), strings.Compare(w.value, o.value), cmp.Compare(w.ttl, o.ttl))
	return c > 0
}

// read returns what is live of one row, nil for nothing.
func (m *model) read(partition string, static bool, row [2]int, now int64) *modelRow {
	deleted, any := m.deletedAt(partition, static, row)
	complexAt := map[uint32]int64{}
	for _, w := range m.writes {
		if w.kind == modelComplex && w.partition == partition && w.static == static && (static || w.row == row) {
			if at, ok := complexAt[w.column]; !ok || w.ts > at {
				complexAt[w.column] = w.ts
			}
		}
	}
	r := &modelRow{row: row, cells: map[string]modelWrite{}}
	for _, w := range m.writes {
		if w.partition != partition || w.static != static || !static && w.row != row {
			continue
		}
		switch w.kind {
		case modelLiveness:
			if any && w.ts <= deleted {
				continue
			}
			if r.liveness == nil || w.beats(*r.liveness) {
				w := w
				r.liveness = &w
			}
		case modelCell, modelTombstone:
			if at, ok := complexAt[w.column]; any && w.ts <= deleted || ok && w.path != "" && w.ts <= at {
				continue
			}
			place := fmt.Sprintf("%02d%s", w.column, w.path)
			if old, ok := r.cells[place]; !ok || w.beats(old) {
				r.cells[place] = w
			}
		}
	}
	if l := r.liveness; l != nil && l.ttl != 0 && l.local <= now {
		r.liveness = nil
	}
	for place, w := range r.cells {
		if w.kind == modelTombstone || w.ttl != 0 && w.local <= now {
			delete(r.cells, place)
		}
	}
	if r.liveness == nil && len(r.cells) == 0 {
		return nil
	}
	return r
}

func (r *modelRow) show() string {
	var parts []string
	if l := r.liveness; l != nil {
		parts = append(parts, fmt.Sprintf("live@%d%s", l.ts, showTTL(l)))
	}
	places := make([]string, 0, len(r.cells))
	for p := range r.cells {
		places = append(places, p)
	}
	slices.Sort(places)
	for _, p := range places {
		w := r.cells[p]
		name := fmt.Sprintf("c%d", w.column)
		if w.path != "" {
			name += "[" + w.path + "]"
		}
		parts = append(parts, fmt.Sprintf("%s=%s@%d%s", name, w.value, w.ts, showTTL(&w)))
	}
	return strings.Join(parts, " ")
}

func showTTL(w *modelWrite) string {
	if w.ttl == 0 {
		return ""
	}
	return fmt.Sprintf("/%d/%d", w.ttl, w.local)
}

// dump answers sc as dump of the store does. rows are all rows that may exist.
func (m *model) dump(sc *Scan, partitions []string, rows [][2]int) string {
	var sb strings.Builder
	for _, p := range m.order(sc, partitions) {
		resumed := sc.Resume != nil && string(sc.Resume.Partition) == p
		var lines []string
		for _, row := range m.rowOrder(sc, rows) {
			if resumed && sc.Resume.Clustering != nil {
				at := [2]int{intOf(sc.Resume.Clustering[0]), intOf(sc.Resume.Clustering[1])}
				if c := compareRows(row, at); c == 0 || (c < 0) != sc.Reverse {
					continue
				}
			}
			if r := m.read(p, false, row, sc.Now); r != nil {
				lines = append(lines, fmt.Sprintf("  %d,%d %s", row[0], row[1], r.show()))
			}
		}
		static := ""
		if !sc.NoStatic {
			if r := m.read(p, true, [2]int{}, sc.Now); r != nil {
				static = " static " + r.show()
			}
		}
		if len(lines) == 0 && (static == "" || resumed) {
			continue
		}
		fmt.Fprintf(&sb, "partition %s%s\n", p, static)
		for _, l := range lines {
			sb.WriteString(strings.TrimRight(l, " ") + "\n")
		}
	}
	return sb.String()
}

func (m *model) order(sc *Scan, partitions []string) []string {
	var out []string
	if sc.Partitions != nil {
		for _, p := range sc.Partitions {
			out = append(out, string(p))
		}
	} else {
		for _, p := range partitions {
			token := cqltype.Token([]byte(p))
			t := &sc.Tokens
			if t.Start != nil && (token < *t.Start || token == *t.Start && !t.StartInclusive) ||
				t.End != nil && (token > *t.End || token == *t.End && !t.EndInclusive) {
				continue
			}
			out = append(out, p)
		}
		slices.SortFunc(out, comparePartitions)
	}
	if sc.Resume == nil {
		return out
	}
	for i, p := range out {
		if p == string(sc.Resume.Partition) {
			if sc.Resume.PartitionDone {
				i++
			}
			return out[i:]
		}
	}
	return nil
}

func comparePartitions(a, b string) int {
	return cmp.Or(cmp.Compare(cqltype.Token([]byte(a)), cqltype.Token([]byte(b))), bytes.Compare([]byte(a), []byte(b)))
}

func (m *model) rowOrder(sc *Scan, rows [][2]int) [][2]int {
	var out [][2]int
	for _, row := range rows {
		in := sc.Slices == nil
		for i := range sc.Slices {
			in = in || inSlice(&sc.Slices[i], row)
		}
		if in {
			out = append(out, row)
		}
	}
	slices.SortFunc(out, compareRows)
	if sc.Reverse {
		slices.Reverse(out)
	}
	return out
}
