package cqltype

import "encoding/binary"

// MaxPartitionKeyComponent is how long one partition key column may be: its
// length is an unsigned short (FBUtilities.MAX_UNSIGNED_SHORT).
const MaxPartitionKeyComponent = 65535

// AppendPartitionKey appends the raw partition key made of the columns'
// wire values: the value itself when there is one column, else for each
// [short length][bytes][0] (CompositeType). The caller has checked that no
// value is null, that none is longer than MaxPartitionKeyComponent, and that a
// single one is not empty.
func AppendPartitionKey(dst []byte, values ...[]byte) []byte {
	if len(values) == 1 {
		return append(dst, values[0]...)
	}
	for _, v := range values {
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(v)))
		dst = append(dst, v...)
		dst = append(dst, 0)
	}
	return dst
}

// SplitPartitionKey appends to dst the wire values of the columns of a raw
// partition key of the given number of columns. They share key's memory. It
// reports false when key is not well formed.
func SplitPartitionKey(dst [][]byte, key []byte, columns int) ([][]byte, bool) {
	if columns == 1 {
		return append(dst, key), true
	}
	for range columns {
		if len(key) < 2 {
			return dst, false
		}
		n := int(binary.BigEndian.Uint16(key))
		if len(key) < 2+n+1 {
			return dst, false
		}
		dst = append(dst, key[2:2+n:2+n])
		key = key[2+n+1:]
	}
	return dst, len(key) == 0
}
