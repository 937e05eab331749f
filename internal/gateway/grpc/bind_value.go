package grpc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// The fields of Value.
const (
	nullField protowire.Number = 1 + iota
	unsetField
	intField
	floatField
	doubleField
	booleanField
	stringField
	bytesField
	inetField
	uuidField
	dateField
	timeField
	collectionField
	udtField
	varintField
	decimalField
	durationField
)

// fieldKinds says how each field of Value is encoded.
var fieldKinds = [...]protowire.Type{
	nullField: protowire.BytesType, unsetField: protowire.BytesType, intField: protowire.VarintType, floatField: protowire.Fixed32Type,
	doubleField: protowire.Fixed64Type, booleanField: protowire.VarintType, stringField: protowire.BytesType, bytesField: protowire.BytesType,
	inetField: protowire.BytesType, uuidField: protowire.BytesType, dateField: protowire.VarintType, timeField: protowire.VarintType,
	collectionField: protowire.BytesType, udtField: protowire.BytesType, varintField: protowire.BytesType, decimalField: protowire.BytesType,
	durationField: protowire.BytesType,
}

// value is a Value: which field it has (0: none), and that field's content.
type value struct {
	field protowire.Number
	bytes []byte
	bits  uint64
}

func valueOf(m []byte) (v value, err error) {
	f := fieldsOf(m)
	for f.next() {
		if int(f.number) < len(fieldKinds) && f.number > 0 && fieldKinds[f.number] == f.kind {
			v = value{f.number, f.bytes, f.bits} // the last of a oneof counts
		}
	}
	if f.bad {
		return v, errors.New("The value is malformed")
	}
	return v, nil
}

// bindValue converts a Value for a variable of type t. What it returns lies in
// the message or in c.scratch.
func (c *call) bindValue(t *cqltype.Type, m []byte) (backend.Value, error) {
	v, err := valueOf(m)
	if err != nil {
		return backend.Value{}, err
	}
	switch v.field {
	case nullField:
		return backend.Value{}, nil
	case unsetField:
		return backend.Value{Unset: true}, nil
	}
	if plain, ok, err := v.plain(t); ok || err != nil {
		return backend.Value{Bytes: plain}, err
	}
	from := len(c.scratch)
	c.scratch, err = v.append(c.scratch, t)
	// Growing c.scratch leaves earlier values in the old array.
	wire := c.scratch[from:len(c.scratch):len(c.scratch)]
	if wire == nil { // of a tuple without elements in a new call: empty, not null
		wire = []byte{}
	}
	return backend.Value{Bytes: wire}, err
}

// plain returns the wire bytes of a value that has them in the message: text and
// blobs. ok tells whether it is one.
func (v value) plain(t *cqltype.Type) (wire []byte, ok bool, err error) {
	switch t.Kind {
	case cqltype.Text, cqltype.Ascii:
		if err := v.want(stringField, "string"); err != nil {
			return nil, true, err
		}
		if !utf8.Valid(v.bytes) {
			return nil, true, errors.New("The string is not UTF-8")
		}
	case cqltype.Blob, cqltype.Custom, cqltype.Empty:
		if err := v.want(bytesField, "bytes"); err != nil {
			return nil, true, err
		}
	default:
		return nil, false, nil
	}
	if v.bytes == nil { // empty, not null
		return []byte{}, true, nil
	}
	return v.bytes, true, nil
}

// want checks that the value has that field.
func (v value) want(field protowire.Number, name string) error {
	if v.field != field {
		return errors.New("Expected " + name + " type")
	}
	return nil
}

// append appends the wire bytes of a value of type t.
func (v value) append(dst []byte, t *cqltype.Type) ([]byte, error) {
	if plain, ok, err := v.plain(t); ok || err != nil {
		return append(dst, plain...), err
	}
	switch t.Kind {
	case cqltype.Tinyint, cqltype.Smallint, cqltype.Int, cqltype.Bigint, cqltype.Counter, cqltype.Timestamp:
		return v.appendInteger(dst, t)
	case cqltype.Float:
		return binary.BigEndian.AppendUint32(dst, uint32(v.bits)), v.want(floatField, "float")
	case cqltype.Double:
		return binary.BigEndian.AppendUint64(dst, v.bits), v.want(doubleField, "double")
	case cqltype.Boolean:
		return append(dst, truth(v.bits)), v.want(booleanField, "boolean")
	case cqltype.Date:
		return binary.BigEndian.AppendUint32(dst, uint32(v.bits)), v.want(dateField, "date")
	case cqltype.Time:
		return v.appendTime(dst)
	case cqltype.Uuid, cqltype.Timeuuid:
		return v.appendUUID(dst)
	case cqltype.Inet:
		return v.appendInet(dst)
	case cqltype.Varint:
		return v.appendVarint(dst)
	case cqltype.Decimal:
		return v.appendDecimal(dst)
	case cqltype.Duration:
		return v.appendDuration(dst)
	}
	return v.appendNested(dst, t)
}

func truth(bits uint64) byte {
	if bits != 0 {
		return 1
	}
	return 0
}

func (v value) appendInteger(dst []byte, t *cqltype.Type) ([]byte, error) {
	if err := v.want(intField, "integer"); err != nil {
		return dst, err
	}
	n := protowire.DecodeZigZag(v.bits)
	inRange := func(low, high int64) error {
		if n < low || n > high {
			return fmt.Errorf("Valid range for %s is %d to %d", t.Kind, low, high)
		}
		return nil
	}
	switch t.Kind {
	case cqltype.Tinyint:
		return append(dst, byte(n)), inRange(math.MinInt8, math.MaxInt8)
	case cqltype.Smallint:
		return binary.BigEndian.AppendUint16(dst, uint16(n)), inRange(math.MinInt16, math.MaxInt16)
	case cqltype.Int:
		return binary.BigEndian.AppendUint32(dst, uint32(n)), inRange(math.MinInt32, math.MaxInt32)
	}
	return binary.BigEndian.AppendUint64(dst, uint64(n)), nil
}

const nanosPerDay = 24 * 60 * 60 * 1_000_000_000

func (v value) appendTime(dst []byte) ([]byte, error) {
	if err := v.want(timeField, "time"); err != nil {
		return dst, err
	}
	if v.bits >= nanosPerDay {
		return dst, fmt.Errorf("Valid range for time is 0 to %d nanoseconds", int64(nanosPerDay-1))
	}
	return binary.BigEndian.AppendUint64(dst, v.bits), nil
}

// inner returns the bytes of field number of the message that the value holds.
func (v value) inner(number protowire.Number) (b []byte, err error) {
	f := fieldsOf(v.bytes)
	for f.next() {
		if f.is(number, protowire.BytesType) {
			b = f.bytes
		}
	}
	if f.bad {
		return nil, errors.New("The value is malformed")
	}
	return b, nil
}

func (v value) appendUUID(dst []byte) ([]byte, error) {
	if err := v.want(uuidField, "UUID"); err != nil {
		return dst, err
	}
	b, err := v.inner(1)
	if err == nil && len(b) != 16 {
		err = fmt.Errorf("Expected 16 bytes for a UUID, got %d", len(b))
	}
	return append(dst, b...), err
}

func (v value) appendInet(dst []byte) ([]byte, error) {
	if err := v.want(inetField, "bytes"); err != nil { // the reference's word
		return dst, err
	}
	b, err := v.inner(1)
	if err == nil && len(b) != 4 && len(b) != 16 {
		err = fmt.Errorf("Expected 4 or 16 bytes for an IPv4 or IPv6 address, got %d", len(b))
	}
	return append(dst, b...), err
}

func (v value) appendVarint(dst []byte) ([]byte, error) {
	if err := v.want(varintField, "varint"); err != nil {
		return dst, err
	}
	b, err := v.inner(1)
	if err == nil && len(b) == 0 {
		err = errNoDigits
	}
	return append(dst, b...), err
}

var errNoDigits = errors.New("Expected at least one byte for an integer, got 0")

func (v value) appendDecimal(dst []byte) ([]byte, error) {
	if err := v.want(decimalField, "decimal"); err != nil {
		return dst, err
	}
	var scale uint32
	f := fieldsOf(v.bytes)
	for f.next() {
		if f.is(1, protowire.VarintType) {
			scale = uint32(f.bits)
		}
	}
	unscaled, err := v.inner(3)
	if err == nil && len(unscaled) == 0 {
		err = errNoDigits
	}
	return append(binary.BigEndian.AppendUint32(dst, scale), unscaled...), err
}

func (v value) appendDuration(dst []byte) ([]byte, error) {
	if err := v.want(durationField, "varint"); err != nil { // the reference's word
		return dst, err
	}
	var d cqltype.DurationValue
	f := fieldsOf(v.bytes)
	for f.next() {
		if f.kind != protowire.VarintType {
			continue
		}
		switch n := protowire.DecodeZigZag(f.bits); f.number {
		case 1:
			d.Months = int32(n)
		case 2:
			d.Days = int32(n)
		case 3:
			d.Nanos = n
		}
	}
	if f.bad {
		return dst, errors.New("The value is malformed")
	}
	from := len(dst)
	dst = d.Append(dst)
	return dst, cqltype.TypeDuration.Validate(dst[from:])
}
