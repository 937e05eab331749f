package document

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
)

// clock gives write timestamps. Each write of a document has its own: of two
// with the same one, parts of both would stay.
type clock interface {
	// Now is in microseconds since the epoch and later than ever before.
	Now() int64
}

// newClock returns the back end's own clock, if it has one, which does not go
// back even when the machine's does; else one for a stateless gateway.
func newClock(b backend.Backend) clock {
	if c, ok := backend.As[backend.Clock](b); ok {
		return c
	}
	return &gatewayClock{phase: rand.Int64N(phases)}
}

// phases is how many gateways in front of one cluster can write in the same
// microseconds without ever having the same timestamp.
const phases = 16

// gatewayClock gives timestamps that are, modulo phases, all the same: another
// gateway most likely has another phase, and then never the same timestamp.
type gatewayClock struct {
	phase int64
	last  atomic.Int64
}

// Now implements clock.
func (c *gatewayClock) Now() int64 {
	for {
		last := c.last.Load()
		next := max(time.Now().UnixMicro()/phases*phases+c.phase, last+phases)
		if c.last.CompareAndSwap(last, next) {
			return next
		}
	}
}
