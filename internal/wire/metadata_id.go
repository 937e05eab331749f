package wire

import "crypto/md5"

// MetadataID identifies a result's columns (native_protocol_v5.spec §4.2.5.4):
// the MD5 of each column's name and type class, as
// ResultSet.computeResultMetadataId has it. No columns: the MD5 of nothing.
type MetadataID [md5.Size]byte

// NewMetadataID returns the id of columns.
func NewMetadataID(columns []Column) MetadataID {
	var b []byte
	for _, c := range columns {
		b = append(append(b, c.Name...), 0)
		b = append(append(b, c.Type.ClassName()...), 0, 0)
	}
	return md5.Sum(b)
}

// StatementID identifies a prepared statement.
type StatementID [md5.Size]byte

// NewStatementID returns the id of a statement's text prepared in keyspace
// ("" for a text whose names are all qualified), as QueryProcessor.computeId has it.
func NewStatementID(keyspace, text string) StatementID {
	h := md5.New()
	_, _ = h.Write([]byte(keyspace)) // a hash never fails
	_, _ = h.Write([]byte(text))
	var id StatementID
	h.Sum(id[:0])
	return id
}
