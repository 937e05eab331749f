package measure

import (
	"math/bits"
	"sync/atomic"
)

// Histogram counts values in buckets that grow by a fifth or so, as Cassandra's
// do (EstimatedHistogram). The zero value is empty. It is safe for concurrent use.
type Histogram struct {
	buckets [bucketCount]atomic.Uint64
	max     atomic.Int64
}

const (
	// Values below share have a bucket each; above, each power of two has share.
	shareBits   = 2
	share       = 1 << shareBits
	maxBits     = 40 // larger values count as the largest
	bucketCount = share + (maxBits-shareBits)*share
)

// bucketOf is the bucket of a value.
func bucketOf(v int64) int {
	if v < share {
		return int(max(v, 0))
	}
	if v >= 1<<maxBits {
		return bucketCount - 1
	}
	octave := bits.Len64(uint64(v)) - 1 - shareBits
	return share + octave*share + int(v>>octave)&(share-1)
}

// largest is the largest value of a bucket.
func largest(bucket int) int64 {
	if bucket < share {
		return int64(bucket)
	}
	octave, part := (bucket-share)/share, (bucket-share)%share
	return int64(share+part+1)<<octave - 1
}

// Add counts a value; those below 0 are 0.
func (h *Histogram) Add(v int64) {
	h.buckets[bucketOf(v)].Add(1)
	for {
		old := h.max.Load()
		if v <= old || h.max.CompareAndSwap(old, v) {
			return
		}
	}
}

// Summary is what a histogram says. Max is exact, percentiles are the largest
// value of their bucket.
type Summary struct {
	Count               uint64
	Max, P50, P99, P999 int64
}

// Summary sums h up as it is now.
func (h *Histogram) Summary() Summary {
	var counts [bucketCount]uint64
	s := Summary{Max: h.max.Load()}
	for i := range counts {
		counts[i] = h.buckets[i].Load()
		s.Count += counts[i]
	}
	at := func(permille uint64) int64 {
		wanted := (s.Count*permille + 999) / 1000
		var seen uint64
		for i, n := range counts {
			if seen += n; seen >= wanted {
				return min(largest(i), s.Max)
			}
		}
		return s.Max
	}
	if s.Count > 0 {
		s.P50, s.P99, s.P999 = at(500), at(990), at(999)
	}
	return s
}
