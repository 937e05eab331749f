package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRowBuilderOrder: cells in any order are sorted, and those of one place stay in
// the order that they came in, in rows of any size.
func TestRowBuilderOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var rb RowBuilder
	for round := range 400 {
		rb.Reset()
		columns := 1 + rng.Uint32N(40)
		for i := range rng.IntN(mostOrdered + 50) {
			switch column, ts := rng.Uint32N(columns), int64(i); {
			case column%3 == 0:
				rb.Cell(column, ts, 0, 0, fmt.Append(nil, i))
			case rng.IntN(8) == 0:
				rb.DeleteComplex(column, Deletion{Timestamp: ts, LocalTime: 1})
			default:
				rb.PathCell(column, fmt.Append(nil, rng.IntN(20)), ts, 0, 0, fmt.Append(nil, i))
			}
		}
		want := slices.Clone(rb.cells)
		slices.SortStableFunc(want, func(a, b cell) int { return compareCells(&a, &b) })
		rb.sort()
		if !slices.EqualFunc(rb.cells, want, func(a, b cell) bool {
			return compareCells(&a, &b) == 0 && a.ts == b.ts && a.kind == b.kind && string(a.value) == string(b.value)
		}) {
			t.Fatalf("round %d: %d cells of %d columns are not in order", round, len(want), columns)
		}
	}
}
