// Package nonblock writes to sockets without waiting for room in them, so that
// a goroutine that serves many connections is not held up by one whose peer
// does not read.
package nonblock
