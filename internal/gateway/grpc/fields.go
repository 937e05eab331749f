package grpc

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// fields walks the fields of a message in place:
//
//	for f := fieldsOf(m); f.next(); { use(f.number, f.bytes, f.bits) }
//
// Fields come as they stand; of one that is not repeated, the last counts.
type fields struct {
	rest   []byte
	number protowire.Number
	kind   protowire.Type
	// bytes of a length-delimited field; bits of all others.
	bytes []byte
	bits  uint64
	bad   bool
}

func fieldsOf(m []byte) fields { return fields{rest: m} }

// next moves to the next field and reports whether there is one. bad tells
// afterwards whether it stopped at something that is no field.
func (f *fields) next() bool {
	if len(f.rest) == 0 || f.bad {
		return false
	}
	number, kind, n := protowire.ConsumeTag(f.rest)
	if n < 0 {
		return f.broken()
	}
	f.number, f.kind, f.rest = number, kind, f.rest[n:]
	f.bytes, f.bits = nil, 0
	switch kind {
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(f.rest)
	case protowire.VarintType:
		f.bits, n = protowire.ConsumeVarint(f.rest)
	case protowire.Fixed32Type:
		var v uint32
		v, n = protowire.ConsumeFixed32(f.rest)
		f.bits = uint64(v)
	case protowire.Fixed64Type:
		f.bits, n = protowire.ConsumeFixed64(f.rest)
	default: // groups, which these messages do not have
		n = protowire.ConsumeFieldValue(number, kind, f.rest)
	}
	if n < 0 {
		return f.broken()
	}
	f.rest = f.rest[n:]
	return true
}

func (f *fields) broken() bool {
	f.bad = true
	return false
}

// is reports whether the field is number, of that type: of another it is an
// unknown field, which readers of protobuf skip.
func (f *fields) is(number protowire.Number, kind protowire.Type) bool {
	return f.number == number && f.kind == kind
}

// text is the field as a string, which protobuf wants to be UTF-8.
func (f *fields) text() (string, error) {
	if !utf8.Valid(f.bytes) {
		return "", invalid("A string of the message is not UTF-8")
	}
	return string(f.bytes), nil
}

var errMalformed = invalid("The message is malformed")

// err is what the walk ended with.
func (f *fields) err() error {
	if f.bad {
		return errMalformed
	}
	return nil
}
