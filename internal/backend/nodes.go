package backend

import "net/netip"

// NodeChangeKind says what happened to a node.
type NodeChangeKind uint8

// The kinds of change (native_protocol_v5.spec §4.2.6: NEW_NODE and
// REMOVED_NODE of TOPOLOGY_CHANGE, UP and DOWN of STATUS_CHANGE).
const (
	NodeAdded NodeChangeKind = iota
	NodeRemoved
	NodeUp
	NodeDown
)

// NodeChange is a change to the servers that clients may talk to, as
// system.local and system.peers name them. Address is of the CQL port.
type NodeChange struct {
	Kind    NodeChangeKind
	Address netip.AddrPort
}

// Nodes is a capability: a back end has it that more than one server may stand
// in front of.
type Nodes interface {
	// SubscribeNodes calls f after each change, in order, until cancel is
	// called. f must not block.
	SubscribeNodes(f func(NodeChange)) (cancel func())
}
