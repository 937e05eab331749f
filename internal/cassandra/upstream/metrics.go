package upstream

import "github.com/prometheus/client_golang/prometheus"

// metrics are the pool's metrics.
type metrics struct {
	connections prometheus.Gauge
	failures    prometheus.Counter
	requests    prometheus.Counter
	retries     prometheus.Counter
	timeouts    prometheus.Counter
	prepared    prometheus.Counter
	sent        prometheus.Counter
	received    prometheus.Counter
}

const namespace = "astrolabe_cluster"

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: namespace + "_" + name, Help: help})
	}
	m := &metrics{
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: namespace + "_connections", Help: "Open connections to nodes for forwarded requests."}),
		failures: counter("connect_failures_total", "Failed attempts to connect to a node."),
		requests: counter("requests_total", "Requests forwarded to the cluster."),
		retries:  counter("retries_total", "Requests that were sent to another node."),
		timeouts: counter("timeouts_total", "Requests that a node did not answer in time."),
		prepared: counter("prepared_again_total", "Statements prepared on a node that did not know them."),
		sent:     counter("sent_bytes_total", "Bytes sent to nodes."),
		received: counter("received_bytes_total", "Bytes received from nodes."),
	}
	for _, c := range []prometheus.Collector{m.connections, m.failures, m.requests, m.retries, m.timeouts, m.prepared, m.sent, m.received} {
		if err := registerer.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
