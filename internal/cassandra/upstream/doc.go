// Package upstream is the way of undecoded requests to the nodes of a Cassandra
// cluster: a pool of connections of its own, beside the driver's.
//
//	backend.Forward --Cluster.Forward--> a node by token and datacenter --conn.send-->
//	wire.Output --socket--> node --socket--> wire.Stream --conn.receive--> Receiver.Answered
//
// A request is copied once, from its client's body to the buffer of a
// connection, where it gets a stream id; the answer is copied once, from the
// connection's buffer to that of the client. No goroutine is between them: the
// goroutine that reads from the client writes to the node, and the one that
// reads from the node writes to the client. Whatever came with one read leaves
// with one write.
//
// Connections speak the version of the clients that they serve, as bodies differ
// by version. Each node has a few of them per version, opened when the version is
// first used and kept open; a connection that fails is opened again with growing
// pauses.
//
// A request is repeated on another node when it surely was not sent, when the
// node refused it before executing it, or when it is idempotent. A node that does
// not know a prepared statement is told it, and asked again.
package upstream
