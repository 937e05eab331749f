package cqltype

import (
	"encoding/hex"
	"strconv"
)

// marshal is the Java package of Cassandra's own types.
const marshal = "org.apache.cassandra.db.marshal."

// classNames are the Java classes of the kinds, without their package.
var classNames = map[Kind]string{
	Ascii: "AsciiType", Bigint: "LongType", Blob: "BytesType", Boolean: "BooleanType", Counter: "CounterColumnType",
	Date: "SimpleDateType", Decimal: "DecimalType", Double: "DoubleType", Duration: "DurationType", Empty: "EmptyType",
	Float: "FloatType", Inet: "InetAddressType", Int: "Int32Type", Smallint: "ShortType", Text: "UTF8Type",
	Time: "TimeType", Timestamp: "TimestampType", Timeuuid: "TimeUUIDType", Tinyint: "ByteType", Uuid: "UUIDType",
	Varint: "IntegerType", List: "ListType", Set: "SetType", Map: "MapType", Tuple: "TupleType", UDT: "UserType",
	Vector: "VectorType",
}

// ClassName returns the Java class name of t with its parameters, as the
// native protocol gives custom types and as Cassandra's own files do
// (AbstractType.toString).
func (t *Type) ClassName() string { return string(t.appendClass(nil, false)) }

// ReversedClassName returns the class name of a clustering column of type t in
// descending order.
func (t *Type) ReversedClassName() string {
	dst := append([]byte(marshal), "ReversedType("...)
	return string(append(t.appendClass(dst, false), ')'))
}

// appendClass appends the class name; inside a frozen type FrozenType(...) is
// left out.
func (t *Type) appendClass(dst []byte, ignoreFrozen bool) []byte {
	if t.Class != "" {
		return append(dst, t.Class...)
	}
	frozen := t.Frozen && (t.IsCollection() || t.Kind == UDT)
	wrap := frozen && !ignoreFrozen
	if wrap {
		dst = append(dst, marshal...)
		dst = append(dst, "FrozenType("...)
	}
	dst = append(dst, marshal...)
	dst = append(dst, classNames[t.Kind]...)
	inner := ignoreFrozen || frozen
	switch t.Kind {
	case List, Set, Map, Tuple:
		dst = append(dst, '(')
		for i, e := range t.Elems {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = e.appendClass(dst, inner || t.Kind == Tuple)
		}
		dst = append(dst, ')')
	case UDT:
		dst = append(dst, '(')
		dst = append(dst, t.Keyspace...)
		dst = append(dst, ',')
		dst = hex.AppendEncode(dst, []byte(t.Name))
		for i, e := range t.Elems {
			dst = append(dst, ',')
			dst = hex.AppendEncode(dst, []byte(t.FieldNames[i]))
			dst = append(dst, ':')
			dst = e.appendClass(dst, inner)
		}
		dst = append(dst, ')')
	case Vector:
		dst = append(dst, '(')
		dst = t.Elems[0].appendClass(dst, ignoreFrozen)
		dst = append(dst, " , "...)
		dst = strconv.AppendInt(dst, int64(t.Dimension), 10)
		dst = append(dst, ')')
	}
	if wrap {
		dst = append(dst, ')')
	}
	return dst
}
