package migrate

import (
	"context"
	"encoding/binary"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Lists and counters are written by additions, which are no longer the same
// when they are made twice: a list's cells get new positions (timeuuids of the
// coordinator) each time. So where an addition may have been made before, by a
// killed run or by a try that had no clear answer, the target is read first.

// writeLists writes the lists of r.
func (w *rowWriter) writeLists(ctx context.Context, e *executor, r *backend.StoredRow, look bool, now int64) error {
	for cells := r.Cells; len(cells) > 0; {
		n := 1
		for n < len(cells) && cells[n].Column == cells[0].Column {
			n++
		}
		if isList(cells[0].Column) {
			list := cells[:n]
			err := e.retry(ctx, func(before int) error { return w.writeList(ctx, e, r, list, look || before > 0, now) })
			if err != nil {
				return err
			}
		}
		cells = cells[n:]
	}
	return nil
}

// writeList appends the cells of one list, each run of the same time with one
// addition. Additions go out in batches, each whole or not at all and with
// ascending positions; so what the target has already is the list's beginning.
func (w *rowWriter) writeList(ctx context.Context, e *executor, r *backend.StoredRow, list []backend.StoredCell, look bool, now int64) error {
	if look {
		there, err := w.listLength(ctx, e, r, list[0].Column)
		if err != nil {
			return err
		}
		list = list[min(there, len(list)):]
	}
	for _, batch := range w.appends(r, list, now) {
		if err := e.batch(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// listLength is how many elements the target's list has.
func (w *rowWriter) listLength(ctx context.Context, e *executor, r *backend.StoredRow, c *schema.Column) (int, error) {
	rows, err := w.read(ctx, e, r, []string{cqltype.QuoteIdentifier(c.Name)})
	if err != nil || rows.RowCount == 0 {
		return 0, err
	}
	cursor := rows.Cursor()
	it := c.Type.Iter(cursor.Next())
	return max(it.Len(), 0), nil
}

// maxListBatch is how many bytes the additions of one batch carry; nodes refuse
// batches of more than 50 KB (batch_size_fail_threshold).
const maxListBatch = 32 << 10

// appends returns the additions that make a list, in batches that are to be run
// one after the other.
func (w *rowWriter) appends(r *backend.StoredRow, list []backend.StoredCell, now int64) [][]statement {
	key, _ := w.keyOf(r)
	key = append([][]byte(nil), key...)
	var all [][]statement
	room := 0
	for len(list) > 0 {
		n, value := listRun(list)
		s := w.append(r, key, list[0], value, now)
		if len(value) > room {
			all, room = append(all, nil), maxListBatch
		}
		all[len(all)-1] = append(all[len(all)-1], s)
		list, room = list[n:], room-len(value)
	}
	for _, batch := range all {
		oneNow(batch)
	}
	return all
}

func (w *rowWriter) append(r *backend.StoredRow, key [][]byte, first backend.StoredCell, value []byte, now int64) statement {
	name := cqltype.QuoteIdentifier(first.Column.Name)
	return w.update(r, key, first.Written, []assignment{{name + " = " + name + " + ?", value}}, now)
}

// listRun makes a list of the leading cells of one time, as many as one
// statement is to carry; it returns how many.
func listRun(list []backend.StoredCell) (n int, value []byte) {
	value = cqltype.AppendCount(nil, 0)
	for n < len(list) && list[n].Written == list[0].Written && (n == 0 || len(value) < maxStatement) {
		value = cqltype.AppendElement(value, list[n].Value)
		n++
	}
	binary.BigEndian.PutUint32(value, uint32(n))
	return n, value
}

// oneNow makes the statements of a batch agree on the time, which a batch has
// only one of: the latest of theirs. Each TTL then counts from there, to the
// same end.
func oneNow(batch []statement) {
	var latest int64
	for _, s := range batch {
		latest = max(latest, s.now)
	}
	for i := range batch {
		s := &batch[i]
		if s.now != 0 {
			ttl := int64(binary.BigEndian.Uint32(s.values[1])) + s.now - latest
			s.values[1] = binary.BigEndian.AppendUint32(nil, uint32(max(1, ttl)))
		}
		s.now = latest
	}
}

// writeCounters brings the counters of r to their totals.
func (w *rowWriter) writeCounters(ctx context.Context, e *executor, r *backend.StoredRow, look bool) error {
	return e.retry(ctx, func(before int) error {
		have := make([][]byte, len(r.Cells))
		if look || before > 0 {
			var err error
			if have, err = w.counters(ctx, e, r); err != nil {
				return err
			}
		}
		s, ok := w.add(r, have)
		if !ok {
			return nil
		}
		_, err := e.run(ctx, s)
		return err
	})
}

// counters reads what the target has of r's counters, nil for null.
func (w *rowWriter) counters(ctx context.Context, e *executor, r *backend.StoredRow) ([][]byte, error) {
	names := make([]string, len(r.Cells))
	for i := range r.Cells {
		names[i] = cqltype.QuoteIdentifier(r.Cells[i].Column.Name)
	}
	have := make([][]byte, len(names))
	rows, err := w.read(ctx, e, r, names)
	if err != nil || rows.RowCount == 0 {
		return have, err
	}
	cursor := rows.Cursor()
	for i := range have {
		have[i] = cursor.Next()
	}
	return have, nil
}

// add makes the addition that leads from have to r's totals; false when there
// is nothing to add.
func (w *rowWriter) add(r *backend.StoredRow, have [][]byte) (statement, bool) {
	var texts []string
	var values [][]byte
	for i, c := range r.Cells {
		delta := counterValue(c.Value) - counterValue(have[i])
		if delta == 0 && have[i] != nil {
			continue
		}
		name := cqltype.QuoteIdentifier(c.Column.Name)
		texts = append(texts, name+" = "+name+" + ?")
		values = append(values, binary.BigEndian.AppendUint64(nil, uint64(delta)))
	}
	key, _ := w.keyOf(r)
	return statement{
		text:   "UPDATE " + w.name + " SET " + strings.Join(texts, ", ") + " WHERE " + w.whereOf(r),
		values: append(values, key...),
	}, len(texts) > 0
}

func counterValue(wire []byte) int64 {
	if len(wire) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(wire))
}

// read selects columns of r's row on the target.
func (w *rowWriter) read(ctx context.Context, e *executor, r *backend.StoredRow, names []string) (*backend.Result, error) {
	key, _ := w.keyOf(r)
	return e.run(ctx, statement{
		text:   "SELECT " + strings.Join(names, ", ") + " FROM " + w.name + " WHERE " + w.whereOf(r) + " LIMIT 1",
		values: append([][]byte(nil), key...),
	})
}
