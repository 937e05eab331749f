package grpc

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
)

// appendColumns appends the ColumnSpecs of a ResultSet.
func appendColumns(dst []byte, columns []backend.Column) []byte {
	for i := range columns {
		var spec, name int
		dst, spec = begin(dst, 1)
		dst, name = begin(dst, 1)
		dst = end(appendType(dst, columns[i].Type), name)
		dst = end(appendString(dst, 2, columns[i].Name), spec)
	}
	return dst
}

// basics are the types that have a number of their own. text is told as VARCHAR,
// a vector, for which the API has no type, as CUSTOM.
var basics = map[cqltype.Kind]proto.TypeSpec_Basic{
	cqltype.Ascii: proto.TypeSpec_ASCII, cqltype.Bigint: proto.TypeSpec_BIGINT, cqltype.Blob: proto.TypeSpec_BLOB, cqltype.Boolean: proto.TypeSpec_BOOLEAN,
	cqltype.Counter: proto.TypeSpec_COUNTER, cqltype.Decimal: proto.TypeSpec_DECIMAL, cqltype.Double: proto.TypeSpec_DOUBLE, cqltype.Float: proto.TypeSpec_FLOAT,
	cqltype.Int: proto.TypeSpec_INT, cqltype.Timestamp: proto.TypeSpec_TIMESTAMP, cqltype.Uuid: proto.TypeSpec_UUID, cqltype.Text: proto.TypeSpec_VARCHAR,
	cqltype.Varint: proto.TypeSpec_VARINT, cqltype.Timeuuid: proto.TypeSpec_TIMEUUID, cqltype.Inet: proto.TypeSpec_INET, cqltype.Date: proto.TypeSpec_DATE,
	cqltype.Time: proto.TypeSpec_TIME, cqltype.Smallint: proto.TypeSpec_SMALLINT, cqltype.Tinyint: proto.TypeSpec_TINYINT, cqltype.Duration: proto.TypeSpec_DURATION,
}

// appendType appends the content of a TypeSpec.
func appendType(dst []byte, t *cqltype.Type) []byte {
	var at int
	switch t.Kind {
	case cqltype.Map:
		dst, at = begin(dst, 2)
		dst = appendTypeField(dst, 1, t.Elems[0])
		dst = appendFrozen(appendTypeField(dst, 2, t.Elems[1]), 3, t.Frozen)
	case cqltype.List:
		dst, at = begin(dst, 3)
		dst = appendFrozen(appendTypeField(dst, 1, t.Elems[0]), 2, t.Frozen)
	case cqltype.Set:
		dst, at = begin(dst, 4)
		dst = appendFrozen(appendTypeField(dst, 1, t.Elems[0]), 2, t.Frozen)
	case cqltype.UDT:
		dst, at = begin(dst, 5)
		for i, name := range t.FieldNames {
			var entry int
			dst, entry = begin(dst, 1)
			dst = end(appendTypeField(appendString(dst, 1, name), 2, t.Elems[i]), entry)
		}
		dst = appendFrozen(appendString(dst, 2, t.Name), 3, t.Frozen)
	case cqltype.Tuple:
		dst, at = begin(dst, 6)
		for _, e := range t.Elems {
			dst = appendTypeField(dst, 1, e)
		}
	default:
		return append(dst, 1<<3, byte(basics[t.Kind])) // 0, which is CUSTOM, is said too: it is one of a oneof
	}
	return end(dst, at)
}

func appendTypeField(dst []byte, number protowire.Number, t *cqltype.Type) []byte {
	dst, at := begin(dst, number)
	return end(appendType(dst, t), at)
}

func appendFrozen(dst []byte, number protowire.Number, frozen bool) []byte {
	if frozen {
		return appendNumber(dst, number, 1)
	}
	return dst
}
