package native

import (
	"sync"
	"sync/atomic"
)

// workers are the goroutines that run the requests which the reading goroutines
// don't run themselves. They are kept for the next request: a new goroutine would
// begin with a small stack, and growing it on the way down into the back end
// was seen to take a third of a write's time.
type workers struct {
	work chan *request // unbuffered: it takes a request only if a worker waits
	idle atomic.Int32  // about how many wait
	wg   sync.WaitGroup
}

func newWorkers() *workers { return &workers{work: make(chan *request)} }

// run runs r in a waiting worker, or in a new one. How many there are is
// bounded by the requests that may be in flight.
func (w *workers) run(r *request) {
	select {
	case w.work <- r:
	default:
		w.wg.Add(1)
		go w.serve(r)
	}
}

// serve runs r and then those that come, until it is told to go.
func (w *workers) serve(r *request) {
	defer w.wg.Done()
	for r != nil {
		r.runAside()
		w.idle.Add(1)
		r = <-w.work
		w.idle.Add(-1)
	}
}

// trim sends half of the waiting workers away; called now and then it lets go
// of what a burst has left.
func (w *workers) trim() {
	for range (w.idle.Load() + 1) / 2 {
		select {
		case w.work <- nil:
		default:
			return
		}
	}
}

// stop ends the workers, none of which has a request any more.
func (w *workers) stop() {
	close(w.work)
	w.wg.Wait()
}
