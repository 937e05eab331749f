package wire

import "github.com/astrolabe-db/astrolabe/internal/cqlerr"

// Query is a QUERY message (native_protocol_v5.spec §4.1.4).
type Query struct {
	Text   string
	Params QueryParams
}

// Decode decodes the body of a QUERY into m, whose slices are reused.
func (m *Query) Decode(body []byte, v Version) *cqlerr.Error {
	r := NewReader(body, v)
	m.Text = r.LongString()
	r.queryParams(&m.Params)
	return r.err
}

// Reset empties m and keeps its memory for the next Decode.
func (m *Query) Reset() {
	m.Text = ""
	m.Params.reset()
}

// AppendBody appends the message's body.
func (m *Query) AppendBody(dst []byte, v Version) []byte {
	return m.Params.append(AppendLongString(dst, m.Text), v)
}
