package wire

import "github.com/astrolabe-db/astrolabe/internal/cqlerr"

// Execute is an EXECUTE message (native_protocol_v5.spec §4.1.6).
type Execute struct {
	ID []byte
	// ResultMetadataID is what the client knows of the result's columns (v5).
	ResultMetadataID []byte
	Params           QueryParams
}

// Decode decodes the body of an EXECUTE into m, whose slices are reused.
func (m *Execute) Decode(body []byte, v Version) *cqlerr.Error {
	r := NewReader(body, v)
	m.ID = r.ShortBytes()
	m.ResultMetadataID = nil
	if v >= V5 {
		m.ResultMetadataID = r.ShortBytes()
	}
	r.queryParams(&m.Params)
	return r.err
}

// Reset empties m and keeps its memory for the next Decode.
func (m *Execute) Reset() {
	m.ID, m.ResultMetadataID = nil, nil
	m.Params.reset()
}

// AppendBody appends the message's body.
func (m *Execute) AppendBody(dst []byte, v Version) []byte {
	dst = AppendShortBytes(dst, m.ID)
	if v >= V5 {
		dst = AppendShortBytes(dst, m.ResultMetadataID)
	}
	return m.Params.append(dst, v)
}

// ExecuteID returns the statement id at the start of an EXECUTE's body, without
// decoding the rest: nil if there is none.
func ExecuteID(body []byte) []byte {
	r := NewReader(body, Current)
	return r.ShortBytes()
}
