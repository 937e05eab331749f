package upstream

import (
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// lost ends a call whose connection ended. unsent: nothing of it was given to
// the socket.
func (c *Cluster) lost(k *call, conn *conn, unsent bool, cause error) {
	if unsent && !k.pinned {
		k.attempts--
	}
	if !k.pinned && (unsent || k.f.Idempotent) {
		c.metrics.retries.Inc()
		if sent, f := c.dispatch(k); sent {
			if f != nil {
				f.Flush()
			}
			return
		}
	}
	var err *cqlerr.Error
	if unsent {
		_, err = c.outlook(version(k.f))
	} else {
		err = k.unknown("The connection to node %s was lost before it answered: %v", conn.node.addr, cause)
	}
	if f := k.answer(backend.Answer{Err: err}); f != nil {
		f.Flush()
	}
}

// unknown is the error of a request of which it is not known whether it was
// executed: a timeout without any answer, which no driver takes for a failure
// that had no effect.
func (k *call) unknown(format string, args ...any) *cqlerr.Error {
	if k.route() == nil || k.f.Opcode == wire.OpPrepare {
		return cqlerr.Newf(cqlerr.Overloaded, format, args...)
	}
	e := cqlerr.Newf(cqlerr.ReadTimeout, format, args...)
	e.Consistency, e.BlockFor = k.f.Consistency, 1
	if k.f.WriteType != "" {
		e.Code, e.WriteType = cqlerr.WriteTimeout, k.f.WriteType
	}
	return e
}

// answerError hands an ERROR to its call, unless something can be done: a node
// that is starting has not executed anything, one that does not know a prepared
// statement can be told it.
func (c *conn) answerError(k *call, a backend.Answer) backend.Flusher {
	_, message, err := wire.SplitResponse(wire.Header{Version: c.version, Flags: a.Flags}, a.Body)
	if err != nil || len(message) < 4 {
		return k.answer(a)
	}
	switch cqlerr.Code(binary.BigEndian.Uint32(message)) {
	case cqlerr.Bootstrapping:
		if k.pinned {
			break
		}
		c.cluster.metrics.retries.Inc()
		if sent, f := c.cluster.dispatch(k); sent {
			return f
		}
	case cqlerr.Unprepared:
		if e, err := wire.DecodeError(message, c.version); err == nil {
			if sent, f := c.prepareFor(k, e.ID); sent {
				return f
			}
		}
	}
	return k.answer(a)
}
