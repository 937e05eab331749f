package store

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// disk is what the store knows of the health of its disk.
//
// Pebble ends the process when it can't write its log or its manifest. Here it
// does not come to that: guardFS catches the error, fails the store for good,
// and lets the log's writes from then on go nowhere. Every commit looks at
// failure after its sync and so is never acknowledged by a write that went
// nowhere; reads go on.
type disk struct {
	fs     vfs.FS
	dir    string
	logger *slog.Logger
	err    atomic.Pointer[error]
	// closing: no table is written any more. What a flush was to write is in the log,
	// and what a compaction was to, in the tables that it reads.
	closing atomic.Bool
	// next time, in Unix seconds, to look at the free space, and whether there was enough.
	nextLook atomic.Int64
	full     atomic.Bool
}

// minFreeBytes is what must be free on the disk for writes to be taken, so that
// it does not fill up in the middle of a log or a flush.
const minFreeBytes = 64 << 20

// failure is nil until a write has failed.
func (d *disk) failure() error {
	if e := d.err.Load(); e != nil {
		return *e
	}
	return nil
}

// fail stops writing.
func (d *disk) fail(what string, cause error) {
	err := fmt.Errorf("%w: %s: %w", ErrFailed, what, cause)
	if d.err.CompareAndSwap(nil, &err) {
		d.logger.Error("the disk failed; the store only reads until the process is restarted", "operation", what, "error", cause)
	}
}

// writable returns why no write may be taken now, or nil. It looks at the free
// space once a second.
func (d *disk) writable() error {
	if err := d.failure(); err != nil {
		return err
	}
	now := time.Now().Unix()
	if next := d.nextLook.Load(); now >= next && d.nextLook.CompareAndSwap(next, now+1) {
		usage, err := d.fs.GetDiskUsage(d.dir)
		full := err == nil && usage.AvailBytes < minFreeBytes
		if d.full.Swap(full) != full {
			d.logger.Warn("free disk space", "enough", !full, "available", usage.AvailBytes, "needed", uint64(minFreeBytes))
		}
	}
	if d.full.Load() {
		return fmt.Errorf("%w: less than %d MB free", ErrDiskFull, minFreeBytes>>20)
	}
	return nil
}

// guardFS is the file system Pebble gets.
type guardFS struct {
	vfs.FS
	disk  *disk
	spare *spareLog
}

// errClosing ends the flush or the compaction that Pebble would otherwise wait for
// when it is closed.
var errClosing = errors.New("the store is being closed")

// retryDelay slows down Pebble's immediate retries of a failed flush.
const retryDelay = 200 * time.Millisecond

func isLog(name string) bool { return strings.HasSuffix(name, ".log") }

func isTable(name string) bool { return strings.HasSuffix(name, ".sst") }

// Create implements vfs.FS.
func (g *guardFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return g.open(name, func() (vfs.File, error) {
		if isLog(name) {
			if f, ok, err := g.spare.open(name, category); ok {
				return f, err
			}
		}
		return g.FS.Create(name, category)
	})
}

// ReuseForWrite implements vfs.FS. A small log is not reused if there is a spare
// file.
func (g *guardFS) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return g.open(newname, func() (vfs.File, error) {
		if old, err := g.FS.Stat(oldname); err == nil && old.Size() < g.spare.size {
			if f, ok, err := g.spare.open(newname, category); ok {
				if err == nil {
					err = g.FS.Remove(oldname)
				}
				return f, err
			}
		}
		g.spare.written.Store(0)
		return g.FS.ReuseForWrite(oldname, newname, category)
	})
}

func (g *guardFS) open(name string, open func() (vfs.File, error)) (vfs.File, error) {
	err := g.disk.failure()
	if err == nil && isTable(name) && g.disk.closing.Load() {
		return nil, errClosing
	}
	if err == nil {
		var f vfs.File
		if f, err = open(); err == nil {
			return &guardFile{File: f, disk: g.disk, log: isLog(name), table: isTable(name), spare: g.spare}, nil
		}
	}
	if isLog(name) {
		g.disk.fail("create write-ahead log", err)
		return lostFile{}, nil
	}
	time.Sleep(retryDelay)
	return nil, err
}

// Link implements vfs.FS.
func (g *guardFS) Link(oldname, newname string) error {
	if err := g.disk.failure(); err != nil {
		return err
	}
	return g.FS.Link(oldname, newname)
}

// Remove implements vfs.FS.
func (g *guardFS) Remove(name string) error {
	if err := g.disk.failure(); err != nil {
		return err
	}
	return g.FS.Remove(name)
}

// Rename implements vfs.FS.
func (g *guardFS) Rename(oldname, newname string) error {
	if err := g.disk.failure(); err != nil {
		return err
	}
	return g.FS.Rename(oldname, newname)
}

// guardFile is a file being written.
type guardFile struct {
	vfs.File
	disk  *disk
	log   bool
	table bool
	spare *spareLog
}

// check passes an operation's error on, but for the log's.
func (f *guardFile) check(what string, op func() error) error {
	err := f.disk.failure()
	if err == nil && f.table && f.disk.closing.Load() {
		return errClosing
	}
	if err == nil {
		if err = op(); err == nil {
			return nil
		}
	}
	if !f.log {
		return err
	}
	f.disk.fail(what, err)
	return nil
}

// Write implements vfs.File.
func (f *guardFile) Write(p []byte) (int, error) {
	err := f.check("write to write-ahead log", func() error { _, err := f.File.Write(p); return err })
	if err != nil {
		return 0, err
	}
	if f.log {
		f.spare.wrote(len(p))
	}
	return len(p), nil
}

// Sync implements vfs.File.
func (f *guardFile) Sync() error { return f.check("sync of write-ahead log", f.File.Sync) }

// SyncData implements vfs.File.
func (f *guardFile) SyncData() error { return f.check("sync of write-ahead log", f.File.SyncData) }

// SyncTo implements vfs.File.
func (f *guardFile) SyncTo(length int64) (fullSync bool, err error) {
	err = f.check("sync of write-ahead log", func() error { fullSync, err = f.File.SyncTo(length); return err })
	return fullSync, err
}

// Preallocate implements vfs.File.
func (f *guardFile) Preallocate(offset, length int64) error {
	return f.check("growth of write-ahead log", func() error { return f.File.Preallocate(offset, length) })
}

// Close implements vfs.File.
func (f *guardFile) Close() error {
	if err := f.File.Close(); err != nil && !f.log {
		return err
	} else if err != nil {
		f.disk.fail("close of write-ahead log", err)
	}
	return nil
}
