package exec

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
)

// The steps below are told in the words that Cassandra has for the same step, so
// that traces of both read alike. Nothing here runs without a trace.

// traceStart tells what is about to be read.
func (x *selectRun) traceStart() {
	table := x.p.Table.Name
	switch {
	case x.p.Where.Index() != nil && x.indexable(x.p.Where.Index()):
		var names []string
		x.p.Where.Index().Indexes(func(ix *index.Index) { names = append(names, ix.Name) })
		x.trace.Event(backend.TraceRead, "Executing read on %s.%s using index %s", x.p.Table.Keyspace, table, strings.Join(names, ", "))
	case len(x.scan.Partitions) == 1:
		x.trace.Event(backend.TraceRead, "Executing single-partition query on %s", table)
	case x.scan.Partitions != nil:
		x.trace.Event(backend.TraceRead, "Executing queries of %d partitions on %s", len(x.scan.Partitions), table)
	default:
		x.trace.Event(backend.TraceRead, "Executing seq scan on %s", table)
	}
}

// traceEnd tells what was read.
func (x *selectRun) traceEnd() {
	x.trace.Event(backend.TraceRead, "Read %d live rows and %d tombstone cells", x.live, x.tombstones)
}

// traceWritten tells what a commit has written.
func traceWritten(t *backend.Trace, tables ...*plan.Modify) {
	seen := map[string]bool{}
	for _, m := range tables {
		if name := m.Table.Name; !seen[name] {
			seen[name] = true
			t.Event(backend.TraceWrite, "Adding to %s memtable", name)
		}
	}
}
