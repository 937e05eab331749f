package rest

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// createRows is POST /v2/keyspaces/{ks}/{table}?batch=true: the body is an array
// of rows. All are read and checked before any is written. The rows of one
// partition are written at once, all or none; several partitions are written
// one after the other, in the order in which the body first names them, and the
// answer tells that this was not one step. When one fails, the error tells which
// rows are written.
func createRows(c *call) error {
	rows, err := c.rowsBody()
	if err != nil {
		return err
	}
	t, err := c.existing(writing)
	if err != nil {
		return err
	}
	entries, err := c.insertions(t, rows)
	if err != nil {
		return err
	}
	partitions := t.partitions(entries)
	var written []int
	for _, part := range partitions {
		if err := c.writePartition(entries, part); err != nil {
			return c.partly(err, written)
		}
		written = append(written, part...)
	}
	c.out = append(c.out, `{"count":`...)
	c.out = strconv.AppendInt(c.out, int64(len(entries)), 10)
	c.out = append(c.out, `,"partitions":`...)
	c.out = strconv.AppendInt(c.out, int64(len(partitions)), 10)
	c.out = append(c.out, `,"atomic":`...)
	c.out = append(strconv.AppendBool(c.out, len(partitions) == 1), '}')
	return c.answer(http.StatusCreated)
}

// rowsBody reads a body that must be an array of objects.
func (c *call) rowsBody() ([]cell.Value, error) {
	if err := c.readBody("application/json", elideRows); err != nil {
		return nil, err
	}
	v, err := cell.Parse(c.body, c.parseOptions())
	if err != nil {
		return nil, badRequest("Invalid JSON payload: %s", err)
	}
	if v.Kind() != cell.Array {
		return nil, badRequest("Invalid JSON payload: a batch must be an array of rows")
	}
	var rows []cell.Value
	for e := v.Elements(); e.Next(); {
		if e.Value.Kind() != cell.Object {
			return nil, badRequest("Invalid JSON payload: row %d of the batch is not an object", len(rows))
		}
		if len(rows) == maxBatchRows {
			return nil, badRequest("Invalid JSON payload: a batch has at most %d rows", maxBatchRows)
		}
		rows = append(rows, e.Value)
	}
	if len(rows) == 0 {
		return nil, badRequest("Invalid JSON payload: the batch has no rows")
	}
	return rows, nil
}

// batchRow is one row of a batch: its INSERT, and its values by column (only
// those of the partition key are kept).
type batchRow struct {
	backend.BatchEntry
	partition string
}

// insertions prepares the rows.
func (c *call) insertions(t *table, rows []cell.Value) ([]batchRow, error) {
	entries := make([]batchRow, len(rows))
	head := len(c.shape)
	for i, row := range rows {
		c.shape, c.values = c.shape[:head], nil // the values belong to the entry
		s, err := c.insertion(t, row)
		if err != nil {
			return nil, within(fmt.Sprintf("Invalid path for row to create, problem: row %d of the batch: ", i), err)
		}
		entries[i].BatchEntry = backend.BatchEntry{Prepared: s.prepared, Values: c.values}
		var key []byte
		for column := range t.def.PartitionKey {
			if c.present[column] {
				key = binary.BigEndian.AppendUint32(key, uint32(len(c.cells[column].Bytes)))
				key = append(key, c.cells[column].Bytes...)
			}
		}
		entries[i].partition = string(key)
	}
	return entries, nil
}

// partitions groups rows, by number, that are of one partition.
func (t *table) partitions(rows []batchRow) [][]int {
	var all [][]int
	group := map[string]int{}
	for i, row := range rows {
		g, ok := group[row.partition]
		if !ok {
			g = len(all)
			group[row.partition] = g
			all = append(all, nil)
		}
		all[g] = append(all[g], i)
	}
	return all
}

// writePartition writes the rows of one partition.
func (c *call) writePartition(rows []batchRow, part []int) error {
	b := &backend.Batch{Kind: cql.Unlogged, Query: backend.Query{Consistency: backend.LocalQuorum, Caller: c.who.Caller()}}
	for _, i := range part {
		b.Entries = append(b.Entries, rows[i].BatchEntry)
	}
	_, err := c.door.backend.ExecuteBatch(c.ctx, b)
	return err
}

// partly adds to an error which rows are written although it happened.
func (c *call) partly(err error, written []int) error {
	f := *c.failureOf(err)
	more := []byte(`,"written":[`)
	for i, n := range written {
		if i > 0 {
			more = append(more, ',')
		}
		more = strconv.AppendInt(more, int64(n), 10)
	}
	f.More = string(append(more, ']'))
	return &f
}
