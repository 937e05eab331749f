package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"

	"github.com/astrolabe-db/astrolabe/internal/memory"
)

// What Pebble is told. Nothing here needs tuning by anyone: memory follows the
// machine, within bounds, since without cgo the cache lives in Go's heap, which
// the collector lets grow to about twice what is in use.
const (
	formatMajorVersion = pebble.FormatTableFormatV6
	// memTableBytes is the most a memtable grows to; the first has 256 KB. What is in
	// the memtables is read from the log, and written to tables, at the next start.
	memTableBytes = 16 << 20
	// memTables may be full at a time before writes wait.
	memTables     = 4
	minCacheBytes = 8 << 20
	maxCacheBytes = 128 << 20
	// cacheShare of the machine's memory.
	cacheShare   = 64
	bloomBits    = 10
	maxOpenFiles = 1000
	// blockBytes of a table's data blocks, before compression: as many as a chunk
	// of Cassandra's has (chunk_length_in_kb). Each block costs a flush or a
	// compaction as much as tens of rows do.
	blockBytes = 16 << 10
	// compactDepth is how many flushed tables may lie over each other before they
	// are compacted, stopDepth how many before writes wait for that. A read asks
	// the filter of each; a load is compacted a quarter as often as with Pebble's 2.
	compactDepth = 8
	stopDepth    = 24
)

// inPlace keeps values beside their keys. Pebble takes what is behind the prefix
// of a key for a version of it, of which all but the first are seldom read, and
// would put their values into blocks of their own. Here they are the rows of a
// partition.
func inPlace([]byte) (policy pebble.SpanPolicy, end []byte, err error) {
	return pebble.SpanPolicy{DisableValueSeparationBySuffix: true}, nil, nil
}

func (s *Store) pebbleOptions(o *Options) *pebble.Options {
	cache := o.CacheBytes
	if cache == 0 {
		cache = min(max(memory.Total()/cacheShare, minCacheBytes), maxCacheBytes)
	}
	s.blockCache = cache
	po := &pebble.Options{
		BlockPropertyCollectors:     []func() pebble.BlockPropertyCollector{newDueCollector},
		CacheSize:                   cache,
		CompactionConcurrencyRange:  func() (int, int) { return 1, maxCompactions() },
		Comparer:                    comparer,
		FormatMajorVersion:          formatMajorVersion,
		FS:                          &guardFS{FS: o.FS, disk: s.disk, spare: &s.spare},
		L0CompactionThreshold:       2 * compactDepth, // Pebble counts each twice
		L0StopWritesThreshold:       stopDepth,
		Lock:                        s.lock,
		Logger:                      pebbleLogger{s},
		MaxOpenFiles:                maxOpenFiles,
		MemTableSize:                memTableBytes,
		MemTableStopWritesThreshold: memTables,
		Merger:                      newMerger(o.seconds),
		ReadOnly:                    o.ReadOnly,
		EventListener: &pebble.EventListener{
			BackgroundError: func(err error) {
				if !errors.Is(err, errClosing) {
					s.logger.Error("store: background work failed", "error", err)
				}
			},
			DataCorruption: func(i pebble.DataCorruptionInfo) {
				s.logger.Error("store: corrupt file", "path", i.Path, "error", i.Details)
			},
			WriteStallBegin: func(i pebble.WriteStallBeginInfo) {
				s.logger.Warn("store: writes wait for compaction", "reason", i.Reason)
			},
		},
	}
	po.Experimental.SpanPolicyFunc = inPlace
	for i := range po.Levels {
		po.Levels[i].BlockSize = blockBytes
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

// maxCompactions is how many compactions may run at once.
func maxCompactions() int { return max(1, runtime.GOMAXPROCS(0)/2) }
