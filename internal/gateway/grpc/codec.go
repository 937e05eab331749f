package grpc

import (
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// codec is gRPC's own for generated messages (health, reflection). It hands the
// door's requests over undecoded and takes its answers encoded.
type codec struct{}

var generated = encoding.GetCodecV2(proto.Name)

// Name implements encoding.CodecV2.
func (codec) Name() string { return proto.Name }

// message is a request as it came. Who has read it calls free.
type message struct{ buf mem.Buffer }

// bytes are valid until free.
func (m *message) bytes() []byte { return m.buf.ReadOnlyData() }

func (m *message) free() {
	if m.buf != nil {
		m.buf.Free()
		m.buf = nil
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

const maxVarint = 10
