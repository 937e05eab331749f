package exec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestIndexModel runs the same random writes on a table with indexes and on one
// without; the answers of the first, found through the indexes, must be those
// that filtering finds in the second.
func TestIndexModel(t *testing.T) {
	e := newMiniEngine(t)
	for _, name := range []string{"plain", "indexed"} {
		e.must("CREATE TABLE " + name + " (p int, c int, s int static, v int, l list<int>, m map<int, int>, PRIMARY KEY (p, c))")
	}
	for _, target := range []string{"v", "s", "l", "KEYS(m)", "c"} {
		e.must("CREATE INDEX ON indexed (" + target + ")")
	}
	rapid.Check(t, func(t *rapid.T) {
		e.must("TRUNCATE plain")
		e.must("TRUNCATE indexed")
		for range rapid.IntRange(1, 40).Draw(t, "writes") {
			text := drawWrite(t)
			e.must(strings.ReplaceAll(text, "TABLE", "plain"))
			e.must(strings.ReplaceAll(text, "TABLE", "indexed"))
		}
		for range 6 {
			text := drawIndexQuery(t)
			want := e.pagesOf(t, strings.ReplaceAll(text, "TABLE", "plain"), 0)
			for _, size := range []int{0, rapid.IntRange(1, 4).Draw(t, "page size")} {
				if got := e.pagesOf(t, strings.ReplaceAll(text, "TABLE", "indexed"), size); !slices.Equal(got, want) {
					t.Fatalf("%s in pages of %d:\n%s\nwant:\n%s", text, size, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		}
	})
}

func drawWrite(t *rapid.T) string {
	n := func(label string) int { return rapid.IntRange(0, 3).Draw(t, label) }
	where := fmt.Sprintf("WHERE p = %d AND c = %d", n("p"), n("c"))
	switch rapid.IntRange(0, 9).Draw(t, "write") {
	case 0:
		return fmt.Sprintf("UPDATE TABLE SET s = %d WHERE p = %d", n("s"), n("p"))
	case 1:
		return fmt.Sprintf("DELETE FROM TABLE WHERE p = %d", n("p"))
	case 2:
		return "DELETE FROM TABLE " + where
	case 3:
		return "DELETE v FROM TABLE " + where
	case 4:
		return fmt.Sprintf("UPDATE TABLE SET l = l + [%d] %s", n("element"), where)
	case 5:
		return fmt.Sprintf("UPDATE TABLE SET m[%d] = %d, v = %d %s", n("key"), n("value"), n("v"), where)
	case 6:
		return fmt.Sprintf("DELETE FROM TABLE WHERE p = %d AND c > %d", n("p"), n("c"))
	case 7:
		return fmt.Sprintf("UPDATE TABLE SET l = [%d] %s", n("element"), where)
	}
	return fmt.Sprintf("INSERT INTO TABLE (p, c, v) VALUES (%d, %d, %d)", n("p"), n("c"), n("v"))
}

func drawIndexQuery(t *rapid.T) string {
	n := func(label string) int { return rapid.IntRange(0, 3).Draw(t, label) }
	conditions := []string{
		fmt.Sprintf("v = %d", n("v")), fmt.Sprintf("s = %d", n("s")), fmt.Sprintf("l CONTAINS %d", n("element")),
		fmt.Sprintf("m CONTAINS KEY %d", n("key")), fmt.Sprintf("c = %d", n("c")),
	}
	where := rapid.SliceOfNDistinct(rapid.SampledFrom(conditions), 1, 2, rapid.ID[string]).Draw(t, "where")
	switch rapid.IntRange(0, 3).Draw(t, "partitions") {
	case 0:
		where = append(where, fmt.Sprintf("p = %d", n("p")))
	case 1:
		where = append(where, fmt.Sprintf("token(p) >= token(%d)", n("p")))
	}
	text := "SELECT p, c, s, v, l FROM TABLE WHERE " + strings.Join(where, " AND ")
	if rapid.IntRange(0, 2).Draw(t, "has per partition limit") == 0 {
		text += fmt.Sprintf(" PER PARTITION LIMIT %d", rapid.IntRange(1, 3).Draw(t, "per partition limit"))
	}
	if rapid.IntRange(0, 2).Draw(t, "has limit") == 0 {
		text += fmt.Sprintf(" LIMIT %d", rapid.IntRange(1, 6).Draw(t, "limit"))
	}
	return text + " ALLOW FILTERING"
}
