package ddl

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestBarrier: after wait nobody is at work by what was published before.
func TestBarrier(t *testing.T) {
	const writers, changes = 4, 300
	var (
		b         barrier
		published atomic.Int64
		working   [changes + 1]atomic.Int64 // writers by the version they loaded
		stop      atomic.Bool
		group     sync.WaitGroup
	)
	for range writers {
		group.Go(func() {
			for !stop.Load() {
				ticket := b.enter()
				version := published.Load()
				working[version].Add(1)
				working[version].Add(-1)
				b.leave(ticket)
				time.Sleep(10 * time.Microsecond)
			}
		})
	}
	for v := int64(1); v <= changes; v++ {
		published.Store(v)
		if _, err := b.wait(context.Background()); err != nil {
			t.Fatal(err)
		}
		for old := range v {
			if working[old].Load() != 0 {
				t.Fatalf("version %d: a writer still works by version %d", v, old)
			}
		}
	}
	stop.Store(true)
	group.Wait()
	if waited, err := b.wait(context.Background()); waited || err != nil {
		t.Errorf("with no writer: %v, %v", waited, err)
	}
}

func TestBarrierCancelled(t *testing.T) {
	var b barrier
	ticket := b.enter()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if waited, err := b.wait(ctx); !waited || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, %v", waited, err)
	}
	// The writer is still waited for, whatever came in between.
	b.leave(b.enter())
	again, cancelAgain := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancelAgain()
	if waited, err := b.wait(again); !waited || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the second time: %v, %v", waited, err)
	}
	b.leave(ticket)
	if waited, err := b.wait(context.Background()); waited || err != nil {
		t.Errorf("with no writer: %v, %v", waited, err)
	}
}
