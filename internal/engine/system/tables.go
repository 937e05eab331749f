package system

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/exec"
	"github.com/astrolabe-db/astrolabe/internal/engine/measure"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Options of New.
type Options struct {
	// Snapshot returns the current catalog.
	Snapshot func() *schema.Snapshot
	// IndexBuilt reports whether an index, by its storage number, can be queried;
	// nil: all can.
	IndexBuilt func(id uint32) bool
	// Tasks lists what runs in the background; nil for nothing.
	Tasks func() []Task
	// Node measures what the node has on disk and in its caches; nil: not told.
	Node Node
	// Measures are what statements cost, by table; nil: not told.
	Measures    *measure.Tables
	ClusterName string
	// HostID is the node's, the same at every start: see HostID.
	HostID uuid.UUID
	// Started is when the server started (gossip_generation).
	Started time.Time
	// Address is where clients reach the CQL port, asked at every read. It must
	// not be a wildcard: drivers connect to it.
	Address func() netip.AddrPort
	// Clients lists the connections to the CQL port; nil for none.
	Clients func() []Client
	// Requests tells what the CQL port has done; nil: not told.
	Requests func() Requests
	// AuthRows returns the rows of a table of system_auth, by partition and in
	// clustering order; nil for none.
	AuthRows func(table string) []schema.Row
	// Settings lists the server's settings; nil for none.
	Settings func() []Setting
}

// Client is one row of system_views.clients.
type Client struct {
	Address         netip.AddrPort
	Options         map[string]string // of STARTUP
	Stage           string            // "ready", "authenticating", ...
	DriverName      string            // "" when it did not say
	DriverVersion   string
	Keyspace        string
	ProtocolVersion int32
	Requests        int64
	Username        string
	// TLS: its protocol and cipher suite, "" without.
	TLSProtocol, TLSCipherSuite string
}

// Requests are what the CQL port has done since it was opened.
type Requests struct {
	// Prepared statements that are kept, and those dropped for lack of room.
	Prepared, Evicted int64
	// Executed were prepared, Queries came as text.
	Executed, Queries int64
	// All requests, and how many of them run now: at most Limit.
	All, Running, Limit int64
}

// Setting is one row of system_views.settings.
type Setting struct{ Name, Value string }

// Tables serves the tables that live in memory. It is safe for concurrent use.
type Tables struct {
	options Options
	traces  traces
}

var _ exec.Source = (*Tables)(nil)

// New returns the tables.
func New(o Options) *Tables { return &Tables{options: o} }

// Open starts a scan of one of the server's own tables as it is now.
func (s *Tables) Open(ctx context.Context, t *schema.Table, scan *store.Scan) (exec.RowIter, error) {
	if !schema.IsSystem(t.Keyspace) {
		return nil, cqlerr.Newf(cqlerr.ServerError, "table %s has no storage", t)
	}
	return newIter(t, scan, s.partitions(ctx, t)), nil
}

// partition is one partition of a table in memory.
type partition struct {
	key  []byte
	rows func() []schema.Row // in clustering order
	// ttl of the cells, written at that time; 0 for none.
	ttl     time.Duration
	written time.Time
}

// partitions returns the partitions of t, in no particular order.
func (s *Tables) partitions(ctx context.Context, t *schema.Table) []partition {
	switch t.Keyspace {
	case schema.SystemSchemaKeyspace:
		return s.ofKeyspaces(ctx, (*schema.Keyspace).SchemaRows, t.Name)
	case schema.VirtualSchemaKeyspace:
		return s.ofKeyspaces(ctx, (*schema.Keyspace).VirtualSchemaRows, t.Name)
	}
	if t.Keyspace == schema.AuthKeyspace && s.options.AuthRows != nil {
		return byPartition(s.options.AuthRows(t.Name))
	}
	switch t.Keyspace + "." + t.Name {
	case "system.local":
		return single(s.localRow())
	case "system.IndexInfo":
		return s.ofKeyspaces(ctx, func(k *schema.Keyspace, _ string) []schema.Row { return s.builtIndexes(k) }, "")
	case "system_traces.sessions":
		return s.tracePartitions(false)
	case "system_traces.events":
		return s.tracePartitions(true)
	case "system_views.clients":
		return byPartition(clientRows(s.options.Clients))
	case "system_views.caches":
		return byPartition(s.cacheRows())
	case "system_views.disk_usage":
		return s.diskUsage(ctx)
	case "system_views.coordinator_read_latency", "system_views.local_read_latency":
		return s.latencies(ctx, func(m *measure.Table) *measure.Latency { return &m.Reads })
	case "system_views.coordinator_scan_latency", "system_views.local_scan_latency":
		return s.latencies(ctx, func(m *measure.Table) *measure.Latency { return &m.Scans })
	case "system_views.coordinator_write_latency", "system_views.local_write_latency":
		return s.latencies(ctx, func(m *measure.Table) *measure.Latency { return &m.Writes })
	case "system_views.rows_per_read":
		return s.perRead(ctx, func(m *measure.Table) *measure.Histogram { return &m.Rows })
	case "system_views.tombstones_per_read":
		return s.perRead(ctx, func(m *measure.Table) *measure.Histogram { return &m.Tombstones })
	case "system_views.batch_metrics":
		return byPartition(inOrder(t, s.batchMetrics()))
	case "system_views.cidr_filtering_metrics_counts":
		return byPartition(inOrder(t, cidrCounts()))
	case "system_views.cidr_filtering_metrics_latencies":
		return byPartition(inOrder(t, cidrLatencies()))
	case "system_views.system_properties":
		return byPartition(inOrder(t, properties()))
	case "system_views.cql_metrics":
		return byPartition(inOrder(t, s.cqlMetrics()))
	case "system_views.thread_pools":
		return byPartition(inOrder(t, s.threadPools()))
	case "system_views.gossip_info":
		return byPartition(inOrder(t, []map[string][]byte{s.gossipRow()}))
	case "system_views.sai_column_indexes":
		return s.ofKeyspaces(ctx, func(k *schema.Keyspace, _ string) []schema.Row { return s.attachedIndexes(k) }, "")
	case "system_views.sstable_tasks":
		return byPartition(s.taskRows())
	case "system_views.settings":
		return byPartition(s.settingRows())
	}
	return nil
}

// showing is the key of Showing's value.
type showing struct{}

// Showing makes a scan show the parts of the schema alone that visible tells
// (backend.Query.Visible); nil shows all.
func Showing(ctx context.Context, visible func(keyspace, table string) bool) context.Context {
	if visible == nil {
		return ctx
	}
	return context.WithValue(ctx, showing{}, visible)
}

// shown is the schema without what a scan must not show.
func (s *Tables) shown(ctx context.Context) *schema.Snapshot {
	snapshot := s.options.Snapshot()
	if visible, ok := ctx.Value(showing{}).(func(keyspace, table string) bool); ok {
		return snapshot.Only(visible)
	}
	return snapshot
}

// ofKeyspaces is a partition a keyspace, its key the keyspace's name.
func (s *Tables) ofKeyspaces(ctx context.Context, rows func(*schema.Keyspace, string) []schema.Row, table string) []partition {
	var all []partition
	for _, k := range s.shown(ctx).Keyspaces {
		all = append(all, partition{key: schema.Text(k.Name), rows: func() []schema.Row { return rows(k, table) }})
	}
	return all
}

// single is one partition of one row.
func single(row schema.Row) []partition { return byPartition([]schema.Row{row}) }

// byPartition makes partitions of rows that are in order of a partition key of
// one column and of the clustering columns.
func byPartition(rows []schema.Row) []partition {
	var all []partition
	for start, end := 0, 0; start < len(rows); start = end {
		for end = start; end < len(rows) && string(rows[end][0]) == string(rows[start][0]); end++ {
		}
		part := rows[start:end]
		all = append(all, partition{key: part[0][0], rows: func() []schema.Row { return part }})
	}
	return all
}
