package wire

// Supported is a SUPPORTED message (native_protocol_v5.spec §4.2.4).
type Supported struct {
	ProtocolVersions []string
	Compression      []string
	CQLVersion       []string
	// ProductType of DataStax's servers, none for Cassandra: drivers of theirs
	// write at LOCAL_QUORUM by default where it says DATASTAX_APOLLO.
	ProductType []string
}

// AppendBody appends the message's body, a [string multimap] in Cassandra's order.
func (m *Supported) AppendBody(dst []byte, _ Version) []byte {
	options := uint16(3)
	if len(m.ProductType) > 0 {
		options++
	}
	dst = AppendShort(dst, options)
	dst = AppendStrings(AppendString(dst, "PROTOCOL_VERSIONS"), m.ProtocolVersions)
	dst = AppendStrings(AppendString(dst, OptionCompression), m.Compression)
	dst = AppendStrings(AppendString(dst, OptionCQLVersion), m.CQLVersion)
	if len(m.ProductType) > 0 {
		dst = AppendStrings(AppendString(dst, "PRODUCT_TYPE"), m.ProductType)
	}
	return dst
}
