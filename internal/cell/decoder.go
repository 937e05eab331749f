package cell

import (
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Decoder turns JSON and text into cells. Its methods return the wire bytes of
// one cell, never nil but for a JSON null; they share the memory of the
// argument or of Buf and stay valid until Buf is truncated.
type Decoder struct {
	// CompactMaps says which JSON a map is: an object, or (false) an array of
	// {"key":k,"value":v}.
	CompactMaps bool
	// Buf receives the cells. The owner may truncate it between requests.
	Buf []byte
	// old: what is read is the older profile's.
	old bool
}

// Column reads the JSON value of a whole column: a string may hold the value
// stringified, anything else is typed.
func (d *Decoder) Column(t *cqltype.Type, v Value) ([]byte, error) {
	switch v.Kind() {
	case Null:
		return nil, nil
	case String:
		if !hasEscape(v) {
			return d.Stringified(t, v[1:len(v)-1])
		}
		start := len(d.Buf)
		d.Buf = appendUnescaped(d.Buf, v[1:len(v)-1])
		return d.Stringified(t, d.Buf[start:len(d.Buf):len(d.Buf)])
	default:
		return d.Typed(t, v)
	}
}

// Typed reads a JSON value that must be of the type's own kind.
func (d *Decoder) Typed(t *cqltype.Type, v Value) ([]byte, error) {
	if v.Kind() == Null {
		return nil, nil
	}
	start := len(d.Buf)
	if err := d.typed(t, v); err != nil {
		return nil, err
	}
	return d.since(start), nil
}

// Stringified reads the text of a whole column: of a JSON string or of a
// segment of a URL path. Text stays as it is; of other types' text one pair of
// single quotes is taken away.
func (d *Decoder) Stringified(t *cqltype.Type, text []byte) ([]byte, error) {
	switch t.Kind {
	case cqltype.Text:
		return text[:len(text):len(text)], nil
	case cqltype.Ascii:
		if !isASCII(text) {
			return nil, ErrUnmappable
		}
		return text[:len(text):len(text)], nil
	}
	start := len(d.Buf)
	if err := d.text(t, unquote(text)); err != nil {
		return nil, err
	}
	return d.since(start), nil
}

// List makes the cell of a list of t from an array of typed values, for an IN
// restriction. A null element is a null in the list.
func (d *Decoder) List(t *cqltype.Type, v Value) ([]byte, error) {
	start := len(d.Buf)
	at, n := d.openCount(), 0
	for e := v.Elements(); e.Next(); n++ {
		if err := d.field(t, e.Value); err != nil {
			return nil, err
		}
	}
	d.closeCount(at, n)
	return d.since(start), nil
}

// since returns what was appended behind start; never nil.
func (d *Decoder) since(start int) []byte {
	if start == len(d.Buf) {
		return []byte{}
	}
	return d.Buf[start:len(d.Buf):len(d.Buf)]
}

// openCount leaves room for a collection's [int] count.
func (d *Decoder) openCount() int {
	at := len(d.Buf)
	d.Buf = append(d.Buf, 0, 0, 0, 0)
	return at
}

func (d *Decoder) closeCount(at, n int) {
	binary.BigEndian.PutUint32(d.Buf[at:], uint32(n))
}

// open leaves room for an element's [int] length; close fills it in.
func (d *Decoder) open() int { return d.openCount() }

func (d *Decoder) close(at int) {
	binary.BigEndian.PutUint32(d.Buf[at:], uint32(len(d.Buf)-at-4))
}

func (d *Decoder) null() { d.Buf = append(d.Buf, 0xff, 0xff, 0xff, 0xff) }

// isASCII reports whether text has only 7-bit characters.
func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
