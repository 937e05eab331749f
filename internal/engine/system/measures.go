package system

import (
	"context"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/engine/measure"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// latencies are the partitions of a table of latencies, in milliseconds. The
// one node coordinates and stores: both of Cassandra's views show the same.
func (s *Tables) latencies(ctx context.Context, of func(*measure.Table) *measure.Latency) []partition {
	if s.options.Measures == nil {
		return nil
	}
	now := time.Now()
	return s.byTable(ctx, func(t *schema.Table) schema.Row {
		m := s.options.Measures.Get(t.Storage)
		if m == nil {
			m = new(measure.Table) // not used yet
		}
		l := of(m)
		sum := l.Summary()
		return schema.Row{schema.Bigint(int64(sum.Count)), milliseconds(sum.Max), milliseconds(sum.P50), milliseconds(sum.P99), schema.Double(l.PerSecond(now))}
	})
}

func milliseconds(micros int64) []byte { return schema.Double(float64(micros) / 1000) }

// perRead are the partitions of a table of what a read passed.
func (s *Tables) perRead(ctx context.Context, of func(*measure.Table) *measure.Histogram) []partition {
	if s.options.Measures == nil {
		return nil
	}
	return s.byTable(ctx, func(t *schema.Table) schema.Row {
		m := s.options.Measures.Get(t.Storage)
		if m == nil {
			m = new(measure.Table)
		}
		sum := of(m).Summary()
		return schema.Row{schema.Bigint(int64(sum.Count)), schema.Double(float64(sum.Max)), schema.Double(float64(sum.P50)), schema.Double(float64(sum.P99))}
	})
}

// batchMetrics are the rows of system_views.batch_metrics.
func (s *Tables) batchMetrics() (rows []map[string][]byte) {
	if s.options.Measures == nil {
		return nil
	}
	row := func(name string, h *measure.Histogram) {
		sum := h.Summary()
		rows = append(rows, map[string][]byte{
			"name": schema.Text(name), "max": schema.Bigint(sum.Max), "p50th": schema.Double(float64(sum.P50)),
			"p99th": schema.Double(float64(sum.P99)), "p999th": schema.Double(float64(sum.P999)),
		})
	}
	b := &s.options.Measures.Batches
	row("partitions_per_logged_batch", &b.Logged)
	row("partitions_per_unlogged_batch", &b.Unlogged)
	row("partitions_per_counter_batch", &b.Counter)
	return rows
}
