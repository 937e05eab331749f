package cell

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// literal appends a collection, tuple or UDT given as CQL-like text:
//
//	['a','b']  {'a','b'}  {'k': 1, 'l': 2}  [{'key': 'k', 'value': 1}]
//	(28,false,'x')  {name:'Bob',age:36}
//
// Tokens are quoted with ' or hold only [0-9A-Za-z-+._&].
func (d *Decoder) literal(t *cqltype.Type, text []byte) error {
	s := scanner{text: text, old: d.old}
	switch t.Kind {
	case cqltype.List:
		s.what = "List"
		return d.literalElements(t, &s, '[', ']')
	case cqltype.Set:
		s.what = "Set"
		return d.literalElements(t, &s, '{', '}')
	case cqltype.Vector:
		s.what = "Vector"
		return d.literalVector(t, &s)
	case cqltype.Tuple:
		s.what = "Tuple"
		return d.literalTuple(t, &s)
	case cqltype.UDT:
		s.what = "UDT"
		return d.literalUDT(t, &s)
	}
	if d.CompactMaps {
		if s.what = "Compact Map"; s.old {
			s.what = "Map"
		}
		return d.literalMap(t, &s)
	}
	s.what = "Non-Compact Map"
	return d.literalEntries(t, &s)
}

// token appends one token as an element of type t; null is null where it may be.
func (d *Decoder) token(t *cqltype.Type, token []byte, mayBeNull bool) error {
	if mayBeNull && string(token) == "null" {
		d.null()
		return nil
	}
	at := d.open()
	if err := d.text(t, unquote(token)); err != nil {
		return err
	}
	d.close(at)
	return nil
}

func (d *Decoder) literalElements(t *cqltype.Type, s *scanner, opening, closing byte) error {
	at, n := d.openCount(), 0
	err := s.items(opening, closing, func() error {
		token, err := s.token()
		if err != nil {
			return err
		}
		n++
		return d.token(t.Elems[0], token, false)
	})
	d.closeCount(at, n)
	return err
}

func (d *Decoder) literalVector(t *cqltype.Type, s *scanner) error {
	n := 0
	err := s.items('[', ']', func() error {
		token, err := s.token()
		if err != nil {
			return err
		}
		n++
		at := len(d.Buf)
		if err := d.text(t.Elems[0], unquote(token)); err != nil {
			return err
		}
		d.closeVectorElement(t, at)
		return nil
	})
	if err == nil && n != t.Dimension {
		err = fmt.Errorf("Expected vector of size %d, got %d", t.Dimension, n)
	}
	return err
}

func (d *Decoder) literalMap(t *cqltype.Type, s *scanner) error {
	at, n := d.openCount(), 0
	err := s.items('{', '}', func() error {
		if n++; s.old {
			s.what = "map" // from here on
		}
		key, err := s.token()
		if err != nil {
			return err
		}
		if err := d.token(t.Elems[0], key, false); err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		value, err := s.token()
		if err != nil {
			return err
		}
		return d.token(t.Elems[1], value, false)
	})
	d.closeCount(at, n)
	return err
}

// literalEntries reads the map form [{'key': k, 'value': v}, ...].
func (d *Decoder) literalEntries(t *cqltype.Type, s *scanner) error {
	at, n := d.openCount(), 0
	err := s.items('[', ']', func() error {
		if err := s.expect('{'); err != nil {
			return err
		}
		if s.pos < len(s.text) && s.text[s.pos] == '}' { // the reference takes that for no entry
			s.pos++
			return nil
		}
		n++
		for i, name := range [2]string{"key", "value"} {
			if i > 0 {
				if err := s.expect(','); err != nil {
					return err
				}
			}
			if err := s.name(name); err != nil {
				return err
			}
			if err := s.expect(':'); err != nil {
				return err
			}
			token, err := s.token()
			if err != nil {
				return err
			}
			if err := d.token(t.Elems[i], token, false); err != nil {
				return err
			}
		}
		return s.expect('}')
	})
	d.closeCount(at, n)
	return err
}

func (d *Decoder) literalTuple(t *cqltype.Type, s *scanner) error {
	n := 0
	err := s.items('(', ')', func() error {
		token, err := s.token()
		if err != nil {
			return err
		}
		if n++; n > len(t.Elems) {
			return fmt.Errorf("Tuple expected %d values, got %d", len(t.Elems), n)
		}
		if s.old {
			s.what, s.field = "tuple", strconv.Itoa(n-1)
		}
		return d.token(t.Elems[n-1], token, true)
	})
	for ; err == nil && s.old && n < len(t.Elems); n++ { // it may be short
		d.null()
	}
	if err == nil && n != len(t.Elems) {
		err = fmt.Errorf("Tuple expected %d values, got %d", len(t.Elems), n)
	}
	return err
}

func (d *Decoder) literalUDT(t *cqltype.Type, s *scanner) error {
	fields := make([][]byte, len(t.Elems))
	err := s.items('{', '}', func() error {
		name, err := s.token()
		if err != nil {
			return err
		}
		i := fieldIndex(t, unquote(name))
		if s.old {
			s.field = string(unquote(name))
		}
		if i < 0 && s.old {
			return fmt.Errorf("Invalid UDT value '%s': unknown field name at character %d: \"%s\"", s.text, s.pos, unquote(name))
		}
		if i < 0 {
			return fmt.Errorf("Invalid UDT '%s' value '%s': unrecognized field '%s'", t.Name, s.text, unquote(name))
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		fields[i], err = s.token()
		return err
	})
	if err != nil {
		return err
	}
	for i, f := range fields {
		if f == nil {
			d.null()
		} else if err := d.token(t.Elems[i], f, true); err != nil {
			return err
		}
	}
	return nil
}

// unquote takes one pair of single quotes off and undoes doubled ones inside.
func unquote(text []byte) []byte {
	n := len(text)
	if n < 2 || text[0] != '\'' || text[n-1] != '\'' {
		return text
	}
	text = text[1 : n-1]
	if bytes.IndexByte(text, '\'') < 0 {
		return text
	}
	return bytes.ReplaceAll(text, []byte("''"), []byte("'"))
}
