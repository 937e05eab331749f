package migrate

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// targetReader reads rows of one table back from the target, as views.
type targetReader struct {
	run     *executor
	table   *schema.Table
	columns []*schema.Column // static, then regular
	timed   []bool
	text    string // the SELECT, without WHERE
	page    int
	noClock bool
}

// The size of the pages that are read back.
const (
	pageBytes = 512 << 10
	maxPage   = 1000
)

// newTargetReader prepares reading t, whose rows have about rowBytes bytes.
func newTargetReader(ctx context.Context, run *executor, t *schema.Table, rowBytes int64, noClock bool) (*targetReader, error) {
	r := &targetReader{run: run, table: t, noClock: noClock}
	r.page = int(min(max(pageBytes/max(rowBytes, 1), 1), maxPage))
	r.columns = append(append(r.columns, t.Static...), t.Regular...)
	r.timed = make([]bool, len(r.columns))
	for i := range r.timed {
		r.timed[i] = !t.Counter
	}
	err := r.prepare(ctx)
	if invalid(err) { // WRITETIME and TTL of collections came with Cassandra 5.0
		for i, c := range r.columns {
			r.timed[i] = r.timed[i] && !c.Type.IsMultiCell()
		}
		err = r.prepare(ctx)
	}
	return r, err
}

func invalid(err error) bool {
	var e *cqlerr.Error
	return errors.As(err, &e) && (e.Code == cqlerr.Invalid || e.Code == cqlerr.Syntax)
}

func (r *targetReader) prepare(ctx context.Context) error {
	var selected []string
	for _, c := range append(append([]*schema.Column(nil), r.table.PartitionKey...), r.table.Clustering...) {
		selected = append(selected, cqltype.QuoteIdentifier(c.Name))
	}
	for i, c := range r.columns {
		name := cqltype.QuoteIdentifier(c.Name)
		selected = append(selected, name)
		if r.timed[i] {
			selected = append(selected, "writetime("+name+")", "ttl("+name+")")
		}
	}
	r.text = "SELECT " + strings.Join(selected, ", ") + " FROM " + r.table.String()
	_, err := r.run.prepare(ctx, r.text)
	return err
}

// between reads the partitions with tokens from first to last, as they are at
// the second now.
func (r *targetReader) between(ctx context.Context, first, last, now int64) iter.Seq2[*view, error] {
	var key []string
	for _, c := range r.table.PartitionKey {
		key = append(key, cqltype.QuoteIdentifier(c.Name))
	}
	token := "token(" + strings.Join(key, ", ") + ")"
	s := statement{text: r.text + " WHERE " + token + " >= ? AND " + token + " <= ?",
		values: [][]byte{binary.BigEndian.AppendUint64(nil, uint64(first)), binary.BigEndian.AppendUint64(nil, uint64(last))}}
	return r.rows(ctx, s, now)
}

// rows runs a SELECT page by page.
func (r *targetReader) rows(ctx context.Context, s statement, now int64) iter.Seq2[*view, error] {
	if !r.noClock {
		s.now = now
	}
	return func(yield func(*view, error) bool) {
		var state, partition []byte
		for {
			var page *backend.Result
			err := r.run.retry(ctx, func(int) error {
				var err error
				page, err = r.run.page(ctx, s, r.page, state)
				return err
			})
			if err != nil {
				yield(nil, fmt.Errorf("reading back: %w", err))
				return
			}
			cursor := page.Cursor()
			for range page.RowCount {
				static, row := r.decode(&cursor, now)
				if static != nil && !bytes.Equal(static.partition, partition) && !static.empty() && !yield(static, nil) {
					return
				}
				partition = row.partition
				if (len(r.table.Clustering) == 0 || row.clustering[0] != nil) && !yield(row, nil) {
					return
				}
			}
			if state = page.PagingState; state == nil {
				return
			}
		}
	}
}

// empty reports whether nothing of a static row is there.
func (v *view) empty() bool {
	return !slices.ContainsFunc(v.columns, func(c viewColumn) bool { return c.value != nil })
}

// decode reads one row of the SELECT; static is nil in tables without static
// columns. A row of static columns alone has null clustering columns.
func (r *targetReader) decode(cursor *backend.Cursor, now int64) (static, row *view) {
	t := r.table
	key := make([][]byte, len(t.PartitionKey))
	for i := range key {
		key[i] = cursor.Next()
	}
	row = &view{partition: cqltype.AppendPartitionKey([]byte{}, key...)}
	row.token = cqltype.Token(row.partition)
	for range t.Clustering {
		row.clustering = append(row.clustering, cursor.Next())
	}
	if len(t.Static) > 0 {
		static = &view{partition: row.partition, token: row.token, static: true}
	}
	for i, c := range r.columns {
		column := viewColumn{value: cursor.Next()}
		if r.timed[i] {
			column.times, column.expires = times(c.Type, cursor.Next(), cursor.Next(), now)
		}
		if c.Kind == schema.Static {
			static.columns = append(static.columns, column)
		} else {
			row.columns = append(row.columns, column)
		}
	}
	return static, row
}

// times reads what WRITETIME and TTL answer: a number, or a list of them with
// nulls for a non-frozen collection or user type.
func times(t *cqltype.Type, written, ttl []byte, now int64) (times, expires []int64) {
	if written == nil {
		return nil, nil
	}
	if !t.IsMultiCell() {
		return []int64{number(written)}, []int64{expiry(ttl, now)}
	}
	list := cqltype.NewList(cqltype.TypeBigint, false)
	w, l := list.Iter(written), list.Iter(ttl)
	for w.Next() {
		left := l.Next()
		if w.Elem() == nil { // a field that is null
			continue
		}
		times = append(times, number(w.Elem()))
		if left {
			expires = append(expires, expiry(l.Elem(), now))
		} else {
			expires = append(expires, 0)
		}
	}
	return times, expires
}

func number(wire []byte) int64 {
	switch len(wire) {
	case 8:
		return int64(binary.BigEndian.Uint64(wire))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(wire)))
	}
	return 0
}

func expiry(ttl []byte, now int64) int64 {
	if ttl == nil {
		return 0
	}
	return now + number(ttl)
}
