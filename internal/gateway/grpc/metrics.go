package grpc

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"

	"github.com/astrolabe-db/astrolabe/internal/tally"
)

// metrics counts and times requests. They are told under our own names and those
// of Stargate's coordinator.
type metrics struct {
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
	for _, c := range []prometheus.Collector{m, m.seconds, m.streams, m.running, m.panics, m.prepared, m.evicted} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

var (
	requestsDesc = prometheus.NewDesc(namespace+"requests_total",
		"Messages that the gRPC API answered, by method and status; those of streams singly.", []string{"method", "code"}, nil)
	byMethod      = []string{"method", "methodType", "service"}
	receivedDesc  = prometheus.NewDesc("grpc_server_requests_received_messages_total", "Messages received, as Stargate tells them.", byMethod, nil)
	sentDesc      = prometheus.NewDesc("grpc_server_responses_sent_messages_total", "Messages sent, as Stargate tells them.", byMethod, nil)
	byStatus      = append(byMethod[:3:3], "statusCode")
	processedDesc = prometheus.NewDesc("grpc_server_processing_duration_seconds", "Messages and their time, as Stargate tells them.", byStatus, nil)
	longestDesc   = prometheus.NewDesc("grpc_server_processing_duration_seconds_max", "The longest message since the last scrape but one.", byStatus, nil)
)

// Describe implements prometheus.Collector.
func (m *metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{requestsDesc, receivedDesc, sentDesc, processedDesc, longestDesc} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	for _, method := range []*methodMetrics{m.query, m.batch, m.queryStream, m.batchStream} {
		kind := "UNARY"
		if method == m.queryStream || method == m.batchStream {
			kind = "BIDI_STREAMING"
		}
		var received, sent uint64
		for code := range method.byCode {
			n := method.byCode[code].Count()
			if n == 0 {
				continue
			}
			received += n
			// An error has no message of its own, but in a stream.
			if codes.Code(code) == codes.OK || kind != "UNARY" {
				sent += n
			}
			name := codeName(codes.Code(code))
			to <- prometheus.MustNewConstMetric(requestsDesc, prometheus.CounterValue, float64(n), method.name, name)
			to <- method.byCode[code].Summary(processedDesc, method.name, kind, serviceDesc.ServiceName, name)
			to <- method.byCode[code].Longest(longestDesc, method.name, kind, serviceDesc.ServiceName, name)
		}
		to <- prometheus.MustNewConstMetric(receivedDesc, prometheus.CounterValue, float64(received), method.name, kind, serviceDesc.ServiceName)
		to <- prometheus.MustNewConstMetric(sentDesc, prometheus.CounterValue, float64(sent), method.name, kind, serviceDesc.ServiceName)
	}
}

func (m *metrics) method(name string) *methodMetrics {
	return &methodMetrics{name: name, seconds: m.seconds.WithLabelValues(name)}
}

// methodMetrics finds its counters by status without hashing labels.
type methodMetrics struct {
	name    string
	seconds prometheus.Observer
	byCode  [17]tally.Tally
}

func (m *methodMetrics) observe(code codes.Code, took time.Duration) {
	m.seconds.Observe(took.Seconds())
	if int(code) < len(m.byCode) {
		m.byCode[code].Add(took)
	}
}

func codeName(code codes.Code) string {
	if code == codes.OK {
		return "OK"
	}
	return codeNames[code]
}
