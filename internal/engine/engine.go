// Package engine is the embedded back end: CQL on a Pebble store, durable, on
// one node.
//
//	Prepare: syntax tree --plan--> plan (kept in backend.Prepared)
//	Execute: plan + values --exec--> store, or tables in memory (system)
//	schema statements --ddl--> new catalog snapshot, published
//
// Nothing is locked between statements: readers work on a snapshot of the
// catalog and of the store; plain writes are blind.
package engine

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/engine/ddl"
	"github.com/astrolabe-db/astrolabe/internal/engine/exec"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/engine/measure"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/engine/system"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// ErrLocked is returned by Open when another process holds the directory.
var ErrLocked = store.ErrLocked

// Options of Open. Only Dir is required.
type Options struct {
	// Dir holds the data; it is made when missing.
	Dir string
	// Periodic: writes are answered before fsync, which follows within 10 s.
	Periodic bool
	// ClusterName is what system.local shows.
	ClusterName string
	// Address is where drivers reach the CQL port (system.local.rpc_address).
	Address netip.AddrPort
	// AuthRows returns the rows of a table of system_auth, which belong to access
	// control: by partition, in clustering order. nil for none.
	AuthRows func(table string) []schema.Row
	// Clients and Settings fill system_views.clients and settings; nil for none.
	Clients  func() []system.Client
	Settings func() []system.Setting
	// Requests fills system_views.cql_metrics and a row of thread_pools; nil for
	// neither.
	Requests func() system.Requests
	// Guard holds the limits of what only the engine can count; nil stands for
	// Cassandra's defaults.
	Guard *guardrail.Guard
	// Log of background trouble; nil discards.
	Log *slog.Logger
	// FS is the file system; nil is the disk.
	FS store.FS
}

// Engine is an open data directory. It implements backend.Backend.
type Engine struct {
	store   *store.Store
	catalog *ddl.Catalog
	system  *system.Tables
	db      *exec.DB
	closed  atomic.Bool
}

var (
	_ backend.Backend   = (*Engine)(nil)
	_ backend.Immediate = (*Engine)(nil)
	_ backend.Clock     = (*Engine)(nil)
	_ backend.Traces    = (*Engine)(nil)
)

// Open opens or creates the data in o.Dir.
func Open(o Options) (*Engine, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.ClusterName == "" {
		o.ClusterName = "Astrolabe"
	}
	e := &Engine{}
	var catalog atomic.Pointer[ddl.Catalog] // the store asks for layouts before there is one
	var err error
	e.store, err = store.Open(store.Options{Dir: o.Dir, FS: o.FS, Periodic: o.Periodic, Logger: o.Log, Layouts: func(id uint32) *store.Layout {
		if c := catalog.Load(); c != nil {
			return c.LayoutByID(id)
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	if err := e.open(o); err != nil {
		if e.catalog != nil {
			e.catalog.Close()
		}
		return nil, errors.Join(err, e.store.Close())
	}
	catalog.Store(e.catalog)
	return e, nil
}

func (e *Engine) open(o Options) error {
	builtin, err := system.Keyspaces()
	if err != nil {
		return err
	}
	e.catalog, err = ddl.Open(context.Background(), e.store, ddl.Options{Builtin: builtin, BuildIndex: e.buildIndex, Log: o.Log})
	if err != nil {
		return err
	}
	host, err := system.HostID(e.store)
	if err != nil {
		return err
	}
	measures := &measure.Tables{}
	e.system = system.New(system.Options{Snapshot: e.catalog.Snapshot, IndexBuilt: e.catalog.IndexBuilt, Tasks: e.tasks, Node: e.store, Measures: measures,
		ClusterName: o.ClusterName, HostID: host, Started: time.Now(), Address: func() netip.AddrPort { return o.Address }, AuthRows: o.AuthRows,
		Clients: o.Clients, Settings: o.Settings, Requests: o.Requests})
	e.db = &exec.DB{Store: e.store, Virtual: e.system, IndexBuilt: e.catalog.IndexBuilt, Guard: o.Guard, Measures: measures,
		Available: func(c backend.Consistency, t *schema.Table) error { return available(e.catalog.Snapshot(), c, t) }}
	e.catalog.Subscribe(func(c schema.Change) {
		if c.Kind == schema.Dropped {
			measures.Keep(hasTable(c.Snapshot))
		}
	})
	return nil
}

// hasTable tells the storage numbers of the tables that are.
func hasTable(s *schema.Snapshot) func(storage uint32) bool {
	known := map[uint32]bool{}
	for _, k := range s.Keyspaces {
		for _, t := range k.Tables {
			known[t.Storage] = true
		}
	}
	return func(storage uint32) bool { return known[storage] }
}

// buildIndex implements ddl.BuildIndex.
func (e *Engine) buildIndex(ctx context.Context, t *schema.Table, ix *schema.Index, mark []byte, progress func(int64)) error {
	b := index.Build{Store: e.store, Table: t, Index: ix, Now: func() int64 { return time.Now().Unix() }, Mark: mark, Progress: progress}
	return b.Run(ctx)
}

// tasks are the builds of indexes, for system_views.sstable_tasks.
func (e *Engine) tasks() []system.Task {
	var tasks []system.Task
	for _, b := range e.catalog.Builds() {
		size, err := e.store.TableSize(b.Table.Storage)
		if err != nil {
			continue // the build itself will tell
		}
		tasks = append(tasks, system.Task{Keyspace: b.Table.Keyspace, Table: b.Table.Name, ID: b.ID,
			Kind: "secondary index build", Ratio: b.Progress(), Total: size})
	}
	return tasks
}

// Schema implements backend.Backend.
func (e *Engine) Schema() *schema.Snapshot { return e.catalog.Snapshot() }

// Subscribe implements backend.Backend.
func (e *Engine) Subscribe(f func(schema.Change)) (cancel func()) { return e.catalog.Subscribe(f) }

// KeepTrace implements backend.Traces.
func (e *Engine) KeepTrace(t *backend.Trace) { e.system.KeepTrace(t) }

// ImmediateReads implements backend.Immediate.
func (e *Engine) ImmediateReads() {}

// Now implements backend.Clock.
func (e *Engine) Now() int64 { return e.store.Now() }

// Ready implements backend.Backend. A disk that is full or has failed shows here.
func (e *Engine) Ready(context.Context) error {
	if e.closed.Load() {
		return store.ErrClosed
	}
	return e.store.Failed()
}

// Checkpoint writes a consistent copy of the data into dir, which must not exist.
func (e *Engine) Checkpoint(dir string) error { return e.store.Checkpoint(dir) }

// Close implements backend.Backend. Statements must have ended.
func (e *Engine) Close() error {
	if e.closed.Swap(true) {
		return nil
	}
	e.catalog.Close()
	return e.store.Close()
}

// DiskUsed is how much of the data directory's disk is in use, in percent.
func (e *Engine) DiskUsed() (int64, error) { return e.store.DiskUsed() }
