package exec

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
)

// sortSink collects all rows and sorts them: ORDER BY over several partitions.
type sortSink struct {
	in     *rowInput
	sorter rowSorter
}

// rowSorter sorts answered rows, or groups, before the LIMIT cuts them
// (SelectStatement.orderResults).
type rowSorter struct {
	rows []sortedRow
	// keys hold the values the rows are sorted by, len(Sort) for each.
	keys [][]byte
	size int
}

// sortedRow is where a row's cells are in selectRun.out, and its keys in
// rowSorter.keys.
type sortedRow struct{ from, to, key int }

// maxSortedRows bounds the rows of an answer that is sorted in memory.
const maxSortedRows = 8 << 20

func errTooMuchToSort() error {
	return cqlerr.Newf(cqlerr.ServerError, "The rows to sort exceed %d MB or %d rows; restrict the query", MaxResult>>20, maxSortedRows)
}

func newSortSink(x *selectRun) *sortSink { return &sortSink{in: newInput(x)} }

func (s *sortSink) row(x *selectRun) (bool, error) {
	if err := s.in.load(x); err != nil {
		return false, err
	}
	from := len(x.out)
	var err error
	if x.p.Simple {
		err = x.appendSimple()
	} else {
		err = x.appendOutput(&s.in.Input)
	}
	if err != nil {
		return false, err
	}
	if err := s.sorter.add(x, from, s.in.Values); err != nil {
		return false, err
	}
	x.inPartition--
	return x.inPartition == 0, nil
}

func (s *sortSink) finish(x *selectRun) error {
	s.sorter.finish(x)
	return nil
}

// add takes the row whose cells are in x.out behind from; values are those of
// the plan's columns.
func (s *rowSorter) add(x *selectRun, from int, values [][]byte) error {
	r := sortedRow{from: from, to: len(x.out), key: len(s.keys)}
	for _, i := range x.p.Sort {
		v := slices.Clone(values[i])
		s.size += len(v)
		s.keys = append(s.keys, v)
	}
	s.rows = append(s.rows, r)
	if s.size > MaxResult || len(s.rows) > maxSortedRows {
		return errTooMuchToSort()
	}
	return nil
}

// finish puts the first rows of the LIMIT into x.out, in order.
func (s *rowSorter) finish(x *selectRun) {
	slices.SortStableFunc(s.rows, func(a, b sortedRow) int { return s.compare(x.p, a, b) })
	s.rows = s.rows[:min(len(s.rows), x.remaining)]
	sorted := make([]byte, 0, len(x.out))
	for _, r := range s.rows {
		sorted = append(sorted, x.out[r.from:r.to]...)
	}
	x.out, x.rows = sorted, len(s.rows)
}

func (s *rowSorter) compare(p *plan.SelectPlan, a, b sortedRow) int {
	for n, i := range p.Sort {
		av, bv := s.keys[a.key+n], s.keys[b.key+n]
		d := 0
		switch {
		case av == nil && bv == nil:
		case av == nil:
			d = -1
		case bv == nil:
			d = 1
		default:
			if d = p.Columns[i].Type.Compare(av, bv); p.Columns[i].Desc {
				d = -d
			}
		}
		if p.SortDescending {
			d = -d
		}
		if d != 0 {
			return d
		}
	}
	return 0
}
