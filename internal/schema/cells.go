package schema

import (
	"encoding/binary"
	"math"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Row is one row of a table in memory: a wire value per column in the order of
// Table.InOrder, nil for null. A non-frozen collection is its whole value.
type Row [][]byte

// The functions below encode single values for rows (native_protocol_v5.spec §6).

// Text encodes a text; the empty one is not null.
func Text(s string) []byte { return append(make([]byte, 0, len(s)), s...) }

// Int encodes an int.
func Int(n int32) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

// Bigint encodes a bigint, or a timestamp in milliseconds since the epoch.
func Bigint(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// Double encodes a double.
func Double(d float64) []byte { return binary.BigEndian.AppendUint64(nil, math.Float64bits(d)) }

// Boolean encodes a boolean.
func Boolean(b bool) []byte {
	if b {
		return []byte{1}
	}
	return []byte{0}
}

// UUID encodes a uuid.
func UUID(u uuid.UUID) []byte { return append([]byte(nil), u[:]...) }

// TextList encodes a list<text>, or a set<text> whose elements are in order.
func TextList(list ...string) []byte {
	b := cqltype.AppendCount(nil, len(list))
	for _, s := range list {
		b = cqltype.AppendElement(b, Text(s))
	}
	return b
}

// TextMap encodes a map<text, text>.
func TextMap(m map[string]string) []byte {
	b := cqltype.AppendCount(nil, len(m))
	for _, key := range sortedKeys(m) {
		b = cqltype.AppendElement(b, Text(key))
		b = cqltype.AppendElement(b, Text(m[key]))
	}
	return b
}

// blobMap encodes a map<text, blob>.
func blobMap(m map[string][]byte) []byte {
	b := cqltype.AppendCount(nil, len(m))
	for _, key := range sortedKeys(m) {
		b = cqltype.AppendElement(b, Text(key))
		b = cqltype.AppendElement(b, m[key])
	}
	return b
}

// orNull returns cell if it is to be shown, else null.
func orNull(show bool, cell []byte) []byte {
	if show {
		return cell
	}
	return nil
}
