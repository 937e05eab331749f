package exec_test

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// modelWrite is one write to the model: a value of a cell, or its deletion. A
// cell is named column or column[element]; "" is the row's own marker.
type modelWrite struct {
	cell  string
	ts    int
	value int
	dead  bool
}

// modelDeletion shadows what was written at or before ts: the cells of row
// from to (of all rows when static too), or of one collection.
type modelDeletion struct {
	from, to, ts int
	static       bool
	column       string
}

// modelPartition is a partition as the list of all that was ever done to it.
// Its state is worked out by the rules alone, not in order.
type modelPartition struct {
	rows      map[int][]modelWrite // by clustering value; staticRow is the static row
	deletions []modelDeletion
}

const staticRow = -1

func (p *modelPartition) write(row int, cell string, ts, value int, dead bool) {
	p.rows[row] = append(p.rows[row], modelWrite{cell, ts, value, dead})
}

// live returns the cells of a row that are there.
func (p *modelPartition) live(row int) map[string]int {
	best := map[string]modelWrite{}
	for _, w := range p.rows[row] {
		shadowed := false
		for _, d := range p.deletions {
			inRow := row == staticRow && d.static || row != staticRow && d.from <= row && row <= d.to
			inColumn := d.column == "" || strings.HasPrefix(w.cell, d.column+"[")
			shadowed = shadowed || inRow && inColumn && w.ts <= d.ts
		}
		if shadowed {
			continue
		}
		b, ok := best[w.cell]
		if !ok || w.ts > b.ts || w.ts == b.ts && (w.dead && !b.dead || w.dead == b.dead && w.value > b.value) {
			best[w.cell] = w
		}
	}
	cells := map[string]int{}
	for cell, w := range best {
		if !w.dead {
			cells[cell] = w.value
		}
	}
	return cells
}

// show is what SELECT c, s, v, w, st says.
func (p *modelPartition) show() string {
	out := "c | s | v | w | st\n"
	static := p.live(staticRow)
	var order []int
	for row := range p.rows {
		if row != staticRow && len(p.live(row)) > 0 {
			order = append(order, row)
		}
	}
	sort.Ints(order)
	value := func(cells map[string]int, cell string) string {
		if v, ok := cells[cell]; ok {
			return fmt.Sprint(v)
		}
		return "null"
	}
	for _, row := range order {
		cells := p.live(row)
		var set []string
		for e := range 4 {
			if _, ok := cells[fmt.Sprintf("st[%d]", e)]; ok {
				set = append(set, fmt.Sprint(e))
			}
		}
		st := "null"
		if set != nil {
			st = "{" + strings.Join(set, ", ") + "}"
		}
		out += fmt.Sprintf("%d | %s | %s | %s | %s\n", row, value(static, "s"), value(cells, "v"), value(cells, "w"), st)
	}
	if len(order) == 0 && len(static) > 0 {
		out += fmt.Sprintf("null | %s | null | null | null\n", value(static, "s"))
	}
	return out
}

// TestModifyModel runs random writes with random timestamps and compares what
// is there with a model that knows nothing but the rules of reconciliation.
func TestModifyModel(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (p int, c int, s int static, v int, w int, st set<int>, PRIMARY KEY (p, c))")
	partition := 0
	rapid.Check(t, func(r *rapid.T) {
		partition++
		m := &modelPartition{rows: map[int][]modelWrite{}}
		for range rapid.IntRange(1, 25).Draw(r, "writes") {
			e.must(randomWrite(r, m, partition))
		}
		got := show(e.must(fmt.Sprintf("SELECT c, s, v, w, st FROM t WHERE p = %d", partition)), nil)
		if want := m.show(); got != want {
			r.Fatalf("got\n%swant\n%s", got, want)
		}
	})
}

// randomWrite does something to the model and returns the statement for it.
func randomWrite(r *rapid.T, m *modelPartition, p int) string {
	c := rapid.IntRange(0, 3).Draw(r, "c")
	ts := rapid.IntRange(1, 12).Draw(r, "ts")
	v := rapid.IntRange(0, 5).Draw(r, "v")
	column := rapid.SampledFrom([]string{"v", "w"}).Draw(r, "column")
	e := rapid.IntRange(0, 3).Draw(r, "element")
	where := fmt.Sprintf("WHERE p = %d AND c = %d", p, c)
	switch rapid.IntRange(0, 10).Draw(r, "kind") {
	case 0, 1:
		m.write(c, "", ts, 0, false)
		m.write(c, column, ts, v, false)
		return fmt.Sprintf("INSERT INTO t (p, c, %s) VALUES (%d, %d, %d) USING TIMESTAMP %d", column, p, c, v, ts)
	case 2, 3:
		m.write(c, column, ts, v, false)
		return fmt.Sprintf("UPDATE t USING TIMESTAMP %d SET %s = %d %s", ts, column, v, where)
	case 4:
		m.write(c, column, ts, 0, true)
		return fmt.Sprintf("DELETE %s FROM t USING TIMESTAMP %d %s", column, ts, where)
	case 5:
		m.deletions = append(m.deletions, modelDeletion{from: c, to: c, ts: ts})
		return fmt.Sprintf("DELETE FROM t USING TIMESTAMP %d %s", ts, where)
	case 6:
		to := c + rapid.IntRange(0, 2).Draw(r, "length")
		m.deletions = append(m.deletions, modelDeletion{from: c, to: to, ts: ts})
		return fmt.Sprintf("DELETE FROM t USING TIMESTAMP %d WHERE p = %d AND c >= %d AND c <= %d", ts, p, c, to)
	case 7:
		if v > 1 { // seldom: nothing is left of the partition
			m.write(staticRow, "s", ts, v, false)
			return fmt.Sprintf("UPDATE t USING TIMESTAMP %d SET s = %d WHERE p = %d", ts, v, p)
		}
		m.deletions = append(m.deletions, modelDeletion{from: 0, to: 1 << 30, ts: ts, static: true})
		return fmt.Sprintf("DELETE FROM t USING TIMESTAMP %d WHERE p = %d", ts, p)
	case 8:
		m.write(c, fmt.Sprintf("st[%d]", e), ts, 0, false)
		return fmt.Sprintf("UPDATE t USING TIMESTAMP %d SET st = st + {%d} %s", ts, e, where)
	case 9:
		m.write(c, fmt.Sprintf("st[%d]", e), ts, 0, true)
		return fmt.Sprintf("UPDATE t USING TIMESTAMP %d SET st = st - {%d} %s", ts, e, where)
	}
	m.deletions = append(m.deletions, modelDeletion{from: c, to: c, ts: ts - 1, column: "st"})
	m.write(c, fmt.Sprintf("st[%d]", e), ts, 0, false)
	return fmt.Sprintf("UPDATE t USING TIMESTAMP %d SET st = {%d} %s", ts, e, where)
}
