package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/exec"
	"github.com/astrolabe-db/astrolabe/internal/engine/system"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// virtual answers SELECTs on a few of the server's own tables, and on those of
// another server, and nothing else. It has no store.
type virtual struct {
	snapshot *schema.Snapshot
	reader   backend.TableReader // of other tables, or nil
	db       *exec.DB
}

var _ backend.Backend = (*virtual)(nil)

// VirtualOptions are the options of OpenVirtual.
type VirtualOptions struct {
	// Tables are served from functions that return their rows as they are now,
	// by the name of the table ("system.peers"): each a map from column to wire
	// value.
	Tables map[string]func() []map[string][]byte
	// AuthRows returns the rows of a table of system_auth, all of which are
	// served then: cells in the order of the table's columns, rows by partition
	// and in clustering order. nil leaves them out.
	AuthRows func(table string) []schema.Row
	// Clients lists the rows of system_views.clients, which is served then; nil
	// leaves it out.
	Clients func() []system.Client
	// Reader has more tables, which are read from another server when they are
	// asked for, with the definitions that they have there; nil for none.
	Reader backend.TableReader
}

// OpenVirtual returns a back end without a store that serves SELECTs on some
// of the server's own tables, as they are defined in Cassandra 5.0. Another
// back end may have its answers from it.
func OpenVirtual(o VirtualOptions) (backend.Backend, error) {
	builtin, err := system.Keyspaces()
	if err != nil {
		return nil, err
	}
	all := schema.NewSnapshot(builtin...)
	served := schema.NewSnapshot()
	if o.AuthRows != nil {
		served = served.WithKeyspace(all.Keyspaces[schema.AuthKeyspace])
	}
	names := slices.Collect(maps.Keys(o.Tables))
	if o.Clients != nil {
		names = append(names, system.ClientsTable)
	}
	for _, name := range names {
		keyspace, table, _ := strings.Cut(name, ".")
		t := all.Table(keyspace, table)
		if t == nil {
			return nil, fmt.Errorf("there is no system table %s", name)
		}
		k := served.Keyspaces[keyspace]
		if k == nil {
			k = &schema.Keyspace{Name: keyspace, System: true, Virtual: schema.IsVirtual(keyspace)}
		}
		served = served.WithKeyspace(k.WithTable(t))
	}
	return &virtual{served, o.Reader, &exec.DB{Virtual: system.NewServed(o.Tables, o.AuthRows, o.Clients, o.Reader)}}, nil
}

// Prepare implements backend.Backend.
func (v *virtual) Prepare(_ context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	s, ok := stmt.(*cql.Select)
	if !ok {
		return nil, cqlerr.Unsupportedf("anything but SELECT on a system table in memory")
	}
	c, err := compile(v.defining(cmp.Or(s.Table.Keyspace, keyspace), s.Table.Name), stmt, markers, keyspace)
	if err != nil {
		return nil, err
	}
	return &backend.Prepared{Statement: stmt, Markers: markers, Keyspace: keyspace, Bind: c.bind, PartitionKeyBind: c.partitionKeyBind,
		Result: c.choose.ResultColumns, Plan: c}, nil
}

// defining is a schema that has the table, if there is such a table.
func (v *virtual) defining(keyspace, table string) *schema.Snapshot {
	if v.reader == nil || v.snapshot.Table(keyspace, table) != nil {
		return v.snapshot
	}
	t := v.reader.Definition(keyspace, table)
	if t == nil {
		return v.snapshot
	}
	columns := t.InOrder()
	for i, c := range columns { // by these numbers scans tell cells apart
		numbered := *c
		numbered.Storage = uint32(i) + 1
		columns[i] = &numbered
	}
	k := &schema.Keyspace{Name: keyspace, System: true, Virtual: t.Virtual}
	return schema.NewSnapshot(k.WithTable(t.WithColumns(columns)))
}

// Execute implements backend.Backend.
func (v *virtual) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	c, ok := p.Plan.(*compiled)
	if !ok {
		return nil, cqlerr.Newf(cqlerr.ServerError, "a statement prepared elsewhere (%T)", p.Plan)
	}
	if err := c.checkValues(q.Values); err != nil {
		return nil, err
	}
	return v.db.Select(system.Showing(ctx, q.Visible), c.choose, q)
}

// ExecuteBatch implements backend.Backend.
func (v *virtual) ExecuteBatch(context.Context, *backend.Batch) (*backend.Result, error) {
	return nil, cqlerr.Unsupportedf("BATCH on system tables in memory")
}

// Schema implements backend.Backend: the tables that are served from here alone.
func (v *virtual) Schema() *schema.Snapshot { return v.snapshot }

// Subscribe implements backend.Backend; the tables never change.
func (v *virtual) Subscribe(func(schema.Change)) (cancel func()) { return func() {} }

// Ready implements backend.Backend.
func (v *virtual) Ready(context.Context) error { return nil }

// Close implements backend.Backend.
func (v *virtual) Close() error { return nil }
