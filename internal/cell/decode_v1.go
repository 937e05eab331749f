package cell

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// V1 reads a JSON value of a column, or a part of one, as the older profile
// does: strings hold text of any type at any depth, numbers only what is a
// number (or the milliseconds of a timestamp), a map is an array of
// {"key","value"}. The result is as Column's.
func (d *Decoder) V1(t *cqltype.Type, v Value) ([]byte, error) {
	if v.Kind() == Null {
		return nil, nil
	}
	start := len(d.Buf)
	if err := d.v1(t, v); err != nil {
		return nil, err
	}
	return d.since(start), nil
}

// TextV1 reads the text of a column, of a segment of a path or of a filter.
func (d *Decoder) TextV1(t *cqltype.Type, text []byte) ([]byte, error) {
	start := len(d.Buf)
	if err := d.v1Text(t, text); err != nil {
		return nil, err
	}
	return d.since(start), nil
}

// ListV1 is List of values in the form of V1.
func (d *Decoder) ListV1(t *cqltype.Type, v Value) ([]byte, error) {
	start := len(d.Buf)
	at, n := d.openCount(), 0
	for e := v.Elements(); e.Next(); n++ {
		if err := d.v1Element(t, e.Value); err != nil {
			return nil, err
		}
	}
	d.closeCount(at, n)
	return d.since(start), nil
}

func (d *Decoder) v1(t *cqltype.Type, v Value) error {
	if v.Kind() == String {
		return d.v1Text(t, v.Text(nil))
	}
	switch t.Kind {
	case cqltype.List, cqltype.Set:
		return d.v1Elements(t, v)
	case cqltype.Map:
		return d.v1Map(t, v)
	case cqltype.Tuple:
		return d.v1Tuple(t, v)
	case cqltype.UDT:
		return d.v1UDT(t, v)
	case cqltype.Vector:
		return d.typedVector(t, v)
	}
	return d.v1Scalar(t, v)
}

// v1Scalar reads a number, true or false.
func (d *Decoder) v1Scalar(t *cqltype.Type, v Value) error {
	expected := "a string"
	switch t.Kind {
	case cqltype.Boolean:
		if v.Kind() == Bool {
			return d.boolean(t, v)
		}
		expected = "a boolean or a string"
	case cqltype.Int, cqltype.Bigint, cqltype.Smallint, cqltype.Tinyint, cqltype.Varint, cqltype.Counter:
		if v.Kind() == Number && isInteger(v) {
			return d.v1Number(t, v)
		}
		expected = "an integer or a string"
	case cqltype.Timestamp:
		if v.Kind() == Number && isInteger(v) {
			return v1Range(d.number(t, v), t, v)
		}
		expected = "an integer or a string"
	case cqltype.Time:
		if v.Kind() == Number && isInteger(v) {
			return d.v1Nanoseconds(v)
		}
		expected = "an integer or a string"
	case cqltype.Float, cqltype.Double, cqltype.Decimal:
		if v.Kind() == Number {
			return d.v1Number(t, v)
		}
		expected = "a number or a string"
	}
	return fmt.Errorf("Invalid %s value '%s': expected %s", nameV1(t), javaText(v), expected)
}

// v1Nanoseconds reads a time of day given as a number.
func (d *Decoder) v1Nanoseconds(v Value) error {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil || n < 0 || n >= int64(24*time.Hour) {
		return fmt.Errorf("Invalid Time value '%s': out of range", v)
	}
	d.Buf = binary.BigEndian.AppendUint64(d.Buf, uint64(n))
	return nil
}

// v1Number reads the text of a number.
func (d *Decoder) v1Number(t *cqltype.Type, text []byte) error {
	return v1Range(d.numberText(t, text), t, text)
}

// v1Range words the error of a number: one that is none, or one too big.
func v1Range(err error, t *cqltype.Type, text []byte) error {
	if err == nil {
		return nil
	}
	if isInteger(text) || t.Kind == cqltype.Float || t.Kind == cqltype.Double {
		if _, _, _, ok := parseDecimal(text, nil); ok {
			return fmt.Errorf("Invalid %s value '%s': out of range", nameV1(t), text)
		}
	}
	return fmt.Errorf("Invalid %s value '%s': cannot parse", nameV1(t), text)
}

// v1Text reads the text of a value.
func (d *Decoder) v1Text(t *cqltype.Type, text []byte) error {
	switch t.Kind {
	case cqltype.Text, cqltype.Ascii:
		return d.text(t, text)
	}
	text = unquote(text)
	switch t.Kind {
	case cqltype.Int, cqltype.Bigint, cqltype.Smallint, cqltype.Tinyint, cqltype.Counter, cqltype.Varint,
		cqltype.Decimal, cqltype.Float, cqltype.Double:
		return d.v1Number(t, text)
	case cqltype.Date, cqltype.Time:
		if err := d.text(t, text); err != nil {
			return fmt.Errorf("Invalid %s value: %w", nameV1(t), err)
		}
		return nil
	case cqltype.Timestamp:
		return d.v1Timestamp(t, text)
	case cqltype.List, cqltype.Set, cqltype.Map, cqltype.Tuple, cqltype.UDT, cqltype.Vector:
		was := d.CompactMaps
		d.CompactMaps, d.old = true, true // the literals are CQL's
		err := d.literal(t, text)
		d.CompactMaps, d.old = was, false
		return err
	case cqltype.Inet:
		if d.text(t, text) != nil {
			return fmt.Errorf("Invalid Inet value %s: Name or service not known", text)
		}
		return nil
	}
	if d.text(t, text) != nil {
		return fmt.Errorf("Invalid %s value '%s': cannot parse", nameV1(t), text)
	}
	return nil
}

// v1Timestamp reads an instant, which ends in Z (DateTimeFormatter.ISO_INSTANT).
func (d *Decoder) v1Timestamp(t *cqltype.Type, text []byte) error {
	p := timeParser{text: text}
	p.date()
	p.literal('T')
	p.clock(true)
	err := p.err()
	if err == nil && !p.at('Z') {
		err = fmt.Errorf("Text '%s' could not be parsed at index %d", text, p.pos)
	}
	if err == nil {
		err = d.timeText(t, text)
	}
	if err != nil {
		return fmt.Errorf("Invalid Timestamp value: %w", err)
	}
	return nil
}

// v1Element reads an element of a collection, which can't be null.
func (d *Decoder) v1Element(t *cqltype.Type, v Value) error {
	if v.Kind() == Null {
		return errors.New("Collection elements cannot be null")
	}
	at := d.open()
	if err := d.v1(t, v); err != nil {
		return err
	}
	d.close(at)
	return nil
}

func (d *Decoder) v1Elements(t *cqltype.Type, v Value) error {
	if v.Kind() != Array {
		return fmt.Errorf("Invalid %s value '%s': expected a JSON array or a string", nameV1(t), javaText(v))
	}
	at, n := d.openCount(), 0
	for e := v.Elements(); e.Next(); n++ {
		if err := d.v1Element(t.Elems[0], e.Value); err != nil {
			return fmt.Errorf("%w (at index %d of %s '%s')", err, n, nameV1(t), javaText(v))
		}
	}
	d.closeCount(at, n)
	return nil
}

func (d *Decoder) v1Map(t *cqltype.Type, v Value) error {
	if v.Kind() != Array {
		return fmt.Errorf("Invalid Map value '%s': expected a JSON array of key/value objects, or a string", javaText(v))
	}
	at, n := d.openCount(), 0
	for e := v.Elements(); e.Next(); n++ {
		key, value, err := mapEntry(e.Value)
		if err != nil {
			return fmt.Errorf("Invalid Map value '%s': inner elements must be objects with two fields 'key' and 'value'", javaText(v))
		}
		for i, part := range [2]Value{key, value} {
			if err := d.v1Element(t.Elems[i], part); err != nil {
				return fmt.Errorf("%w (%s at index %d of Map '%s')", err, [2]string{"key", "value"}[i], n, javaText(v))
			}
		}
	}
	d.closeCount(at, n)
	return nil
}

// v1Tuple reads an array; the fields that it is too short for are null.
func (d *Decoder) v1Tuple(t *cqltype.Type, v Value) error {
	if v.Kind() != Array {
		return fmt.Errorf("Invalid Tuple value '%s': expected a JSON array or a string", javaText(v))
	}
	i := 0
	for e := v.Elements(); e.Next(); i++ {
		if i == len(t.Elems) {
			return fmt.Errorf("Invalid Tuple value '%s': too many fields (expected %d)", javaText(v), len(t.Elems))
		}
		if err := d.v1Field(t.Elems[i], e.Value); err != nil {
			return fmt.Errorf("%w (field at index %d of Tuple '%s')", err, i, javaText(v))
		}
	}
	for ; i < len(t.Elems); i++ {
		d.null()
	}
	return nil
}

func (d *Decoder) v1Field(t *cqltype.Type, v Value) error {
	if v == nil || v.Kind() == Null {
		d.null()
		return nil
	}
	return d.v1Element(t, v)
}

func (d *Decoder) v1UDT(t *cqltype.Type, v Value) error {
	if v.Kind() != Object {
		return fmt.Errorf("Invalid UDT value '%s': expected a JSON object or a string", javaText(v))
	}
	fields := make([]Value, len(t.Elems))
	for m := v.Members(); m.Next(); {
		name := m.Key(nil)
		i := fieldIndex(t, name)
		if i < 0 {
			return fmt.Errorf("Invalid UDT value '%s': unknown field name \"%s\"", javaText(v), name)
		}
		fields[i] = m.Value
	}
	for i, f := range fields {
		if err := d.v1Field(t.Elems[i], f); err != nil {
			return fmt.Errorf("%w (field '%s' of UDT '%s')", err, t.FieldNames[i], javaText(v))
		}
	}
	return nil
}

// namesV1 are the names of types in the older profile's messages.
var namesV1 = map[cqltype.Kind]string{
	cqltype.Ascii: "Ascii", cqltype.Text: "Text", cqltype.Boolean: "Boolean", cqltype.Bigint: "Bigint", cqltype.Int: "Int",
	cqltype.Smallint: "Smallint", cqltype.Tinyint: "Tinyint", cqltype.Varint: "Varint", cqltype.Counter: "Counter",
	cqltype.Float: "Float", cqltype.Double: "Double", cqltype.Decimal: "Decimal", cqltype.Uuid: "Uuid", cqltype.Timeuuid: "Timeuuid",
	cqltype.Timestamp: "Timestamp", cqltype.Date: "Date", cqltype.Time: "Time", cqltype.Duration: "Duration", cqltype.Inet: "Inet",
	cqltype.Blob: "Blob", cqltype.List: "List", cqltype.Set: "Set", cqltype.Map: "Map", cqltype.Tuple: "Tuple", cqltype.UDT: "UDT",
	cqltype.Vector: "Vector",
}

func nameV1(t *cqltype.Type) string {
	if name, ok := namesV1[t.Kind]; ok {
		return name
	}
	return t.Kind.String()
}

// javaText is v as the messages of the older profile show it: what Java prints
// for the object that it has become, {a=1}, [1, x].
func javaText(v Value) string {
	var text []byte
	switch v.Kind() {
	case String:
		return string(v.Text(nil))
	case Array:
		for e := v.Elements(); e.Next(); {
			if text != nil {
				text = append(text, ", "...)
			}
			text = append(text, javaText(e.Value)...)
		}
		return "[" + string(text) + "]"
	case Object:
		for m := v.Members(); m.Next(); {
			if text != nil {
				text = append(text, ", "...)
			}
			text = append(append(append(text, m.Key(nil)...), '='), javaText(m.Value)...)
		}
		return "{" + string(text) + "}"
	}
	return string(v)
}
