package cqltype

import (
	"strconv"
	"strings"
)

// nativeNames are the CQL names of the scalar kinds (CQL3Type.Native).
var nativeNames = map[string]*Type{
	"ascii": TypeAscii, "bigint": TypeBigint, "blob": TypeBlob, "boolean": TypeBoolean, "counter": TypeCounter,
	"date": TypeDate, "decimal": TypeDecimal, "double": TypeDouble, "duration": TypeDuration, "float": TypeFloat,
	"inet": TypeInet, "int": TypeInt, "smallint": TypeSmallint, "text": TypeText, "time": TypeTime,
	"timestamp": TypeTimestamp, "timeuuid": TypeTimeuuid, "tinyint": TypeTinyint, "uuid": TypeUuid,
	"varchar": TypeText, "varint": TypeVarint,
}

// Native returns the scalar type of that CQL name (varchar is text), or nil.
// The name is lower case: unquoted identifiers arrive folded.
func Native(name string) *Type { return nativeNames[name] }

var kindNames = map[Kind]string{
	Custom: "custom", Ascii: "ascii", Bigint: "bigint", Blob: "blob", Boolean: "boolean", Counter: "counter",
	Decimal: "decimal", Double: "double", Float: "float", Int: "int", Timestamp: "timestamp", Uuid: "uuid",
	Text: "text", Varint: "varint", Timeuuid: "timeuuid", Inet: "inet", Date: "date", Time: "time",
	Smallint: "smallint", Tinyint: "tinyint", Duration: "duration", List: "list", Map: "map", Set: "set",
	UDT: "udt", Tuple: "tuple", Vector: "vector", Empty: "empty",
}

// String returns the kind's CQL name; UDT is "udt", Custom "custom".
func (k Kind) String() string {
	if s, ok := kindNames[k]; ok {
		return s
	}
	return "kind(" + strconv.Itoa(int(k)) + ")"
}

// String returns the canonical CQL of t, as system_schema.columns.type shows
// it: `frozen<map<text, int>>`, a UDT by its bare name (quoted when needed),
// tuples and vectors always without their implied frozen<>... a custom type as
// its quoted class name (CQL3Type.toString).
func (t *Type) String() string { return string(t.AppendString(nil)) }

// AppendString appends String to dst.
func (t *Type) AppendString(dst []byte) []byte {
	switch t.Kind {
	case List, Set, Map:
		if t.Frozen {
			dst = append(dst, "frozen<"...)
		}
		dst = append(dst, t.Kind.String()...)
		dst = t.appendArguments(dst)
		if t.Frozen {
			dst = append(dst, '>')
		}
		return dst
	case Tuple:
		dst = append(dst, "frozen<tuple"...)
		return append(t.appendArguments(dst), '>')
	case Vector:
		dst = append(dst, "vector<"...)
		dst = t.Elems[0].AppendString(dst)
		dst = append(dst, ", "...)
		dst = strconv.AppendInt(dst, int64(t.Dimension), 10)
		return append(dst, '>')
	case UDT:
		if t.Frozen {
			dst = append(dst, "frozen<"...)
		}
		dst = AppendIdentifier(dst, t.Name)
		if t.Frozen {
			dst = append(dst, '>')
		}
		return dst
	case Custom:
		dst = append(dst, '\'')
		dst = append(dst, t.Class...)
		return append(dst, '\'')
	case Empty:
		return append(dst, "empty"...)
	default:
		return append(dst, t.Kind.String()...)
	}
}

func (t *Type) appendArguments(dst []byte) []byte {
	dst = append(dst, '<')
	for i, e := range t.Elems {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = e.AppendString(dst)
	}
	return append(dst, '>')
}

// QuoteIdentifier returns name as it must be written in CQL: bare when it is a
// lower-case identifier that is not reserved, else in double quotes
// (ColumnIdentifier.maybeQuote).
func QuoteIdentifier(name string) string { return string(AppendIdentifier(nil, name)) }

// AppendIdentifier appends QuoteIdentifier(name) to dst.
func AppendIdentifier(dst []byte, name string) []byte {
	if isBareIdentifier(name) && !reserved[name] {
		return append(dst, name...)
	}
	dst = append(dst, '"')
	dst = append(dst, strings.ReplaceAll(name, `"`, `""`)...)
	return append(dst, '"')
}

func isBareIdentifier(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || i > 0 && (c >= '0' && c <= '9' || c == '_')) {
			return false
		}
	}
	return name != ""
}

// reserved holds the words that can't be bare identifiers (Cassandra's
// reserved_keywords.txt).
var reserved = map[string]bool{
	"add": true, "allow": true, "alter": true, "and": true, "apply": true, "asc": true, "authorize": true,
	"batch": true, "begin": true, "by": true, "columnfamily": true, "create": true, "delete": true, "desc": true,
	"describe": true, "drop": true, "entries": true, "execute": true, "from": true, "full": true, "grant": true,
	"if": true, "in": true, "index": true, "infinity": true, "insert": true, "into": true, "is": true,
	"keyspace": true, "limit": true, "materialized": true, "modify": true, "nan": true, "norecursive": true,
	"not": true, "null": true, "of": true, "on": true, "or": true, "order": true, "primary": true, "rename": true,
	"revoke": true, "schema": true, "select": true, "set": true, "table": true, "to": true, "token": true,
	"truncate": true, "unlogged": true, "update": true, "use": true, "using": true, "view": true, "where": true,
	"with": true,
}
