package plan

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// TestOneSliceIsSlices: where OneSlice answers it answers what Slices does, with
// the same errors, whatever is bound; and it answers for what most clauses are.
func TestOneSliceIsSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := keyedContext()
		for _, col := range c.Schema.Keyspaces["ks"].Tables["t"].Clustering {
			col.Desc = rapid.Bool().Draw(t, "desc")
		}
		where := rapid.SampledFrom([]string{"c = ?", "c > ?", "c <= ?", "c >= ? AND c < ?", "c > ? AND c < ?", "c >= ? AND c <= ?", "c = ? AND d > ?",
			"c = ? AND d >= ? AND d < ?", "c = ? AND d <= ?", "c = ? AND d = ?", "c IN (?, ?)", "c = ? AND d IN (?, ?)", "(c, d) > (?, ?)"}).Draw(t, "where")
		p, err := cql.Parse("SELECT * FROM t WHERE a = 'x' AND b = 'y' AND " + where)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := c.Select(p.Statement.(*cql.Select))
		if err != nil {
			t.Fatal(err)
		}
		env := &Env{Values: make([]backend.Value, len(p.Markers))}
		plain := true
		for i := range env.Values {
			switch n := rapid.IntRange(-3, 5).Draw(t, "value"); n {
			case -1:
				env.Values[i].Unset, plain = true, false
			case -2:
				plain = false // null
			case -3:
				env.Values[i].Bytes, plain = []byte("not an int"), false
			default:
				env.Values[i].Bytes = int32Wire(n)
			}
		}
		want, wantErr := plan.Where.Slices(env)
		got, _, gotErr := plan.Where.OneSlice([]store.Slice{}, nil, env)
		if got == nil && gotErr == nil {
			if plain && !strings.Contains(where, "(") {
				t.Fatalf("%s: no answer", where)
			}
			return
		}
		if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) || gotErr == nil && fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Fatalf("%s %v: %+v, %v; want %+v, %v", where, env.Values, got, gotErr, want, wantErr)
		}
	})
}
