package upstream

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// NewPlan returns the Plan of a Route, made once for each. timeout, if not 0, is
// how long a node may take for the statement.
func NewPlan(timeout time.Duration) any { return &statement{timeout: timeout} }

// statement is the Plan of a Route.
type statement struct {
	timeout time.Duration
	// answers holds, by version, a hash of what PREPARE was last answered to a
	// client, without the id: bind variables and columns. 0 is none.
	answers [wire.V5 - wire.V3 + 1]atomic.Uint64
}

var answerSeed = maphash.MakeSeed()

// answerHash is the hash of a RESULT of kind Prepared, 0 for any other answer.
func answerHash(a backend.Answer, v wire.Version) uint64 {
	if a.Err != nil || a.Opcode != wire.OpResult {
		return 0
	}
	_, message, err := wire.SplitResponse(wire.Header{Version: v, Flags: a.Flags}, a.Body)
	if err != nil || len(message) < 6 || binary.BigEndian.Uint32(message) != wire.ResultPrepared {
		return 0
	}
	rest := message[6:]
	n := int(binary.BigEndian.Uint16(message[4:]))
	if n > len(rest) {
		return 0
	}
	return max(1, maphash.Bytes(answerSeed, rest[n:]))
}

// remember notes what a client is told about a statement.
func (k *call) remember(a backend.Answer, v wire.Version) {
	if r := k.route(); r != nil {
		if st, ok := r.Plan.(*statement); ok {
			st.answers[v-wire.V3].Store(answerHash(a, v))
		}
	}
}

// prepareFor prepares the statement with that id on c, which does not know it,
// and then sends k again. It is false when k has no such statement.
//
// Should the statement mean something else by now – its table has changed – then
// a client that asked to leave out the metadata would misread the rows. It gets
// the UNPREPARED then, prepares anew, and learns of the change as it would from
// the node.
func (c *conn) prepareFor(k *call, id []byte) (sent bool, f backend.Flusher) {
	var route *backend.Route
	for _, r := range k.f.Routes {
		if string(r.ID[:]) == string(id) {
			route = r
		}
	}
	if route == nil || k.prepared > len(k.f.Routes) {
		return false, nil
	}
	k.prepared++
	c.cluster.metrics.prepared.Inc()
	m := wire.Prepare{Text: route.Text}
	prepare := &backend.Forward{Version: c.version, Opcode: wire.OpPrepare, Body: m.AppendBody(nil, c.version)}
	prepare.To = receiver(func(a backend.Answer) backend.Flusher {
		st, ok := route.Plan.(*statement)
		if h := answerHash(a, c.version); ok && h != 0 && h == st.answers[c.version-wire.V3].Load() {
			if sent, f := c.send(k); sent {
				return f
			}
		}
		return k.answer(backend.Answer{Err: unprepared(route)})
	})
	own := newCall(prepare, c.cluster.clock.Load()+int64(c.cluster.opts.RequestTimeout))
	own.pinned = true
	return c.send(own)
}

// unprepared is the error for the client of a statement that it has to prepare
// again.
func unprepared(r *backend.Route) *cqlerr.Error {
	e := cqlerr.Newf(cqlerr.Unprepared, "Prepared query with ID %x not found (either the query was not prepared on this host "+
		"(maybe the host has been restarted?) or you have prepared too many queries and it has been evicted from the internal cache)", r.ID)
	e.ID = r.ID[:]
	return e
}

// timeout is how long a node may take for f.
func (c *Cluster) timeout(f *backend.Forward) time.Duration {
	if len(f.Routes) > 0 {
		if st, ok := f.Routes[0].Plan.(*statement); ok && st.timeout > 0 {
			return st.timeout
		}
	}
	return c.opts.RequestTimeout
}

// forever is a deadline that never comes.
const forever = math.MaxInt64
