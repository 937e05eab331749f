package graphql

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// metrics counts requests, and operations: an answer with errors has status 200.
type metrics struct {
	*httpapi.Metrics
	operations *prometheus.CounterVec
	// unrouted are those of requests that no endpoint was there for.
	unrouted *httpapi.RouteMetrics
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{Metrics: httpapi.NewMetrics(r, "graphql", "GraphQL API", "sgv2-graphqlapi"), operations: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "astrolabe_graphql_operations_total",
		Help: "GraphQL operations that were run, by their type and whether a field of theirs failed.",
	}, []string{"type", "failed"})}
	m.unrouted = m.Unrouted()
	if r != nil {
		r.MustRegister(m.operations)
	}
	return m
}

// operation counts one.
func (m *metrics) operation(d *exec.Document, failed bool) {
	text := "false"
	if failed {
		text = "true"
	}
	m.operations.WithLabelValues(string(d.Operation.Operation), text).Inc()
}
