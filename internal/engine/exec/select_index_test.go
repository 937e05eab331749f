package exec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/engine/exec"
)

// TestIndexModelOverflow is TestIndexModel with ranges of entries that are often
// too large, so that the table is read instead.
func TestIndexModelOverflow(t *testing.T) {
	defer exec.LimitEntries(100)()
	TestIndexModel(t)
}

// TestIndexModel runs the same random writes on a table without indexes and on
// tables with them; the answers found through indexes must be those that
// filtering finds in the first.
func TestIndexModel(t *testing.T) {
	e := newMiniEngine(t)
	tables := []string{"plain", "legacy", "attached", "both"}
	for _, name := range tables {
		e.must("CREATE TABLE " + name + " (p int, q int, c int, s int static, v int, w text, l list<int>, m map<int, int>, PRIMARY KEY ((p, q), c))")
		for _, target := range []string{"v", "w", "s", "l", "KEYS(m)", "c", "q"} {
			if name == "legacy" || name == "both" && target != "c" && target != "v" {
				e.must("CREATE INDEX ON " + name + " (" + target + ")")
			}
			if name == "attached" || name == "both" && target != "w" {
				e.must("CREATE INDEX ON " + name + " (" + target + ") USING 'sai'")
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		for _, name := range tables {
			e.must("TRUNCATE " + name)
		}
		for range rapid.IntRange(1, 40).Draw(t, "writes") {
			text := drawWrite(t)
			for _, name := range tables {
				e.must(strings.ReplaceAll(text, "TABLE", name))
			}
		}
		for range 6 {
			text := drawIndexQuery(t)
			want := e.pagesOf(t, strings.ReplaceAll(text, "TABLE", tables[0]), 0)
			for _, name := range tables[1:] {
				for _, size := range []int{0, rapid.IntRange(1, 4).Draw(t, "page size")} {
					if got := e.pagesOf(t, strings.ReplaceAll(text, "TABLE", name), size); !slices.Equal(got, want) {
						t.Fatalf("%s on %s in pages of %d:\n%s\nwant:\n%s", text, name, size, strings.Join(got, "\n"), strings.Join(want, "\n"))
					}
				}
			}
		}
	})
}

func drawWrite(t *rapid.T) string {
	n := func(label string) int { return rapid.IntRange(0, 3).Draw(t, label) }
	partition := fmt.Sprintf("p = %d AND q = %d", n("p")%2, n("q"))
	where := fmt.Sprintf("WHERE %s AND c = %d", partition, n("c"))
	switch rapid.IntRange(0, 10).Draw(t, "write") {
	case 0:
		return fmt.Sprintf("UPDATE TABLE SET s = %d WHERE %s", n("s"), partition)
	case 1:
		return "DELETE FROM TABLE WHERE " + partition
	case 2:
		return "DELETE FROM TABLE " + where
	case 3:
		return "DELETE v FROM TABLE " + where
	case 4:
		return fmt.Sprintf("UPDATE TABLE SET l = l + [%d] %s", n("element"), where)
	case 5:
		return fmt.Sprintf("UPDATE TABLE SET m[%d] = %d, v = %d %s", n("key"), n("value"), n("v"), where)
	case 6:
		return fmt.Sprintf("DELETE FROM TABLE WHERE %s AND c > %d", partition, n("c"))
	case 7:
		return fmt.Sprintf("UPDATE TABLE SET l = [%d] %s", n("element"), where)
	case 8:
		return "DELETE s FROM TABLE WHERE " + partition
	}
	return fmt.Sprintf("INSERT INTO TABLE (p, q, c, v, w) VALUES (%d, %d, %d, %d, '%d')", n("p")%2, n("q"), n("c"), n("v"), n("w"))
}

func drawIndexQuery(t *rapid.T) string {
	n := func(label string) int { return rapid.IntRange(0, 3).Draw(t, label) }
	op := func(label string) string {
		return rapid.SampledFrom([]string{"=", "=", "<", "<=", ">", ">="}).Draw(t, label)
	}
	conditions := []string{
		fmt.Sprintf("v %s %d", op("v op"), n("v")), fmt.Sprintf("s %s %d", op("s op"), n("s")), fmt.Sprintf("l CONTAINS %d", n("element")),
		fmt.Sprintf("m CONTAINS KEY %d", n("key")), fmt.Sprintf("c %s %d", op("c op"), n("c")), fmt.Sprintf("w = '%d'", n("w")),
		fmt.Sprintf("q %s %d", op("q op"), n("q")),
	}
	where := rapid.SliceOfNDistinct(rapid.SampledFrom(conditions), 1, 3, rapid.ID[string]).Draw(t, "where")
	hasQ := slices.ContainsFunc(where, func(s string) bool { return s[0] == 'q' })
	switch rapid.IntRange(0, 3).Draw(t, "partitions") {
	case 0:
		if !hasQ {
			where = append(where, fmt.Sprintf("p = %d AND q = %d", n("p")%2, n("q")))
		}
	case 1:
		if !hasQ {
			where = append(where, fmt.Sprintf("token(p, q) %s token(%d, %d)", rapid.SampledFrom([]string{"<", "<=", ">", ">="}).Draw(t, "token op"), n("p")%2, n("q")))
		}
	case 2:
		where = append(where, fmt.Sprintf("p = %d", n("p")%2))
	}
	text := "SELECT p, q, c, s, v, w, l FROM TABLE WHERE " + strings.Join(where, " AND ")
	if rapid.IntRange(0, 2).Draw(t, "has per partition limit") == 0 {
		text += fmt.Sprintf(" PER PARTITION LIMIT %d", rapid.IntRange(1, 3).Draw(t, "per partition limit"))
	}
	if rapid.IntRange(0, 2).Draw(t, "has limit") == 0 {
		text += fmt.Sprintf(" LIMIT %d", rapid.IntRange(1, 6).Draw(t, "limit"))
	}
	return text + " ALLOW FILTERING"
}
