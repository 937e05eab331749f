package exec

import (
	"bytes"

	"github.com/astrolabe-db/astrolabe/internal/engine/function"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// groupSink runs aggregates over groups of rows, or over all of them. Columns
// outside of aggregates have the values of a group's first row
// (ResultSetBuilder, GroupMaker).
type groupSink struct {
	// in is the current row, first the first of the group; both with the states.
	in, first *rowInput
	args      [][]byte
	states    []function.State

	open bool
	// The current group's key: its partition, clustering prefix, and what
	// Group.Last made.
	partition  []byte
	clustering [][]byte
	last       []byte
	// behind is the position of the last row taken, with the groups its
	// partition may still have.
	behind      store.Position
	inPartition int
	// sorter is nil unless groups of several partitions are ordered.
	sorter *rowSorter
}

func newGroupSink(x *selectRun) *groupSink {
	s := &groupSink{in: newInput(x), first: newInput(x)}
	most := 0
	for _, a := range x.p.Aggregates {
		most = max(most, len(a.Args))
		s.states = append(s.states, a.Function.NewState())
	}
	s.args = make([][]byte, most)
	s.first.States = s.states
	if x.p.Group != nil && len(x.p.Sort) > 0 {
		s.sorter = new(rowSorter)
	}
	return s
}

func (s *groupSink) row(x *selectRun) (skip bool, err error) {
	if err := s.in.load(x); err != nil {
		return false, err
	}
	if x.p.Group == nil {
		if !s.open {
			s.start(x)
		}
		return false, s.take(x)
	}
	last, err := s.lastKey(x)
	if err != nil {
		return false, err
	}
	if s.open && s.same(x, last) {
		s.note(x)
		return false, s.take(x)
	}
	if s.open {
		if err := s.close(x); err != nil || x.full {
			return false, err
		}
	}
	if x.inPartition == 0 {
		return true, nil
	}
	x.inPartition--
	s.start(x)
	s.setKey(x, last)
	s.note(x)
	return false, s.take(x)
}

// start begins a group with the current row.
func (s *groupSink) start(x *selectRun) {
	s.open = true
	copy(s.first.Values, s.in.Values)
	copy(s.first.Cells, s.in.Cells)
	s.first.keep()
}

// take gives the current row to the aggregates.
func (s *groupSink) take(x *selectRun) error {
	for i, a := range x.p.Aggregates {
		if err := a.Add(s.states[i], &s.in.Input, s.args); err != nil {
			return err
		}
	}
	return nil
}

// close answers the current group; it ends the page, behind the group's last
// row, when that is full, and everything when the LIMIT is reached.
func (s *groupSink) close(x *selectRun) error {
	s.open = false
	from := len(x.out)
	if err := x.appendOutput(&s.first.Input); err != nil {
		return err
	}
	for _, st := range s.states {
		st.Reset()
	}
	if s.sorter != nil {
		return s.sorter.add(x, from, s.first.Values)
	}
	x.rows++
	x.remaining--
	if x.pageFull() || x.remaining == 0 {
		// A partition that has all its groups is done: there is no page behind the last one.
		s.behind.PartitionDone = s.behind.PartitionDone || s.inPartition == 0
		x.endPage(s.inPartition, s.behind)
	}
	return nil
}

// finish answers the group that is still open. Without GROUP BY there is always one row.
func (s *groupSink) finish(x *selectRun) error {
	if x.p.Group == nil {
		x.rows++
		return x.appendOutput(&s.first.Input)
	}
	if s.open {
		// Nothing was left to read, but a page that is full has a next one, as in Cassandra.
		if err := s.close(x); err != nil {
			return err
		}
	}
	if s.sorter != nil {
		s.sorter.finish(x)
	}
	return nil
}

// lastKey is what Group.Last makes of the current row.
func (s *groupSink) lastKey(x *selectRun) ([]byte, error) {
	if x.p.Group.Last == nil {
		return nil, nil
	}
	return x.p.Group.Last.Eval(&s.in.Input)
}

// same reports whether the current row belongs to the current group.
func (s *groupSink) same(x *selectRun, last []byte) bool {
	if !bytes.Equal(s.partition, x.view.partition) {
		return false
	}
	for i := range x.p.Group.Prefix {
		v := x.view.keyValue(x.p.Table.Clustering[i])
		if (v == nil) != (s.clustering[i] == nil) || !bytes.Equal(s.clustering[i], v) {
			return false
		}
	}
	return bytes.Equal(s.last, last)
}

func (s *groupSink) setKey(x *selectRun, last []byte) {
	s.partition = append(s.partition[:0], x.view.partition...)
	n := x.p.Group.Prefix
	for len(s.clustering) < n {
		s.clustering = append(s.clustering, nil)
	}
	for i := range n {
		s.clustering[i] = copyValue(s.clustering[i], x.view.keyValue(x.p.Table.Clustering[i]))
	}
	s.last = append(s.last[:0], last...)
}

// copyValue copies v into old's memory; null and empty stay what they are.
func copyValue(old, v []byte) []byte {
	switch {
	case v == nil:
		return nil
	case old == nil:
		old = []byte{}
	}
	return append(old[:0], v...)
}

// note remembers the position of the current row: the page may end behind it.
func (s *groupSink) note(x *selectRun) {
	here := x.here()
	s.inPartition = x.inPartition
	b := &s.behind
	b.Partition = append(b.Partition[:0], here.Partition...)
	// The group may go on behind a row whose partition has no other group left.
	b.PartitionDone = len(here.Clustering) == 0
	for len(b.Clustering) < len(here.Clustering) {
		b.Clustering = append(b.Clustering, []byte{}) // empty values are not null
	}
	b.Clustering = b.Clustering[:len(here.Clustering)]
	for i, v := range here.Clustering {
		b.Clustering[i] = copyValue(b.Clustering[i], v)
	}
	if len(b.Clustering) == 0 {
		b.Clustering = nil
	}
}
