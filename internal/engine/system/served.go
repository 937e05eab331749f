package system

import (
	"context"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/exec"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Served serves tables in memory whose rows somebody else has: per table
// ("system.peers") a function that returns them as they are now, each a map
// from column to wire value, where what is missing is null. It is safe for
// concurrent use if the functions are.
type Served map[string]func() []map[string][]byte

var _ exec.Source = Served(nil)

// Open implements exec.Source.
func (s Served) Open(_ context.Context, t *schema.Table, scan *store.Scan) (exec.RowIter, error) {
	served := s[t.Keyspace+"."+t.Name]
	if served == nil {
		return nil, cqlerr.Newf(cqlerr.ServerError, "table %s is not served", t)
	}
	columns := t.InOrder()
	keys := len(t.PartitionKey) + len(t.Clustering)
	var rows []schema.Row
	for _, cells := range served() {
		row := make(schema.Row, len(columns))
		for i, c := range columns {
			row[i] = cells[c.Name]
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b schema.Row) int {
		for i := range keys {
			if c := columns[i].Type.Compare(a[i], b[i]); c != 0 {
				return c
			}
		}
		return 0
	})
	return newIter(t, scan, byPartition(rows)), nil
}
