package catalogtest

import (
	"encoding/binary"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// show returns a value as cases have it: a CQL literal, but for a text alone,
// which has no quotes, and timestamps, which are milliseconds.
func show(t *cqltype.Type, value []byte) string {
	switch {
	case value == nil:
		return "null"
	case t.Kind == cqltype.Text || t.Kind == cqltype.Ascii:
		return string(value)
	case t.Kind == cqltype.Inet:
		text := t.AppendLiteral(nil, value)
		return string(text[1 : len(text)-1])
	case t.Kind == cqltype.Timestamp:
		return strconv.FormatInt(int64(binary.BigEndian.Uint64(value)), 10)
	}
	return string(t.AppendLiteral(nil, value))
}
