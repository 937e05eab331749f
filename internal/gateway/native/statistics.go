package native

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// Statistics are what the door has done since it started, from its metrics, for
// system_views.cql_metrics and thread_pools.
type Statistics struct {
	// Prepared statements in the cache now, and those dropped for lack of room.
	Prepared, Evicted int64
	// Executed are EXECUTE requests, Queries those with a statement's text.
	Executed, Queries int64
	// Requests of all kinds, and how many of them are in flight: at most Limit.
	Requests, InFlight, Limit int64
}

// Statistics returns the door's statistics as they are now.
func (s *Server) Statistics() Statistics {
	m := s.metrics
	all := Statistics{
		Prepared: valueOf(m.prepared), Evicted: valueOf(m.evicted),
		Executed: valueOf(m.requests[wire.OpExecute]), Queries: valueOf(m.requests[wire.OpQuery]),
		InFlight: s.inFlight.Used(), Limit: s.inFlight.Size(),
	}
	for _, counter := range m.requests {
		if counter != nil {
			all.Requests += valueOf(counter)
		}
	}
	return all
}

// valueOf is the value of a counter or a gauge.
func valueOf(m prometheus.Metric) int64 {
	var out dto.Metric
	if err := m.Write(&out); err != nil {
		return 0 // neither kind has an error
	}
	return int64(out.GetCounter().GetValue() + out.GetGauge().GetValue())
}
