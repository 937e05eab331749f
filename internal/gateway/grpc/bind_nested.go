package grpc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// appendNested appends a value of a type that has elements. It goes as deep as
// the type, whatever the message looks like.
func (v value) appendNested(dst []byte, t *cqltype.Type) ([]byte, error) {
	switch t.Kind {
	case cqltype.List, cqltype.Set, cqltype.Map:
		return v.appendCollection(dst, t)
	case cqltype.Tuple:
		return v.appendTuple(dst, t)
	case cqltype.UDT:
		return v.appendUDT(dst, t)
	case cqltype.Vector:
		return v.appendVector(dst, t)
	}
	return dst, fmt.Errorf("A value of type %s can't be bound", t)
}

// appendElement appends an element with its length in front.
func appendElement(dst []byte, t *cqltype.Type, v value) ([]byte, error) {
	at := len(dst)
	dst, err := v.append(append(dst, 0, 0, 0, 0), t)
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst, err
}

// refuse is an error for null and unset where they may not be.
func (v value) refuse(where string) error {
	switch v.field {
	case nullField:
		return errors.New("null is not supported inside " + where)
	case unsetField:
		return errors.New("unset is not supported inside " + where)
	}
	return nil
}

func (v value) appendCollection(dst []byte, t *cqltype.Type) ([]byte, error) {
	if err := v.want(collectionField, "collection"); err != nil {
		return dst, err
	}
	at, n := len(dst), 0
	dst = append(dst, 0, 0, 0, 0) // the count, when it is known
	f := fieldsOf(v.bytes)
	for f.next() {
		if !f.is(1, protowire.BytesType) {
			continue
		}
		e, err := valueOf(f.bytes)
		if err == nil {
			err = e.refuse(t.Kind.String() + "s")
		}
		if err == nil {
			dst, err = appendElement(dst, t.Elems[n%len(t.Elems)], e) // of a map key and value in turn
		}
		if err != nil {
			return dst, err
		}
		n++
	}
	if f.bad {
		return dst, errors.New("The value is malformed")
	}
	if n%len(t.Elems) != 0 {
		return dst, errors.New("Expected an even number of elements")
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(n/len(t.Elems)))
	return dst, nil
}

func (v value) appendTuple(dst []byte, t *cqltype.Type) ([]byte, error) {
	if err := v.want(collectionField, "collection"); err != nil {
		return dst, err
	}
	n := 0
	for f := fieldsOf(v.bytes); f.next(); {
		if f.is(1, protowire.BytesType) {
			n++
		}
	}
	if n > len(t.Elems) {
		return dst, fmt.Errorf("Too many tuple fields. Expected %d, but received %d", len(t.Elems), n)
	}
	f, i := fieldsOf(v.bytes), 0
	for f.next() {
		if !f.is(1, protowire.BytesType) {
			continue
		}
		var err error
		if dst, err = appendField(dst, t.Elems[i], f.bytes, "tuples"); err != nil {
			return dst, err
		}
		i++
	}
	if f.bad {
		return dst, errors.New("The value is malformed")
	}
	return dst, nil
}

// appendField appends a field of a tuple or user-defined type, m being its
// Value.
func appendField(dst []byte, t *cqltype.Type, m []byte, where string) ([]byte, error) {
	v, err := valueOf(m)
	switch {
	case err != nil:
		return dst, err
	case v.field == nullField:
		return cqltype.AppendElement(dst, nil), nil
	case v.field == unsetField:
		return dst, v.refuse(where)
	}
	return appendElement(dst, t, v)
}

func (v value) appendUDT(dst []byte, t *cqltype.Type) ([]byte, error) {
	if err := v.want(udtField, "user-defined"); err != nil {
		return dst, err
	}
	fields := make([][]byte, len(t.Elems)) // the Value of each field that is given
	f, n := fieldsOf(v.bytes), 0
	for f.next() {
		if !f.is(1, protowire.BytesType) {
			continue
		}
		if n++; n > len(fields)+1 { // some name is unknown, or there twice: don't look at millions
			return dst, fmt.Errorf("Too many fields. The user-defined type has %d", len(fields))
		}
		name, m, err := mapEntry(f.bytes)
		if err != nil {
			return dst, err
		}
		i := slices.Index(t.FieldNames, name)
		if i < 0 {
			return dst, fmt.Errorf("User-defined type doesn't contain a field named '%s'", name)
		}
		fields[i] = m
	}
	if f.bad {
		return dst, errors.New("The value is malformed")
	}
	for i, m := range fields {
		if m == nil {
			dst = cqltype.AppendElement(dst, nil)
			continue
		}
		var err error
		if dst, err = appendField(dst, t.Elems[i], m, "user-defined types"); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// mapEntry reads an entry of map<string, Value>. An entry without a value has
// one without content, as protobuf says.
func mapEntry(m []byte) (name string, v []byte, err error) {
	v = []byte{}
	f := fieldsOf(m)
	for f.next() {
		switch {
		case f.is(1, protowire.BytesType):
			name = string(f.bytes)
		case f.is(2, protowire.BytesType):
			v = f.bytes
		}
	}
	if f.bad {
		return "", nil, errors.New("The value is malformed")
	}
	return name, v, nil
}

// appendVector appends a vector: given as its wire bytes, as it is answered, or
// as a collection if its elements are of one size.
func (v value) appendVector(dst []byte, t *cqltype.Type) ([]byte, error) {
	if v.field != collectionField || t.Elems[0].FixedLen() < 0 {
		return append(dst, v.bytes...), v.want(bytesField, "bytes")
	}
	f, n := fieldsOf(v.bytes), 0
	for f.next() {
		if !f.is(1, protowire.BytesType) {
			continue
		}
		e, err := valueOf(f.bytes)
		if err == nil {
			err = e.refuse("vectors")
		}
		if err == nil {
			dst, err = e.append(dst, t.Elems[0])
		}
		if err != nil {
			return dst, err
		}
		n++
	}
	if f.bad {
		return dst, errors.New("The value is malformed")
	}
	if n != t.Dimension {
		return dst, fmt.Errorf("Expected %d elements for a vector, got %d", t.Dimension, n)
	}
	return dst, nil
}
