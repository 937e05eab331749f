package wire

// The flags of result metadata (native_protocol_v5.spec §4.2.5.2).
const (
	metadataGlobalTableSpec = 0x0001
	metadataHasMorePages    = 0x0002
	metadataNoMetadata      = 0x0004
	metadataChanged         = 0x0008
)

// Rows is a RESULT of kind Rows.
type Rows struct {
	// Columns; only their number is sent when NoMetadata is set.
	Columns    []Column
	NoMetadata bool
	// PagingState is not nil when more pages follow.
	PagingState []byte
	// ChangedID is the new metadata id when it is not the one that the client
	// knows (v5), else nil. NoMetadata is not set then.
	ChangedID *MetadataID
	Count     int
	// Data is the rows_content: Count * len(Columns) [bytes].
	Data []byte
}

// AppendBody appends the message's body.
func (m *Rows) AppendBody(dst []byte, v Version) []byte {
	dst = AppendInt(dst, ResultRows)
	dst = m.appendMetadata(dst, v)
	return append(AppendInt(dst, int32(m.Count)), m.Data...)
}

func (m *Rows) appendMetadata(dst []byte, v Version) []byte {
	var flags int32
	global := sameTable(m.Columns)
	if global {
		flags |= metadataGlobalTableSpec
	}
	if m.PagingState != nil {
		flags |= metadataHasMorePages
	}
	if m.NoMetadata {
		flags |= metadataNoMetadata
	}
	changed := v >= V5 && m.ChangedID != nil
	if changed {
		flags |= metadataChanged
	}
	dst = AppendInt(AppendInt(dst, flags), int32(len(m.Columns)))
	if m.PagingState != nil {
		dst = AppendBytes(dst, m.PagingState)
	}
	if changed {
		dst = AppendShortBytes(dst, m.ChangedID[:])
	}
	if m.NoMetadata {
		return dst
	}
	return appendColumns(dst, m.Columns, global, v)
}

// sameTable reports whether there are columns, all of one table: then the
// table is sent once.
func sameTable(columns []Column) bool {
	for i := 1; i < len(columns); i++ {
		if columns[i].Table != columns[0].Table || columns[i].Keyspace != columns[0].Keyspace {
			return false
		}
	}
	return len(columns) > 0
}

// appendColumns appends <global_table_spec>?<col_spec_1>...<col_spec_n>.
func appendColumns(dst []byte, columns []Column, global bool, v Version) []byte {
	if global {
		dst = AppendString(AppendString(dst, columns[0].Keyspace), columns[0].Table)
	}
	for i := range columns {
		c := &columns[i]
		if !global {
			dst = AppendString(AppendString(dst, c.Keyspace), c.Table)
		}
		dst = AppendType(AppendString(dst, c.Name), c.Type, v)
	}
	return dst
}

// Metadata is decoded result or bind metadata, for clients.
type Metadata struct {
	Count       int
	Columns     []Column // nil without metadata
	PagingState []byte
	ChangedID   []byte
}

// RowsResult is a decoded RESULT of kind Rows.
type RowsResult struct {
	Metadata
	// Rows holds the cells row by row; nil is null.
	Rows [][][]byte
}

func (r *Reader) metadata() Metadata {
	flags := r.Int()
	m := Metadata{Count: int(r.Int())}
	if flags&metadataHasMorePages != 0 {
		m.PagingState = r.Bytes()
	}
	if flags&metadataChanged != 0 {
		m.ChangedID = r.ShortBytes()
	}
	if flags&metadataNoMetadata == 0 {
		m.Columns = r.columns(m.Count, flags&metadataGlobalTableSpec != 0)
	}
	return m
}

func (r *Reader) columns(n int, global bool) []Column {
	var keyspace, table string
	if global {
		keyspace, table = r.String(), r.String()
	}
	var columns []Column
	for i := 0; i < n && r.err == nil; i++ {
		c := Column{Keyspace: keyspace, Table: table}
		if !global {
			c.Keyspace, c.Table = r.String(), r.String()
		}
		c.Name, c.Type = r.String(), r.Type()
		columns = append(columns, c)
	}
	return columns
}

func (r *Reader) rowsResult() RowsResult {
	m := RowsResult{Metadata: r.metadata()}
	n := r.Int()
	if m.Count == 0 && n > 0 {
		r.fail("Rows without columns")
	}
	for ; n > 0 && r.err == nil; n-- {
		var row [][]byte
		for i := 0; i < m.Count && r.err == nil; i++ {
			row = append(row, r.Bytes())
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
