package cell

import (
	"bytes"
	"encoding/hex"
	"net/netip"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// text appends the bytes of a stringified value whose quotes are gone.
func (d *Decoder) text(t *cqltype.Type, text []byte) error {
	switch t.Kind {
	case cqltype.Text:
		d.Buf = append(d.Buf, text...)
		return nil
	case cqltype.Ascii:
		if !isASCII(text) {
			return ErrUnmappable
		}
		d.Buf = append(d.Buf, text...)
		return nil
	case cqltype.Int, cqltype.Bigint, cqltype.Smallint, cqltype.Tinyint, cqltype.Counter,
		cqltype.Varint, cqltype.Decimal, cqltype.Float, cqltype.Double:
		return d.numberText(t, text)
	case cqltype.Boolean:
		return d.booleanText(t, text)
	case cqltype.Uuid, cqltype.Timeuuid:
		return d.uuidText(t, text)
	case cqltype.Blob:
		return d.base64Text(text)
	case cqltype.Inet:
		return d.inetText(t, text)
	case cqltype.Date, cqltype.Time, cqltype.Timestamp:
		return d.timeText(t, text)
	case cqltype.Duration:
		b, err := t.FromString(string(text))
		if err != nil || len(b) == 0 {
			return invalidString(text, t)
		}
		d.Buf = append(d.Buf, b...)
		return nil
	case cqltype.List, cqltype.Set, cqltype.Vector, cqltype.Map, cqltype.Tuple, cqltype.UDT:
		return d.literal(t, text)
	}
	return invalidString(text, t)
}

func (d *Decoder) booleanText(t *cqltype.Type, text []byte) error {
	switch {
	case bytes.EqualFold(text, []byte("true")):
		d.Buf = append(d.Buf, 1)
	case bytes.EqualFold(text, []byte("false")):
		d.Buf = append(d.Buf, 0)
	default:
		return invalidString(text, t)
	}
	return nil
}

// uuidText reads the canonical form, 8-4-4-4-12 hexadecimal digits.
func (d *Decoder) uuidText(t *cqltype.Type, text []byte) error {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return invalidString(text, t)
	}
	var digits [32]byte
	n := copy(digits[:], text[:8])
	n += copy(digits[n:], text[9:13])
	n += copy(digits[n:], text[14:18])
	n += copy(digits[n:], text[19:23])
	copy(digits[n:], text[24:])
	var id [16]byte
	if _, err := hex.Decode(id[:], digits[:]); err != nil {
		return invalidString(text, t)
	}
	d.Buf = append(d.Buf, id[:]...)
	return nil
}

// inetText reads an address. Names are not looked up, since a server must not
// ask the DNS whatever a client wants it to; localhost alone is known.
func (d *Decoder) inetText(t *cqltype.Type, text []byte) error {
	if string(text) == "localhost" {
		d.Buf = append(d.Buf, 127, 0, 0, 1)
		return nil
	}
	a, err := netip.ParseAddr(string(text))
	if err != nil || a.Zone() != "" {
		return invalidString(text, t)
	}
	d.Buf = append(d.Buf, a.Unmap().AsSlice()...)
	return nil
}
