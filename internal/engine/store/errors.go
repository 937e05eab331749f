package store

import (
	"errors"
	"fmt"
)

// ErrLocked is returned by Open when another process holds the directory.
var ErrLocked = errors.New("store: data directory is held by another process")

// ErrClosed is returned after Close.
var ErrClosed = errors.New("store: closed")

// ErrTooManyTombstones is what Iter.Err returns past Scan.TombstoneLimit.
var ErrTooManyTombstones = errors.New("store: scanned over too many tombstones")

// ErrCorrupt is wrapped by errors about stored bytes that do not read.
var ErrCorrupt = errors.New("store: corrupt data")

// ErrDiskFull is wrapped by what Commit returns while the disk has too little
// room. Reads go on, and so do writes when there is room again.
var ErrDiskFull = errors.New("store: disk full")

// ErrFailed is wrapped by what Commit returns after a write to the disk has
// failed: until the process is restarted the store only reads, for it can't
// know what of the failed write is on the disk.
var ErrFailed = errors.New("store: writing stopped after a disk error")

func corruptf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}
