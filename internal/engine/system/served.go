package system

import (
	"context"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/exec"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Served serves tables in memory whose rows somebody else has. It is safe for
// concurrent use if the functions are.
type Served struct {
	tables   map[string]func() []map[string][]byte
	authRows func(table string) []schema.Row
	clients  func() []Client
	reader   backend.TableReader
}

var _ exec.Source = (*Served)(nil)

// NewServed returns a source of tables, by name ("system.peers") with a
// function that returns the rows as they are now: each a map from column to
// wire value, where what is missing is null. authRows returns those of a table
// of system_auth: cells in the order of the columns, rows by partition and in
// clustering order; clients lists those of system_views.clients; reader
// reads all others. Any of them may be nil.
func NewServed(tables map[string]func() []map[string][]byte, authRows func(table string) []schema.Row, clients func() []Client, reader backend.TableReader) *Served {
	return &Served{tables, authRows, clients, reader}
}

// ClientsTable is the table of the connections to the CQL port.
const ClientsTable = schema.VirtualViewsKeyspace + ".clients"

// Open implements exec.Source. What of another server's tables is shown, Showing
// says.
func (s *Served) Open(ctx context.Context, t *schema.Table, scan *store.Scan) (exec.RowIter, error) {
	if t.Keyspace == schema.AuthKeyspace && s.authRows != nil {
		return newIter(t, scan, byPartition(s.authRows(t.Name))), nil
	}
	if s.clients != nil && t.Keyspace+"."+t.Name == ClientsTable {
		return newIter(t, scan, byPartition(clientRows(s.clients))), nil
	}
	served := s.tables[t.Keyspace+"."+t.Name]
	if served == nil && s.reader != nil {
		it := newIter(t, scan, nil)
		it.remote = newRemote(ctx, s.reader, t, scan)
		return it, nil
	}
	if served == nil {
		return nil, cqlerr.Newf(cqlerr.ServerError, "table %s is not served", t)
	}
	return newIter(t, scan, byPartition(inOrder(t, served()))), nil
}

// inOrder makes rows of t: cells in the order of its columns, rows by their
// primary key.
func inOrder(t *schema.Table, maps []map[string][]byte) []schema.Row {
	columns := t.InOrder()
	keys := len(t.PartitionKey) + len(t.Clustering)
	var rows []schema.Row
	for _, cells := range maps {
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
	return rows
}
