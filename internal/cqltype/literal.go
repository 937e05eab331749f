package cqltype

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// LiteralKind is the lexical kind of a CQL constant; the numbers are those of
// cql.LiteralKind, so that one converts to the other.
type LiteralKind uint8

// The lexical kinds of constant.
const (
	StringLiteral LiteralKind = iota
	IntegerLiteral
	FloatLiteral
	BooleanLiteral
	UUIDLiteral
	HexLiteral
	DurationLiteral
	NullLiteral
)

// String returns the kind as Cassandra's error texts name it (Constants.Type).
func (k LiteralKind) String() string {
	return [...]string{"STRING", "INTEGER", "FLOAT", "BOOLEAN", "UUID", "HEX", "DURATION", "NULL"}[k]
}

// AcceptsLiteral reports whether a constant of that kind can stand for a value
// of t (Constants.Literal.testAssignment). Collections, UDTs and vectors take
// none but null; tuples and custom types take any, as text for FromString.
func (t *Type) AcceptsLiteral(kind LiteralKind) bool {
	switch t.Kind {
	case Tuple, Custom:
		return true
	case List, Set, Map, UDT, Vector:
		return kind == NullLiteral
	case Counter:
		return kind == IntegerLiteral
	}
	switch kind {
	case StringLiteral:
		return t.Kind == Ascii || t.Kind == Text || t.Kind == Inet || t.Kind == Date || t.Kind == Time || t.Kind == Timestamp
	case IntegerLiteral:
		switch t.Kind {
		case Bigint, Date, Decimal, Double, Duration, Float, Int, Smallint, Time, Timestamp, Tinyint, Varint:
			return true
		}
	case FloatLiteral:
		return t.Kind == Decimal || t.Kind == Double || t.Kind == Float
	case BooleanLiteral:
		return t.Kind == Boolean
	case UUIDLiteral:
		return t.Kind == Uuid || t.Kind == Timeuuid
	case HexLiteral:
		// A tinyint because PreferredType of a blob constant is one.
		return t.Kind == Blob || t.Kind == Tinyint
	case DurationLiteral:
		return t.Kind == Duration
	case NullLiteral:
		return true
	}
	return false
}

// PreferredType is the type that a constant has when nothing else tells
// (Constants.Type.getPreferedTypeFor): the smallest of int, bigint, varint that
// holds an integer; double, or decimal when double is not exact; ascii or text.
// A blob constant's is tinyint, which is Cassandra's own slip. nil for null.
func PreferredType(kind LiteralKind, text string) *Type {
	switch kind {
	case StringLiteral:
		for i := 0; i < len(text); i++ {
			if text[i] >= 0x80 {
				return TypeText
			}
		}
		return TypeAscii
	case IntegerLiteral:
		v, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil:
			return TypeVarint
		case v == int64(int32(v)):
			return TypeInt
		}
		return TypeBigint
	case FloatLiteral:
		return preferredFloat(text)
	case BooleanLiteral:
		return TypeBoolean
	case UUIDLiteral:
		if b, ok := ParseUUID(text); ok && b[6]>>4 == 1 {
			return TypeTimeuuid
		}
		return TypeUuid
	case HexLiteral:
		return TypeTinyint
	case DurationLiteral:
		return TypeDuration
	}
	return nil
}

func preferredFloat(text string) *Type {
	f, ok := parseJavaFloat(text, 64)
	if !ok || math.IsNaN(f) {
		return TypeDouble
	}
	exact, err := ParseDecimal(text)
	if err != nil {
		return TypeDouble // Infinity
	}
	shown, err := ParseDecimal(string(AppendFloatText(nil, f, 64)))
	if err == nil && compareDecimal(exact, shown) == 0 {
		return TypeDouble
	}
	return TypeDecimal
}

// ParseLiteral returns the wire bytes of a constant for type t, nil for null.
// The caller has checked AcceptsLiteral. Errors are *cqlerr.Error with
// Cassandra's text (Constants.Literal.parsedValue).
func (t *Type) ParseLiteral(kind LiteralKind, text string) ([]byte, error) {
	switch {
	case kind == NullLiteral:
		return nil, nil
	case kind == HexLiteral:
		return parseHex(strings.TrimPrefix(strings.TrimPrefix(text, "0x"), "0X"))
	case t.Kind == Counter:
		return TypeBigint.FromString(text)
	}
	return t.FromString(text)
}

// FromString returns the wire bytes of text as AbstractType.fromString reads
// it: the meaning of a quoted constant, a number's digits, a JSON string. A
// blob is bare hexadecimal. Empty text gives an empty value for most types.
func (t *Type) FromString(text string) ([]byte, error) {
	switch t.Kind {
	case Text:
		return append([]byte{}, text...), nil
	case Ascii:
		return asciiFromString(text)
	case Blob, List, Set, Map, Vector, Counter:
		return parseHex(text)
	case Custom:
		return t.customFromString(text)
	case Date:
		date, err := ParseDate(text)
		if err != nil {
			return nil, err
		}
		return binary.BigEndian.AppendUint32(nil, date), nil
	case Time:
		nanos, err := ParseTime(text)
		if err != nil {
			return nil, err
		}
		return binary.BigEndian.AppendUint64(nil, uint64(nanos)), nil
	case Boolean:
		return booleanFromString(text)
	case Tuple, UDT:
		return t.tupleFromString(text)
	}
	if text == "" {
		return []byte{}, nil
	}
	switch t.Kind {
	case Tinyint:
		return integerFromString(text, "byte", 1)
	case Smallint:
		return integerFromString(text, "short", 2)
	case Int:
		return integerFromString(text, "int", 4)
	case Bigint:
		return integerFromString(text, "long", 8)
	case Varint:
		return ParseVarint(text)
	case Decimal:
		return ParseDecimal(text)
	case Float, Double:
		return t.floatFromString(text)
	case Uuid, Timeuuid:
		return t.uuidFromString(text)
	case Inet:
		return ParseInet(text)
	case Timestamp:
		millis, err := ParseTimestamp(text)
		if err != nil {
			return nil, err
		}
		return binary.BigEndian.AppendUint64(nil, uint64(millis)), nil
	case Duration:
		d, err := ParseDuration(text)
		if err != nil {
			return nil, err
		}
		return d.Append(nil), nil
	}
	return nil, cqlerr.Invalidf("'%s' is not empty", text)
}

func integerFromString(text, name string, size int) ([]byte, error) {
	v, err := strconv.ParseInt(text, 10, 8*size)
	if err != nil {
		return nil, cqlerr.Invalidf("Unable to make %s from '%s'", name, text)
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(v))
	return b[8-size:], nil
}

func (t *Type) floatFromString(text string) ([]byte, error) {
	if t.Kind == Float {
		f, ok := parseJavaFloat(text, 32)
		if !ok {
			return nil, cqlerr.Invalidf("Unable to make float from '%s'", text)
		}
		return AppendFloat(nil, float32(f)), nil
	}
	f, ok := parseJavaFloat(text, 64)
	if !ok {
		return nil, cqlerr.Invalidf("Unable to make double from '%s'", text)
	}
	return AppendDouble(nil, f), nil
}

// AppendFloat appends a float's wire bytes; a NaN is the one Java writes.
func AppendFloat(dst []byte, f float32) []byte {
	if f != f {
		return binary.BigEndian.AppendUint32(dst, javaFloatNaN)
	}
	return binary.BigEndian.AppendUint32(dst, math.Float32bits(f))
}

// AppendDouble appends a double's wire bytes; a NaN is the one Java writes.
func AppendDouble(dst []byte, f float64) []byte {
	if f != f {
		return binary.BigEndian.AppendUint64(dst, javaDoubleNaN)
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(f))
}

func asciiFromString(text string) ([]byte, error) {
	for _, r := range text {
		if r >= 0x80 {
			return nil, cqlerr.Invalidf("Invalid ASCII character in string literal: java.nio.charset.UnmappableCharacterException: Input length = %d", utf16.RuneLen(r))
		}
	}
	return append([]byte{}, text...), nil
}

func booleanFromString(text string) ([]byte, error) {
	switch {
	case text == "" || strings.EqualFold(text, "false"):
		return []byte{0}, nil
	case strings.EqualFold(text, "true"):
		return []byte{1}, nil
	}
	return nil, cqlerr.Invalidf("Unable to make boolean from '%s'", text)
}

func parseHex(text string) ([]byte, error) {
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, cqlerr.Invalidf("cannot parse '%s' as hex bytes", text)
	}
	return b, nil
}

// tupleFromString reads the fields of a tuple between colons; @ is null, a
// backslash takes a colon or at-sign literally (TupleType.fromString).
func (t *Type) tupleFromString(text string) ([]byte, error) {
	fields := splitEscaped(text)
	if len(fields) > len(t.Elems) {
		return nil, cqlerr.Invalidf("Invalid tuple literal: too many elements. Type %s expects %d but got %d", t, len(t.Elems), len(fields))
	}
	wire := []byte{}
	for i, field := range fields {
		if field == "@" {
			wire = AppendElement(wire, nil)
			continue
		}
		b, err := t.Elems[i].FromString(strings.NewReplacer(`\:`, ":", `\@`, "@").Replace(field))
		if err != nil {
			return nil, err
		}
		wire = AppendElement(wire, b)
	}
	return wire, nil
}

// splitEscaped splits at colons that have no backslash before them.
func splitEscaped(text string) []string {
	if text == "" {
		return nil
	}
	var parts []string
	start := 0
	for i := 0; i < len(text); i++ {
		if text[i] == ':' && (i == 0 || text[i-1] != '\\') {
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}
