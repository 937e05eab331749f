package exec_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// TestANNModel: the rows of ANN OF are those of the whole table, sorted by what
// the similarity functions say.
func TestANNModel(t *testing.T) {
	e := newMiniEngine(t)
	functions := []string{"cosine", "euclidean", "dot_product"}
	for _, f := range functions {
		e.must("CREATE TABLE " + f + " (p int, c int, v vector<float, 3>, w int, PRIMARY KEY (p, c))")
		e.must("CREATE INDEX ON " + f + " (v) USING 'sai' WITH OPTIONS = {'similarity_function': '" + f + "'}")
		e.must("CREATE INDEX ON " + f + " (w) USING 'sai'")
	}
	rapid.Check(t, func(t *rapid.T) {
		vector := func(label string) string {
			n := func() int { return rapid.IntRange(-9, 9).Draw(t, label) }
			return fmt.Sprintf("[%d, %d, %d.5]", n(), n(), n())
		}
		for _, f := range functions {
			e.must("TRUNCATE " + f)
		}
		for range rapid.IntRange(0, 30).Draw(t, "rows") {
			row := fmt.Sprintf("(%d, %d, %s, %d)", rapid.IntRange(0, 3).Draw(t, "p"), rapid.IntRange(0, 9).Draw(t, "c"), vector("v"), rapid.IntRange(0, 1).Draw(t, "w"))
			for _, f := range functions {
				e.must("INSERT INTO " + f + " (p, c, v, w) VALUES " + row)
			}
		}
		where := rapid.SampledFrom([]string{"", " WHERE w = 1", " WHERE w > 0", " WHERE p = 1", " WHERE token(p) > token(1)", " WHERE p = 1 AND w = 0"}).Draw(t, "where")
		query, limit := vector("query"), rapid.IntRange(1, 12).Draw(t, "limit")
		for _, f := range functions {
			score := fmt.Sprintf("SELECT similarity_%s(v, %s) FROM %s", f, query, f)
			got := e.pagesOf(t, fmt.Sprintf("%s%s ORDER BY v ANN OF %s LIMIT %d", score, where, query, limit), 0)
			want := e.pagesOf(t, score+where+" ALLOW FILTERING", 0)
			slices.SortFunc(want, func(a, b string) int { return -compareNumbers(a, b) })
			want = want[:min(limit, len(want))]
			if !slices.EqualFunc(got, want, func(a, b string) bool { return compareNumbers(a, b) == 0 }) {
				t.Fatalf("%s%s ANN OF %s LIMIT %d:\n%s\nwant:\n%s", score, where, query, limit, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

// compareNumbers compares up to the rounding of floats.
func compareNumbers(a, b string) int {
	var x, y float64
	if _, err := fmt.Sscan(a+" "+b, &x, &y); err != nil {
		panic(err)
	}
	switch d := x - y; {
	case d < -1e-5*(1+max(x, -x)):
		return -1
	case d > 1e-5*(1+max(x, -x)):
		return 1
	}
	return 0
}

// TestANNConsistency: texts as a 5.0.9 with one replica gave them.
func TestANNConsistency(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (k int PRIMARY KEY, v vector<float, 2>)")
	e.must("CREATE INDEX ON t (v) USING 'sai'")
	e.must("INSERT INTO t (k, v) VALUES (1, [1, 1])")
	for level, want := range map[backend.Consistency]string{
		backend.One: "", backend.LocalOne: "",
		backend.Quorum:      "Consistency level QUORUM was requested. Downgrading the consistency level to ONE.",
		backend.LocalQuorum: "Consistency level LOCAL_QUORUM was requested. Downgrading the consistency level to LOCAL_ONE.",
	} {
		r, err := e.query("SELECT k FROM t ORDER BY v ANN OF [1, 0] LIMIT 2", &backend.Query{Consistency: level})
		if err != nil || r.RowCount != 1 {
			t.Fatalf("%d: %v", level, err)
		}
		if want != "" {
			want = "Top-K queries can only be run with consistency level ONE / LOCAL_ONE / NODE_LOCAL. " + want
		}
		if got := strings.Join(r.Warnings, "\n"); got != want {
			t.Errorf("%d: %s", level, got)
		}
	}
	_, err := e.query("SELECT k FROM t ORDER BY v ANN OF [1, 0] LIMIT 2", &backend.Query{Consistency: backend.Serial})
	if err == nil || err.Error() != "Top-K queries can only be run with consistency level ONE/LOCAL_ONE. Consistency level SERIAL was used." {
		t.Errorf("serial: %v", err)
	}
}

// TestIndexNotBuilt: the answers of a 5.0.9 whose indexes are being built.
func TestIndexNotBuilt(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (k int PRIMARY KEY, a int, b int, v vector<float, 2>)")
	e.must("CREATE INDEX ON t (a)")
	e.must("CREATE INDEX ON t (b) USING 'sai'")
	e.must("CREATE INDEX ON t (v) USING 'sai'")
	e.db.IndexBuilt = func(uint32) bool { return false }
	for query, want := range map[string]struct {
		text string
		code uint16
	}{
		"SELECT k FROM t WHERE a = 1":                           {"UNKNOWN", 0},
		"SELECT k FROM t WHERE k = 1 AND a = 1":                 {"UNKNOWN", 0},
		"SELECT k FROM t WHERE b > 1":                           {"INDEX_NOT_AVAILABLE", 6},
		"SELECT k FROM t WHERE b = 1 AND k = 1":                 {"INDEX_NOT_AVAILABLE", 6},
		"SELECT k FROM t ORDER BY v ANN OF [1, 0] LIMIT 1":      {"INDEX_NOT_AVAILABLE", 6},
		"SELECT k FROM t WHERE b = 1 AND a = 1 ALLOW FILTERING": {"UNKNOWN", 0},
	} {
		_, err := e.query(query, &backend.Query{Consistency: backend.One})
		var failure *cqlerr.Error
		if !errors.As(err, &failure) || failure.Code != cqlerr.ReadFailure || failure.Failures["127.0.0.1"] != want.code ||
			failure.Message != "Operation failed - received 0 responses and 1 failures: "+want.text+" from /127.0.0.1:7000" {
			t.Errorf("%s: %v", query, err)
		}
	}
	e.must("SELECT k FROM t WHERE k = 1")
	e.must("SELECT k FROM t")
}
