package cell

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds of JSON value.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Value is one JSON value as its text, without blanks around it. It shares the
// memory of the text that it was parsed from. Only Parse makes one, so that the
// methods may rely on correct JSON.
type Value []byte

// Kind returns the kind of v.
func (v Value) Kind() Kind {
	switch v[0] {
	case '{':
		return Object
	case '[':
		return Array
	case '"':
		return String
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	default:
		return Number
	}
}

// IsTrue reports whether v is the literal true.
func (v Value) IsTrue() bool { return v[0] == 't' }

// Text returns what a String holds: a part of v's memory when nothing is
// escaped, else appended to dst.
func (v Value) Text(dst []byte) []byte {
	inner := []byte(v[1 : len(v)-1])
	if !hasEscape(inner) {
		return inner[:len(inner):len(inner)]
	}
	start := len(dst)
	return appendUnescaped(dst, inner)[start:]
}

// Members walks an object's members:
//
//	for m := v.Members(); m.Next(); { use(m.Key(nil), m.Value) }
type Members struct {
	rest []byte
	key  Value
	// Value of the current member.
	Value Value
}

// Members returns an iterator before the first member of the object v.
func (v Value) Members() Members { return Members{rest: v[1:]} }

// Next moves to the next member and reports whether there is one.
func (m *Members) Next() bool {
	m.rest = skipBlanks(m.rest)
	if m.rest[0] == ',' {
		m.rest = skipBlanks(m.rest[1:])
	}
	if m.rest[0] == '}' {
		return false
	}
	n := valueLen(m.rest)
	m.key = m.rest[:n]
	m.rest = skipBlanks(skipBlanks(m.rest[n:])[1:]) // the colon
	n = valueLen(m.rest)
	m.Value, m.rest = m.rest[:n:n], m.rest[n:]
	return true
}

// Key returns the current member's name, as Text does.
func (m *Members) Key(dst []byte) []byte { return m.key.Text(dst) }

// Elements walks an array's elements, as Members walks an object.
type Elements struct {
	rest []byte
	// Value is the current element.
	Value Value
}

// Elements returns an iterator before the first element of the array v.
func (v Value) Elements() Elements { return Elements{rest: v[1:]} }

// Next moves to the next element and reports whether there is one.
func (e *Elements) Next() bool {
	e.rest = skipBlanks(e.rest)
	if e.rest[0] == ',' {
		e.rest = skipBlanks(e.rest[1:])
	}
	if e.rest[0] == ']' {
		return false
	}
	n := valueLen(e.rest)
	e.Value, e.rest = e.rest[:n:n], e.rest[n:]
	return true
}

// AppendCompact appends v without the blanks between its tokens.
func (v Value) AppendCompact(dst []byte) []byte {
	inString := false
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case inString && c == '\\':
			dst = append(dst, c)
			i++
			c = v[i]
		case c == '"':
			inString = !inString
		case !inString && isBlank(c):
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func skipBlanks(b []byte) []byte {
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	return b
}

// valueLen returns the length of the value that b, correct JSON, starts with.
func valueLen(b []byte) int {
	switch b[0] {
	case '"':
		return stringLen(b)
	case '{', '[':
		depth := 0
		for i := 0; ; i++ {
			switch b[i] {
			case '"':
				i += stringLen(b[i:]) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	default:
		i := 1
		for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && !isBlank(b[i]) {
			i++
		}
		return i
	}
}

// stringLen returns the length of the string that b starts with, its quotes
// included.
func stringLen(b []byte) int {
	for i := 1; ; i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

func hasEscape(b []byte) bool {
	for _, c := range b {
		if c == '\\' {
			return true
		}
	}
	return false
}

// appendUnescaped appends the inside of a checked string with its escapes
// resolved.
func appendUnescaped(dst, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			dst = append(dst, b[i])
			continue
		}
		i++
		switch b[i] {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(b[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				r = utf16.DecodeRune(r, hex4(b[i+3:]))
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
		default: // " \ /
			dst = append(dst, b[i])
		}
	}
	return dst
}

// hex4 reads four checked hexadecimal digits.
func hex4(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		r = r<<4 | rune(hexDigit(c))
	}
	return r
}

// hexDigit returns the value of a hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
