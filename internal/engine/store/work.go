package store

import (
	"context"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// syncPeriod is commitlog_sync_period of Cassandra's periodic mode.
const syncPeriod = 10 * time.Second

// work is the background task that folds and, in periodic mode, syncs.
func (s *Store) work(ctx context.Context) {
	sync := time.NewTicker(syncPeriod)
	defer sync.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case key := <-s.folds:
			s.background("fold", func() error { return s.fold(key) })
		case <-sync.C:
			if s.unsynced.Swap(false) {
				s.background("sync", func() error { return s.db.LogData(nil, pebble.Sync) })
			}
		}
	}
}

// background runs a task unless the disk takes no writes, and logs its error.
func (s *Store) background(what string, task func() error) {
	if s.disk.writable() != nil {
		return
	}
	if err := task(); err != nil {
		s.logger.Error("store: "+what, "error", err)
	}
}
