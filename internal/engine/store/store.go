package store

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/astrolabe-db/astrolabe/internal/memory"
)

// Options of Open. The zero value of each field but Dir is a good default.
type Options struct {
	// Dir holds the data; it is made when missing.
	Dir string
	// FS is the file system; nil is the disk.
	FS vfs.FS
	// Periodic lets commits return before the write-ahead log is synced; a
	// background task syncs it every ten seconds at the latest (Cassandra's
	// default, commitlog_sync: periodic). False: a commit returns after fsync;
	// concurrent commits share one.
	Periodic bool
	// ReadOnly opens what is there and changes nothing: no file is made, written
	// or removed, but for the one that holds the lock. Commits fail.
	ReadOnly bool
	// CacheBytes of the block cache; 0 follows the machine's memory.
	CacheBytes int64
	// Logger of background trouble; nil discards.
	Logger *slog.Logger
	// Layouts finds a table's layout when its tombstones are considered for
	// purging in the background. Nil, or a nil answer: tombstones of that table
	// are kept. It is called often and concurrently, and must not call the Store.
	Layouts func(id uint32) *Layout
	// seconds since the epoch; tests have their own.
	seconds func() int64
	// noRowCache: tests see what the database itself holds. eagerPartitions: they
	// have partitions cached when they are first read.
	noRowCache, eagerPartitions bool
	// spareLog is the size of spareLog; 0 is none, but on the disk (FS is nil).
	spareLog int64
}

// Store is an open data directory. All methods are safe for concurrent use.
type Store struct {
	db       *pebble.DB
	disk     *disk
	spare    spareLog
	lock     *pebble.Lock
	logger   *slog.Logger
	layouts  func(uint32) *Layout
	periodic bool
	readOnly bool
	reads    atomic.Int64
	// unsynced: something was written since the last sync of the log.
	unsynced atomic.Bool

	clock clock
	heads headTables
	hot   hotKeys
	rows  rowCache
	// partitions shares the shards of rows.
	partitions partitionCache
	// blockCache is the capacity of the block cache in bytes.
	blockCache int64
	stripes    applyStripes
	locks      lockStripes
	syncs      *groupSync

	// seed of the hashes of row keys, in hot and rows.
	seed maphash.Seed

	// inUse counts running commits and open readers, and closed (negative).
	inUse atomic.Int64
	folds chan []byte
	// stop ends the background tasks, which tasks waits for.
	stop  context.CancelFunc
	tasks sync.WaitGroup
	// seconds is the time that expiry and gc_grace are judged by.
	seconds func() int64
}

// Open opens or creates the store in o.Dir.
func Open(o Options) (*Store, error) {
	if o.FS == nil {
		o.FS, o.spareLog = vfs.Default, spareLogBytes
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if err := makeDir(&o); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if o.seconds == nil {
		o.seconds = func() int64 { return time.Now().Unix() }
	}
	lock, err := pebble.LockDirectory(o.Dir, o.FS)
	if err != nil {
		if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) || isHeldHere(err) {
			return nil, fmt.Errorf("%w: %s", ErrLocked, o.Dir)
		}
		return nil, fmt.Errorf("store: %w", err)
	}
	s := &Store{
		disk:     &disk{fs: o.FS, dir: o.Dir, logger: o.Logger},
		lock:     lock,
		logger:   o.Logger,
		layouts:  o.Layouts,
		periodic: o.Periodic,
		seed:     maphash.MakeSeed(),
		readOnly: o.ReadOnly,
		folds:    make(chan []byte, maxPendingFolds),
		seconds:  o.seconds,
	}
	if !o.noRowCache {
		s.rows.init(memory.Total())
		s.partitions.init(memory.Total(), o.eagerPartitions)
	}
	if !o.ReadOnly {
		s.spare.init(o.FS, o.Dir, o.spareLog, o.Logger)
	}
	s.syncs = newGroupSync(func() error { return s.db.LogData(nil, pebble.Sync) })
	if s.db, err = pebble.Open(o.Dir, s.pebbleOptions(&o)); err == nil {
		if err = s.load(); err != nil {
			err = errors.Join(err, s.db.Close())
		}
	}
	if err != nil {
		s.spare.close()
		return nil, errors.Join(fmt.Errorf("store: open %s: %w", o.Dir, err), lock.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	if !o.ReadOnly {
		s.tasks.Go(func() { s.work(ctx) })
		s.tasks.Go(func() { s.sweep(ctx) })
	}
	return s, nil
}

// makeDir makes the directory, or looks whether it is there.
func makeDir(o *Options) error {
	if o.ReadOnly {
		_, err := o.FS.Stat(o.Dir)
		return err
	}
	return o.FS.MkdirAll(o.Dir, 0o700)
}

func (s *Store) load() error {
	if err := s.clock.load(s.db); err != nil {
		return err
	}
	return s.heads.load(s.db)
}

// Failed returns nil, or why the store takes no more writes (ErrFailed,
// ErrDiskFull).
func (s *Store) Failed() error { return s.disk.writable() }

// closedBias makes inUse negative once the store is closed.
const closedBias = -1 << 40

// enter notes a use of the database, leave its end. Both are one atomic add.
func (s *Store) enter() error {
	if s.inUse.Add(1) < 0 {
		s.inUse.Add(-1)
		return ErrClosed
	}
	return nil
}

func (s *Store) leave() { s.inUse.Add(-1) }

// closeWait is how long Close waits for readers and commits that are still open.
const closeWait = 5 * time.Second

// Close waits for running commits, syncs, and closes. Readers must be closed
// before; Close waits a few seconds for them.
func (s *Store) Close() error {
	if s.inUse.Add(closedBias) < closedBias {
		s.inUse.Add(-closedBias)
		return ErrClosed
	}
	s.stop()
	s.tasks.Wait()
	s.spare.close()
	deadline := time.Now().Add(closeWait)
	for s.inUse.Load() != closedBias {
		if time.Now().After(deadline) {
			s.logger.Error("store closed while still in use", "uses", s.inUse.Load()-closedBias)
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := s.disk.failure(); err != nil {
		// Pebble would try to write, and wait for what it can't close, so it is
		// left alone; guardFS lets it change nothing. Both it and we hold the lock.
		return errors.Join(err, s.lock.Close(), s.lock.Close())
	}
	var err error
	if !s.readOnly {
		err = s.clock.settle(s.db)
		s.disk.closing.Store(true) // behind the last write, which may have to wait for a flush
	}
	return errors.Join(err, s.db.Close(), s.lock.Close())
}

// Checkpoint writes a consistent copy into dir, which must not exist; files
// are hard-linked where the file system can.
func (s *Store) Checkpoint(dir string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if err := s.disk.writable(); err != nil {
		return err
	}
	return s.db.Checkpoint(dir, pebble.WithFlushedWAL())
}

// TableSize is about how many bytes of a table are in files.
func (s *Store) TableSize(id uint32) (int64, error) {
	if err := s.enter(); err != nil {
		return 0, err
	}
	defer s.leave()
	lower := appendTable(nil, id)
	upper, _ := appendSuccessor(nil, lower)
	n, err := s.db.EstimateDiskUsage(lower, upper)
	return int64(n), err
}
