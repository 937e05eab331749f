package httpapi

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts and times the requests of one door.
type Metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// NewMetrics makes the metrics of the door that name, in their names, and title,
// in their descriptions, stand for, and registers them; r may be nil. It panics
// when they are registered already.
func NewMetrics(r prometheus.Registerer, name, title string) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astrolabe_" + name + "_requests_total",
			Help: "Requests that the " + title + " answered, by route and HTTP status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "astrolabe_" + name + "_request_duration_seconds",
			Help:    "Time from the request's headers to the end of the answer, by route.",
			Buckets: prometheus.ExponentialBuckets(0.00005, 2.5, 14), // 50 µs to 7.5 s
		}, []string{"method", "route"}),
	}
	if r != nil {
		r.MustRegister(m.requests, m.seconds)
	}
	return m
}

// Route returns the metrics of one endpoint.
func (m *Metrics) Route(method, path string) *RouteMetrics {
	return &RouteMetrics{owner: m, method: method, route: path, seconds: m.seconds.WithLabelValues(method, path)}
}

// Unrouted returns those of the requests that no endpoint was there for.
func (m *Metrics) Unrouted() *RouteMetrics { return &RouteMetrics{owner: m} }

// RouteMetrics finds its counters by status without hashing labels.
type RouteMetrics struct {
	owner         *Metrics
	method, route string
	seconds       prometheus.Observer // nil: not timed
	byStatus      [600]atomic.Pointer[prometheus.Counter]
}

// Observe counts one answer.
func (m *RouteMetrics) Observe(status int, took time.Duration) {
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
