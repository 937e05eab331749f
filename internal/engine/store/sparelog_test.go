package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// TestSpareLog: after a power cut all acknowledged writes are found in a log that
// was made of a file of zeros, which ends where they end; closed, nothing of
// it is left.
func TestSpareLog(t *testing.T) {
	const size = 64 << 10
	fs := vfs.NewCrashableMem()
	s, err := Open(Options{Dir: "data", FS: fs, spareLog: size})
	if err != nil {
		t.Fatal(err)
	}
	written := int64(0)
	write := func() {
		t.Helper()
		written++
		if err := writeCrashBatch(s, 0, written); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // each turn with a log of its own
		for range 100 { // enough to have the spare file made, and less than it holds
			write()
		}
		for deadline := time.Now().Add(time.Minute); !s.spare.isReady(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("no spare log is made")
			}
		}
		if err := s.db.Flush(); err != nil {
			t.Fatal(err)
		}
		// It may be one that Pebble reuses, too, if that has grown as large meanwhile.
		if n := newestLog(t, fs); n < size {
			t.Fatalf("the next log, of %d bytes, is not the spare file", n)
		}
		write()
		disk := fs.CrashClone(vfs.CrashCloneCfg{})
		after, err := Open(Options{Dir: "data", FS: disk, spareLog: size})
		if err != nil {
			t.Fatal(err)
		}
		checkCrashed(t, after, 0, written)
		if err := after.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := fs.Stat("data/" + spareLogName); err == nil {
		t.Error("the spare file is left behind")
	}
}

// TestSpareLogLeft: what a process that was killed has left of a spare file is not
// taken for one.
func TestSpareLogLeft(t *testing.T) {
	fs := vfs.NewMem()
	if err := fs.MkdirAll("data", 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := fs.Create("data/"+spareLogName, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprint(f, "half of it"); err != nil {
		t.Fatal(err)
	}
	openMem(t, Options{FS: fs, spareLog: 64 << 10})
	if _, err := fs.Stat("data/" + spareLogName); err == nil {
		t.Error("it is still there")
	}
}

func (l *spareLog) isReady() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ready
}

// newestLog is the size of the log with the highest number.
func newestLog(t *testing.T, fs vfs.FS) (size int64) {
	t.Helper()
	names, err := fs.List("data")
	if err != nil {
		t.Fatal(err)
	}
	newest := ""
	for _, name := range names {
		if strings.HasSuffix(name, ".log") { // a number of six digits
			newest = max(newest, name)
		}
	}
	info, err := fs.Stat("data/" + newest)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
