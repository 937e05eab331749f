package httpapi

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/tally"
)

// Metrics counts and times the requests of one door. They are told under our
// own names and those of Stargate's services, which dashboards read.
type Metrics struct {
	seconds *prometheus.HistogramVec

	requests                             *prometheus.Desc
	stargate, stargateMax, stargateTotal *prometheus.Desc

	mu     sync.Mutex
	routes map[[2]string]*RouteMetrics // by method and path
}

// NewMetrics makes the metrics of the door that name, in their names, and title,
// in their descriptions, stand for, and registers them; r may be nil. module is
// how Stargate's metrics name the service. It panics when they are registered
// already.
func NewMetrics(r prometheus.Registerer, name, title, module string) *Metrics {
	labels := prometheus.Labels{"module": module}
	byURI := []string{"method", "outcome", "status", "uri"}
	m := &Metrics{
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "astrolabe_" + name + "_request_duration_seconds",
			Help:    "Time from the request's headers to the end of the answer, by route.",
			Buckets: prometheus.ExponentialBuckets(0.00005, 2.5, 14), // 50 µs to 7.5 s
		}, []string{"method", "route"}),
		requests: prometheus.NewDesc("astrolabe_"+name+"_requests_total",
			"Requests that the "+title+" answered, by route and HTTP status.", []string{"method", "route", "status"}, nil),
		stargate:    prometheus.NewDesc("http_server_requests_seconds", "Requests and their time, as Stargate's services tell them.", byURI, labels),
		stargateMax: prometheus.NewDesc("http_server_requests_seconds_max", "The longest request since the last scrape but one.", byURI, labels),
		stargateTotal: prometheus.NewDesc("http_server_requests_counter_total",
			"Requests by whether the server failed, as Stargate's services tell them.", []string{"error", "tenant"}, labels),
		routes: map[[2]string]*RouteMetrics{},
	}
	if r != nil {
		r.MustRegister(m.seconds, m)
	}
	return m
}

// Route returns the metrics of one endpoint.
func (m *Metrics) Route(method, path string) *RouteMetrics {
	return m.route(method, path, func() prometheus.Observer { return m.seconds.WithLabelValues(method, path) })
}

// Unrouted returns those of the requests that no endpoint was there for.
func (m *Metrics) Unrouted() *RouteMetrics {
	return m.route("", "", func() prometheus.Observer { return nil })
}

func (m *Metrics) route(method, path string, seconds func() prometheus.Observer) *RouteMetrics {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.routes[[2]string{method, path}]
	if !ok {
		r = &RouteMetrics{method: method, route: path, seconds: seconds()}
		m.routes[[2]string{method, path}] = r
	}
	return r
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.requests, m.stargate, m.stargateMax, m.stargateTotal} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var answered, failed uint64
	for _, r := range m.routes {
		method, uri := r.method, r.route
		if method == "" {
			method, uri = "UNKNOWN", "NOT_FOUND"
		}
		for status := range r.byStatus {
			t := r.byStatus[status].Load()
			if t == nil {
				continue
			}
			if status >= 500 {
				failed += t.Count()
			} else {
				answered += t.Count()
			}
			code, outcome := strconv.Itoa(status), outcomes[status/100]
			to <- prometheus.MustNewConstMetric(m.requests, prometheus.CounterValue, float64(t.Count()), r.method, r.route, code)
			to <- t.Summary(m.stargate, method, outcome, code, uri)
			to <- t.Longest(m.stargateMax, method, outcome, code, uri)
		}
	}
	to <- prometheus.MustNewConstMetric(m.stargateTotal, prometheus.CounterValue, float64(answered), "false", "unknown")
	to <- prometheus.MustNewConstMetric(m.stargateTotal, prometheus.CounterValue, float64(failed), "true", "unknown")
}

// outcomes are Stargate's names of the classes of status codes.
var outcomes = [...]string{"UNKNOWN", "INFORMATIONAL", "SUCCESS", "REDIRECTION", "CLIENT_ERROR", "SERVER_ERROR"}

// RouteMetrics finds its counters by status without hashing labels.
type RouteMetrics struct {
	method, route string
	seconds       prometheus.Observer // nil: not timed
	byStatus      [600]atomic.Pointer[tally.Tally]
}

// Observe counts one answer.
func (m *RouteMetrics) Observe(status int, took time.Duration) {
	if m.seconds != nil {
		m.seconds.Observe(took.Seconds())
	}
	if status < 0 || status >= len(m.byStatus) {
		return
	}
	t := m.byStatus[status].Load()
	if t == nil {
		t = new(tally.Tally)
		if !m.byStatus[status].CompareAndSwap(nil, t) {
			t = m.byStatus[status].Load()
		}
	}
	t.Add(took)
}
