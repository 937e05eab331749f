package system

import (
	"math"

	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// cqlMetrics are the rows of system_views.cql_metrics (CQLMetricsTable).
func (s *Tables) cqlMetrics() []map[string][]byte {
	if s.options.Requests == nil {
		return nil
	}
	r := s.options.Requests()
	ratio := 0.
	if all := r.Executed + r.Queries; all > 0 {
		ratio = float64(r.Executed) / float64(all)
	}
	row := func(name string, value float64) map[string][]byte {
		return map[string][]byte{"name": schema.Text(name), "value": schema.Double(value)}
	}
	return []map[string][]byte{
		row("prepared_statements_count", float64(r.Prepared)),
		row("prepared_statements_evicted", float64(r.Evicted)),
		row("prepared_statements_executed", float64(r.Executed)),
		row("prepared_statements_ratio", ratio),
		row("regular_statements_executed", float64(r.Queries)),
	}
}

// threadPools are the rows of system_views.thread_pools. Nothing here runs in
// pools of threads; the rows are what does the work of Cassandra's pools of these
// names. Nothing waits in a queue that would be counted.
func (s *Tables) threadPools() (rows []map[string][]byte) {
	row := func(name string, p store.PoolStats) {
		rows = append(rows, map[string][]byte{
			"name":         schema.Text(name),
			"active_tasks": schema.Int(int32(min(p.Active, math.MaxInt32))), "active_tasks_limit": schema.Int(int32(min(p.Limit, math.MaxInt32))),
			"blocked_tasks": schema.Bigint(0), "blocked_tasks_all_time": schema.Bigint(0),
			"completed_tasks": schema.Bigint(p.Completed), "pending_tasks": schema.Int(0),
		})
	}
	if s.options.Node != nil {
		row("CompactionExecutor", s.options.Node.CompactionStats())
		row("MemtableFlushWriter", s.options.Node.FlushStats())
	}
	if s.options.Requests != nil {
		r := s.options.Requests()
		row("Native-Transport-Requests", store.PoolStats{Active: int(r.Running), Limit: int(r.Limit), Completed: r.All - r.Running})
	}
	return rows
}
