package store

import (
	"os"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// lostFile stands for a log that could not be made: what is written to it goes
// nowhere. The store has failed when there is one.
type lostFile struct{}

var _ vfs.File = lostFile{}

func (lostFile) Close() error                           { return nil }
func (lostFile) Read([]byte) (int, error)               { return 0, os.ErrInvalid }
func (lostFile) ReadAt([]byte, int64) (int, error)      { return 0, os.ErrInvalid }
func (lostFile) Write(p []byte) (int, error)            { return len(p), nil }
func (lostFile) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
func (lostFile) Preallocate(int64, int64) error         { return nil }
func (lostFile) Stat() (vfs.FileInfo, error)            { return nil, os.ErrInvalid }
func (lostFile) Sync() error                            { return nil }
func (lostFile) SyncTo(int64) (bool, error)             { return true, nil }
func (lostFile) SyncData() error                        { return nil }
func (lostFile) Prefetch(int64, int64) error            { return nil }
func (lostFile) Fd() uintptr                            { return vfs.InvalidFd }
