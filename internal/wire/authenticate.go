package wire

// Authenticate is an AUTHENTICATE message (native_protocol_v5.spec §4.2.3):
// the Java class name of the authenticator.
type Authenticate struct{ Class string }

// AppendBody appends the message's body.
func (m Authenticate) AppendBody(dst []byte, _ Version) []byte { return AppendString(dst, m.Class) }
