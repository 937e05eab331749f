package grpc

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// codec is gRPC's own for generated messages (health, reflection). It hands the
// door's requests over undecoded and takes its answers encoded.
type codec struct{}

var generated = encoding.GetCodecV2(proto.Name)

// Name implements encoding.CodecV2.
func (codec) Name() string { return proto.Name }

// message is a request as it came. Who has read it calls free.
type message struct {
	buf  mem.Buffer
	from *inflight.Limit // what held bytes were taken of
	held int64
}

// hold takes what a large message weighs of limit. It waits for room: the
// connection's windows then keep the client from sending more.
func (m *message) hold(ctx context.Context, limit *inflight.Limit) error {
	n := int64(m.buf.Len())
	if n <= smallMessage {
		return nil
	}
	if !limit.Acquire(n, runTimeout, ctx.Done()) {
		return status.Error(codes.ResourceExhausted, "The server has too many large requests; try again later")
	}
	m.from, m.held = limit, n
	return nil
}

// bytes are valid until free.
func (m *message) bytes() []byte { return m.buf.ReadOnlyData() }

func (m *message) free() {
	if m.buf != nil {
		m.buf.Free()
		m.buf = nil
	}
	if m.held > 0 {
		m.from.Release(m.held)
		m.held = 0
	}
}

// Unmarshal implements encoding.CodecV2.
func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*message)
	if !ok {
		return generated.Unmarshal(data, v)
	}
	m.buf = data.MaterializeToBuffer(mem.DefaultBufferPool())
	return nil
}

// answer is an encoded message, in which it stands under the field of a tag if
// that is not 0.
type answer struct {
	tag  byte
	call *call
}

// Marshal implements encoding.CodecV2. An answer's call is done with then.
func (codec) Marshal(v any) (mem.BufferSlice, error) {
	a, ok := v.(answer)
	if !ok {
		return generated.Marshal(v)
	}
	out := a.call.out
	if a.call.hold.Held() > 0 && len(out) > outbound.Small {
		return a.large(), nil
	}
	pool := mem.DefaultBufferPool()
	buf := pool.Get(len(out) + 1 + maxVarint)
	data := (*buf)[:0]
	if a.tag != 0 {
		data = protowire.AppendVarint(append(data, a.tag), uint64(len(out)))
	}
	*buf = append(data, out...)
	a.call.end()
	return mem.BufferSlice{mem.NewBuffer(buf, pool)}, nil
}

// large makes a message of an answer that holds room, without copying it.
func (a answer) large() mem.BufferSlice {
	c := a.call
	var head []byte
	if a.tag != 0 {
		head = protowire.AppendVarint([]byte{a.tag}, uint64(len(c.out)))
	}
	s, out, held := c.sending, c.out, c.hold.Detach()
	c.out = nil
	c.end()
	return s.buffers(head, out, held)
}

const maxVarint = 10
