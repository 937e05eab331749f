package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/astrolabe-db/astrolabe/internal/server"
)

const (
	// memoryShare of the machine's memory, or of the control group's, in percent,
	// is what the collector keeps the process within as long as it can.
	memoryShare = 80
	// requestShare: one part in so many of that memory is for large requests,
	// within minRequestBytes, which any single one has room in, and the default.
	requestShare    = 32
	minRequestBytes = 32 << 20

	// usualPercent is how much garbage the collector lets come together, in percent
	// of what is in use (GOGC).
	usualPercent = 100
	// manyBytes in use, and there is less of it: leastGarbage bytes, or scanFactor
	// times what the collector has to look through, whichever is more.
	manyBytes    = 256 << 20
	leastGarbage = 128 << 20
	scanFactor   = 4
)

// limitMemory sets the soft limit of the process's memory – past it the collector
// works harder, where the kernel would end a process in a small container – and
// how soon it works below that. What the environment sets stays.
func limitMemory(memory int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memory / 100 * memoryShare)
	}
	if os.Getenv("GOGC") == "" {
		afterCollection(new(collector).adjust)
	}
}

// collector sets how soon garbage is collected. A collection costs what it has to
// look through, and there is nothing to look for in the values, blocks and
// memtables that memory is full of when it is full: it need not be twice of
// that until they are given back.
//
// A smaller process collects five times a second under a load of reads, and that is
// best left so. With four times as much garbage (GOGC=400) reads of rows over REST took
// the same time, within 3 percent, and the process 267 MiB instead of 113: the
// collections that are saved are paid for by memory that is in no cache.
type collector struct{ percent int }

func (c *collector) adjust() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/heap:bytes"}}
	metrics.Read(sample)
	percent := garbagePercent(sample[0].Value.Uint64(), sample[1].Value.Uint64())
	if percent != c.percent {
		c.percent = percent
		debug.SetGCPercent(percent)
	}
}

// garbagePercent is the percentage for live bytes in use, scanned of which are
// looked through.
func garbagePercent(live, scanned uint64) int {
	if live <= manyBytes {
		return usualPercent
	}
	garbage := max(leastGarbage, scanFactor*scanned)
	return int(min(usualPercent, 100*garbage/live))
}

// afterCollection calls f after each collection, until the process ends.
func afterCollection(f func()) {
	runtime.AddCleanup(new([16]byte), func(f func()) {
		f()
		afterCollection(f)
	}, f)
}

// requestBytes is how many bytes of large requests all doors may read or work on
// at a time.
func requestBytes(memory int64) int64 {
	return min(max(memory/requestShare, minRequestBytes), server.DefaultRequestBytes)
}
