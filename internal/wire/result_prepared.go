package wire

// Prepared is a RESULT of kind Prepared (native_protocol_v5.spec §4.2.5.4).
type Prepared struct {
	ID StatementID
	// ResultMetadataID is sent in v5.
	ResultMetadataID MetadataID
	// Bind are the bind variables.
	Bind []Column
	// PartitionKey holds the index in Bind of each partition key column, or nil.
	PartitionKey []uint16
	// Result are the columns of the rows; nil when there are none, or when they are
	// known only at execution.
	Result []Column
}

// AppendBody appends the message's body.
func (m *Prepared) AppendBody(dst []byte, v Version) []byte {
	dst = AppendShortBytes(AppendInt(dst, ResultPrepared), m.ID[:])
	if v >= V5 {
		dst = AppendShortBytes(dst, m.ResultMetadataID[:])
	}
	dst = m.appendBind(dst, v)
	rows := Rows{Columns: m.Result, NoMetadata: m.Result == nil}
	return rows.appendMetadata(dst, v)
}

func (m *Prepared) appendBind(dst []byte, v Version) []byte {
	var flags int32
	global := sameTable(m.Bind)
	if global {
		flags = metadataGlobalTableSpec
	}
	dst = AppendInt(AppendInt(dst, flags), int32(len(m.Bind)))
	if v >= V4 {
		keys := m.PartitionKey
		if !global { // no use when the variables belong to several tables
			keys = nil
		}
		dst = AppendInt(dst, int32(len(keys)))
		for _, k := range keys {
			dst = AppendShort(dst, k)
		}
	}
	return appendColumns(dst, m.Bind, global, v)
}

// PreparedResult is a decoded RESULT of kind Prepared, for clients.
type PreparedResult struct {
	ID               []byte
	ResultMetadataID []byte
	PartitionKey     []uint16
	Bind, Result     Metadata
}

func (r *Reader) preparedResult() PreparedResult {
	m := PreparedResult{ID: r.ShortBytes()}
	if r.version >= V5 {
		m.ResultMetadataID = r.ShortBytes()
	}
	flags := r.Int()
	m.Bind.Count = int(r.Int())
	if r.version >= V4 {
		for n := r.Int(); n > 0 && r.err == nil; n-- {
			m.PartitionKey = append(m.PartitionKey, r.Short())
		}
	}
	m.Bind.Columns = r.columns(m.Bind.Count, flags&metadataGlobalTableSpec != 0)
	m.Result = r.metadata()
	return m
}
