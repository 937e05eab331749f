package store

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// brokenFS fails operations on files of a kind once it is told to.
type brokenFS struct {
	vfs.FS
	broken  atomic.Bool
	matches func(name, op string) bool
	full    atomic.Bool
}

func (f *brokenFS) fails(name, op string) bool { return f.broken.Load() && f.matches(name, op) }

func (f *brokenFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if f.fails(name, "create") {
		return nil, syscall.ENOSPC
	}
	file, err := f.FS.Create(name, c)
	return &brokenFile{File: file, fs: f, name: name}, err
}

func (f *brokenFS) ReuseForWrite(oldname, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if f.fails(name, "create") {
		return nil, syscall.ENOSPC
	}
	file, err := f.FS.ReuseForWrite(oldname, name, c)
	return &brokenFile{File: file, fs: f, name: name}, err
}

func (f *brokenFS) GetDiskUsage(string) (vfs.DiskUsage, error) {
	if f.full.Load() {
		return vfs.DiskUsage{AvailBytes: minFreeBytes - 1}, nil
	}
	return vfs.DiskUsage{AvailBytes: 1 << 40}, nil
}

type brokenFile struct {
	vfs.File
	fs   *brokenFS
	name string
}

func (f *brokenFile) Write(p []byte) (int, error) {
	if f.fs.fails(f.name, "write") {
		n, _ := f.File.Write(p[:len(p)/2]) // a torn write
		return n, syscall.ENOSPC
	}
	return f.File.Write(p)
}

func (f *brokenFile) Sync() error {
	if f.fs.fails(f.name, "sync") {
		return syscall.EIO
	}
	return f.File.Sync()
}

func (f *brokenFile) SyncData() error { return f.Sync() }

func (f *brokenFile) SyncTo(n int64) (bool, error) { return true, f.Sync() }

// TestDiskFailure: when writing a file fails, commits fail from then on, none is
// acknowledged that is not kept, reads go on, and nothing panics or hangs. After
// a restart all acknowledged writes are there.
func TestDiskFailure(t *testing.T) {
	cases := map[string]func(name, op string) bool{
		"log write":      func(name, op string) bool { return isLog(name) && op == "write" },
		"log sync":       func(name, op string) bool { return isLog(name) && op == "sync" },
		"log create":     func(name, op string) bool { return isLog(name) && op == "create" },
		"manifest write": func(name, op string) bool { return strings.Contains(name, "MANIFEST") && op == "write" },
		"manifest sync":  func(name, op string) bool { return strings.Contains(name, "MANIFEST") && op == "sync" },
	}
	for name, matches := range cases {
		t.Run(name, func(t *testing.T) { breakDisk(t, matches) })
	}
}

func breakDisk(t *testing.T, matches func(name, op string) bool) {
	mem := vfs.NewMem()
	fs := &brokenFS{FS: mem, matches: matches}
	s, err := Open(Options{Dir: "data", FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := 0
	value := make([]byte, 4<<10) // few rows fill a memtable
	put := func(i int) error {
		var rb RowBuilder
		rb.Cell(1, s.Now(), 0, 0, value)
		b := s.NewBatch()
		b.PutRow(plainLayout(1), []byte(fmt.Sprint(i)), nil, &rb)
		return b.Commit()
	}
	for ; acknowledged < 100; acknowledged++ {
		if err := put(acknowledged); err != nil {
			t.Fatal(err)
		}
	}
	fs.broken.Store(true)
	// Enough to fill several memtables, so that log and manifest are changed.
	deadline := time.Now().Add(time.Minute)
	for i := acknowledged; err == nil; i++ {
		if err = put(i); err == nil {
			acknowledged++
		}
		if time.Now().After(deadline) {
			t.Fatal("no commit failed")
		}
	}
	if !errors.Is(err, ErrFailed) {
		t.Errorf("error is %v", err)
	}
	if err := put(1 << 30); !errors.Is(err, ErrFailed) {
		t.Errorf("a later commit: %v", err)
	}
	count := func(s *Store) (n int) {
		r := s.NewReader()
		defer r.Close()
		it := r.Scan(plainLayout(1), &Scan{Now: testNow})
		for it.NextPartition() {
			n++
		}
		if err := it.Close(); err != nil {
			t.Error(err)
		}
		return n
	}
	if n := count(s); n < acknowledged {
		t.Errorf("%d rows read after the failure, %d were acknowledged", n, acknowledged)
	}
	if err := s.Close(); !errors.Is(err, ErrFailed) {
		t.Errorf("close: %v", err)
	}
	again, err := Open(Options{Dir: "data", FS: mem})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := count(again); n < acknowledged || n > acknowledged+1 {
		t.Errorf("%d rows after the restart, %d were acknowledged", n, acknowledged)
	}
}

// TestDiskFull: with too little free space commits are refused, and taken again
// when there is room.
func TestDiskFull(t *testing.T) {
	fs := &brokenFS{FS: vfs.NewMem()}
	s := openMem(t, Options{FS: fs})
	fs.full.Store(true)
	if err := writeCrashBatch(s, 0, 1); !errors.Is(err, ErrDiskFull) {
		t.Fatalf("error is %v", err)
	}
	fs.full.Store(false)
	s.disk.nextLook.Store(0)
	if err := writeCrashBatch(s, 0, 1); err != nil {
		t.Fatal(err)
	}
}

// TestLocked: a second open of a directory says that it is held.
func TestLocked(t *testing.T) {
	for name, fs := range map[string]vfs.FS{"disk": vfs.Default, "memory": vfs.NewMem()} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openMem(t, Options{Dir: dir, FS: fs})
			if _, err := Open(Options{Dir: dir, FS: fs}); !errors.Is(err, ErrLocked) {
				t.Errorf("error is %v", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			openMem(t, Options{Dir: dir, FS: fs})
		})
	}
}

// TestClosed: after Close everything says so.
func TestClosed(t *testing.T) {
	s := openMem(t, Options{})
	b := s.NewBatch()
	b.SetMeta([]byte("a"), []byte("b"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Commit(); err != ErrClosed {
		t.Errorf("commit: %v", err)
	}
	r := s.NewReader()
	defer r.Close()
	if _, err := r.GetMeta([]byte("a")); err != ErrClosed {
		t.Errorf("read: %v", err)
	}
	if err := s.Close(); err != ErrClosed {
		t.Errorf("second close: %v", err)
	}
	if err := s.Checkpoint("copy"); err != ErrClosed {
		t.Errorf("checkpoint: %v", err)
	}
}
