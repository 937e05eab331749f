package inflight_test

import (
	"sync"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/steady"
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

// TestOrder: who waits gets room in the order of coming, and one that gives up
// makes way for those behind it.
func TestOrder(t *testing.T) {
	l := inflight.New(10)
	if !l.TryAcquire(7) {
		t.Fatal("no room at first")
	}
	granted := make(chan int64)
	giveUp := make(chan struct{})
	wait := func(n int64, done <-chan struct{}) {
		before := l.Waiting()
		go func() {
			if l.Acquire(n, time.Hour, done) {
				granted <- n
			} else {
				granted <- -n
			}
		}()
		steady.Until(t, "it waits", func() bool { return l.Waiting() > before })
	}
	wait(5, giveUp)
	wait(4, nil)
	wait(3, nil) // for which there would be room
	select {
	case n := <-granted:
		t.Errorf("%d was granted out of turn", n)
	default:
	}
	close(giveUp)
	if n := <-granted; n != -5 {
		t.Errorf("%d, not the end of what gave up", n)
	}
	if l.Used() != 7 || l.Waiting() != 2 {
		t.Errorf("%d are used, %d wait", l.Used(), l.Waiting())
	}
	l.Release(2)
	if n := <-granted; n != 4 {
		t.Errorf("%d was granted, not 4", n)
	}
	l.Release(5)
	if n := <-granted; n != 3 {
		t.Errorf("%d was granted, not 3", n)
	}
	l.Release(4 + 3)
	if l.Used() != 0 || l.Waiting() != 0 {
		t.Errorf("%d are used, %d wait", l.Used(), l.Waiting())
	}
}
