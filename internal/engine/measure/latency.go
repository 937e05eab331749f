package measure

import (
	"math"
	"sync/atomic"
	"time"
)

// Latency is a histogram of microseconds, and how often something happened of
// late. The zero value is empty. It is safe for concurrent use.
type Latency struct {
	Histogram
	rate rate
}

// since counts what began at start and ends now.
func (l *Latency) since(start time.Time) {
	l.Add(time.Since(start).Microseconds())
	l.rate.tick(start.Unix(), l.total)
}

// PerSecond is the rate of about the last minute, as of now.
func (l *Latency) PerSecond(now time.Time) float64 {
	l.rate.tick(now.Unix(), l.total)
	return math.Float64frombits(l.rate.perSecond.Load())
}

func (h *Histogram) total() (n uint64) {
	for i := range h.buckets {
		n += h.buckets[i].Load()
	}
	return n
}

// tickSeconds is how often a rate is computed, when somebody comes by.
const tickSeconds = 5

// decay is how much of a rate of one minute the next tick leaves
// (com.codahale.metrics.EWMA).
var decay = math.Exp(-tickSeconds / 60.)

// rate is an exponentially weighted moving average over a minute.
type rate struct {
	ticked    atomic.Int64  // second of the last tick, 0 for none
	counted   atomic.Uint64 // what the total was then
	perSecond atomic.Uint64 // bits of a float64
}

// tick computes the rate anew if the last time is long enough ago. The caller
// that finds it so does it; others go on.
func (r *rate) tick(now int64, total func() uint64) {
	last := r.ticked.Load()
	if now-last < tickSeconds {
		return
	}
	ticks := (now - last) / tickSeconds
	next := last + ticks*tickSeconds
	if last == 0 {
		next = now
	}
	if !r.ticked.CompareAndSwap(last, next) || last == 0 {
		return
	}
	n := total()
	recent := float64(n-r.counted.Swap(n)) / float64(ticks*tickSeconds)
	old := math.Float64frombits(r.perSecond.Load())
	left := math.Pow(decay, float64(ticks))
	r.perSecond.Store(math.Float64bits(old*left + recent*(1-left)))
}
