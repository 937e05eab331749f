package value

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
)

// scalarNames are the GraphQL types of the CQL scalars.
var scalarNames = map[cqltype.Kind]string{
	cqltype.Boolean: "Boolean", cqltype.Int: "Int", cqltype.Double: "Float", cqltype.Text: "String",
	cqltype.Uuid: "Uuid", cqltype.Timeuuid: "TimeUuid", cqltype.Ascii: "Ascii", cqltype.Inet: "Inet", cqltype.Blob: "Blob",
	cqltype.Bigint: "BigInt", cqltype.Varint: "Varint", cqltype.Counter: "Counter", cqltype.Decimal: "Decimal",
	cqltype.Float: "Float32", cqltype.Smallint: "SmallInt", cqltype.Tinyint: "TinyInt", cqltype.Date: "Date",
	cqltype.Time: "Time", cqltype.Timestamp: "Timestamp", cqltype.Duration: "Duration",
}

// Kinds are the CQL types of the GraphQL scalars.
var Kinds = func() map[string]cqltype.Kind {
	kinds := map[string]cqltype.Kind{"ID": cqltype.Uuid}
	for kind, name := range scalarNames {
		kinds[name] = kind
	}
	return kinds
}()

// Scalars are the scalar types that GraphQL does not have itself.
var Scalars = func() map[string]exec.Scalar {
	scalars := map[string]exec.Scalar{}
	for kind, name := range scalarNames {
		scalars[name] = check(kind)
	}
	return scalars
}()

// check is the exec.Scalar of a kind.
type check cqltype.Kind

// Check implements exec.Scalar.
func (k check) Check(in exec.Input) error {
	var memory [64]byte
	_, err := appendScalar(memory[:0], cqltype.Kind(k), in)
	return err
}

// appendScalar appends the cell of a scalar. Its errors are the reference's, of
// the scalar types' coercing classes.
func appendScalar(dst []byte, kind cqltype.Kind, in exec.Input) ([]byte, error) {
	switch kind {
	case cqltype.Boolean:
		if in.Kind() != exec.Bool {
			return dst, exec.Unexpected(in, "BooleanValue", "Boolean")
		}
		if in.IsTrue() {
			return append(dst, 1), nil
		}
		return append(dst, 0), nil
	case cqltype.Text:
		if k := in.Kind(); k != exec.String && k != exec.Enum {
			return dst, exec.Unexpected(in, "StringValue", "String")
		}
		return append(dst, in.Text()...), nil
	case cqltype.Int, cqltype.Smallint, cqltype.Tinyint:
		return appendInt(dst, kind, in)
	case cqltype.Bigint, cqltype.Counter, cqltype.Varint, cqltype.Decimal, cqltype.Double, cqltype.Float:
		return appendNumber(dst, kind, in)
	case cqltype.Date, cqltype.Time, cqltype.Timestamp:
		return appendTime(dst, kind, in)
	}
	if in.Kind() != exec.String {
		return dst, fmt.Errorf("Expected a string literal")
	}
	return appendText(dst, kind, in)
}

// appendText reads the scalars that are only ever strings.
func appendText(dst []byte, kind cqltype.Kind, in exec.Input) ([]byte, error) {
	text := in.Str()
	switch kind {
	case cqltype.Ascii:
		for i := range len(text) {
			if text[i] >= 0x80 {
				return dst, fmt.Errorf("String contains non-ASCII characters")
			}
		}
		return append(dst, text...), nil
	case cqltype.Uuid, cqltype.Timeuuid:
		return appendUUID(dst, kind, text)
	case cqltype.Blob:
		return cell.AppendBase64(dst, in.Text())
	case cqltype.Inet:
		wire, err := cqltype.ParseInet(text)
		if err != nil || len(wire) == 0 {
			return dst, fmt.Errorf("Unable to parse Inet: %.100s: Name or service not known", text)
		}
		return append(dst, wire...), nil
	case cqltype.Duration:
		d, err := cqltype.ParseDuration(text)
		if err != nil {
			return dst, fmt.Errorf("Unable to convert '%.100s' to a duration", text)
		}
		return d.Append(dst), nil
	}
	return dst, fmt.Errorf("values of type %s are not supported", kind)
}

func appendUUID(dst []byte, kind cqltype.Kind, text string) ([]byte, error) {
	if text == "uuid()" && kind == cqltype.Uuid {
		return AppendGenerated(dst, kind), nil
	}
	if text == "now()" && kind == cqltype.Timeuuid {
		return AppendGenerated(dst, kind), nil
	}
	id, ok := cqltype.ParseUUID(text)
	switch {
	case !ok:
		return dst, fmt.Errorf("Invalid UUID string: %.100s", text)
	case kind == cqltype.Timeuuid && id[6]>>4 != 1:
		return dst, fmt.Errorf("Not a Type 1 (time-based) UUID")
	}
	return append(dst, id[:]...), nil
}

// AppendGenerated appends a new uuid or timeuuid.
func AppendGenerated(dst []byte, kind cqltype.Kind) []byte {
	if kind == cqltype.Timeuuid {
		id := uuid.Must(uuid.NewUUID())
		return append(dst, id[:]...)
	}
	id := uuid.New()
	return append(dst, id[:]...)
}

func appendInt(dst []byte, kind cqltype.Kind, in exec.Input) ([]byte, error) {
	bits := map[cqltype.Kind]int{cqltype.Int: 32, cqltype.Smallint: 16, cqltype.Tinyint: 8}[kind]
	if k := in.Kind(); k != exec.Int && (k != exec.Float || in.IsLiteral()) {
		return dst, exec.Unexpected(in, "IntValue", scalarNames[kind])
	}
	n, err := in.Int64(bits)
	switch {
	case err != nil && kind != cqltype.Int:
		return dst, fmt.Errorf("Out of range")
	case err != nil:
		return dst, err
	}
	switch kind {
	case cqltype.Tinyint:
		return append(dst, byte(n)), nil
	case cqltype.Smallint:
		return binary.BigEndian.AppendUint16(dst, uint16(n)), nil
	}
	return binary.BigEndian.AppendUint32(dst, uint32(n)), nil
}

func appendNumber(dst []byte, kind cqltype.Kind, in exec.Input) ([]byte, error) {
	k := in.Kind()
	if k != exec.Int && k != exec.Float && k != exec.String || k == exec.Float && kind != cqltype.Double && kind != cqltype.Float && in.IsLiteral() {
		return dst, fmt.Errorf("Expected a string literal")
	}
	text := in.Str()
	switch kind {
	case cqltype.Decimal:
		if k == exec.Int && in.IsLiteral() {
			return dst, fmt.Errorf("Expected a string literal")
		}
		wire, err := cqltype.ParseDecimal(text)
		if err != nil {
			return dst, fmt.Errorf("Invalid format")
		}
		return append(dst, wire...), nil
	case cqltype.Varint:
		wire, err := cqltype.ParseVarint(text)
		if err != nil {
			return dst, fmt.Errorf("Invalid format")
		}
		return append(dst, wire...), nil
	case cqltype.Double, cqltype.Float:
		return appendFloat(dst, kind, in)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return dst, fmt.Errorf("Invalid format")
	}
	return binary.BigEndian.AppendUint64(dst, uint64(n)), nil
}

// appendFloat reads a number; a string is one of the values that JSON has no
// number for. As in the reference, what is too large is infinite.
func appendFloat(dst []byte, kind cqltype.Kind, in exec.Input) ([]byte, error) {
	var f float64
	if in.Kind() == exec.String {
		switch in.Str() {
		case "NaN":
			f = math.NaN()
		case "Infinity":
			f = math.Inf(1)
		case "-Infinity":
			f = math.Inf(-1)
		default:
			return dst, exec.Unexpected(in, "IntValue' or 'FloatValue", scalarNames[kind])
		}
	} else {
		f, _ = strconv.ParseFloat(in.Str(), 64) // out of range: infinite
	}
	if kind == cqltype.Float {
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(f))), nil
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(f)), nil
}

// writeScalar appends a cell as JSON. Numbers that JavaScript has not are
// strings.
func writeScalar(dst []byte, t *cqltype.Type, wire []byte) []byte {
	switch t.Kind {
	case cqltype.Bigint, cqltype.Counter:
		if len(wire) != 8 {
			return append(dst, "null"...)
		}
		dst = strconv.AppendInt(append(dst, '"'), int64(binary.BigEndian.Uint64(wire)), 10)
		return append(dst, '"')
	case cqltype.Varint:
		if len(wire) == 0 {
			return append(dst, "null"...)
		}
		return append(cqltype.AppendVarintText(append(dst, '"'), wire), '"')
	case cqltype.Decimal:
		if len(wire) < 5 {
			return append(dst, "null"...)
		}
		return append(cqltype.AppendDecimalText(append(dst, '"'), wire), '"')
	case cqltype.Timestamp:
		if len(wire) != 8 {
			return append(dst, "null"...)
		}
		return append(cqltype.AppendTimestampText(append(dst, '"'), int64(binary.BigEndian.Uint64(wire)), 'T'), '"')
	case cqltype.Time:
		if len(wire) != 8 {
			return append(dst, "null"...)
		}
		return append(cqltype.AppendTimeText(append(dst, '"'), int64(binary.BigEndian.Uint64(wire))), '"')
	case cqltype.Blob:
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), wire), '"')
	}
	return cell.AppendJSON(dst, t, wire, true)
}
