package grpc

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/peer"

	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// A large answer holds room of what all doors share (package outbound) until its
// last byte is in a frame. gRPC takes a message at once, however large, keeps it
// until the client's flow control windows let it go, and tells of that only by
// freeing its buffers. Those of a connection that has ended it may forget: they
// count as freed when it is closed.

// partSize is how much of a large answer is a buffer of its own: each that is freed
// tells that the client reads.
const partSize = 64 << 10

// sending is a large answer on its way to the client. It is the pool that gRPC gives
// its buffers back to.
type sending struct {
	room *outbound.Room
	from *connection // nil where it is not known

	mu    sync.Mutex
	held  int64 // 0 when given back
	parts int   // buffers in use

	since atomic.Int64 // when the last part left, or the first could have; unix nanoseconds
}

// Stalled implements outbound.Client.
func (s *sending) Stalled() int64 { return s.since.Load() }

// CutOff implements outbound.Client. There is no way to end a stream whose handler
// has returned: the connection is closed.
func (s *sending) CutOff() {
	if s.from != nil {
		go s.from.Close() // of TLS it may wait for the other side
	}
}

// buffers makes out, which the sending then owns, the content of a message, behind
// head. The room held is given back with the last of them.
func (s *sending) buffers(head, out []byte, held int64) mem.BufferSlice {
	parts := make([][]byte, max(1, len(out)/partSize)) // the last has what is left
	all := make(mem.BufferSlice, 0, 1+len(parts))
	if len(head) > 0 {
		all = append(all, mem.SliceBuffer(head))
	}
	for i := range parts {
		end := (i + 1) * partSize
		if i == len(parts)-1 {
			end = len(out)
		}
		parts[i] = out[i*partSize : end : end]
		all = append(all, mem.NewBuffer(&parts[i], s))
	}
	s.held, s.parts = held, len(parts)
	s.since.Store(time.Now().UnixNano())
	if s.from != nil && !s.from.add(s) {
		s.end()
	}
	return all
}

// Get implements mem.BufferPool; nobody asks it for buffers.
func (s *sending) Get(length int) *[]byte { return mem.DefaultBufferPool().Get(length) }

// Put implements mem.BufferPool: a part has left, or nobody wants it any more.
func (s *sending) Put(*[]byte) {
	s.since.Store(time.Now().UnixNano())
	s.mu.Lock()
	s.parts--
	last := s.parts == 0
	s.mu.Unlock()
	if last {
		s.end()
		if s.from != nil {
			s.from.remove(s)
		}
	}
}

// end gives back the room.
func (s *sending) end() {
	s.mu.Lock()
	held := s.held
	s.held = 0
	s.mu.Unlock()
	if held > 0 {
		s.room.Give(s, held)
	}
}

// connection is a client's connection, which knows the large answers on their way.
type connection struct {
	net.Conn
	mu      sync.Mutex
	closed  bool
	answers map[*sending]struct{}
}

// add reports false when the connection is closed already.
func (c *connection) add(s *sending) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	if c.answers == nil {
		c.answers = map[*sending]struct{}{}
	}
	c.answers[s] = struct{}{}
	return true
}

func (c *connection) remove(s *sending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.answers, s)
}

// Close implements net.Conn.
func (c *connection) Close() error {
	err := c.Conn.Close()
	c.mu.Lock()
	all := c.answers
	c.closed, c.answers = true, nil
	c.mu.Unlock()
	for s := range all {
		s.end()
	}
	return err
}

// known are credentials that tell calls of their connection.
type known struct {
	credentials.TransportCredentials
}

// knownInfo is what they tell beside the credentials' own.
type knownInfo struct {
	credentials.AuthInfo
	from *connection
}

// ServerHandshake implements credentials.TransportCredentials.
func (k known) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	nc, info, err := k.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		return nc, info, err
	}
	from := &connection{Conn: nc}
	return from, knownInfo{info, from}, nil
}

// Clone implements credentials.TransportCredentials.
func (k known) Clone() credentials.TransportCredentials {
	return known{k.TransportCredentials.Clone()}
}

// connectionOf is the connection that a call came by, nil if that is not known.
func connectionOf(ctx context.Context) *connection {
	if p, ok := peer.FromContext(ctx); ok {
		if info, ok := p.AuthInfo.(knownInfo); ok {
			return info.from
		}
	}
	return nil
}

// Client implements outbound.Owner.
func (c *call) Client() outbound.Client {
	if c.sending == nil {
		c.sending = &sending{room: c.door.answers, from: connectionOf(c.ctx)}
	}
	return c.sending
}

// Patience implements outbound.Owner.
func (c *call) Patience() (time.Duration, <-chan struct{}) { return runTimeout, c.ctx.Done() }

// AwaitRoom implements outbound.Owner.
func (c *call) AwaitRoom() error {
	if c.hold.Await(c) {
		return nil
	}
	return &failure{codes.ResourceExhausted, "The server has too many large answers; try again later"}
}
