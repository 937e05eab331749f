package migrate

import (
	"context"
	"fmt"
	"iter"
	"math"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The comparison of a table is cut into ranges of tokens, several of which are
// read at a time.
const (
	compareRanges  = 64
	compareWorkers = 8
)

// compareAhead is how far in the future both sides are looked at, in seconds:
// what expires before is on neither, even if it does while they are read.
const compareAhead = 600

// maxDifferences bounds the differences that a report tells of a table.
const maxDifferences = 10

// compare reads every table on both sides.
func (m *migration) compare(ctx context.Context) (*Report, error) {
	r := &Report{}
	for _, t := range m.tables {
		m.meter.start("comparing", t.String())
		table, err := m.compareTable(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("comparing %s: %w", t, err)
		}
		r.Tables = append(r.Tables, *table)
	}
	m.meter.end()
	return r, nil
}

// comparison is a running comparison of a table.
type comparison struct {
	*migration
	reader *targetReader
	mu     sync.Mutex
	report TableReport
}

func (m *migration) compareTable(ctx context.Context, t *schema.Table) (*TableReport, error) {
	size := m.sizes[t]
	reader, err := newTargetReader(ctx, newExecutor(m.Target, m.Patience), t, size.bytes/max(size.rows, 1), m.NoClock)
	if err != nil {
		return nil, err
	}
	c := &comparison{migration: m, reader: reader, report: TableReport{Keyspace: t.Keyspace, Table: t.Name}}
	workers, ctx := errgroup.WithContext(ctx)
	workers.SetLimit(compareWorkers)
	for first, last := range tokenRanges(compareRanges) {
		workers.Go(func() error { return c.between(ctx, first, last) })
	}
	return &c.report, workers.Wait()
}

// tokenRanges cuts the ring into n ranges, both ends included. The least token
// is no partition's.
func tokenRanges(n int64) iter.Seq2[int64, int64] {
	step := int64(math.MaxUint64/uint64(n)) + 1
	return func(yield func(int64, int64) bool) {
		for i := range n {
			first := math.MinInt64 + i*step
			last := first + (step - 1)
			if i == n-1 {
				last = math.MaxInt64
			}
			if !yield(first, last) {
				return
			}
		}
	}
}

// between compares one range of tokens.
func (c *comparison) between(ctx context.Context, first, last int64) error {
	now := time.Now().Unix()
	if !c.NoClock {
		now += compareAhead
	}
	source, stopSource := iter.Pull2(c.source(ctx, backend.StoredRange{First: &first, Last: &last, Now: now}))
	defer stopSource()
	target, stopTarget := iter.Pull2(c.reader.between(ctx, first, last, now))
	defer stopTarget()
	t := c.reader.table
	a, b := &side{next: source}, &side{next: target}
	a.step()
	b.step()
	for a.err == nil && b.err == nil && (a.row != nil || b.row != nil) {
		order := 0
		switch {
		case b.row == nil:
			order = -1
		case a.row == nil:
			order = 1
		default:
			order = compareKeys(t, a.row, b.row)
		}
		c.note(order, a.row, b.row)
		if order <= 0 {
			a.step()
			c.meter.add(1)
		}
		if order >= 0 {
			b.step()
		}
	}
	if a.err != nil {
		return a.err
	}
	return b.err
}

// side is one of the two that are compared.
type side struct {
	next func() (*view, error, bool)
	row  *view
	err  error
}

// step goes to the next row; nil at the end and after an error.
func (s *side) step() {
	var ok bool
	if s.row, s.err, ok = s.next(); !ok || s.err != nil {
		s.row = nil
	}
}

// source shows the rows of the source.
func (c *comparison) source(ctx context.Context, o backend.StoredRange) iter.Seq2[*view, error] {
	t := c.reader.table
	static, regular := len(t.Static), len(c.reader.columns)
	return func(yield func(*view, error) bool) {
		for r, err := range c.Source.Rows(ctx, t, o) {
			if err != nil {
				yield(nil, err)
				return
			}
			from, to := static, regular
			if r.Static {
				from, to = 0, static
			}
			if !yield(viewOf(r, c.reader.columns[from:to], c.reader.timed[from:to]), nil) {
				return
			}
		}
	}
}

// note counts a pair of rows: of one key when order is 0, else only the first
// (negative) or only the second is there.
func (c *comparison) note(order int, source, target *view) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var text string
	if order <= 0 {
		c.report.SourceRows++
		c.report.SourceChecksum += source.checksum()
	}
	if order >= 0 {
		c.report.TargetRows++
		c.report.TargetChecksum += target.checksum()
	}
	switch {
	case order < 0:
		text = "is missing at the target"
	case order > 0:
		text, source = "is at the target only", target
	default:
		text = source.difference(c.columnsOf(source), target, c.tolerance())
	}
	if text != "" && len(c.report.Differences) < maxDifferences {
		row := &backend.StoredRow{Partition: source.partition, Clustering: source.clustering}
		c.report.Differences = append(c.report.Differences, keyText(c.reader.table, row)+": "+text)
	}
}

func (c *comparison) columnsOf(v *view) []*schema.Column {
	if v.static {
		return c.reader.table.Static
	}
	return c.reader.table.Regular
}

func (c *comparison) tolerance() int64 {
	if c.NoClock {
		return toleranceNoClock
	}
	return 0
}
