package store

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// spareLog keeps a file of zeros ready that the next write-ahead log is made of.
//
// To sync what was written over written blocks is cheaper than to sync what a file
// has grown by, for which the file system has to write its own journal, too: a
// commit was seen to take a fifth less time and CPU. Pebble therefore reuses its
// logs, but those of this process only, and of the sizes that they have grown to:
// for long after a start it has none that are large enough.
//
// A reader of a log takes zeros for its end, as it does what an older log has left
// in a reused file: a chunk of a log begins with a checksum and the log's number.
type spareLog struct {
	fs     vfs.FS
	dir    string
	path   string
	size   int64 // 0: none are made
	logger *slog.Logger

	// written is what was written to logs since the last was made.
	written atomic.Int64
	// left is how many more may be made: then Pebble has enough to reuse.
	left    atomic.Int32
	closing atomic.Bool
	tasks   sync.WaitGroup

	mu            sync.Mutex
	making, ready bool
}

const (
	spareLogName = "log.spare" // a name that Pebble has no files of
	// spareLogBytes is less than a full memtable may need: to fill a file costs what
	// some thousand commits gain, which are those that come one at a time.
	spareLogBytes = 4 << 20
	// spareLogAfter bytes in a log the next is made ready: not for a database that
	// is opened to be looked at.
	spareLogAfter = 64 << 10
	// maxSpareLogs are made by one process: Pebble reuses them, and seldom writes
	// to one more while it flushes what two others hold.
	maxSpareLogs = 3
	// spareLogChunk is written and synced at a time, so that commits do not wait
	// behind it for long.
	spareLogChunk = 512 << 10
	// spareLogFree times its size must be free on the disk.
	spareLogFree = 16
)

// init removes what an earlier process has left: it may be half a file.
func (l *spareLog) init(fs vfs.FS, dir string, size int64, logger *slog.Logger) {
	l.fs, l.dir, l.path, l.size, l.logger = fs, dir, fs.PathJoin(dir, spareLogName), size, logger
	l.left.Store(maxSpareLogs)
	l.remove()
}

func (l *spareLog) remove() {
	if _, err := l.fs.Stat(l.path); err == nil {
		_ = l.fs.Remove(l.path) // it is made anew under its name
	}
}

// open makes the log that is to be called name of the spare file; false if there
// is none.
func (l *spareLog) open(name string, category vfs.DiskWriteCategory) (vfs.File, bool, error) {
	l.written.Store(0)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ready {
		return nil, false, nil
	}
	l.ready = false
	f, err := l.fs.ReuseForWrite(l.path, name, category)
	return f, true, err
}

// wrote notes that n bytes were written to a log, and has the next one made ready
// when there are enough.
func (l *spareLog) wrote(n int) {
	if l.size == 0 || l.left.Load() <= 0 {
		return
	}
	after := min(spareLogAfter, l.size/4)
	if sum := l.written.Add(int64(n)); sum < after || sum-int64(n) >= after {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.making || l.ready || l.closing.Load() {
		return
	}
	l.making = true
	l.left.Add(-1)
	l.tasks.Go(func() {
		ready := l.fill()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.making, l.ready = false, ready
	})
}

// fill makes the spare file. If it can't, logs are made without.
func (l *spareLog) fill() (ready bool) {
	usage, err := l.fs.GetDiskUsage(l.dir)
	if err == nil && usage.AvailBytes/spareLogFree < uint64(l.size) {
		return false
	}
	err = l.write()
	if err == nil && !l.closing.Load() {
		return true
	}
	if err != nil {
		l.logger.Warn("store: no spare log", "error", err)
	}
	l.remove()
	return false
}

func (l *spareLog) write() error {
	f, err := l.fs.Create(l.path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	zeros := make([]byte, min(spareLogChunk, l.size))
	for n := int64(0); n < l.size && err == nil && !l.closing.Load(); n += int64(len(zeros)) {
		if _, err = f.Write(zeros); err == nil {
			err = f.SyncData()
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// close ends the making of a file and removes what was made.
func (l *spareLog) close() {
	l.mu.Lock()
	l.closing.Store(true)
	l.mu.Unlock()
	l.tasks.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ready {
		l.ready = false
		l.remove()
	}
}
