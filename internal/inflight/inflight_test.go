package inflight_test

import (
	"sync"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/inflight"
)

// TestLimit: never more is taken than there is, whoever waits gets room, and
// what can never fit is refused at once.
func TestLimit(t *testing.T) {
	const size = 10
	l := inflight.New(size)
	if l.Acquire(size+1, time.Hour, nil) {
		t.Error("more than there is was taken")
	}
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			n := int64(i%size + 1)
			if !l.Acquire(n, time.Hour, nil) {
				t.Error("no room within an hour")
				return
			}
			l.Release(n)
		})
	}
	all.Wait()
	if l.Used() != 0 || l.Size() != size {
		t.Errorf("%d of %d are still taken", l.Used(), l.Size())
	}
	gone := make(chan struct{})
	close(gone)
	if !l.TryAcquire(size) || l.Acquire(1, time.Hour, gone) || l.Acquire(1, 0, nil) || l.Used() != size {
		t.Errorf("%d of %d are taken", l.Used(), size)
	}
}
