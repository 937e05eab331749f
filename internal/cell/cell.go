// Package cell turns JSON into the wire bytes of CQL cells and back, by the
// rules of Stargate's REST API v2. It is pure and works on bytes in place:
//
//	request text --Parse--> Value (checked JSON) --Decoder, by column type--> cell
//	cell --AppendJSON, by column type--> answer text
//
// A value comes in one of two ways. "Typed" values are JSON of the matching
// kind (a number for an int, an array for a list); "stringified" ones are a JSON
// string, or a part of a URL path, that holds the value as text ("12",
// "['a','b']"). Only a whole column may be stringified; what is nested in an
// array or object is typed.
//
// Where the reference alters a value silently (a number that does not fit wraps
// around, 1.5 becomes 1, an object becomes its Java text), this package refuses
// it instead, in the same error form. Error texts are the reference's.
package cell

import (
	"errors"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// MaxNumberLength bounds the text of one number, in bytes: reading a number of
// n digits takes more than n steps.
const MaxNumberLength = 10_000

// ErrUnmappable says that text for an ascii column has other characters. The
// reference finds it later than all other mistakes, in its back end, so that
// doors word it otherwise.
var ErrUnmappable = errors.New("java.nio.charset.UnmappableCharacterException: Input length = 1")

// typeName is the name of a type in error texts: the reference's internal one.
func typeName(t *cqltype.Type) string {
	switch t.Kind {
	case cqltype.List:
		return "TypeSpec.List"
	case cqltype.Set:
		return "TypeSpec.Set"
	case cqltype.Map:
		return "TypeSpec.Map"
	case cqltype.Tuple:
		return "TypeSpec.Tuple"
	case cqltype.Vector:
		return "TypeSpec.Vector"
	case cqltype.UDT:
		return "TypeSpec.UDT." + t.Name
	}
	if name, ok := basicNames[t.Kind]; ok {
		return "TypeSpec.Basic." + name
	}
	return "TypeSpec." + t.Kind.String()
}

// basicNames are the names of the scalar types; ascii has the codec, and so the
// name, of text.
var basicNames = map[cqltype.Kind]string{
	cqltype.Ascii: "TEXT", cqltype.Text: "TEXT", cqltype.Boolean: "BOOLEAN", cqltype.Bigint: "LONG",
	cqltype.Int: "INT", cqltype.Smallint: "SMALLINT", cqltype.Tinyint: "TINYINT", cqltype.Varint: "VARINT",
	cqltype.Counter: "COUNTER", cqltype.Float: "FLOAT", cqltype.Double: "DOUBLE", cqltype.Decimal: "DECIMAL",
	cqltype.Uuid: "UUID", cqltype.Timeuuid: "TIMEUUID", cqltype.Timestamp: "TIMESTAMP", cqltype.Date: "DATE",
	cqltype.Time: "TIME", cqltype.Duration: "DURATION", cqltype.Inet: "INET", cqltype.Blob: "BLOB",
}

// cannotCoerce refuses a typed value of the wrong kind, or a number that the
// type can't hold exactly.
func cannotCoerce(v Value, t *cqltype.Type) error {
	return fmt.Errorf("Cannot coerce %s into expected protobuf type: %s", describe(v), typeName(t))
}

func describe(v Value) string {
	switch v.Kind() {
	case Null:
		return "'null'"
	case String:
		return "String value '" + string(v.Text(nil)) + "'"
	case Number:
		return "Number " + string(v)
	case Bool:
		return "Boolean value (" + string(v) + ")"
	case Array:
		return "Java value of type java.util.ArrayList"
	default:
		return "Java value of type java.util.LinkedHashMap"
	}
}

// invalidString refuses a stringified value.
func invalidString(text []byte, t *cqltype.Type) error {
	return fmt.Errorf("Invalid String value ('%s'): not valid representation/value for target protobuf type: %s", text, typeName(t))
}
