package exec

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// rowSink makes the answer out of the rows that were read.
type rowSink interface {
	// row takes the current row of x; skip: no more of its partition is wanted.
	row(x *selectRun) (skip bool, err error)
	// finish is called behind the last row.
	finish(x *selectRun) error
}

func newSink(x *selectRun) rowSink {
	p := x.p
	switch {
	case p.Group != nil || len(p.Aggregates) > 0:
		return newGroupSink(x)
	case len(p.Sort) > 0:
		return newSortSink(x)
	case p.ANN != nil:
		return &annSink{in: newInput(x)}
	case p.Simple:
		return simpleSink{}
	}
	return &outputSink{in: newInput(x)}
}

// simpleSink answers plain columns: cells are copied as they are.
type simpleSink struct{}

func (simpleSink) row(x *selectRun) (bool, error) {
	if err := x.appendSimple(); err != nil {
		return false, err
	}
	return x.answered(), nil
}

func (simpleSink) finish(*selectRun) error { return nil }

func (x *selectRun) appendSimple() (err error) {
	for _, i := range x.p.SimpleColumns {
		if x.out, err = x.view.appendColumn(x.out, x.p.Columns[i]); err != nil {
			return err
		}
	}
	return nil
}

// answered counts an answered row against the limits and ends the page when it
// is full; true when no more of the partition is wanted.
func (x *selectRun) answered() bool {
	x.rows++
	x.remaining--
	x.inPartition--
	if x.pageFull() {
		x.endPage(x.inPartition, x.here())
	}
	return x.inPartition == 0
}

// outputSink answers what the selectors make of each row.
type outputSink struct{ in *rowInput }

func (s *outputSink) row(x *selectRun) (bool, error) {
	if err := s.in.load(x); err != nil {
		return false, err
	}
	if err := x.appendOutput(&s.in.Input); err != nil {
		return false, err
	}
	return x.answered(), nil
}

func (s *outputSink) finish(*selectRun) error { return nil }

// appendOutput appends the row that the selectors make of in.
func (x *selectRun) appendOutput(in *plan.Input) error {
	if x.p.JSON {
		return x.appendJSON(in)
	}
	for i := range x.p.Output {
		v, err := x.p.Output[i].Eval(in)
		if err != nil {
			return err
		}
		x.out = backend.AppendCell(x.out, v)
	}
	return nil
}

// rowInput is the input of selectors, and the memory that values put together
// for it live in.
type rowInput struct {
	plan.Input
	scratch []byte
}

func newInput(x *selectRun) *rowInput {
	in := &rowInput{Input: plan.Input{Env: &x.env, Values: make([][]byte, len(x.p.Columns))}}
	if x.p.NeedCells {
		in.Cells = make([][]store.Cell, len(x.p.Columns))
	}
	return in
}

// load makes the current row the input. It is valid until the iterator moves.
func (in *rowInput) load(x *selectRun) (err error) {
	in.scratch = in.scratch[:0]
	for i, col := range x.p.Columns {
		if in.Values[i], in.scratch, err = x.view.value(col, in.scratch); err != nil {
			return err
		}
		if in.Cells != nil && (col.Kind == schema.Regular || col.Kind == schema.Static) {
			in.Cells[i] = x.view.cells(col)
		}
	}
	return nil
}

// keep copies what the input holds, so that the iterator can move.
func (in *rowInput) keep() {
	total := 0
	for _, v := range in.Values {
		total += len(v)
	}
	own := make([]byte, 0, total)
	for i, v := range in.Values {
		if v == nil {
			continue
		}
		at := len(own)
		own = append(own, v...)
		in.Values[i] = own[at:len(own):len(own)]
	}
	for i, cells := range in.Cells {
		kept := slices.Clone(cells)
		for j := range kept {
			kept[j].Path, kept[j].Value = slices.Clone(kept[j].Path), nil
		}
		in.Cells[i] = kept
	}
}
