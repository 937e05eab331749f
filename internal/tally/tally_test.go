package tally

import (
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

func read(t *testing.T, m prometheus.Metric) *dto.Metric {
	t.Helper()
	var out dto.Metric
	if err := m.Write(&out); err != nil {
		t.Fatal(err)
	}
	return &out
}

func TestTally(t *testing.T) {
	var tally Tally
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 1000 {
				tally.Add(time.Duration(i+1) * time.Millisecond)
			}
		})
	}
	all.Wait()
	d := prometheus.NewDesc("x", "x", nil, nil)
	if s := read(t, tally.Summary(d)).GetSummary(); s.GetSampleCount() != 8000 || s.GetSampleSum() != 36 {
		t.Errorf("%d answers took %v s, want 8000 and 36", s.GetSampleCount(), s.GetSampleSum())
	}
	for i, want := range []float64{0.008, 0.008, 0} {
		if got := read(t, tally.Longest(d)).GetGauge().GetValue(); got != want {
			t.Errorf("the longest at scrape %d is %v s, want %v", i, got, want)
		}
	}
}
