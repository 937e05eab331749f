package exec

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
)

// topK prepares a query with an ANN ordering: it answers its LIMIT of rows on
// one page (SelectStatement.execute).
func (x *selectRun) topK(q *backend.Query) error {
	switch {
	case x.remaining == plan.NoLimit:
		return cqlerr.Invalidf("Top-K queries must have a limit specified and the limit must be less than the query page size")
	case q.PageSize > 0 && q.PageSize < x.remaining:
		x.warnings = append(x.warnings, fmt.Sprintf("Top-K queries do not support paging and the page size is set to %d, which is less than LIMIT %d. "+
			"The page size has been set to %d to match the LIMIT.", q.PageSize, x.remaining, x.remaining))
	}
	if err := x.topKConsistency(q.Consistency); err != nil {
		return err
	}
	if x.remaining > plan.MaxANNLimit {
		return cqlerr.Invalidf("Use of ANN OF in an ORDER BY clause requires a LIMIT that is not greater than %d. LIMIT was %d", plan.MaxANNLimit, x.remaining)
	}
	var err error
	x.vector, err = x.p.ANN.Value(&x.env)
	return err
}

// topKConsistency refuses the levels of lightweight transactions, and tells that
// one replica is asked at other levels.
func (x *selectRun) topKConsistency(c backend.Consistency) error {
	name, to := consistencyNames[c], "ONE"
	switch c {
	case backend.One, backend.LocalOne:
		return nil
	case backend.Serial, backend.LocalSerial:
		return cqlerr.Invalidf("Top-K queries can only be run with consistency level ONE/LOCAL_ONE. Consistency level %s was used.", name)
	case backend.LocalQuorum:
		to = "LOCAL_ONE"
	}
	x.warnings = append(x.warnings, fmt.Sprintf("Top-K queries can only be run with consistency level ONE / LOCAL_ONE / NODE_LOCAL. "+
		"Consistency level %s was requested. Downgrading the consistency level to %s.", name, to))
	return nil
}

var consistencyNames = map[backend.Consistency]string{
	backend.Two: "TWO", backend.Three: "THREE", backend.Quorum: "QUORUM", backend.All: "ALL", backend.LocalQuorum: "LOCAL_QUORUM",
	backend.EachQuorum: "EACH_QUORUM", backend.Serial: "SERIAL", backend.LocalSerial: "LOCAL_SERIAL",
}

// annSink keeps the rows that are the closest to a vector. It looks at every
// row, so that it misses none (Cassandra's search is approximate).
type annSink struct {
	in   *rowInput
	best scoredRows
	seen int
	size int
}

// scoredRow is an answered row; order tells which of two was read first.
type scoredRow struct {
	score float64
	order int
	cells []byte
}

// compare orders rows as they are answered: the closest first, of equal ones
// the first in the table.
func (a scoredRow) compare(b scoredRow) int {
	if d := cmp.Compare(b.score, a.score); d != 0 {
		return d
	}
	return cmp.Compare(a.order, b.order)
}

// scoredRows is a heap with the worst row on top.
type scoredRows []scoredRow

func (h scoredRows) Len() int           { return len(h) }
func (h scoredRows) Less(i, j int) bool { return h[i].compare(h[j]) > 0 }
func (h scoredRows) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *scoredRows) Push(r any)        { *h = append(*h, r.(scoredRow)) }
func (h *scoredRows) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func (s *annSink) row(x *selectRun) (skip bool, err error) {
	v, longer, err := x.view.value(x.p.ANN.Column, x.filterBuffer[:0])
	if err != nil || v == nil {
		return false, err
	}
	x.filterBuffer = longer
	r := scoredRow{score: x.p.ANN.Index.Score(v, x.vector), order: s.seen}
	s.seen++
	full := len(s.best) == x.remaining
	if full && r.compare(s.best[0]) > 0 {
		return false, nil
	}
	if err := s.output(x); err != nil {
		return false, err
	}
	r.cells = slices.Clone(x.out)
	s.size += len(r.cells)
	if full {
		s.size -= len(s.best[0].cells)
		s.best[0] = r
		heap.Fix(&s.best, 0)
	} else {
		heap.Push(&s.best, r)
	}
	if s.size > MaxResult {
		return false, errTooMuchToSort()
	}
	return false, nil
}

// output makes the current row in x.out.
func (s *annSink) output(x *selectRun) error {
	x.out = x.out[:0]
	if x.p.Simple {
		return x.appendSimple()
	}
	if err := s.in.load(x); err != nil {
		return err
	}
	return x.appendOutput(&s.in.Input)
}

func (s *annSink) finish(x *selectRun) error {
	slices.SortFunc(s.best, scoredRow.compare)
	x.out = x.out[:0]
	for _, r := range s.best {
		x.out = append(x.out, r.cells...)
	}
	x.rows = len(s.best)
	return nil
}
