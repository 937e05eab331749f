package native

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// eventStream is the stream id of events (native_protocol_v5.spec §2.3.3).
const eventStream = -1

// maxQueuedEvents bounds the events that wait to be sent.
const maxQueuedEvents = 1 << 10

// event is sent to the connections that registered for its type.
type event struct {
	kind wire.EventTypes
	body wire.Body
}

// schemaChanged is called by the back end after each schema change and must
// not wait. Statements that the change touches are dropped here, so that they
// are gone before the change is acknowledged; the events are sent from a queue.
func (s *Server) schemaChanged(c schema.Change) {
	s.prepared.Invalidate(c)
	s.queue(event{wire.SchemaChangeEvent, &wire.SchemaChangeEventBody{SchemaChange: schemaChange(&c)}})
}

// nodeChanged is called by the back end when a server that clients may talk to
// comes or goes.
func (s *Server) nodeChanged(c backend.NodeChange) {
	kind, change := wire.StatusChangeEvent, ""
	switch c.Kind {
	case backend.NodeAdded:
		kind, change = wire.TopologyChangeEvent, "NEW_NODE"
	case backend.NodeRemoved:
		kind, change = wire.TopologyChangeEvent, "REMOVED_NODE"
	case backend.NodeUp:
		change = "UP"
	case backend.NodeDown:
		change = "DOWN"
	}
	s.queue(event{kind, &wire.NodeChangeBody{Event: kind, Change: change, Address: c.Address}})
}

// queue never waits. Should the queue be full, clients would miss a change for
// good: the connections that registered are closed instead, and find what is
// new when they are back.
func (s *Server) queue(e event) {
	select {
	case s.events <- e:
	default:
		s.log.Error("native protocol: too many events in the queue, closing the connections that registered for them")
		for _, conn := range s.connections() {
			if conn.registered(e.kind) {
				conn.abort()
			}
		}
	}
}

// sendEvents sends queued events to all connections that registered for them
// (REGISTER), the one that caused a change included.
func (s *Server) sendEvents() {
	defer s.wg.Done()
	for {
		select {
		case <-s.stop:
			return
		case e := <-s.events:
			for _, conn := range s.connections() {
				if conn.registered(e.kind) {
					conn.sendEvent(e.body)
				}
			}
		}
	}
}

// registered reports whether the connection registered for events of type t.
func (c *conn) registered(t wire.EventTypes) bool {
	return wire.EventTypes(c.events.Load())&t != 0
}
