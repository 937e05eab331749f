package store

import (
	"time"

	"github.com/cockroachdb/pebble/v2"
)

const (
	// syncPeriod is commitlog_sync_period of Cassandra's periodic mode.
	syncPeriod = 10 * time.Second
	// sweepPeriod is the time between two sweeps; longer after one that took
	// long, so that sweeping stays below sweepShare of the time.
	sweepPeriod = time.Minute
	sweepShare  = 100
)

// work is the store's one background task: it folds, sweeps and, in periodic
// mode, syncs.
func (s *Store) work() {
	sweep := time.NewTimer(sweepPeriod)
	defer sweep.Stop()
	sync := time.NewTicker(syncPeriod)
	defer sync.Stop()
	var sw sweeper
	for {
		select {
		case <-s.stop:
			return
		case key := <-s.folds:
			s.background("fold", func() error { return s.fold(key) })
		case <-sync.C:
			if s.unsynced.Swap(false) {
				s.background("sync", func() error { return s.db.LogData(nil, pebble.Sync) })
			}
		case <-sweep.C:
			start := time.Now()
			s.background("sweep", func() error { return sw.run(s, start.Unix()) })
			sweep.Reset(max(sweepPeriod, sweepShare*time.Since(start)))
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
