package store

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

// What Pebble is told. Nothing here needs tuning by anyone: memory follows the
// machine, within bounds, since without cgo the cache lives in Go's heap, which
// the collector lets grow to about twice what is in use.
const (
	formatMajorVersion = pebble.FormatTableFormatV6
	// memTableBytes is the most a memtable grows to; the first has 256 KB.
	memTableBytes = 16 << 20
	minCacheBytes = 8 << 20
	maxCacheBytes = 128 << 20
	// cacheShare of the machine's memory.
	cacheShare   = 64
	bloomBits    = 10
	maxOpenFiles = 1000
)

func (s *Store) pebbleOptions(o *Options) *pebble.Options {
	cache := o.CacheBytes
	if cache == 0 {
		cache = min(max(machineMemory()/cacheShare, minCacheBytes), maxCacheBytes)
	}
	po := &pebble.Options{
		BlockPropertyCollectors:     []func() pebble.BlockPropertyCollector{newDueCollector},
		CacheSize:                   cache,
		CompactionConcurrencyRange:  func() (int, int) { return 1, max(1, runtime.GOMAXPROCS(0)/2) },
		Comparer:                    comparer,
		FormatMajorVersion:          formatMajorVersion,
		FS:                          &guardFS{FS: o.FS, disk: s.disk},
		Lock:                        s.lock,
		Logger:                      pebbleLogger{s},
		MaxOpenFiles:                maxOpenFiles,
		MemTableSize:                memTableBytes,
		MemTableStopWritesThreshold: 4,
		Merger:                      newMerger(o.seconds),
		ReadOnly:                    o.ReadOnly,
		EventListener: &pebble.EventListener{
			BackgroundError: func(err error) { s.logger.Error("store: background work failed", "error", err) },
			DataCorruption: func(i pebble.DataCorruptionInfo) {
				s.logger.Error("store: corrupt file", "path", i.Path, "error", i.Details)
			},
			WriteStallBegin: func(i pebble.WriteStallBeginInfo) {
				s.logger.Warn("store: writes wait for compaction", "reason", i.Reason)
			},
		},
	}
	for i := range po.Levels {
		po.Levels[i].FilterPolicy = bloom.FilterPolicy(bloomBits)
	}
	return po
}

// pebbleLogger passes Pebble's words on. Fatalf does not end the process: it
// stops writing, and Pebble then gets the error from its file system.
type pebbleLogger struct{ s *Store }

func (l pebbleLogger) Infof(format string, args ...any) {
	if l.s.logger.Enabled(context.Background(), slog.LevelDebug) {
		l.s.logger.Debug("pebble: " + strings.TrimSpace(fmt.Sprintf(format, args...)))
	}
}

func (l pebbleLogger) Errorf(format string, args ...any) {
	l.s.logger.Error("pebble: " + strings.TrimSpace(fmt.Sprintf(format, args...)))
}

func (l pebbleLogger) Fatalf(format string, args ...any) {
	l.s.disk.fail("pebble", fmt.Errorf(format, args...))
}

// isHeldHere reports whether a lock error means that this very process holds
// the directory; neither the file systems' errors nor Pebble's have a type.
func isHeldHere(err error) bool {
	return strings.Contains(err.Error(), "lock held by current process")
}
