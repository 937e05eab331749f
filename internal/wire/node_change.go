package wire

import (
	"net/netip"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// NodeChangeBody is the body of an EVENT of type TOPOLOGY_CHANGE or
// STATUS_CHANGE (native_protocol_v5.spec §4.2.6).
type NodeChangeBody struct {
	// Event is TopologyChangeEvent or StatusChangeEvent.
	Event EventTypes
	// Change is NEW_NODE, REMOVED_NODE, UP or DOWN.
	Change  string
	Address netip.AddrPort
}

// AppendBody appends the message's body.
func (m *NodeChangeBody) AppendBody(dst []byte, _ Version) []byte {
	name := eventNames[0]
	if m.Event == StatusChangeEvent {
		name = eventNames[1]
	}
	return AppendInet(AppendString(AppendString(dst, name), m.Change), m.Address)
}

// DecodeNodeChange decodes the body of such an EVENT.
func DecodeNodeChange(body []byte, v Version) (NodeChangeBody, *cqlerr.Error) {
	r := NewReader(body, v)
	kind := r.String()
	event, ok := eventType(kind)
	if r.err == nil && (!ok || event != TopologyChangeEvent && event != StatusChangeEvent) {
		r.fail("Unexpected event type %q", kind)
	}
	m := NodeChangeBody{Event: event, Change: r.String(), Address: r.Inet()}
	return m, r.err
}
