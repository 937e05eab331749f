package rest

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts and times requests.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	// unrouted counts the requests that no endpoint was there for.
	unrouted *routeMetrics
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astrolabe_rest_requests_total",
			Help: "Requests that the REST API answered, by route and HTTP status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "astrolabe_rest_request_duration_seconds",
			Help:    "Time from the request's headers to the end of the answer, by route.",
			Buckets: prometheus.ExponentialBuckets(0.00005, 2.5, 14), // 50 µs to 7.5 s
		}, []string{"method", "route"}),
	}
	m.unrouted = &routeMetrics{owner: m, method: "", route: ""}
	if r != nil {
		r.MustRegister(m.requests, m.seconds)
	}
	return m
}

// route returns the metrics of one endpoint.
func (m *metrics) route(method, path string) *routeMetrics {
	return &routeMetrics{owner: m, method: method, route: path, seconds: m.seconds.WithLabelValues(method, path)}
}

// routeMetrics finds its counters by status without hashing labels.
type routeMetrics struct {
	owner         *metrics
	method, route string
	seconds       prometheus.Observer // nil: not timed
	byStatus      [600]atomic.Pointer[prometheus.Counter]
}

func (m *routeMetrics) observe(status int, took time.Duration) {
	if m.seconds != nil {
		m.seconds.Observe(took.Seconds())
	}
	if status < 0 || status >= len(m.byStatus) {
		return
	}
	counter := m.byStatus[status].Load()
	if counter == nil {
		made := m.owner.requests.WithLabelValues(m.method, m.route, strconv.Itoa(status))
		counter = &made
		m.byStatus[status].Store(counter)
	}
	(*counter).Inc()
}
