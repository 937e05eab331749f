// Package tally counts and times answers for metrics that are told under more
// than one name: a request pays for one count, and a scrape does the rest.
package tally

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Tally counts what happened and how long it took.
type Tally struct {
	count, nanoseconds atomic.Uint64
	// The longest since the last scrape, and that of the one before.
	longest, before atomic.Int64
}

// Add counts one.
func (t *Tally) Add(took time.Duration) {
	t.count.Add(1)
	t.nanoseconds.Add(uint64(took))
	for longest := t.longest.Load(); int64(took) > longest; longest = t.longest.Load() {
		if t.longest.CompareAndSwap(longest, int64(took)) {
			return
		}
	}
}

// Count is how often it happened.
func (t *Tally) Count() uint64 { return t.count.Load() }

// Summary tells count and sum, as the metric d with labels.
func (t *Tally) Summary(d *prometheus.Desc, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstSummary(d, t.count.Load(), float64(t.nanoseconds.Load())/1e9, nil, labels...)
}

// Longest tells the longest time of late, as the metric d with labels: a gauge
// over this scrape's interval and the last one's, so that two that scrape don't
// take it from each other.
func (t *Tally) Longest(d *prometheus.Desc, labels ...string) prometheus.Metric {
	longest := t.longest.Swap(0)
	before := t.before.Swap(longest)
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(max(longest, before))/1e9, labels...)
}
