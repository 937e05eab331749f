package exec_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// modelRow is a row of the model: p and s alone when the partition has only a
// static row.
type modelRow struct {
	p, c1, c2, v int
	s            *int
	lone         bool
}

func (r modelRow) String() string {
	s := "null"
	if r.s != nil {
		s = fmt.Sprint(*r.s)
	}
	if r.lone {
		return fmt.Sprintf("%d | null | null | %s | null", r.p, s)
	}
	return fmt.Sprintf("%d | %d | %d | %s | %d", r.p, r.c1, r.c2, s, r.v)
}

func tokenOf(p int) int64 {
	return cqltype.Token(binary.BigEndian.AppendUint32(nil, uint32(p)))
}

func sign(b bool) int {
	if b {
		return 1
	}
	return -1
}

// compareRows orders rows as the table has them: token, c1, c2 descending.
func compareRows(a, b modelRow) int {
	switch {
	case a.p != b.p:
		return sign(tokenOf(a.p) > tokenOf(b.p))
	case a.c1 != b.c1:
		return a.c1 - b.c1
	}
	return b.c2 - a.c2
}

// modelQuery is a random query and what it means.
type modelQuery struct {
	text string
	// partitions in the order of the answer; nil: all by token.
	partitions []int
	keep       []func(modelRow) bool
	// whole: nothing but partitions is restricted, so lone rows are in.
	whole               bool
	reversed            bool
	limit, perPartition int
}

func drawInts(t *rapid.T, label string) []int {
	return rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 1, 3, rapid.ID[int]).Draw(t, label)
}

func joinInts(list []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]")
}

var comparisons = map[string]func(d int) bool{
	"=": func(d int) bool { return d == 0 }, "<": func(d int) bool { return d < 0 }, "<=": func(d int) bool { return d <= 0 },
	">": func(d int) bool { return d > 0 }, ">=": func(d int) bool { return d >= 0 },
}

func drawQuery(t *rapid.T) modelQuery {
	q := modelQuery{whole: true, limit: 1 << 30, perPartition: 1 << 30}
	var where []string
	filtering := false
	switch rapid.IntRange(0, 3).Draw(t, "partitions") {
	case 0:
		filtering = true
	case 1:
		p := rapid.IntRange(0, 5).Draw(t, "p")
		q.partitions = []int{p}
		where = append(where, fmt.Sprintf("p = %d", p))
	case 2:
		q.partitions = drawInts(t, "ps")
		where = append(where, fmt.Sprintf("p IN (%s)", joinInts(q.partitions)))
		slices.Sort(q.partitions)
	case 3:
		from := rapid.IntRange(0, 5).Draw(t, "from")
		op := rapid.SampledFrom([]string{"=", "<", "<=", ">", ">="}).Draw(t, "token op")
		where = append(where, fmt.Sprintf("token(p) %s token(%d)", op, from))
		q.keep = append(q.keep, func(r modelRow) bool {
			d := 0
			if a, b := tokenOf(r.p), tokenOf(from); a != b {
				d = sign(a > b)
			}
			return comparisons[op](d)
		})
		filtering = true
	}
	where = append(where, q.drawClustering(t)...)
	if rapid.IntRange(0, 4).Draw(t, "filter") == 0 {
		v := rapid.IntRange(0, 9).Draw(t, "v")
		where = append(where, fmt.Sprintf("v >= %d", v))
		q.keep = append(q.keep, func(r modelRow) bool { return r.v >= v })
		filtering, q.whole = true, false
	}
	q.text = "SELECT p, c1, c2, s, v FROM m"
	if len(where) > 0 {
		q.text += " WHERE " + strings.Join(where, " AND ")
	}
	if len(q.partitions) == 1 && len(where) > 0 && strings.HasPrefix(where[0], "p = ") && rapid.Bool().Draw(t, "order") {
		q.reversed = rapid.Bool().Draw(t, "desc")
		q.text += " ORDER BY c1"
		if q.reversed {
			q.text += " DESC"
		}
	}
	if rapid.IntRange(0, 2).Draw(t, "has per partition limit") == 0 {
		q.perPartition = rapid.IntRange(1, 4).Draw(t, "per partition limit")
		q.text += fmt.Sprintf(" PER PARTITION LIMIT %d", q.perPartition)
	}
	if rapid.IntRange(0, 2).Draw(t, "has limit") == 0 {
		q.limit = rapid.IntRange(1, 12).Draw(t, "limit")
		q.text += fmt.Sprintf(" LIMIT %d", q.limit)
	}
	if filtering {
		q.text += " ALLOW FILTERING"
	}
	return q
}

// drawClustering restricts the clustering columns in one of the ways that need
// no filtering.
func (q *modelQuery) drawClustering(t *rapid.T) []string {
	kind := rapid.IntRange(0, 5).Draw(t, "clustering")
	if kind == 0 {
		return nil
	}
	q.whole = false
	op := rapid.SampledFrom([]string{"=", "<", "<=", ">", ">="})
	a, b := rapid.IntRange(0, 4).Draw(t, "a"), rapid.IntRange(0, 4).Draw(t, "b")
	switch kind {
	case 1:
		o := op.Draw(t, "op")
		q.keep = append(q.keep, func(r modelRow) bool { return comparisons[o](r.c1 - a) })
		return []string{fmt.Sprintf("c1 %s %d", o, a)}
	case 2:
		list := drawInts(t, "c1s")
		q.keep = append(q.keep, func(r modelRow) bool { return slices.Contains(list, r.c1) })
		return []string{fmt.Sprintf("c1 IN (%s)", joinInts(list))}
	case 3:
		list, o := drawInts(t, "c1s"), op.Draw(t, "op")
		q.keep = append(q.keep, func(r modelRow) bool { return slices.Contains(list, r.c1) && comparisons[o](r.c2-b) })
		return []string{fmt.Sprintf("c1 IN (%s)", joinInts(list)), fmt.Sprintf("c2 %s %d", o, b)}
	case 4:
		o := op.Draw(t, "op")
		q.keep = append(q.keep, func(r modelRow) bool { return comparisons[o](compareTuple(r, a, b)) })
		return []string{fmt.Sprintf("(c1, c2) %s (%d, %d)", o, a, b)}
	}
	lo, hi := rapid.SampledFrom([]string{">", ">="}).Draw(t, "lo"), rapid.SampledFrom([]string{"<", "<="}).Draw(t, "hi")
	c, d := rapid.IntRange(0, 4).Draw(t, "c"), rapid.IntRange(0, 4).Draw(t, "d")
	q.keep = append(q.keep, func(r modelRow) bool {
		return comparisons[lo](compareTuple(r, a, b)) && comparisons[hi](compareTuple(r, c, d))
	})
	return []string{fmt.Sprintf("(c1, c2) %s (%d, %d)", lo, a, b), fmt.Sprintf("(c1, c2) %s (%d, %d)", hi, c, d)}
}

func compareTuple(r modelRow, c1, c2 int) int {
	if r.c1 != c1 {
		return r.c1 - c1
	}
	return r.c2 - c2
}

// answer evaluates q on rows, which are in table order.
func (q *modelQuery) answer(rows []modelRow) []string {
	var order []int
	for _, r := range rows {
		if len(order) == 0 || order[len(order)-1] != r.p {
			order = append(order, r.p)
		}
	}
	if q.partitions != nil {
		order = q.partitions
	}
	var out []string
	for _, p := range order {
		var part []modelRow
		for _, r := range rows {
			if r.p == p && q.keeps(r) {
				part = append(part, r)
			}
		}
		if q.reversed {
			slices.Reverse(part)
		}
		for i, r := range part {
			if i < q.perPartition && len(out) < q.limit {
				out = append(out, r.String())
			}
		}
	}
	return out
}

func (q *modelQuery) keeps(r modelRow) bool {
	if r.lone && !q.whole {
		return false
	}
	for _, k := range q.keep {
		if !k(r) {
			return false
		}
	}
	return true
}

func drawRows(t *rapid.T) []modelRow {
	seen := map[[3]int]bool{}
	statics := map[int]*int{}
	var rows []modelRow
	for range rapid.IntRange(0, 40).Draw(t, "rows") {
		r := modelRow{p: rapid.IntRange(0, 5).Draw(t, "p"), c1: rapid.IntRange(0, 4).Draw(t, "c1"), c2: rapid.IntRange(0, 4).Draw(t, "c2"), v: rapid.IntRange(0, 9).Draw(t, "v")}
		if !seen[[3]int{r.p, r.c1, r.c2}] {
			seen[[3]int{r.p, r.c1, r.c2}] = true
			rows = append(rows, r)
		}
	}
	for _, p := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 3, rapid.ID[int]).Draw(t, "statics") {
		s := p * 10
		statics[p] = &s
		if !slices.ContainsFunc(rows, func(r modelRow) bool { return r.p == p }) {
			rows = append(rows, modelRow{p: p, lone: true})
		}
	}
	for i := range rows {
		rows[i].s = statics[rows[i].p]
	}
	slices.SortFunc(rows, compareRows)
	return rows
}

func (e *miniEngine) load(rows []modelRow) {
	e.must("TRUNCATE m")
	for _, r := range rows {
		if !r.lone {
			e.must(fmt.Sprintf("INSERT INTO m (p, c1, c2, v) VALUES (%d, %d, %d, %d)", r.p, r.c1, r.c2, r.v))
		}
		if r.s != nil {
			e.must(fmt.Sprintf("INSERT INTO m (p, s) VALUES (%d, %d)", r.p, *r.s))
		}
	}
}

// pagesOf runs a query page by page and returns its rows.
func (e *miniEngine) pagesOf(t *rapid.T, text string, size int) []string {
	var out []string
	q := &backend.Query{Consistency: backend.LocalOne, PageSize: size}
	for {
		res, err := e.query(text, q)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if size > 0 && res.RowCount > size {
			t.Fatalf("%s: a page of %d has %d rows", text, size, res.RowCount)
		}
		lines := strings.Split(strings.TrimSuffix(show(res, nil), "\n"), "\n")
		out = append(out, lines[1:]...)
		if res.PagingState == nil {
			return out
		}
		q.PagingState = res.PagingState
	}
}

// TestSelectModel compares answers, in one page and in many, with those of a
// list of rows.
func TestSelectModel(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE m (p int, c1 int, c2 int, s int static, v int, PRIMARY KEY (p, c1, c2)) WITH CLUSTERING ORDER BY (c1 ASC, c2 DESC)")
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t)
		e.load(rows)
		for range 10 {
			q := drawQuery(t)
			want := q.answer(rows)
			for _, size := range []int{0, rapid.IntRange(1, 7).Draw(t, "page size")} {
				if got := e.pagesOf(t, q.text, size); !slices.Equal(got, want) {
					t.Fatalf("%s in pages of %d:\n%s\nwant:\n%s", q.text, size, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		}
	})
}
