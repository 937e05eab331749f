package cell

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"net/netip"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// AppendJSON appends a cell of type t as JSON. compactMaps says which JSON a
// map is, as in Decoder. A null collection is an empty one and a null UDT is
// {}, as the reference has it; other nulls, and cells that are not well
// formed, are null.
func AppendJSON(dst []byte, t *cqltype.Type, cell []byte, compactMaps bool) []byte {
	switch t.Kind {
	case cqltype.List, cqltype.Set, cqltype.Vector, cqltype.Map, cqltype.Tuple, cqltype.UDT:
		return appendNested(dst, t, cell, compactMaps)
	}
	if cell == nil {
		return append(dst, "null"...)
	}
	return appendScalar(dst, t, cell)
}

func appendScalar(dst []byte, t *cqltype.Type, cell []byte) []byte {
	switch t.Kind {
	case cqltype.Text, cqltype.Ascii:
		return AppendString(dst, cell)
	case cqltype.Blob, cqltype.Custom:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, cell)
		return append(dst, '"')
	case cqltype.Decimal:
		return appendDecimal(dst, cell)
	case cqltype.Varint:
		return appendBigInteger(dst, cell)
	case cqltype.Duration:
		return appendDuration(dst, t, cell)
	case cqltype.Inet:
		return appendInet(dst, cell)
	}
	return appendFixed(dst, t, cell)
}

// appendFixed appends a value of fixed size.
func appendFixed(dst []byte, t *cqltype.Type, cell []byte) []byte {
	switch size := len(cell); {
	case size == 1 && t.Kind == cqltype.Boolean:
		return strconv.AppendBool(dst, cell[0] != 0)
	case size == 1 && t.Kind == cqltype.Tinyint:
		return strconv.AppendInt(dst, int64(int8(cell[0])), 10)
	case size == 2 && t.Kind == cqltype.Smallint:
		return strconv.AppendInt(dst, int64(int16(binary.BigEndian.Uint16(cell))), 10)
	case size == 4:
		return append4(dst, t, binary.BigEndian.Uint32(cell))
	case size == 8:
		return append8(dst, t, int64(binary.BigEndian.Uint64(cell)))
	case size == 16 && (t.Kind == cqltype.Uuid || t.Kind == cqltype.Timeuuid):
		return appendUUID(dst, cell)
	}
	return append(dst, "null"...)
}

func append4(dst []byte, t *cqltype.Type, n uint32) []byte {
	switch t.Kind {
	case cqltype.Int:
		return strconv.AppendInt(dst, int64(int32(n)), 10)
	case cqltype.Float:
		return appendFloat(dst, float64(math.Float32frombits(n)), 32)
	case cqltype.Date:
		dst = append(dst, '"')
		dst = appendDate(dst, int64(n)-1<<31)
		return append(dst, '"')
	}
	return append(dst, "null"...)
}

func append8(dst []byte, t *cqltype.Type, n int64) []byte {
	switch t.Kind {
	case cqltype.Bigint:
		return strconv.AppendInt(dst, n, 10)
	case cqltype.Double:
		return appendFloat(dst, math.Float64frombits(uint64(n)), 64)
	}
	dst = append(dst, '"')
	switch t.Kind {
	case cqltype.Counter: // a string in this API
		dst = strconv.AppendInt(dst, n, 10)
	case cqltype.Timestamp:
		dst = appendTimestamp(dst, n)
	case cqltype.Time:
		dst = appendTime(dst, n)
	default:
		return append(dst[:len(dst)-1], "null"...)
	}
	return append(dst, '"')
}

func appendUUID(dst, id []byte) []byte {
	dst = append(dst, '"')
	dst = hex.AppendEncode(dst, id[:4])
	for _, part := range [4][]byte{id[4:6], id[6:8], id[8:10], id[10:]} {
		dst = append(dst, '-')
		dst = hex.AppendEncode(dst, part)
	}
	return append(dst, '"')
}

// appendInet appends an address as Java does: IPv6 without the :: short form.
func appendInet(dst, cell []byte) []byte {
	a, ok := netip.AddrFromSlice(cell)
	if !ok {
		return append(dst, "null"...)
	}
	dst = append(dst, '"')
	if a.Is4() {
		dst = a.AppendTo(dst)
	} else {
		for i := 0; i < len(cell); i += 2 {
			if i > 0 {
				dst = append(dst, ':')
			}
			dst = strconv.AppendUint(dst, uint64(binary.BigEndian.Uint16(cell[i:])), 16)
		}
	}
	return append(dst, '"')
}

// appendDuration appends Cassandra's own text, 1y2mo25d5h6m7s8ms9us10ns, ""
// for no time at all.
func appendDuration(dst []byte, t *cqltype.Type, cell []byte) []byte {
	dst = append(dst, '"')
	dst = t.AppendLiteral(dst, cell)
	return append(dst, '"')
}

// AppendString appends text as a JSON string.
func AppendString[T ~string | ~[]byte](dst []byte, text T) []byte {
	return append(AppendEscaped(append(dst, '"'), text), '"')
}

// AppendEscaped is AppendString without the quotes. Parts of a text may be
// appended one by one, wherever it is cut.
func AppendEscaped[T ~string | ~[]byte](dst []byte, text T) []byte {
	start := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		}
	}
	return append(dst, text[start:]...)
}
