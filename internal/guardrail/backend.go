package guardrail

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Backend returns back with g in front of it: statements that a guardrail
// refuses do not reach it, and its answers carry the warnings.
//
// Of a back end whose servers speak the native protocol (backend.Forwarder)
// requests are passed on undecoded, past any check. Where a limit needs their
// values that capability is hidden, and only it.
func (g *Guard) Backend(back backend.Backend) backend.Backend {
	b := &guarded{back, g}
	_, forwards := backend.As[backend.Forwarder](back)
	if !forwards || !g.needsValues() {
		return b
	}
	hidden := opaque{b}
	topology, _ := backend.As[backend.Topology](back)
	nodes, ok := backend.As[backend.Nodes](back)
	if topology == nil || !ok {
		return hidden
	}
	return struct {
		opaque
		backend.Topology
		nodesOf
	}{hidden, topology, nodesOf{nodes}}
}

// opaque is a back end without what is behind it.
type opaque struct{ backend.Backend }

// PrepareOnce implements backend.Once.
func (o opaque) PrepareOnce(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	return backend.PrepareOnce(ctx, o.Backend, stmt, markers, keyspace)
}

// nodesOf keeps the method Nodes of backend.Topology apart from the interface of
// that name.
type nodesOf struct{ nodes backend.Nodes }

// SubscribeNodes implements backend.Nodes.
func (n nodesOf) SubscribeNodes(f func(backend.NodeChange)) (cancel func()) {
	return n.nodes.SubscribeNodes(f)
}

// needsValues reports whether statements on rows have to be looked at.
func (g *Guard) needsValues() bool {
	l := g.limits
	return l.ColumnValueSize.set() || l.CollectionSize.set() || l.ItemsPerCollection.set() || l.PartitionKeysInSelect.set() ||
		l.InSelectProduct.set() || l.PageSize.set() || l.PageBytes.set() || l.DiskUsage.set() || g.write|g.read != 0 ||
		!l.ListReads || !l.UserTimestamps || !l.AllowFiltering || !l.GroupBy || !l.DropTruncate
}

type guarded struct {
	backend.Backend
	guard *Guard
}

// Unwrap returns the back end inside, for what it can do beyond the interface.
func (b *guarded) Unwrap() backend.Backend { return b.Backend }

// Prepare implements backend.Backend.
func (b *guarded) Prepare(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	p, err := b.prepare(ctx, stmt, markers, keyspace, b.Backend.Prepare)
	if err != nil {
		return nil, err
	}
	if c, _ := p.Guard.(*checks); c != nil && c.shortened { // it is not to be kept
		return nil, b.refuseShortened(c, p, nil, &backend.Query{Consistency: backend.LocalQuorum}, c.cuts)
	}
	return p, nil
}

// PrepareOnce implements backend.Once.
func (b *guarded) PrepareOnce(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	return b.prepare(ctx, stmt, markers, keyspace, func(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
		return backend.PrepareOnce(ctx, b.Backend, stmt, markers, keyspace)
	})
}

type prepare func(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error)

func (b *guarded) prepare(ctx context.Context, stmt cql.Statement, markers []string, keyspace string, inner prepare) (*backend.Prepared, error) {
	c := &checks{guard: b.guard, pageSize: unlimited}
	if cuts := b.guard.cuts(ctx); cuts != nil && cuts.In([]byte(cql.Print(stmt))) {
		c.cuts, c.shortened = cuts, true
	}
	whole := stmt
	stmt = c.definition(stmt, keyspace)
	if c.ignores {
		c.whole = func(ctx context.Context) (*backend.Prepared, error) { return inner(ctx, whole, markers, keyspace) }
	}
	p, err := inner(ctx, stmt, markers, keyspace)
	if err != nil {
		return nil, b.guard.withoutFiltering(err)
	}
	if c.valid == nil && c.define == nil {
		c.rows(p.Statement, b.Schema(), keyspace)
	}
	if c.made(); c.needed() {
		p.Guard = c
	}
	return p, nil
}

// withoutFiltering is the error of a query that filters: where ALLOW FILTERING is
// not allowed nobody is told to use it (StatementRestrictions). Superusers may, and
// are told in Cassandra; who asks is not known here.
func (g *Guard) withoutFiltering(err error) error {
	const advice = "If you want to execute this query despite the performance unpredictability, use ALLOW FILTERING"
	var e *cqlerr.Error
	if g.limits.AllowFiltering || !errors.As(err, &e) || !strings.HasSuffix(e.Message, advice) {
		return err
	}
	told := *e
	told.Message = strings.TrimSuffix(e.Message, advice) +
		"Executing this query despite the performance unpredictability with ALLOW FILTERING has been disabled by the allow_filtering_enabled property in cassandra.yaml"
	return &told
}

// Execute implements backend.Backend.
func (b *guarded) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	c, _ := p.Guard.(*checks)
	if cuts := c.cutsOf(b.guard.cuts(ctx)); cuts != nil {
		if err := b.refuseShortened(c, p, q.Values, q, cuts); err != nil {
			return nil, err
		}
	}
	if c == nil {
		return b.Backend.Execute(ctx, p, q)
	}
	q.PageBytes = c.pageBytes
	if c.quiet(q.Values, q) {
		return b.Backend.Execute(ctx, p, q)
	}
	if b.guard.exempts(q.Caller.Name) {
		if c.whole != nil { // with all properties
			var err error
			if p, err = c.whole(ctx); err != nil {
				return nil, err
			}
		}
		return b.Backend.Execute(ctx, p, q)
	}
	f := &findings{guard: b.guard}
	if err := c.check(f, b.Schema(), q.Values, q); err != nil {
		return nil, err
	}
	warnings := f.warnings
	if t := c.emptied; t != nil && b.Schema().Table(t.Keyspace, t.Name) != nil {
		change := &schema.Change{Kind: schema.Updated, Target: "TABLE", Keyspace: t.Keyspace, Name: t.Name}
		return &backend.Result{Kind: backend.SchemaChange, Change: change, Warnings: warnings}, nil
	}
	r, err := b.Backend.Execute(ctx, p, q)
	return withWarnings(r, warnings), errorWithWarnings(err, warnings)
}

// ExecuteBatch implements backend.Backend.
func (b *guarded) ExecuteBatch(ctx context.Context, batch *backend.Batch) (*backend.Result, error) {
	warnings, err := b.batch(batch, b.guard.cuts(ctx))
	if err != nil {
		return nil, err
	}
	r, err := b.Backend.ExecuteBatch(ctx, batch)
	return withWarnings(r, warnings), errorWithWarnings(err, warnings)
}

// batch checks the statements of a batch, from whose request cuts were left out:
// first whether all are valid, then the others as they come.
func (b *guarded) batch(batch *backend.Batch, cuts *elide.Cuts) (warnings []string, err error) {
	var loud []*backend.BatchEntry
	for i := range batch.Entries {
		entry := &batch.Entries[i]
		c, _ := entry.Prepared.Guard.(*checks)
		if cuts := c.cutsOf(cuts); cuts != nil {
			if err := b.refuseShortened(c, entry.Prepared, entry.Values, &batch.Query, cuts); err != nil {
				return nil, err
			}
		}
		if c == nil || c.quiet(entry.Values, &batch.Query) || b.guard.exempts(batch.Query.Caller.Name) {
			continue
		}
		loud = append(loud, entry)
	}
	f, now := &findings{guard: b.guard}, b.Schema()
	for _, entry := range loud {
		if err := entry.Prepared.Guard.(*checks).validate(f, now); err != nil {
			return nil, err
		}
	}
	warnings = f.warnings
	for _, entry := range loud {
		f := &findings{guard: b.guard}
		if err := entry.Prepared.Guard.(*checks).speak(f, now, entry.Values, &batch.Query); err != nil {
			return nil, err
		}
		for _, w := range f.warnings { // those about the whole request come with each statement
			if !slices.Contains(warnings, w) {
				warnings = append(warnings, w)
			}
		}
	}
	return warnings, nil
}

func errorWithWarnings(err error, warnings []string) error {
	var e *cqlerr.Error
	if len(warnings) == 0 || !errors.As(err, &e) {
		return err
	}
	told := *e
	told.Warnings = append(slices.Clip(warnings), e.Warnings...)
	return &told
}

func (g *Guard) exempts(role string) bool { return g.exempt != nil && g.exempt(role) }

func withWarnings(r *backend.Result, warnings []string) *backend.Result {
	if r != nil && len(warnings) > 0 {
		r.Warnings = append(slices.Clip(warnings), r.Warnings...)
	}
	return r
}
