// Package migrate copies everything that one server has stored onto another
// back end: the schema, every row with the write time and the time to live of
// each cell, and, behind it all, roles and application tokens.
//
//	backend.Source --rows--> chunks --workers--> statements --> backend.Backend
//	                                └─ what is done, in the target's keyspace astrolabe
//	both sides --row by row--> counts and checksums
//
// Every statement says its own write time, so that writing it again changes
// nothing. The two kinds that can't, additions to counters and to lists, look
// first when they may have been there before. So a migration that was killed
// goes on where its last note says, and writes a little twice.
//
// It knows no concrete back end.
package migrate

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// systemKeyspace holds the target's own tables: access control, and the notes
// of migrations.
const systemKeyspace = "astrolabe"

// Options of Run. Source, Target, Replication and Prepare are required.
type Options struct {
	Source backend.Source
	Target backend.Backend
	// Replication of the keyspaces that are made, as in CREATE KEYSPACE.
	Replication map[string]string
	// Prepare makes keyspace astrolabe and its tables on the target; it may run
	// more than once.
	Prepare func(context.Context) error
	// Finish is called when organizations, roles and tokens have been copied.
	Finish func(context.Context) error
	// Concurrency is how many statements are on their way at once; 0 means 64.
	Concurrency int
	// NoClock: the target can't be told what time a statement is to take for now
	// (native protocol 4 and below), so that times to live count from when a row
	// is copied.
	NoClock bool
	// Restart forgets an earlier migration of this source and drops what it made.
	Restart bool
	// Progress is told how far things are, about five times a second; nil for nobody.
	Progress func(Progress)
	// Patience is how long a statement is tried while the target can't take it;
	// 0 means five minutes.
	Patience time.Duration
	Log      *slog.Logger
}

const (
	defaultConcurrency = 64
	defaultPatience    = 5 * time.Minute
)

// Report says what a migration did.
type Report struct {
	Tables []TableReport
	Took   time.Duration
}

// Agrees reports whether source and target hold the same.
func (r *Report) Agrees() bool {
	for i := range r.Tables {
		if !r.Tables[i].Agrees() {
			return false
		}
	}
	return true
}

// TableReport compares one table. The checksums are sums over the rows of a
// hash of their keys, values and write times.
type TableReport struct {
	Keyspace, Table                string
	SourceRows, TargetRows         int64
	SourceChecksum, TargetChecksum uint64
	// Differences tell the first rows that differ.
	Differences []string
}

// Agrees reports whether both sides hold the same rows.
func (t *TableReport) Agrees() bool {
	return t.SourceRows == t.TargetRows && t.SourceChecksum == t.TargetChecksum && len(t.Differences) == 0
}

// migration is a running Run.
type migration struct {
	Options
	state  *notes
	tables []*schema.Table
	sizes  map[*schema.Table]tableSize
	meter  meter
	// resumed: an earlier run may have written already what is not noted.
	resumed bool
}

// Run copies and then compares. It returns an error when it could not end; then
// running it again goes on. Differences are no error: see Report.Agrees.
func Run(ctx context.Context, o Options) (*Report, error) {
	began := time.Now()
	if o.Concurrency == 0 {
		o.Concurrency = defaultConcurrency
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	m := &migration{Options: o, tables: userTables(o.Source.Schema()), sizes: map[*schema.Table]tableSize{}}
	m.meter.report = o.Progress
	if err := m.begin(ctx); err != nil {
		return nil, err
	}
	if err := m.makeSchema(ctx); err != nil {
		return nil, err
	}
	if err := m.count(ctx); err != nil {
		return nil, err
	}
	for _, t := range m.tables {
		if err := m.copyTable(ctx, t); err != nil {
			return nil, fmt.Errorf("%s: %w", t, err)
		}
	}
	if len(m.tables) > 0 {
		m.meter.end()
	}
	if err := m.copyAccess(ctx); err != nil {
		return nil, fmt.Errorf("roles and tokens: %w", err)
	}
	r, err := m.compare(ctx)
	if err != nil {
		return nil, err
	}
	r.Took = time.Since(began)
	return r, nil
}

// userTables are the tables of clients, in the order of their names.
func userTables(s *schema.Snapshot) []*schema.Table {
	var all []*schema.Table
	for _, k := range userKeyspaces(s) {
		all = append(all, k.TablesInOrder()...)
	}
	return all
}

func userKeyspaces(s *schema.Snapshot) []*schema.Keyspace {
	var all []*schema.Keyspace
	for _, k := range s.InOrder() {
		if !k.Virtual && !k.System && !schema.IsSystem(k.Name) && k.Name != systemKeyspace {
			all = append(all, k)
		}
	}
	return all
}
