package cqltype

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// AllowsEmpty reports whether a value of no bytes is valid for t
// (AbstractType.allowsEmpty, as validation has it). Such a value sorts first;
// for text and blob it is the empty string, for the rest it means nothing.
func (t *Type) AllowsEmpty() bool {
	switch t.Kind {
	case Tinyint, Smallint, Date, Time, Duration, List, Set, Map, Vector:
		return false
	}
	return true
}

// EmptyIsNull reports whether a value of no bytes reads as null: the serializer
// of t makes no value of it.
func (t *Type) EmptyIsNull() bool {
	switch t.Kind {
	case Boolean, Int, Bigint, Counter, Float, Double, Decimal, Varint, Inet, Timestamp, Timeuuid, Uuid:
		return true
	}
	return false
}

// Validate checks wire bytes (not null) against t as
// org.apache.cassandra.serializers.* do, with their texts. Errors are
// *cqlerr.Error (Invalid). It does not allocate on valid bytes, and nests no
// deeper than t itself.
func (t *Type) Validate(b []byte) error {
	switch t.Kind {
	case Blob, Custom:
		return nil
	case Varint, Decimal:
		return t.validateNumber(b)
	case Ascii:
		for _, c := range b {
			if c >= 0x80 {
				return cqlerr.Invalidf("Invalid byte for ascii: %d", int8(c))
			}
		}
		return nil
	case Text:
		if !validText(b) {
			return cqlerr.Invalidf("String didn't validate.")
		}
		return nil
	case List, Set, Map:
		return t.validateCollection(b, false)
	case Tuple:
		return t.validateTuple(b)
	case UDT:
		return t.validateUDT(b)
	case Vector:
		return t.validateVector(b)
	default:
		return t.validateScalar(b)
	}
}

func (t *Type) validateScalar(b []byte) error {
	n := len(b)
	switch t.Kind {
	case Boolean:
		if n > 1 {
			return cqlerr.Invalidf("Expected 1 or 0 byte value (%d)", n)
		}
	case Tinyint:
		if n != 1 {
			return cqlerr.Invalidf("Expected 1 byte for a tinyint (%d)", n)
		}
	case Smallint:
		if n != 2 {
			return cqlerr.Invalidf("Expected 2 bytes for a smallint (%d)", n)
		}
	case Int:
		if n != 4 && n != 0 {
			return cqlerr.Invalidf("Expected 4 or 0 byte int (%d)", n)
		}
	case Bigint, Counter:
		if n != 8 && n != 0 {
			return cqlerr.Invalidf("Expected 8 or 0 byte long (%d)", n)
		}
	case Float:
		if n != 4 && n != 0 {
			return cqlerr.Invalidf("Expected 4 or 0 byte value for a float (%d)", n)
		}
	case Double:
		if n != 8 && n != 0 {
			return cqlerr.Invalidf("Expected 8 or 0 byte value for a double (%d)", n)
		}
	case Timestamp:
		if n != 8 && n != 0 {
			return cqlerr.Invalidf("Expected 8 or 0 byte long for date (%d)", n)
		}
	case Date:
		if n != 4 {
			return cqlerr.Invalidf("Expected 4 byte long for date (%d)", n)
		}
	case Time:
		if n != 8 {
			return cqlerr.Invalidf("Expected 8 byte long for time (%d)", n)
		}
	case Inet:
		if n != 0 && n != 4 && n != 16 {
			return cqlerr.Invalidf("Expected 4 or 16 byte inetaddress; got %s", hex.EncodeToString(b))
		}
	case Uuid, Timeuuid:
		return t.validateUUID(b)
	case Duration:
		return validateDuration(b)
	case Empty:
		if n != 0 {
			return cqlerr.Invalidf("EmptyType only accept empty values")
		}
	}
	return nil
}

// MaxNumberBytes is how long a varint or decimal may be, where Cassandra has
// no limit: reading and printing take more than linear time, and could hold a
// core for minutes.
const MaxNumberBytes = 64 << 10

func (t *Type) validateNumber(b []byte) error {
	n := len(b)
	if t.Kind == Decimal && n != 0 && n < 4 {
		return cqlerr.Invalidf("Expected 0 or at least 4 bytes (%d)", n)
	}
	if n > MaxNumberBytes {
		return cqlerr.Invalidf("A %s of %d bytes is longer than the %d supported", t.Kind, n, MaxNumberBytes)
	}
	return nil
}

func (t *Type) validateUUID(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if len(b) != 16 {
		return cqlerr.Invalidf("UUID should be 16 or 0 bytes (%d)", len(b))
	}
	if t.Kind == Timeuuid && b[6]>>4 != 1 {
		// Cassandra's text shows the wrong byte (the first), and so does ours.
		return cqlerr.Invalidf("Invalid version for TimeUUID type: 0x%s", strconv.FormatInt(int64(b[0]>>4), 16))
	}
	return nil
}

func validateDuration(b []byte) error {
	if len(b) < 3 {
		return cqlerr.Invalidf("Expected at least 3 bytes for a duration (%d)", len(b))
	}
	var v [3]int64
	for i := range v {
		x, n := vint(b)
		if n == 0 {
			return cqlerr.Invalidf("Not enough bytes to read a duration")
		}
		v[i], b = x, b[n:]
	}
	months, days, nanos := v[0], v[1], v[2]
	if months != int64(int32(months)) {
		return cqlerr.Invalidf("The duration months must be a 32 bits integer but was: %d", months)
	}
	if days != int64(int32(days)) {
		return cqlerr.Invalidf("The duration days must be a 32 bits integer but was: %d", days)
	}
	if !(months >= 0 && days >= 0 && nanos >= 0 || months <= 0 && days <= 0 && nanos <= 0) {
		return cqlerr.Invalidf("The duration months, days and nanoseconds must be all of the same sign (%d, %d, %d)", months, days, nanos)
	}
	return nil
}

// ValidateWithNulls is Validate of a list that may have null elements, which
// Cassandra lets a list to compare with have (ListSerializer.validate).
func (t *Type) ValidateWithNulls(b []byte) error {
	if t.Kind != List {
		return t.Validate(b)
	}
	return t.validateCollection(b, true)
}

// ValidateBound is Validate of the value of a bind variable: a list is read to its
// end before its nulls are refused (ListSerializer.deserialize).
func (t *Type) ValidateBound(b []byte) error {
	err := t.Validate(b)
	if err == nil || t.Kind != List {
		return err
	}
	if other := t.validateCollection(b, true); other != nil {
		return other
	}
	return err
}

func (t *Type) validateCollection(b []byte, nulls bool) error {
	name := t.Kind.String()
	short := func() error { return cqlerr.Invalidf("Not enough bytes to read a %s", name) }
	if len(b) < 4 {
		return short()
	}
	// A negative count reads as none (ListSerializer.validate).
	count := int64(int32(binary.BigEndian.Uint32(b)))
	b = b[4:]
	if t.Kind == Map {
		count *= 2
	}
	for i := int64(0); i < count; i++ {
		if len(b) < 4 {
			return short()
		}
		n := int32(binary.BigEndian.Uint32(b))
		b = b[4:]
		if n < 0 {
			if nulls {
				continue
			}
			return ErrNullElement()
		}
		if int(n) > len(b) {
			return short()
		}
		if err := t.Elems[int(i)%len(t.Elems)].Validate(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	if len(b) != 0 {
		return cqlerr.Invalidf("Unexpected extraneous bytes after %s value", name)
	}
	return nil
}

// ErrNullElement tells of a null in a collection.
func ErrNullElement() error { return cqlerr.Invalidf("Null value read when not allowed") }

func (t *Type) validateTuple(b []byte) error {
	for i, e := range t.Elems {
		if len(b) == 0 {
			return nil // fewer fields than declared: the rest are null
		}
		if len(b) < 4 {
			return cqlerr.Invalidf("Not enough bytes to read size of %dth component", i)
		}
		n := int32(binary.BigEndian.Uint32(b))
		b = b[4:]
		if n < 0 {
			continue
		}
		if int(n) > len(b) {
			return cqlerr.Invalidf("Not enough bytes to read %dth component", i)
		}
		if err := e.Validate(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	if len(b) != 0 {
		return cqlerr.Invalidf("Invalid remaining data after end of tuple value")
	}
	return nil
}

func (t *Type) validateUDT(b []byte) error {
	for i, e := range t.Elems {
		if len(b) == 0 {
			return nil
		}
		if len(b) < 4 {
			return cqlerr.Invalidf("Not enough bytes to read size of %dth field %s", i, t.FieldNames[i])
		}
		n := int32(binary.BigEndian.Uint32(b))
		b = b[4:]
		if n < 0 {
			continue
		}
		if int(n) > len(b) {
			return cqlerr.Invalidf("Not enough bytes to read %dth field %s", i, t.FieldNames[i])
		}
		if err := e.Validate(b[:n]); err != nil {
			return cqlerr.Invalidf("Failure validating the %dth field %s; %s", i, t.FieldNames[i], err)
		}
		b = b[n:]
	}
	if len(b) != 0 {
		return cqlerr.Invalidf("Invalid remaining data after end of UDT value")
	}
	return nil
}

func (t *Type) validateVector(b []byte) error {
	if len(b) == 0 {
		return cqlerr.Invalidf("Invalid empty vector value")
	}
	elem := t.Elems[0]
	fixed := elem.FixedLen()
	if fixed > 0 && len(b)/fixed < t.Dimension {
		return cqlerr.Invalidf("Not enough bytes to read a %s", t)
	}
	for range t.Dimension {
		n := fixed
		if fixed <= 0 {
			v, size := uvint(b)
			if size == 0 || v > math.MaxInt32 || int(v) > len(b)-size {
				return cqlerr.Invalidf("Not enough bytes to read a %s", t)
			}
			n, b = int(v), b[size:]
		}
		if err := elem.Validate(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	if len(b) != 0 {
		return cqlerr.Invalidf("Unexpected %d extraneous bytes after %s value", len(b), t)
	}
	return nil
}
