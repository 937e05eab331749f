package wire

import (
	"encoding/hex"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

const marshalPackage = "org.apache.cassandra.db.marshal."

var scalarClasses = map[cqltype.Kind]string{
	cqltype.Ascii: "AsciiType", cqltype.Bigint: "LongType", cqltype.Blob: "BytesType", cqltype.Boolean: "BooleanType",
	cqltype.Counter: "CounterColumnType", cqltype.Decimal: "DecimalType", cqltype.Double: "DoubleType",
	cqltype.Float: "FloatType", cqltype.Int: "Int32Type", cqltype.Timestamp: "TimestampType", cqltype.Uuid: "UUIDType",
	cqltype.Text: "UTF8Type", cqltype.Varint: "IntegerType", cqltype.Timeuuid: "TimeUUIDType",
	cqltype.Inet: "InetAddressType", cqltype.Date: "SimpleDateType", cqltype.Time: "TimeType",
	cqltype.Smallint: "ShortType", cqltype.Tinyint: "ByteType", cqltype.Duration: "DurationType",
	cqltype.Empty: "EmptyType", cqltype.List: "ListType", cqltype.Set: "SetType", cqltype.Map: "MapType",
	cqltype.Tuple: "TupleType", cqltype.UDT: "UserType", cqltype.Vector: "VectorType",
}

// className returns the Java class of t with its parameters, as
// AbstractType.toString writes it.
func className(t *cqltype.Type) string { return string(appendClass(nil, t, false)) }

// appendClass appends t's class. Inside a frozen type the elements' own
// freezing is not written.
func appendClass(dst []byte, t *cqltype.Type, ignoreFreezing bool) []byte {
	if t.Kind == cqltype.Custom {
		return append(dst, t.Class...)
	}
	freezable := t.IsCollection() || t.Kind == cqltype.UDT
	wrap := freezable && t.Frozen && !ignoreFreezing
	if wrap {
		dst = append(dst, marshalPackage+"FrozenType("...)
	}
	dst = append(append(dst, marshalPackage...), scalarClasses[t.Kind]...)
	switch inner := ignoreFreezing || t.Frozen; t.Kind {
	case cqltype.List, cqltype.Set, cqltype.Map:
		dst = appendClasses(dst, t.Elems, inner)
	case cqltype.Tuple:
		dst = appendClasses(dst, t.Elems, true)
	case cqltype.UDT:
		dst = append(append(append(dst, '('), t.Keyspace...), ',')
		dst = hex.AppendEncode(dst, []byte(t.Name))
		for i, e := range t.Elems {
			dst = hex.AppendEncode(append(dst, ','), []byte(t.FieldNames[i]))
			dst = appendClass(append(dst, ':'), e, inner)
		}
		dst = append(dst, ')')
	case cqltype.Vector:
		dst = appendClass(append(dst, '('), t.Elems[0], ignoreFreezing)
		dst = append(strconv.AppendInt(append(dst, " , "...), int64(t.Dimension), 10), ')')
	}
	if wrap {
		dst = append(dst, ')')
	}
	return dst
}

func appendClasses(dst []byte, types []*cqltype.Type, ignoreFreezing bool) []byte {
	dst = append(dst, '(')
	for i, t := range types {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendClass(dst, t, ignoreFreezing)
	}
	return append(dst, ')')
}
