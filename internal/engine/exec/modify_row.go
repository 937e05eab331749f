package exec

import (
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
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
		w.batch.DeletePartition(w.m.Layout, w.partition, store.Deletion{Timestamp: w.rangeTS, LocalTime: w.local})
		return
	}
	w.row.Reset()
	w.row.Delete(store.Deletion{Timestamp: w.ts, LocalTime: w.local})
	w.batch.PutRow(w.m.Layout, w.partition, w.clustering, &w.row)
}

func (w *writer) regularRow() error {
	m := w.m
	w.row.Reset()
	w.pathBuf, w.static = w.pathBuf[:0], false
	if m.Kind == plan.InsertRow {
		w.row.Liveness(w.ts, w.ttl, w.expires)
	}
	if err := w.operations(m.Regular); err != nil || w.row.Empty() {
		return err
	}
	w.batch.PutRow(m.Layout, w.partition, w.clustering, &w.row)
	for _, ix := range m.KeyIndexes {
		value, ok := ix.Key(w.partition, w.clustering)
		if !ok {
			continue
		}
		if err := ix.Check(nil, value); err != nil {
			return err
		}
		w.form = ix.AppendCell(w.form[:0], nil, value)
		w.batch.PutIndex(ix.ID, w.form, w.partition, m.Layout, w.clustering)
	}
	return nil
}

func (w *writer) staticRow() error {
	w.row.Reset()
	w.pathBuf, w.static = w.pathBuf[:0], true
	if err := w.operations(w.m.Static); err != nil || w.row.Empty() {
		return err
	}
	w.batch.PutStatic(w.m.Layout, w.partition, &w.row)
	return nil
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
		if err := ix.Check(element, value); err != nil {
			return err
		}
		w.form = ix.AppendCell(w.form[:0], element, value)
		var clustering [][]byte
		if !w.static && len(w.clustering) > 0 {
			clustering = w.clustering
		}
		w.batch.PutIndex(ix.ID, w.form, w.partition, w.m.Layout, clustering)
	}
	return nil
}
