package guardrail

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Guard holds the limits of a database and counts what they did. It is safe for
// concurrent use, and its limits never change.
type Guard struct {
	limits  *Limits
	disk    disk
	tallies map[string]*tally
	write   uint32 // bits of the consistency levels that are warned of or refused
	read    uint32
	own     []string // keyspaces of the server's own
	exempt  func(role string) bool
}

// New returns a guard of limits, which it keeps. registerer takes the metrics
// and may be nil. Keyspaces of the server's own, beside those that the schema
// marks, are free of limits and not counted.
func New(l *Limits, registerer prometheus.Registerer, own ...string) *Guard {
	g := &Guard{own: own, limits: l, tallies: map[string]*tally{}, write: l.WriteLevels.bits(), read: l.ReadLevels.bits()}
	for _, name := range guardrails {
		t := &tally{}
		g.tallies[name] = t
		if registerer != nil {
			registerer.MustRegister(
				counter("astrolabe_guardrail_warnings_total", "Warnings given, by guardrail.", name, &t.warnings),
				counter("astrolabe_guardrail_failures_total", "Requests refused, by guardrail.", name, &t.failures))
		}
	}
	return g
}

// Exempt says which roles (backend.Caller.Name) have no limits: Cassandra's are for
// ordinary users, not for superusers (ClientState.isOrdinaryUser). It is called
// once, before the guard is in use. Limits of the server's own, on batches and
// tombstones, hold for all, as there.
func (g *Guard) Exempt(f func(role string) bool) { g.exempt = f }

// tally counts what one guardrail did.
type tally struct{ warnings, failures atomic.Int64 }

func counter(name, help, guardrail string, n *atomic.Int64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: prometheus.Labels{"guardrail": guardrail}},
		func() float64 { return float64(n.Load()) })
}

// Count is how often a guardrail warned and refused since the start.
type Count struct {
	Guardrail          string
	Warnings, Failures int64
}

// Counts are those of all guardrails, in order of their names.
func (g *Guard) Counts() []Count {
	var all []Count
	for _, name := range slices.Sorted(maps.Keys(g.tallies)) {
		t := g.tallies[name]
		all = append(all, Count{name, t.warnings.Load(), t.failures.Load()})
	}
	return all
}

// Limits are the limits; not to be changed.
func (g *Guard) Limits() *Limits { return g.limits }

func (g *Guard) warned(name string) { g.tallies[name].warnings.Add(1) }
func (g *Guard) failed(name string) { g.tallies[name].failures.Add(1) }

func (v Levels) bits() (bits uint32) {
	for _, level := range v.Warned {
		bits |= 1 << level
	}
	for _, level := range v.Disallowed {
		bits |= 1 << level
	}
	return bits
}

// TombstoneLimit is how many tombstones one page may pass over
// (tombstone_failure_threshold); 0 is any number.
func (g *Guard) TombstoneLimit() int { return int(max(0, g.limits.Tombstones.Fail)) }

// TellsOfTombstones reports whether a read that passed over so many tombstones
// is warned of (tombstone_warn_threshold).
func (g *Guard) TellsOfTombstones(n int) bool {
	return g.limits.Tombstones.Warn >= 0 && int64(n) > g.limits.Tombstones.Warn
}

// Tombstones is the warning of a read that passed over tombstones and found live
// rows. query is its text, token where it ended (WarningsSnapshot, and
// Guardrails.scannedTombstones of DataStax's Cassandra).
func (g *Guard) Tombstones(live, tombstones int, query string, token int64) string {
	g.warned(scannedTombstones)
	if g.limits.Astra {
		return fmt.Sprintf("Scanned over %d tombstone rows for query %s - more than the warning threshold %d", tombstones, query, g.limits.Tombstones.Warn)
	}
	return fmt.Sprintf("Read %d live rows and %d tombstone cells for query %s; token %d (see tombstone_warn_threshold)", live, tombstones, query, token)
}

// TombstonesRefused counts a read that passed TombstoneLimit, having met so many,
// and returns the error that DataStax's Cassandra has for it, nil for
// Cassandra's, a failure of its replicas.
func (g *Guard) TombstonesRefused(tombstones int, query string) error {
	g.failed(scannedTombstones)
	if !g.limits.Astra {
		return nil
	}
	return cqlerr.Invalidf("Scanned over %d tombstone rows during query %s - more than the maximum allowed %d; query aborted", tombstones, query, g.limits.Tombstones.Fail)
}

// BatchFloor is the size in bytes up to which nothing is to be said of a batch.
func (g *Guard) BatchFloor() int {
	lowest := g.limits.BatchSize.lowest()
	if lowest < 0 || lowest > 1<<40 {
		return 1 << 40
	}
	return int(lowest)
}

// Batch is what is to be said of a batch of several partitions that is size
// bytes large, of tables named "keyspace.table" (BatchStatement.verifyBatchSize).
func (g *Guard) Batch(tables []string, size int) (warnings []string, err error) {
	t, what, n := g.limits.BatchSize, "["+strings.Join(tables, ", ")+"]", int64(size)
	f := findings{guard: g}
	if g.limits.Astra {
		err = f.check(&batchSize, t, what, n)
		return f.warnings, err
	}
	// Older than the guardrails, and without their prefix.
	switch {
	case t.Fail >= 0 && n > t.Fail:
		g.failed(batchSize.name)
		return nil, cqlerr.Invalidf("Batch too large")
	case t.Warn >= 0 && n > t.Warn:
		g.warned(batchSize.name)
		return []string{fmt.Sprintf("Batch for %s is of size %d, exceeding specified threshold of %d by %d.", what, n, t.Warn, n-t.Warn)}, nil
	}
	return nil, nil
}

// UnloggedBatch is what is to be said of a batch that is not logged and touches
// partitions of tables (BatchStatement.verifyBatchType).
func (g *Guard) UnloggedBatch(tablesOf func() []string, partitions int) []string {
	if t := g.limits.UnloggedBatchPartitions; t.Warn < 0 || int64(partitions) <= t.Warn {
		return nil
	}
	g.warned(unloggedPartitions.name)
	tables := tablesOf()
	plural := ""
	if len(tables) > 1 {
		plural = "s"
	}
	return []string{fmt.Sprintf("Unlogged batch covering %d partitions detected against table%s [%s]. "+
		"You should use a logged batch for atomicity, or asynchronous writes for performance.",
		partitions, plural, strings.Join(tables, ", "))}
}
