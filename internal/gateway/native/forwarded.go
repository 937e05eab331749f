package native

import (
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// Answered implements backend.Receiver: it collects the answer for the client.
func (r *request) Answered(a backend.Answer) backend.Flusher {
	c := r.c
	flush := r.deliver(a)
	r.leave()
	c.finished(r)
	c.workers.Done()
	if !flush {
		return nil
	}
	return c
}

// deliver collects the answer, its body untouched wherever it can be. It never
// waits, and reports whether the caller has to see to a Flush.
func (r *request) deliver(a backend.Answer) (flush bool) {
	defer func() {
		if p := recover(); p != nil {
			flush = r.deliverError(r.logPanic(p))
		}
	}()
	if a.Err != nil {
		return r.deliverError(r.ownError(a.Err))
	}
	h := r.c.header(a.Opcode, r.header.Stream)
	h.Flags |= a.Flags
	if a.Opcode == wire.OpResult && r.preparing == nil && len(r.warnings) == 0 {
		return r.collectForwarded(h, a.Body)
	}
	extras, message, err := wire.SplitResponse(wire.Header{Version: r.header.Version, Flags: a.Flags}, a.Body)
	switch {
	case err != nil:
		return r.deliverError(err)
	case a.Opcode == wire.OpError:
		if own := r.count(message); own != nil {
			return r.deliverError(own)
		}
	case r.preparing != nil:
		if err := r.prepared(message); err != nil {
			return r.deliverError(err)
		}
	}
	if len(r.warnings) == 0 || r.header.Version < wire.V4 {
		return r.collectForwarded(h, a.Body)
	}
	extras.Warnings = append(extras.Warnings, r.warnings...)
	r.encoded, h.Flags = extras.Append(r.encoded[:0], r.header.Version)
	h.Flags |= r.c.header(a.Opcode, 0).Flags
	r.encoded = append(r.encoded, message...)
	return r.collectForwarded(h, r.encoded)
}

// collectForwarded collects an answer. What was read is let go of where there is no
// room for it; what a write has done is always told.
func (r *request) collectForwarded(h wire.Header, body []byte) (flush bool) {
	flush, ok := r.c.collectForwarded(h, body, r.forward.WriteType != "")
	if !ok {
		return r.deliverError(overloaded(r.c.s.answers))
	}
	return flush
}

// count counts a server's ERROR. An UNPREPARED that speaks of the servers' id is
// returned as one that speaks of the client's.
func (r *request) count(message []byte) *cqlerr.Error {
	if len(message) < 4 {
		return cqlerr.New(cqlerr.ServerError, "The cluster answered an ERROR without a code")
	}
	code := cqlerr.Code(binary.BigEndian.Uint32(message))
	if code == cqlerr.Unprepared {
		if e, err := wire.DecodeError(message, r.header.Version); err == nil {
			return r.ownError(e)
		}
	}
	r.c.s.metrics.failed(code)
	return nil
}

// ownError is err with the client's id of a statement in place of the servers'.
func (r *request) ownError(err *cqlerr.Error) *cqlerr.Error {
	if err.Code != cqlerr.Unprepared {
		return err
	}
	id := err.ID
	switch {
	case r.st != nil:
		id = r.st.id[:]
	case r.header.Opcode == wire.OpBatch:
		for i, route := range r.forward.Routes {
			if string(route.ID[:]) == string(err.ID) && i < len(r.ids) {
				id = r.ids[i][:]
			}
		}
	}
	return cqlerr.From(unprepared(id))
}

// deliverError collects an ERROR of ours.
func (r *request) deliverError(err *cqlerr.Error) (flush bool) {
	r.c.s.metrics.failed(err.Code)
	h := r.c.header(wire.OpError, r.header.Stream)
	r.encoded = wire.Error{Err: err}.AppendBody(r.encoded[:0], r.header.Version)
	flush, _ = r.c.collectForwarded(h, r.encoded, true)
	return flush
}
