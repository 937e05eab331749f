package cqltype

import (
	"encoding/hex"
	"math"
	"strings"
	"unicode/utf8"
)

// AppendJSON appends wire, a value of t, as SELECT JSON and toJson show it
// (AbstractType.toJSONString): numbers bare, NaN and infinities null, times
// '2020-01-01 00:00:00.000Z', blobs "0x...", map keys always strings, an empty value
// of a type for which it means nothing "". nil is null.
func (t *Type) AppendJSON(dst, wire []byte) []byte {
	if wire == nil {
		return append(dst, "null"...)
	}
	switch t.Kind {
	case Text, Ascii:
		return AppendJSONString(dst, wire)
	case Blob, Custom:
		dst = append(dst, `"0x`...)
		dst = hex.AppendEncode(dst, wire)
		return append(dst, '"')
	case List, Set, Vector, Tuple:
		return t.appendJSONArray(dst, wire)
	case Map:
		return t.appendJSONMap(dst, wire)
	case UDT:
		return t.appendJSONObject(dst, wire)
	}
	if len(wire) == 0 || !t.shows(wire) {
		return append(dst, `""`...)
	}
	switch t.Kind {
	case Boolean, Tinyint, Smallint, Int, Bigint, Counter, Varint, Decimal:
		return t.AppendText(dst, wire)
	case Float, Double:
		if f, _ := FloatValue(wire); math.IsNaN(f) || math.IsInf(f, 0) {
			return append(dst, "null"...)
		}
		return t.AppendText(dst, wire)
	}
	dst = append(dst, '"')
	if t.Kind == Timestamp {
		dst = AppendTimestampText(dst, Int64(wire), ' ')
	} else {
		dst = t.AppendText(dst, wire)
	}
	return append(dst, '"')
}

func (t *Type) appendJSONArray(dst, wire []byte) []byte {
	dst = append(dst, '[')
	it := t.Iter(wire)
	i := 0
	for ; it.Next(); i++ {
		if t.Kind == Tuple && i >= len(t.Elems) {
			break
		}
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = t.Elems[i%len(t.Elems)].AppendJSON(dst, it.Elem())
	}
	for ; t.Kind == Tuple && i < len(t.Elems); i++ {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, "null"...)
	}
	return append(dst, ']')
}

func (t *Type) appendJSONMap(dst, wire []byte) []byte {
	dst = append(dst, '{')
	it := t.Iter(wire)
	for i := 0; it.Next(); i++ {
		if i%2 == 1 {
			dst = append(dst, ": "...)
			dst = t.Elems[1].AppendJSON(dst, it.Elem())
			continue
		}
		if i > 0 {
			dst = append(dst, ", "...)
		}
		start := len(dst)
		dst = t.Elems[0].AppendJSON(dst, it.Elem())
		if dst[start] != '"' {
			dst = quoteTail(dst, start)
		}
	}
	return append(dst, '}')
}

// quoteTail turns dst[start:] into a JSON string.
func quoteTail(dst []byte, start int) []byte {
	text := string(dst[start:])
	return AppendJSONString(dst[:start], text)
}

func (t *Type) appendJSONObject(dst, wire []byte) []byte {
	dst = append(dst, '{')
	it := t.Iter(wire)
	for i, e := range t.Elems {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		name := t.FieldNames[i]
		if name != strings.ToLower(name) {
			name = `"` + name + `"` // a case-sensitive name comes with its quotes
		}
		dst = AppendJSONString(dst, name)
		dst = append(dst, ": "...)
		var field []byte
		if it.Next() {
			field = it.Elem()
		}
		dst = e.AppendJSON(dst, field)
	}
	return append(dst, '}')
}

// AppendJSONString appends text as a JSON string, escaped as Jackson does:
// quotes, backslashes and control characters only. Bytes that are not UTF-8
// become U+FFFD.
func AppendJSONString[T string | []byte](dst []byte, text T) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(text); {
		c := text[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(string(text[i:min(i+utf8.UTFMax, len(text))]))
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ':
			dst = append(dst, c)
		case c == '\b':
			dst = append(dst, `\b`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\f':
			dst = append(dst, `\f`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, upperHex[c>>4], upperHex[c&0xf])
		}
	}
	return append(dst, '"')
}

const upperHex = "0123456789ABCDEF"
