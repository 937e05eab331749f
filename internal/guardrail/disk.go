package guardrail

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// The states of the disk.
const (
	diskFine = iota
	diskStuffed
	diskFull
)

// diskPeriod is how often the disk is looked at (DiskUsageMonitor), diskNotify
// how often, at most, clients are warned (disk_usage_notify_interval).
const (
	diskPeriod = 30 * time.Second
	diskNotify = 30 * time.Minute
)

type disk struct {
	state    atomic.Uint32
	notified atomic.Int64 // unix seconds
}

// WatchDisk looks at the disk until ctx ends. used tells how much of it is in
// use, in percent; an error leaves things as they are.
func (g *Guard) WatchDisk(ctx context.Context, used func() (int64, error), log *slog.Logger) {
	if !g.limits.DiskUsage.set() {
		return
	}
	ticker := time.NewTicker(diskPeriod)
	defer ticker.Stop()
	for {
		g.LookAtDisk(used, log)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// LookAtDisk is one look of WatchDisk.
func (g *Guard) LookAtDisk(used func() (int64, error), log *slog.Logger) {
	percent, err := used()
	if err != nil {
		log.Warn("guardrails: the disk's usage is unknown", "error", err)
		return
	}
	state, t := uint32(diskFine), g.limits.DiskUsage
	switch {
	case t.Fail >= 0 && percent > t.Fail:
		state = diskFull
	case t.Warn >= 0 && percent > t.Warn:
		state = diskStuffed
	}
	if before := g.disk.state.Swap(state); before != state {
		log.Warn("guardrails: local data disk usage", "percent", percent, "warning_threshold", t.Warn, "failure_threshold", t.Fail,
			"writes_refused", state == diskFull)
	}
}

// checkDisk is what is to be said of a write: past the failure threshold it is
// refused.
func (f *findings) checkDisk() error {
	switch f.guard.disk.state.Load() {
	case diskFull:
		return f.fail(diskUsage.name, f.guard.format(&diskUsage, false, "", 0, 0))
	case diskStuffed:
		now, last := time.Now().Unix(), f.guard.disk.notified.Load()
		if now-last >= int64(diskNotify/time.Second) && f.guard.disk.notified.CompareAndSwap(last, now) {
			f.warn(diskUsage.name, f.guard.format(&diskUsage, true, "", 0, 0))
		}
	}
	return nil
}
