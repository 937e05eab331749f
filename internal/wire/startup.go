package wire

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// The options of STARTUP that the server knows (native_protocol_v5.spec §4.1.1).
const (
	OptionCQLVersion      = "CQL_VERSION"
	OptionCompression     = "COMPRESSION"
	OptionThrowOnOverload = "THROW_ON_OVERLOAD"
	OptionDriverName      = "DRIVER_NAME"
	OptionDriverVersion   = "DRIVER_VERSION"
)

// Startup is a STARTUP message.
type Startup struct {
	// Options by name in upper case; unknown ones are kept.
	Options map[string]string
}

// DecodeStartup decodes the body of a STARTUP.
func DecodeStartup(body []byte, v Version) (Startup, *cqlerr.Error) {
	r := NewReader(body, v)
	n := int(r.Short())
	m := Startup{Options: make(map[string]string, min(n, len(body)/4))}
	for range n {
		key, value := r.String(), r.String()
		if r.err != nil {
			return Startup{}, r.err
		}
		m.Options[strings.ToUpper(key)] = value
	}
	return m, r.err
}

// AppendBody appends the message's body.
func (m Startup) AppendBody(dst []byte, _ Version) []byte {
	dst = AppendShort(dst, uint16(len(m.Options)))
	for key, value := range m.Options {
		dst = AppendString(AppendString(dst, key), value)
	}
	return dst
}
