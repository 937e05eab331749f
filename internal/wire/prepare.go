package wire

import "github.com/astrolabe-db/astrolabe/internal/cqlerr"

const prepareKeyspace = 0x01

// Prepare is a PREPARE message (native_protocol_v5.spec §4.1.5).
type Prepare struct {
	Text string
	// Keyspace of this statement (v5).
	HasKeyspace bool
	Keyspace    string
}

// Decode decodes the body of a PREPARE.
func (m *Prepare) Decode(body []byte, v Version) *cqlerr.Error {
	r := NewReader(body, v)
	*m = Prepare{Text: r.LongString()}
	if v >= V5 && r.Int()&prepareKeyspace != 0 {
		m.HasKeyspace, m.Keyspace = true, r.String()
	}
	return r.err
}

// AppendBody appends the message's body.
func (m *Prepare) AppendBody(dst []byte, v Version) []byte {
	dst = AppendLongString(dst, m.Text)
	switch {
	case v < V5:
		return dst
	case !m.HasKeyspace:
		return AppendInt(dst, 0)
	default:
		return AppendString(AppendInt(dst, prepareKeyspace), m.Keyspace)
	}
}
