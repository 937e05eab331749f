package main

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// figures of one measurement.
type figures struct {
	operations int
	elapsed    time.Duration
	// cpu of the server's process over all operations.
	cpu    time.Duration
	p50    time.Duration
	p99    time.Duration
	failed error
}

func (f figures) rate() float64 { return float64(f.operations) / f.elapsed.Seconds() }

// cpuPerOperation in microseconds.
func (f figures) cpuPerOperation() float64 {
	return float64(f.cpu.Microseconds()) / float64(max(1, f.operations))
}

// operate does one operation in its slot.
type operate func(slot int, rng *rand.Rand) error

// run keeps inFlight operations going for a while and measures them. pid is the
// server's.
func run(pid, inFlight int, length time.Duration, operate operate) figures {
	var f figures
	before, err := cpuTime(pid)
	if err != nil {
		return figures{failed: err}
	}
	began := time.Now()
	end := began.Add(length)
	latencies := make([][]time.Duration, inFlight)
	errs := make([]error, inFlight)
	var wg sync.WaitGroup
	for slot := range inFlight {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(slot), 7))
			for now := time.Now(); now.Before(end); {
				if errs[slot] = operate(slot, rng); errs[slot] != nil {
					return
				}
				then := time.Now()
				latencies[slot] = append(latencies[slot], then.Sub(now))
				now = then
			}
		})
	}
	wg.Wait()
	f.elapsed = time.Since(began)
	after, err := cpuTime(pid)
	if err != nil {
		return figures{failed: err}
	}
	f.cpu = after - before
	var all []time.Duration
	for slot := range inFlight {
		if errs[slot] != nil {
			return figures{failed: errs[slot]}
		}
		all = append(all, latencies[slot]...)
	}
	slices.Sort(all)
	f.operations = len(all)
	if len(all) > 0 {
		f.p50, f.p99 = all[len(all)/2], all[len(all)*99/100]
	}
	return f
}
