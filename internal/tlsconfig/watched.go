package tlsconfig

import (
	"log/slog"
	"os"
	"strconv"
	"sync"
	"time"
)

// checkPeriod is how often, at most, files are asked whether they changed.
// Handshakes ask; there is no goroutine.
const checkPeriod = time.Second

// watched is what is made of some files, and made again when they change. What
// can't be made leaves the old in place.
type watched[T any] struct {
	paths []string
	load  func() (T, error)
	log   *slog.Logger

	mu      sync.Mutex
	value   T
	stamp   string // of the files that value was made of
	failed  string // stamp of those that it could not be made of, told once
	checked time.Time
}

// open makes the first value.
func (w *watched[T]) open() error {
	w.stamp, w.checked = stamp(w.paths), time.Now()
	var err error
	w.value, err = w.load()
	return err
}

// get is the newest value.
func (w *watched[T]) get() T {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.checked) < checkPeriod {
		return w.value
	}
	w.checked = time.Now()
	now := stamp(w.paths)
	if now == w.stamp {
		return w.value
	}
	value, err := w.load()
	switch {
	case err == nil:
		w.value, w.stamp = value, now
		w.log.Info("TLS: files were read again", "files", w.paths)
	case w.failed != now:
		w.failed = now
		w.log.Error("TLS: files changed and can't be used; going on with what they were", "files", w.paths, "error", err)
	}
	return w.value
}

// stamp changes when one of the files does.
func stamp(paths []string) string {
	var all []byte
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			all = info.ModTime().AppendFormat(all, time.RFC3339Nano)
			all = append(all, ' ')
			all = strconv.AppendInt(all, info.Size(), 10)
		}
		all = append(all, '\n')
	}
	return string(all)
}
