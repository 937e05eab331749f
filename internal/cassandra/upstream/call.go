package upstream

import (
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/backend"
)

// maxAttempts bounds on how many nodes a request is tried.
const maxAttempts = 3

// call is a request on its way. It belongs to the connection whose stream it
// has, else to who handles it.
type call struct {
	f *backend.Forward
	// deadline in nanoseconds of the cluster's clock.
	deadline int64
	// write is the number of the write that carries the request (conn.writes).
	write uint64
	// tried are the nodes that it was sent to or that refused it.
	tried    [maxAttempts]*node
	attempts int
	// prepared counts the statements that were prepared for it.
	prepared int
	// pinned: a request of the pool's own, meant for one node.
	pinned bool
}

var calls = sync.Pool{New: func() any { return new(call) }}

func newCall(f *backend.Forward, deadline int64) *call {
	k := calls.Get().(*call)
	k.f, k.deadline = f, deadline
	return k
}

// answer gives the request its answer; k is gone then.
func (k *call) answer(a backend.Answer) backend.Flusher {
	to := k.f.To
	*k = call{}
	calls.Put(k)
	return to.Answered(a)
}

// was reports whether the call was tried on n.
func (k *call) was(n *node) bool {
	for _, t := range k.tried[:k.attempts] {
		if t == n {
			return true
		}
	}
	return false
}

// route is that of the first statement, nil if there is none.
func (k *call) route() *backend.Route {
	if len(k.f.Routes) == 0 {
		return nil
	}
	return k.f.Routes[0]
}

// receiver makes a Receiver of a function, for requests of the pool's own.
type receiver func(backend.Answer) backend.Flusher

// Answered calls f.
func (f receiver) Answered(a backend.Answer) backend.Flusher { return f(a) }
