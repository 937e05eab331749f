package wire

import "github.com/astrolabe-db/astrolabe/internal/cqlerr"

// AuthToken is the body of AUTH_RESPONSE, AUTH_CHALLENGE and AUTH_SUCCESS
// (native_protocol_v5.spec §4.1.2, §4.2.7, §4.2.8): one SASL token, nil for null.
type AuthToken struct{ Token []byte }

// DecodeAuthToken decodes the body of one of the three.
func DecodeAuthToken(body []byte, v Version) (AuthToken, *cqlerr.Error) {
	r := NewReader(body, v)
	m := AuthToken{Token: r.Bytes()}
	return m, r.err
}

// AppendBody appends the message's body.
func (m AuthToken) AppendBody(dst []byte, _ Version) []byte { return AppendBytes(dst, m.Token) }
