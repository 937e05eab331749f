package exec

import (
	"encoding/binary"
	"math"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/function"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// apply does one operation to the row being written (Operation.execute of
// each kind).
func (w *writer) apply(o *plan.Operation) error {
	switch o.Kind {
	case plan.OpSet:
		return w.set(o)
	case plan.OpSetCollection, plan.OpSetUDT:
		return w.overwrite(o)
	case plan.OpAdd:
		return w.add(o)
	case plan.OpPrepend:
		return w.prepend(o)
	case plan.OpRemove:
		return w.remove(o)
	case plan.OpRemoveFromList:
		return w.removeFromList(o)
	case plan.OpSetIndex:
		return w.setIndex(o)
	case plan.OpSetKey:
		return w.setKey(o)
	case plan.OpSetField:
		return w.setField(o)
	case plan.OpIncrement, plan.OpDecrement:
		return w.count(o)
	case plan.OpPlus:
		return w.plus(o)
	case plan.OpDelete:
		w.deleteColumn(o)
		return nil
	case plan.OpDeleteIndex:
		return w.deleteIndex(o)
	case plan.OpDeleteElement:
		return w.deleteElement(o)
	case plan.OpDeleteField:
		w.tombstone(o, fieldElement(o.Field))
		return nil
	}
	return cqlerr.Unsupportedf("operation on column %s", o.Column.Name)
}

// set writes a column that is one cell: null deletes, unset does nothing.
func (w *writer) set(o *plan.Operation) error {
	v, err := o.Value.Eval(&w.env)
	if err != nil || v.Unset {
		return err
	}
	if v.Bytes == nil {
		w.row.Tombstone(o.Column.Storage, w.ts, w.local)
		return nil
	}
	w.row.Cell(o.Column.Storage, w.ts, w.ttl, w.expires, v.Bytes)
	if o.Indexes != nil {
		return w.index(o, nil, v.Bytes)
	}
	return nil
}

// overwrite writes a whole non-frozen collection or user type: its deletion
// just before, then its cells.
func (w *writer) overwrite(o *plan.Operation) error {
	v, err := o.Value.Eval(&w.env)
	if err != nil || v.Unset {
		return err
	}
	w.row.DeleteComplex(o.Column.Storage, store.Deletion{Timestamp: w.ts - 1, LocalTime: w.local})
	w.found.clear(o.Column.Storage)
	if v.Bytes == nil {
		return nil
	}
	if o.Kind == plan.OpSetUDT {
		return w.addFields(o, v.Bytes)
	}
	return w.addElements(o, v.Bytes)
}

func (w *writer) add(o *plan.Operation) error {
	v, err := o.Value.Eval(&w.env)
	if err != nil || v.Unset || v.Bytes == nil {
		return err
	}
	return w.addElements(o, v.Bytes)
}

// path appends the stored form of an element's path to the scratch that the
// row refers to.
func (w *writer) path(t *cqltype.Type, element []byte) []byte {
	start := len(w.pathBuf)
	w.pathBuf = store.AppendPath(w.pathBuf, t, element)
	return w.pathBuf[start:len(w.pathBuf):len(w.pathBuf)]
}

// cell writes one cell of a non-frozen collection or user type.
func (w *writer) cell(o *plan.Operation, element, value []byte) error {
	path := w.path(o.Column.Type, element)
	w.row.PathCell(o.Column.Storage, path, w.ts, w.ttl, w.expires, value)
	w.found.put(o.Column.Storage, path, value)
	if o.Indexes != nil {
		return w.index(o, element, value)
	}
	return nil
}

// tombstone deletes one cell of a non-frozen collection or user type.
func (w *writer) tombstone(o *plan.Operation, element []byte) {
	w.row.PathTombstone(o.Column.Storage, w.path(o.Column.Type, element), w.ts, w.local)
}

// emptyValue is the value of a set's cells.
var emptyValue = []byte{}

func (w *writer) addElements(o *plan.Operation, collection []byte) error {
	kind := o.Column.Type.Kind
	it := o.Column.Type.Iter(collection)
	for it.Next() {
		element, value := it.Elem(), emptyValue
		switch kind {
		case cqltype.List:
			value, element = element, listPath(&w.id, w.db.Store.Now())
		case cqltype.Map:
			if !it.Next() {
				return errNullElement()
			}
			value = it.Elem()
		}
		if element == nil || value == nil {
			return errNullElement()
		}
		if err := w.cell(o, element, value); err != nil {
			return err
		}
	}
	return nil
}

func errNullElement() error { return cqlerr.Invalidf("null is not supported inside collections") }

// addFields writes the fields of a user type's value that are not null.
func (w *writer) addFields(o *plan.Operation, value []byte) error {
	it := o.Column.Type.Iter(value)
	for i := 0; it.Next(); i++ {
		if it.Elem() == nil {
			continue
		}
		if err := w.cell(o, fieldElement(i), it.Elem()); err != nil {
			return err
		}
	}
	return nil
}

// fieldElement is the path element of a field of a user type.
func fieldElement(i int) []byte { return []byte{byte(i >> 8), byte(i)} }

// prepend writes elements in front of a list: the last first, for each path
// made is before the one made earlier.
func (w *writer) prepend(o *plan.Operation) error {
	v, err := o.Value.Eval(&w.env)
	if err != nil || v.Unset || v.Bytes == nil {
		return err
	}
	w.elems = w.elems[:0]
	for it := o.Column.Type.Iter(v.Bytes); it.Next(); {
		if it.Elem() == nil {
			return errNullElement()
		}
		w.elems = append(w.elems, it.Elem())
	}
	for i := len(w.elems) - 1; i >= 0; i-- {
		if err := w.cell(o, prependPath(&w.id, w.db.Store.Now()), w.elems[i]); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes the elements of a set, or the keys of a map.
func (w *writer) remove(o *plan.Operation) error {
	v, err := o.Value.Eval(&w.env)
	if err != nil || v.Unset || v.Bytes == nil {
		return err
	}
	for it := o.Value.Type().Iter(v.Bytes); it.Next(); {
		if it.Elem() != nil {
			w.tombstone(o, it.Elem())
		}
	}
	return nil
}

func (w *writer) setKey(o *plan.Operation) error {
	key, err := o.Index.Eval(&w.env)
	if err != nil {
		return err
	}
	v, err := o.Value.Eval(&w.env)
	switch {
	case err != nil:
		return err
	case key.Unset:
		return cqlerr.Invalidf("Invalid unset map key")
	case key.Bytes == nil:
		return cqlerr.Invalidf("Invalid null map key")
	case v.Unset:
		return nil
	case v.Bytes == nil:
		w.tombstone(o, key.Bytes)
		return nil
	}
	return w.cell(o, key.Bytes, v.Bytes)
}

func (w *writer) setField(o *plan.Operation) error {
	v, err := o.Value.Eval(&w.env)
	if err != nil || v.Unset {
		return err
	}
	if v.Bytes == nil {
		w.tombstone(o, fieldElement(o.Field))
		return nil
	}
	return w.cell(o, fieldElement(o.Field), v.Bytes)
}

// count adds to a counter, or subtracts.
func (w *writer) count(o *plan.Operation) error {
	v, err := o.Value.Eval(&w.env)
	if err != nil || v.Unset {
		return err
	}
	if len(v.Bytes) != 8 {
		return cqlerr.Invalidf("Invalid null value for counter increment")
	}
	delta := int64(binary.BigEndian.Uint64(v.Bytes))
	if o.Kind == plan.OpDecrement {
		if delta == math.MinInt64 {
			return cqlerr.Invalidf("The negation of %d overflows supported counter precision (signed 8 bytes integer)", delta)
		}
		delta = -delta
	}
	w.row.CounterAdd(o.Column.Storage, w.ts, delta)
	return nil
}

// plus adds to the number or text that is stored; nothing when there is none.
func (w *writer) plus(o *plan.Operation) error {
	v, err := o.Value.Eval(&w.env)
	if err != nil || v.Unset {
		return err
	}
	if v.Bytes == nil {
		return cqlerr.Invalidf("Invalid null value for the addition to column %s", o.Column.Name)
	}
	current := w.found.simple(o.Column.Storage)
	if current == nil {
		return nil
	}
	var sum []byte
	if o.Plus == nil {
		sum = append(append(make([]byte, 0, len(current)+len(v.Bytes)), current...), v.Bytes...)
	} else if sum, err = o.Plus.Call(&function.Env{NowMicros: w.env.NowMicros}, [][]byte{current, v.Bytes}); err != nil {
		return err
	}
	w.row.Cell(o.Column.Storage, w.ts, w.ttl, w.expires, sum)
	w.found.put(o.Column.Storage, nil, sum)
	return w.index(o, nil, sum)
}

func (w *writer) deleteColumn(o *plan.Operation) {
	w.found.clear(o.Column.Storage)
	if o.Column.Type.IsMultiCell() {
		w.row.DeleteComplex(o.Column.Storage, store.Deletion{Timestamp: w.ts, LocalTime: w.local})
		return
	}
	w.row.Tombstone(o.Column.Storage, w.ts, w.local)
}

// deleteElement deletes one element of a set or one key of a map.
func (w *writer) deleteElement(o *plan.Operation) error {
	v, err := o.Index.Eval(&w.env)
	what := "map key"
	if o.Column.Type.Kind == cqltype.Set {
		what = "set element"
	}
	switch {
	case err != nil:
		return err
	case v.Unset && o.Column.Type.Kind == cqltype.Map:
		return cqlerr.Invalidf("Invalid unset %s", what)
	case v.Unset:
		return nil // an unset set element deletes the empty one in Cassandra: nothing that is there
	case v.Bytes == nil:
		return cqlerr.Invalidf("Invalid null %s", what)
	}
	w.tombstone(o, v.Bytes)
	return nil
}
