package wire

import (
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// EventTypes is a set of event types that a connection registered for.
type EventTypes uint8

// The event types (native_protocol_v5.spec §4.2.6). TraceCompleteEvent is not
// in the specification but Cassandra takes it, since version 4.
const (
	TopologyChangeEvent EventTypes = 1 << iota
	StatusChangeEvent
	SchemaChangeEvent
	TraceCompleteEvent
)

var eventNames = []string{"TOPOLOGY_CHANGE", "STATUS_CHANGE", "SCHEMA_CHANGE", "TRACE_COMPLETE"}

func eventType(name string) (EventTypes, bool) {
	i := slices.Index(eventNames, strings.ToUpper(name))
	if i < 0 {
		return 0, false
	}
	return 1 << i, true
}

// Register is a REGISTER message (native_protocol_v5.spec §4.1.8).
type Register struct{ Types EventTypes }

// AppendBody appends the message's body.
func (m Register) AppendBody(dst []byte, _ Version) []byte {
	var names []string
	for i, name := range eventNames {
		if m.Types>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return AppendStrings(dst, names)
}

// DecodeRegister decodes the body of a REGISTER.
func DecodeRegister(body []byte, v Version) (Register, *cqlerr.Error) {
	r := NewReader(body, v)
	var m Register
	for range int(r.Short()) {
		name := r.String()
		if r.err != nil {
			return m, r.err
		}
		t, ok := eventType(name)
		if !ok {
			return m, cqlerr.Newf(cqlerr.Protocol, "Invalid value '%s' for Type", name)
		}
		if t == TraceCompleteEvent && v < V4 {
			return m, cqlerr.Newf(cqlerr.Protocol, "Event %s not valid for protocol version %s", strings.ToUpper(name), v)
		}
		m.Types |= t
	}
	return m, r.err
}
