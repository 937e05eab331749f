package exec

import (
	"errors"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// write writes what the statement does to one row, and to the static row of
// its partition (UpdateStatement and DeleteStatement.addUpdateForKey). No
// clustering in a table that has it means the partition, or its static row.
func (w *writer) write(partition []byte, clustering [][]byte) error {
	m := w.m
	if n := w.batch.Size(); n > store.MaxBatchBytes {
		return cqlerr.Invalidf("The statement writes more than %d bytes", store.MaxBatchBytes)
	}
	w.partition, w.clustering = partition, clustering
	w.touch(partition)
	if m.Deletes() {
		w.deleteRow()
		return nil
	}
	if m.Kind == plan.DeleteRow && len(m.Regular) > 0 && !m.WritesRows {
		return errRangeOfColumns()
	}
	if m.WritesRows && (m.Kind != plan.DeleteRow || len(m.Regular) > 0) {
		if err := w.regularRow(); err != nil {
			return err
		}
	}
	if len(m.Static) > 0 {
		return w.staticRow()
	}
	return nil
}

// deleteRow deletes the row, or the partition if no row is named.
func (w *writer) deleteRow() {
	if len(w.clustering) == 0 {
		w.sizedDeletion(w.partition, nil)
		w.batch.DeletePartition(w.m.Layout, w.partition, store.Deletion{Timestamp: w.rangeTS, LocalTime: w.local})
		return
	}
	w.row.Reset()
	w.row.Delete(store.Deletion{Timestamp: w.ts, LocalTime: w.local})
	w.static = false
	w.sized()
	w.batch.PutRow(w.m.Layout, w.partition, w.clustering, &w.row)
	w.keyTerms()
}

func (w *writer) regularRow() error {
	m := w.m
	w.row.Reset()
	w.pathBuf, w.static = w.pathBuf[:0], false
	if m.Kind == plan.InsertRow && m.Table.MarksRows() {
		w.row.Liveness(w.ts, w.ttl, w.expires)
	}
	if err := w.operations(m.Regular); err != nil || w.row.Empty() {
		return err
	}
	w.sized()
	w.batch.PutRow(m.Layout, w.partition, w.clustering, &w.row)
	w.keyTerms()
	if m.PartitionIndexes == nil && m.ClusteringIndexes == nil {
		return nil
	}
	if err := w.indexKey(m.PartitionIndexes); err != nil {
		return err
	}
	return w.indexKey(m.ClusteringIndexes)
}

func (w *writer) staticRow() error {
	w.row.Reset()
	w.pathBuf, w.static = w.pathBuf[:0], true
	if err := w.operations(w.m.Static); err != nil || w.row.Empty() {
		return err
	}
	w.sized()
	w.batch.PutStatic(w.m.Layout, w.partition, &w.row)
	return w.indexKey(w.m.PartitionIndexes)
}

// operations applies operations to the row being written.
func (w *writer) operations(ops []plan.Operation) error {
	w.found.reset()
	for i := range ops {
		if ops[i].RequiresRead() {
			if err := w.readFound(); err != nil {
				return err
			}
			break
		}
	}
	for i := range ops {
		if err := w.apply(&ops[i]); err != nil {
			return err
		}
	}
	return nil
}

// index enters a cell of an indexed column in its indexes.
func (w *writer) index(o *plan.Operation, element, value []byte) error {
	for _, ix := range o.Indexes {
		if err := w.enter(ix, element, value); err != nil {
			return err
		}
	}
	return nil
}

// indexKey enters the row or partition being written in indexes of its key.
func (w *writer) indexKey(indexes []*index.Index) error {
	for _, ix := range indexes {
		value, ok := ix.Key(w.partition, w.clustering)
		if !ok {
			continue
		}
		if err := w.enter(ix, nil, value); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) enter(ix *index.Index, element, value []byte) error {
	if ix.SAI {
		w.term(ix, element, value)
	}
	enter, err := ix.Check(element, value)
	if err != nil || !enter {
		return w.writeFailure(err)
	}
	w.form = ix.AppendCell(w.form[:0], element, value)
	var clustering [][]byte
	if !ix.OfPartitions() && len(w.clustering) > 0 {
		clustering = w.clustering
	}
	w.batch.PutIndex(ix.ID, w.form, w.partition, w.m.Layout, clustering)
	return nil
}

// writeFailure completes the error of an index that can't take a value.
func (w *writer) writeFailure(err error) error {
	var e *cqlerr.Error
	if errors.As(err, &e) && e.Code == cqlerr.WriteFailure {
		e.Consistency, e.WriteType = uint16(w.consistency), w.writeType()
	}
	return err
}

// writeType is the kind of the write in errors (WriteType).
func (w *writer) writeType() string {
	switch {
	case w.m.Conditional():
		return "CAS"
	case w.batchType != "":
		return w.batchType
	}
	return "SIMPLE"
}
