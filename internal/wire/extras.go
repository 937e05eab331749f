package wire

import "github.com/astrolabe-db/astrolabe/internal/cqlerr"

// Extras are what may stand in front of a response's message
// (native_protocol_v5.spec §2.3.2). The zero value is nothing.
type Extras struct {
	// TracingID is not nil when the request was traced.
	TracingID *[16]byte
	// Warnings are left out before version 4, which can't carry them.
	Warnings []string
	// CustomPayload is left out before version 4.
	CustomPayload map[string][]byte
}

// Append appends the parts that x has and returns the flags that announce them.
func (x *Extras) Append(dst []byte, v Version) ([]byte, Flags) {
	var flags Flags
	if x.TracingID != nil {
		dst, flags = append(dst, x.TracingID[:]...), flags|FlagTracing
	}
	if v < V4 {
		return dst, flags
	}
	if len(x.Warnings) > 0 {
		dst, flags = AppendStrings(dst, x.Warnings), flags|FlagWarning
	}
	if len(x.CustomPayload) > 0 {
		dst, flags = AppendBytesMap(dst, x.CustomPayload), flags|FlagCustomPayload
	}
	return dst, flags
}

// SplitRequest splits the body of a request into its custom payload, nil when
// it has none, and its message. The payload points into the body.
func SplitRequest(h Header, body []byte) (payload map[string][]byte, message []byte, err *cqlerr.Error) {
	if h.Flags&FlagCustomPayload == 0 {
		return nil, body, nil
	}
	r := NewReader(body, h.Version)
	payload = r.BytesMap()
	if r.err == nil && h.Version < V4 {
		r.fail("Received frame with CUSTOM_PAYLOAD flag for native protocol version < 4")
	}
	return payload, r.rest, r.err
}

// SplitResponse splits the body of a response, for clients.
func SplitResponse(h Header, body []byte) (x Extras, message []byte, err *cqlerr.Error) {
	r := NewReader(body, h.Version)
	if h.Flags&FlagTracing != 0 {
		if id := r.take(16, "a [uuid]"); id != nil {
			x.TracingID = (*[16]byte)(id)
		}
	}
	if h.Flags&FlagWarning != 0 {
		x.Warnings = r.Strings()
	}
	if h.Flags&FlagCustomPayload != 0 {
		x.CustomPayload = r.BytesMap()
	}
	return x, r.rest, r.err
}
