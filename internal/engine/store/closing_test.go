package store

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// gatedFS holds the first write to a table until its gate is opened, and counts
// those that it let through.
type gatedFS struct {
	vfs.FS
	reached, gate chan struct{}
	once          sync.Once
	writes        atomic.Int64
}

func (f *gatedFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	file, err := f.FS.Create(name, c)
	if err == nil && isTable(name) {
		file = &gatedFile{file, f}
	}
	return file, err
}

type gatedFile struct {
	vfs.File
	fs *gatedFS
}

func (f *gatedFile) Write(p []byte) (int, error) {
	f.fs.once.Do(func() { close(f.fs.reached) })
	<-f.fs.gate
	f.fs.writes.Add(1)
	return f.File.Write(p)
}

// TestCloseWaitsForNoTable: Close does not wait until a flush has written its
// tables, and loses nothing by that.
func TestCloseWaitsForNoTable(t *testing.T) {
	mem := vfs.NewMem()
	fs := &gatedFS{FS: mem, reached: make(chan struct{}), gate: make(chan struct{})}
	s, err := Open(Options{Dir: "data", FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.NewChaCha8([32]byte{})
	value := make([]byte, 64<<10) // what can't be compressed is many writes
	rows := 0
	for flushing := false; !flushing; rows++ {
		_, _ = random.Read(value)
		var rb RowBuilder
		rb.Cell(1, s.Now(), 0, 0, value)
		b := s.NewBatch()
		b.PutRow(plainLayout(1), []byte(fmt.Sprint(rows)), nil, &rb)
		commit(t, b)
		select {
		case <-fs.reached:
			flushing = true
		default:
		}
	}
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	steady.Until(t, "the store is being closed", s.disk.closing.Load)
	close(fs.gate)
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if n := fs.writes.Load(); n != 1 {
		t.Errorf("%d writes to tables, where one was under way", n)
	}
	again := openMem(t, Options{FS: mem})
	for i := range rows {
		if dump(t, again, plainLayout(1), &Scan{Now: testNow, Partitions: [][]byte{[]byte(fmt.Sprint(i))}}) == "" {
			t.Errorf("row %d is lost", i)
		}
	}
}
