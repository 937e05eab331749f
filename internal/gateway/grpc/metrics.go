package grpc

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"
)

// metrics counts and times requests.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	streams  prometheus.Gauge
	running  prometheus.Gauge
	panics   prometheus.Counter
	prepared prometheus.Gauge
	evicted  prometheus.Counter
	// By method.
	query, batch, queryStream, batchStream *methodMetrics
}

const namespace = "astrolabe_grpc_"

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: namespace + name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: namespace + name, Help: help})
	}
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: namespace + "requests_total", Help: "Messages that the gRPC API answered, by method and status; those of streams singly."}, []string{"method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: namespace + "request_duration_seconds", Help: "Time from a message to its answer, by method.",
			Buckets: prometheus.ExponentialBuckets(0.00005, 2.5, 14)}, []string{"method"}), // 50 µs to 7.5 s
		streams:  gauge("streams", "Open streams."),
		running:  gauge("requests_in_flight", "Messages that are being worked on."),
		panics:   counter("panics_total", "Messages that ended in a panic."),
		prepared: gauge("prepared_statements", "Statements in the prepared statement cache."),
		evicted:  counter("prepared_statements_evicted_total", "Prepared statements dropped for lack of room."),
	}
	m.query, m.batch = m.method("ExecuteQuery"), m.method("ExecuteBatch")
	m.queryStream, m.batchStream = m.method("ExecuteQueryStream"), m.method("ExecuteBatchStream")
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.streams, m.running, m.panics, m.prepared, m.evicted} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) method(name string) *methodMetrics {
	return &methodMetrics{owner: m, name: name, seconds: m.seconds.WithLabelValues(name)}
}

// methodMetrics finds its counters by status without hashing labels.
type methodMetrics struct {
	owner   *metrics
	name    string
	seconds prometheus.Observer
	byCode  [17]atomic.Pointer[prometheus.Counter]
}

func (m *methodMetrics) observe(code codes.Code, took time.Duration) {
	m.seconds.Observe(took.Seconds())
	if int(code) >= len(m.byCode) {
		return
	}
	counter := m.byCode[code].Load()
	if counter == nil {
		made := m.owner.requests.WithLabelValues(m.name, codeName(code))
		counter = &made
		m.byCode[code].Store(counter)
	}
	(*counter).Inc()
}

func codeName(code codes.Code) string {
	if code == codes.OK {
		return "OK"
	}
	return codeNames[code]
}
