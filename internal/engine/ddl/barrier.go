package ddl

import (
	"context"
	"sync/atomic"
	"time"
)

// Ticket is what Enter gives and Leave takes back.
type Ticket uint32

// barrier counts the statements that are writing, so that a schema change can
// wait for those that know only the schema before it. Two counters take turns:
// a change turns new writers to the other one and waits for the first to empty.
type barrier struct {
	epoch  atomic.Uint32
	active [2]atomic.Int64
}

// longestPause is the longest that wait sleeps between two looks.
const longestPause = 5 * time.Millisecond

func (b *barrier) enter() Ticket {
	for {
		epoch := b.epoch.Load()
		b.active[epoch&1].Add(1)
		if b.epoch.Load() == epoch {
			return Ticket(epoch)
		}
		b.active[epoch&1].Add(-1)
	}
}

func (b *barrier) leave(t Ticket) { b.active[t&1].Add(-1) }

// wait returns when every writer that entered before it has left; waited says
// whether there was any. One call at a time. After an error the next call
// waits for those writers, too.
func (b *barrier) wait(ctx context.Context) (waited bool, err error) {
	epoch := b.epoch.Load()
	// Writers that a cancelled call left over are on the counter that new ones
	// are about to use.
	before, err := drain(ctx, &b.active[(epoch+1)&1])
	if err != nil {
		return before, err
	}
	b.epoch.Store(epoch + 1)
	waited, err = drain(ctx, &b.active[epoch&1])
	return waited || before, err
}

// drain waits for a counter that no one enters any more.
func drain(ctx context.Context, active *atomic.Int64) (waited bool, err error) {
	pause := 20 * time.Microsecond
	for active.Load() != 0 {
		waited = true
		select {
		case <-ctx.Done():
			return waited, ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
	return waited, nil
}
