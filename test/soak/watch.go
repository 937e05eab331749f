package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// sample is what the server says of itself.
type sample struct {
	at                    time.Duration
	goroutines, heap, rss float64
}

// samplePeriod is the pause between two samples.
const samplePeriod = 5 * time.Second

// watch takes samples until ctx ends.
func watch(ctx context.Context, s *harness.Server) ([]sample, error) {
	begun := time.Now()
	var all []sample
	for {
		one, err := take(s)
		if err != nil {
			return nil, fmt.Errorf("after %s: %w", time.Since(begun), err)
		}
		one.at = time.Since(begun).Round(time.Second)
		all = append(all, one)
		fmt.Printf("%8s  %5.0f goroutines  %6.1f MB heap  %6.1f MB RSS\n", one.at, one.goroutines, one.heap/1e6, one.rss/1e6)
		select {
		case <-ctx.Done():
			return all, nil
		case <-time.After(samplePeriod):
		}
	}
}

// take reads the server's metrics.
func take(s *harness.Server) (sample, error) {
	client := http.Client{Timeout: 20 * time.Second}
	answer, err := client.Get("http://" + s.HTTP + "/metrics")
	if err != nil {
		return sample{}, err
	}
	defer answer.Body.Close()
	var one sample
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue
		}
		switch name {
		case "go_goroutines":
			one.goroutines = n
		case "go_memstats_heap_alloc_bytes":
			one.heap = n
		case "process_resident_memory_bytes":
			one.rss = n
		}
	}
	return one, lines.Err()
}

// settleTime is how long the server may take to be at rest when all have left:
// a client that does not read is cut off after 30 s.
const settleTime = 45 * time.Second

// settled waits for the goroutines to become as few as before.
func settled(s *harness.Server, before sample) (sample, error) {
	for deadline := time.Now().Add(settleTime); ; time.Sleep(time.Second) {
		one, err := take(s)
		if err != nil || one.goroutines <= before.goroutines+20 || time.Now().After(deadline) {
			return one, err
		}
	}
}

// verdict compares the second quarter of the run with its last.
func verdict(seen []sample, after sample, l *load) error {
	quarter := len(seen) / 4
	if quarter == 0 {
		return errors.New("too short to judge")
	}
	early, late := seen[quarter:2*quarter], seen[len(seen)-quarter:]
	var errs []error
	for _, m := range []struct {
		what  string
		of    func(sample) float64
		slack float64
	}{
		{"goroutines", func(s sample) float64 { return s.goroutines }, 50},
		{"heap", func(s sample) float64 { return s.heap }, 48e6},
		{"RSS", func(s sample) float64 { return s.rss }, 64e6},
	} {
		a, b := median(early, m.of), median(late, m.of)
		fmt.Printf("%-10s  median %.0f early, %.0f late\n", m.what, a, b)
		if b > a*1.25+m.slack {
			errs = append(errs, fmt.Errorf("%s grew from %.0f to %.0f", m.what, a, b))
		}
	}
	fmt.Printf("at rest     %.0f goroutines, %.0f before\n", after.goroutines, seen[0].goroutines)
	if after.goroutines > seen[0].goroutines+50 {
		errs = append(errs, fmt.Errorf("%.0f goroutines are left, %.0f were there at the beginning", after.goroutines, seen[0].goroutines))
	}
	for what, n := range l.faults {
		errs = append(errs, fmt.Errorf("%d times: %s", n, what))
	}
	return errors.Join(errs...)
}

func median(samples []sample, of func(sample) float64) float64 {
	sorted := slices.Clone(samples)
	slices.SortFunc(sorted, func(a, b sample) int { return cmp.Compare(of(a), of(b)) })
	return of(sorted[len(sorted)/2])
}
