package system

import (
	"bytes"
	"context"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// remote reads the partitions that a scan asks for from another server, a page
// at a time, without the rows that must not be shown (Showing). More than a page
// and a partition it never holds.
type remote struct {
	ctx     context.Context
	reader  backend.TableReader
	table   *schema.Table
	scan    *store.Scan
	visible func(keyspace, table string) bool
	keys    [][]byte // to come, when the scan names its partitions
	// at is where the next page begins; more says that there is one.
	at   backend.TableRange
	more bool
	rows []schema.Row // read and not yet handed out, of any partitions
	err  error
}

func newRemote(ctx context.Context, r backend.TableReader, t *schema.Table, scan *store.Scan) *remote {
	p := &remote{ctx: ctx, reader: r, table: t, scan: scan, keys: scan.Partitions, more: scan.Partitions == nil}
	p.visible, _ = ctx.Value(showing{}).(func(keyspace, table string) bool)
	if scan.Resume != nil {
		p.resume(scan.Resume.Partition)
	} else {
		p.at.From = scan.Tokens.Start
	}
	return p
}

// resume goes on at the partition key.
func (p *remote) resume(key []byte) {
	if i := slices.IndexFunc(p.keys, func(k []byte) bool { return bytes.Equal(k, key) }); i >= 0 {
		p.keys = p.keys[i:]
	}
	token := cqltype.Token(key)
	p.at.From = &token
}

// next returns the next partition with rows; false at the end or on error.
func (p *remote) next() (partition, bool) {
	for {
		part, ok := p.complete()
		switch {
		case !ok:
			return partition{}, false
		case !p.passed(part.key):
			return part, true
		}
	}
}

// passed reports whether the scan does not want a partition that was read: it is
// done with it already, or its token is not in the range.
func (p *remote) passed(key []byte) bool {
	if p.scan.Partitions != nil {
		return p.done(key)
	}
	return !inTokens(key, &p.scan.Tokens) || p.done(key) ||
		p.scan.Resume != nil && comparePartitions(p.table, key, p.scan.Resume.Partition) < 0
}

// done reports whether key is the partition that an earlier page ended with.
func (p *remote) done(key []byte) bool {
	r := p.scan.Resume
	return r != nil && bytes.Equal(key, r.Partition) && (r.PartitionDone || len(p.table.Clustering) == 0)
}

// complete reads until there is a whole partition, which is when a row of
// another follows or nothing does.
func (p *remote) complete() (partition, bool) {
	for p.err == nil {
		for i := range p.rows {
			if !bytes.Equal(p.rows[i][0], p.rows[0][0]) {
				return p.cut(i), true
			}
		}
		switch {
		case p.more:
			p.read()
		case len(p.rows) > 0:
			return p.cut(len(p.rows)), true
		case len(p.keys) > 0:
			p.at, p.more = backend.TableRange{Key: p.keys[0]}, true
			p.keys = p.keys[1:]
		default:
			return partition{}, false
		}
	}
	return partition{}, false
}

// cut takes the first n rows as a partition.
func (p *remote) cut(n int) partition {
	rows := p.rows[:n:n]
	p.rows = p.rows[n:]
	return partition{key: rows[0][0], rows: func() []schema.Row { return rows }}
}

// read takes in one page.
func (p *remote) read() {
	page, err := p.reader.ReadTable(p.ctx, p.table, p.at)
	if err != nil {
		p.err = err
		return
	}
	p.at.PagingState, p.more = page.PagingState, page.PagingState != nil
	columns := p.table.InOrder()
	places := make([]int, len(page.Columns)) // in a row, of the page's columns
	for i, c := range page.Columns {
		places[i] = slices.IndexFunc(columns, func(own *schema.Column) bool { return own.Name == c.Name })
	}
	cursor := page.Cursor()
	for range page.RowCount {
		row := make(schema.Row, len(columns))
		for _, place := range places {
			if cell := cursor.Next(); place >= 0 {
				row[place] = cell
			}
		}
		if p.visible == nil || p.shows(columns, row) {
			p.rows = append(p.rows, row)
		}
	}
}

// shows reports whether a row is about something that may be seen.
func (p *remote) shows(columns []*schema.Column, row schema.Row) bool {
	keyspace, table := p.reader.About(p.table, func(column string) []byte {
		if i := slices.IndexFunc(columns, func(c *schema.Column) bool { return c.Name == column }); i >= 0 {
			return row[i]
		}
		return nil
	})
	return p.visible(keyspace, "") && (table == "" || p.visible(keyspace, table))
}
