package cell

import (
	"errors"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// typed appends the bytes of v, which must be JSON of t's own kind.
func (d *Decoder) typed(t *cqltype.Type, v Value) error {
	switch t.Kind {
	case cqltype.List, cqltype.Set:
		return d.typedElements(t, v)
	case cqltype.Vector:
		return d.typedVector(t, v)
	case cqltype.Map:
		return d.typedMap(t, v)
	case cqltype.Tuple:
		return d.typedTuple(t, v)
	case cqltype.UDT:
		return d.typedUDT(t, v)
	}
	switch v.Kind() {
	case Number:
		return d.number(t, v)
	case Bool:
		return d.boolean(t, v)
	case String:
		return d.typedString(t, v)
	}
	return cannotCoerce(v, t)
}

func (d *Decoder) boolean(t *cqltype.Type, v Value) error {
	switch t.Kind {
	case cqltype.Boolean:
		if v.IsTrue() {
			d.Buf = append(d.Buf, 1)
		} else {
			d.Buf = append(d.Buf, 0)
		}
		return nil
	case cqltype.Text, cqltype.Ascii:
		d.Buf = append(d.Buf, v...)
		return nil
	}
	return cannotCoerce(v, t)
}

// typedString reads a string where only a typed value may stand: text, and the
// types that JSON has no kind of its own for.
func (d *Decoder) typedString(t *cqltype.Type, v Value) error {
	switch t.Kind {
	case cqltype.Text, cqltype.Ascii, cqltype.Uuid, cqltype.Timeuuid, cqltype.Inet, cqltype.Timestamp,
		cqltype.Date, cqltype.Time, cqltype.Duration, cqltype.Blob:
		return d.text(t, v.Text(nil))
	}
	return cannotCoerce(v, t)
}

// element appends one element of a collection, which can't be null.
func (d *Decoder) element(t *cqltype.Type, v Value) error {
	at := d.open()
	if err := d.typed(t, v); err != nil {
		return err
	}
	d.close(at)
	return nil
}

// field appends one field of a tuple or UDT, which may be null.
func (d *Decoder) field(t *cqltype.Type, v Value) error {
	if v.Kind() == Null {
		d.null()
		return nil
	}
	return d.element(t, v)
}

func (d *Decoder) typedElements(t *cqltype.Type, v Value) error {
	if v.Kind() != Array {
		return cannotCoerce(v, t)
	}
	at, n := d.openCount(), 0
	for e := v.Elements(); e.Next(); n++ {
		if err := d.element(t.Elems[0], e.Value); err != nil {
			return err
		}
	}
	d.closeCount(at, n)
	return nil
}

// typedMap reads an object (compact) or an array of {"key","value"}.
func (d *Decoder) typedMap(t *cqltype.Type, v Value) error {
	if d.CompactMaps && v.Kind() == Object {
		at, n := d.openCount(), 0
		for m := v.Members(); m.Next(); n++ {
			if err := d.element(t.Elems[0], m.key); err != nil {
				return err
			}
			if err := d.element(t.Elems[1], m.Value); err != nil {
				return err
			}
		}
		d.closeCount(at, n)
		return nil
	}
	if d.CompactMaps || v.Kind() != Array {
		return cannotCoerce(v, t)
	}
	at, n := d.openCount(), 0
	for e := v.Elements(); e.Next(); n++ {
		key, value, err := mapEntry(e.Value)
		if err != nil {
			return err
		}
		if err := d.element(t.Elems[0], key); err != nil {
			return err
		}
		if err := d.element(t.Elems[1], value); err != nil {
			return err
		}
	}
	d.closeCount(at, n)
	return nil
}

// mapEntry takes {"key":k,"value":v} apart.
func mapEntry(v Value) (key, value Value, err error) {
	n := 0
	if v.Kind() == Object {
		for m := v.Members(); m.Next(); n++ {
			switch string(m.Key(nil)) {
			case "key":
				key = m.Value
			case "value":
				value = m.Value
			}
		}
	}
	switch {
	case n != 2:
		return nil, nil, errors.New("Map entry must have exactly 2 elements")
	case key == nil:
		return nil, nil, errors.New("Map entry missing key")
	case value == nil:
		return nil, nil, errors.New("Map entry missing value")
	}
	return key, value, nil
}

func count(v Value) int {
	n := 0
	for e := v.Elements(); e.Next(); {
		n++
	}
	return n
}

func (d *Decoder) typedTuple(t *cqltype.Type, v Value) error {
	if v.Kind() != Array {
		return cannotCoerce(v, t)
	}
	if n := count(v); n != len(t.Elems) {
		return fmt.Errorf("Tuple expected %d values, got %d", len(t.Elems), n)
	}
	i := 0
	for e := v.Elements(); e.Next(); i++ {
		if err := d.field(t.Elems[i], e.Value); err != nil {
			return err
		}
	}
	return nil
}

func (d *Decoder) typedUDT(t *cqltype.Type, v Value) error {
	if v.Kind() != Object {
		return cannotCoerce(v, t)
	}
	var few [16]Value // most types have no more
	fields := few[:min(len(t.Elems), len(few))]
	if len(t.Elems) > len(few) {
		fields = make([]Value, len(t.Elems))
	}
	for m := v.Members(); m.Next(); {
		name := m.Key(nil)
		i := fieldIndex(t, name)
		if i < 0 {
			return fmt.Errorf("UDT '%s' does not have field '%s'", t.Name, name)
		}
		fields[i] = m.Value
	}
	for i, f := range fields {
		if f == nil {
			d.null()
		} else if err := d.field(t.Elems[i], f); err != nil {
			return err
		}
	}
	return nil
}

// fieldIndex returns the place of a UDT's field, or -1.
func fieldIndex(t *cqltype.Type, name []byte) int {
	for i, f := range t.FieldNames {
		if f == string(name) {
			return i
		}
	}
	return -1
}

func (d *Decoder) typedVector(t *cqltype.Type, v Value) error {
	if v.Kind() != Array {
		return cannotCoerce(v, t)
	}
	if n := count(v); n != t.Dimension {
		return fmt.Errorf("Expected vector of size %d, got %d", t.Dimension, n)
	}
	for e := v.Elements(); e.Next(); {
		at := len(d.Buf)
		if err := d.typed(t.Elems[0], e.Value); err != nil {
			return err
		}
		d.closeVectorElement(t, at)
	}
	return nil
}

// closeVectorElement puts the length before the element that starts at at,
// when the elements have no fixed size (VectorType: an unsigned vint).
func (d *Decoder) closeVectorElement(t *cqltype.Type, at int) {
	if t.Elems[0].FixedLen() >= 0 {
		return
	}
	n := uint64(len(d.Buf) - at)
	var length [9]byte
	size := putUvint(&length, n)
	d.Buf = append(d.Buf, length[:size]...)
	copy(d.Buf[at+size:], d.Buf[at:len(d.Buf)-size])
	copy(d.Buf[at:], length[:size])
}

// putUvint writes v as Cassandra's unsigned vint (VIntCoding) and returns its
// size: the number of leading one bits is the number of bytes that follow.
func putUvint(b *[9]byte, v uint64) int {
	extra := 0
	for extra < 8 && v>>(7*(extra+1)) != 0 {
		extra++
	}
	for i := extra; i > 0; i-- {
		b[i] = byte(v)
		v >>= 8
	}
	b[0] = ^byte(0xff>>extra) | byte(v)
	return extra + 1
}
