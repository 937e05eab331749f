package wire

// Supported is a SUPPORTED message (native_protocol_v5.spec §4.2.4).
type Supported struct {
	ProtocolVersions []string
	Compression      []string
	CQLVersion       []string
}

// AppendBody appends the message's body, a [string multimap] in Cassandra's order.
func (m *Supported) AppendBody(dst []byte, _ Version) []byte {
	dst = AppendShort(dst, 3)
	dst = AppendStrings(AppendString(dst, "PROTOCOL_VERSIONS"), m.ProtocolVersions)
	dst = AppendStrings(AppendString(dst, OptionCompression), m.Compression)
	return AppendStrings(AppendString(dst, OptionCQLVersion), m.CQLVersion)
}
