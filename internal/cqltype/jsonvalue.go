package cqltype

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text returns the characters of a string value.
func (v jsonValue) text() string {
	in := v.raw[1 : len(v.raw)-1]
	if bytes.IndexByte(in, '\\') < 0 {
		return string(in)
	}
	out := make([]byte, 0, len(in))
	for i := 0; i < len(in); i++ {
		if in[i] != '\\' {
			out = append(out, in[i])
			continue
		}
		i++
		switch c := in[i]; c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hex4(in[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if i+6 < len(in) && in[i+1] == '\\' && in[i+2] == 'u' {
					low, _ = hex4(in[i+3:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// isInteger reports whether a number has neither point nor exponent.
func (v jsonValue) isInteger() bool {
	return v.kind == '0' && !bytes.ContainsAny(v.raw, ".eE")
}

// class is the simple name of the Java class that Jackson makes of v.
func (v jsonValue) class() string {
	switch v.kind {
	case '{':
		return "LinkedHashMap"
	case '[':
		return "ArrayList"
	case '"':
		return "String"
	case 't', 'f':
		return "Boolean"
	}
	if !v.isInteger() {
		return "Double"
	}
	n, err := strconv.ParseInt(string(v.raw), 10, 64)
	switch {
	case err != nil:
		return "BigInteger"
	case n == int64(int32(n)):
		return "Integer"
	}
	return "Long"
}

// float is a number as the double that Jackson makes of it.
func (v jsonValue) float() float64 {
	f, _ := strconv.ParseFloat(string(v.raw), 64)
	if f == 0 && v.isInteger() {
		return 0 // an Integer has no -0
	}
	return f
}

// maxJavaText is up to which length an array or object is shown as Java does;
// a longer one is shown as it was written.
const maxJavaText = 16 << 10

// java is v as Java's toString shows it, for error texts and number parsing.
func (v jsonValue) java() string { return string(v.appendJava(nil)) }

func (v jsonValue) appendJava(dst []byte) []byte {
	if len(v.raw) > maxJavaText && v.kind != '"' {
		return append(dst, v.raw...)
	}
	switch v.kind {
	case '"':
		return append(dst, v.text()...)
	case '0':
		switch {
		case !v.isInteger():
			return AppendFloatText(dst, v.float(), 64)
		case string(v.raw) == "-0":
			return append(dst, '0')
		}
	case '[':
		dst = append(dst, '[')
		for i, e := range v.elements() {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = e.appendJava(dst)
		}
		return append(dst, ']')
	case '{':
		dst = append(dst, '{')
		for i, m := range v.members() {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(dst, m.name...)
			dst = append(dst, '=')
			dst = m.value.appendJava(dst)
		}
		return append(dst, '}')
	}
	return append(dst, v.raw...)
}

// elements returns the elements of an array.
func (v jsonValue) elements() []jsonValue {
	s := jsonScanner{text: v.raw, pos: 1}
	var list []jsonValue
	if s.next(']') {
		return nil
	}
	for s.fault == nil {
		list = append(list, s.value(0))
		if !s.next(',') {
			break
		}
	}
	return list
}

type jsonMember struct {
	name  string
	value jsonValue
}

// members returns the members of an object in order; of several of one name
// the last value stands, in the place of the first.
func (v jsonValue) members() []jsonMember {
	s := jsonScanner{text: v.raw, pos: 1}
	var list []jsonMember
	if s.next('}') {
		return nil
	}
	at := map[string]int{}
	for s.fault == nil {
		name := s.value(0).text()
		s.next(':')
		value := s.value(0)
		if i, dup := at[name]; dup {
			list[i].value = value
		} else {
			at[name] = len(list)
			list = append(list, jsonMember{name, value})
		}
		if !s.next(',') {
			break
		}
	}
	return list
}

// appendFloat32 narrows a number the way Java's Number.floatValue does.
func (v jsonValue) appendFloat32(dst []byte) []byte {
	if v.isInteger() {
		f, _ := strconv.ParseFloat(string(v.raw), 32)
		return AppendFloat(dst, float32(f)+0)
	}
	return AppendFloat(dst, float32(v.float()))
}

func bigEndian(v int64, size int) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(v))[8-size:]
}
