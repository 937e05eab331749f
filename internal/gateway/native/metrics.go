package native

import (
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the door's metrics. The counters per opcode, which are nil for
// those that no request has, are looked up once.
type metrics struct {
	requests    [wire.OpcodeCount]prometheus.Counter
	errors      *prometheus.CounterVec
	connections prometheus.Gauge
	refused     prometheus.Counter
	inFlight    prometheus.Gauge
	received    prometheus.Counter
	sent        prometheus.Counter
	events      prometheus.Counter
	slow        prometheus.Counter
	panics      prometheus.Counter
	prepared    prometheus.Gauge
	evicted     prometheus.Counter
}

const namespace = "astrolabe_native"

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: namespace + "_" + name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: namespace + "_" + name, Help: help})
	}
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: namespace + "_requests_total", Help: "Native protocol requests by opcode."}, []string{"opcode"})
	m := &metrics{
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: namespace + "_errors_total", Help: "ERROR answers by code."}, []string{"code"}),
		connections: gauge("connections", "Open native protocol connections."),
		refused:     counter("connections_refused_total", "Connections closed because there were too many."),
		inFlight:    gauge("requests_in_flight", "Requests that run beside their connection's reader."),
		received:    counter("received_bytes_total", "Bytes received from native protocol clients."),
		sent:        counter("sent_bytes_total", "Bytes sent to native protocol clients."),
		events:      counter("events_total", "Events sent to registered connections."),
		slow:        counter("slow_consumers_total", "Connections cut off because the client did not read."),
		panics:      counter("panics_total", "Requests that ended in a panic."),
		prepared:    gauge("prepared_statements", "Statements in the prepared statement cache."),
		evicted:     counter("prepared_statements_evicted_total", "Prepared statements dropped for lack of room."),
	}
	for op := range wire.Opcode(wire.OpcodeCount) {
		if !op.IsResponse() {
			m.requests[op] = requests.WithLabelValues(op.String())
		}
	}
	for _, c := range []prometheus.Collector{requests, m.errors, m.connections, m.refused, m.inFlight, m.received,
		m.sent, m.events, m.slow, m.panics, m.prepared, m.evicted} {
		if err := registerer.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// failed counts an ERROR answer.
func (m *metrics) failed(code cqlerr.Code) {
	m.errors.WithLabelValues(fmt.Sprintf("0x%04X", int32(code))).Inc()
}
