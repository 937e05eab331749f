package native

import (
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// eventStream is the stream id of events (native_protocol_v5.spec §2.3.3).
const eventStream = -1

// maxQueuedChanges bounds the schema changes that wait to be sent as events.
const maxQueuedChanges = 1 << 10

// schemaChanged is called by the back end after each schema change and must
// not wait. Statements that the change touches are dropped here, so that they
// are gone before the change is acknowledged; the events are sent from a queue.
// Should that be full, clients would miss a change for good: the connections
// that registered are closed instead, and find the new schema when they are
// back.
func (s *Server) schemaChanged(c schema.Change) {
	s.prepared.invalidate(c)
	select {
	case s.changes <- c:
	default:
		s.log.Error("native protocol: too many schema changes in the queue, closing the connections that registered for them")
		for _, conn := range s.connections() {
			if conn.registered(wire.SchemaChangeEvent) {
				conn.abort()
			}
		}
	}
}

// sendEvents sends queued schema changes to all connections that registered for
// them (REGISTER), the one that caused a change included.
func (s *Server) sendEvents() {
	defer s.wg.Done()
	for {
		select {
		case <-s.stop:
			return
		case c := <-s.changes:
			m := &wire.SchemaChangeEventBody{SchemaChange: schemaChange(&c)}
			for _, conn := range s.connections() {
				if conn.registered(wire.SchemaChangeEvent) {
					conn.sendEvent(m)
				}
			}
		}
	}
}

// registered reports whether the connection registered for events of type t.
func (c *conn) registered(t wire.EventTypes) bool {
	return wire.EventTypes(c.events.Load())&t != 0
}
