package cqltype

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// MaxJSONDepth is how deep a JSON text may nest; types nest no deeper than
// MaxDepth.
const MaxJSONDepth = 2 * MaxDepth

// jsonValue is one JSON value: its text, and what it begins with: '{', '[',
// '"', 't', 'f', 'n', or '0' for any number.
type jsonValue struct {
	kind byte
	raw  []byte
}

// parseJSON checks that text is one JSON value and nothing more.
func parseJSON(text []byte) (jsonValue, error) {
	s := jsonScanner{text: text}
	v := s.value(0)
	s.blanks()
	if s.err == nil && s.pos < len(s.text) {
		s.fail()
	}
	return v, s.err
}

type jsonScanner struct {
	text []byte
	pos  int
	err  error
}

func (s *jsonScanner) fail() {
	if s.err != nil {
		return
	}
	if s.pos >= len(s.text) {
		s.err = cqlerr.Invalidf("Error decoding JSON string: Unexpected end-of-input")
		return
	}
	r, _ := utf8.DecodeRune(s.text[s.pos:])
	s.err = cqlerr.Invalidf("Error decoding JSON string: Unexpected character ('%c' (code %d)) at offset %d", r, r, s.pos)
}

func (s *jsonScanner) blanks() {
	for s.pos < len(s.text) && bytes.IndexByte([]byte(" \t\r\n"), s.text[s.pos]) >= 0 {
		s.pos++
	}
}

// next takes c, blanks before it skipped.
func (s *jsonScanner) next(c byte) bool {
	s.blanks()
	if s.err == nil && s.pos < len(s.text) && s.text[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

func (s *jsonScanner) value(depth int) jsonValue {
	s.blanks()
	if depth > MaxJSONDepth {
		s.err = cqlerr.Invalidf("Error decoding JSON string: nested deeper than %d", MaxJSONDepth)
	}
	if s.err != nil || s.pos >= len(s.text) {
		s.fail()
		return jsonValue{}
	}
	start, kind := s.pos, s.text[s.pos]
	switch kind {
	case '{':
		s.members(depth)
	case '[':
		s.elements(depth)
	case '"':
		s.string()
	case 't':
		s.word("true")
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	default:
		if kind != '-' && (kind < '0' || kind > '9') {
			s.unrecognized(start)
			break
		}
		kind = '0'
		s.number()
	}
	return jsonValue{kind, s.text[start:s.pos]}
}

func (s *jsonScanner) word(w string) {
	start := s.pos
	if s.pos += s.identifier(); string(s.text[start:s.pos]) != w {
		s.unrecognized(start)
	}
}

// identifier returns the length of the letters, digits and such at pos.
func (s *jsonScanner) identifier() int {
	n := bytes.IndexFunc(s.text[s.pos:], func(r rune) bool {
		return r != '_' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if n < 0 {
		n = len(s.text) - s.pos
	}
	return n
}

// unrecognized is the error of a word that is no JSON, as Jackson words it.
func (s *jsonScanner) unrecognized(start int) {
	s.pos = start
	n := s.identifier()
	if n == 0 {
		s.fail()
		return
	}
	s.err = cqlerr.Invalidf("Error decoding JSON string: Unrecognized token '%s': was expecting (JSON String, Number, Array, "+
		"Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "+
		"line: 1, column: %d]", s.text[start:start+n], start+n+1)
}

func (s *jsonScanner) elements(depth int) {
	s.pos++
	if s.next(']') {
		return
	}
	for s.err == nil {
		s.value(depth + 1)
		if s.next(']') {
			return
		}
		if !s.next(',') {
			s.fail()
		}
	}
}

func (s *jsonScanner) members(depth int) {
	s.pos++
	if s.next('}') {
		return
	}
	for s.err == nil {
		s.blanks()
		s.string()
		if !s.next(':') {
			s.fail()
		}
		s.value(depth + 1)
		if s.next('}') {
			return
		}
		if !s.next(',') {
			s.fail()
		}
	}
}

func (s *jsonScanner) string() {
	if s.pos >= len(s.text) || s.text[s.pos] != '"' {
		s.fail()
		return
	}
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			return
		case c < ' ':
			s.fail()
			return
		case c == '\\':
			if s.pos++; s.pos >= len(s.text) || bytes.IndexByte([]byte(`"\/bfnrtu`), s.text[s.pos]) < 0 {
				s.fail()
				return
			}
			if s.text[s.pos] == 'u' {
				if _, ok := hex4(s.text[s.pos+1:]); !ok {
					s.fail()
					return
				}
				s.pos += 4
			}
		}
	}
	s.fail()
}

func (s *jsonScanner) digits() {
	start := s.pos
	for s.pos < len(s.text) && s.text[s.pos] >= '0' && s.text[s.pos] <= '9' {
		s.pos++
	}
	if s.pos == start {
		s.fail()
	}
}

func (s *jsonScanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *jsonScanner) number() {
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		if s.pos++; s.peek() >= '0' && s.peek() <= '9' {
			s.fail() // no leading zeros
		}
	} else {
		s.digits()
	}
	if s.peek() == '.' {
		s.pos++
		s.digits()
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		s.digits()
	}
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	v := 0
	for _, c := range b[:4] {
		d := hexDigit(c)
		if d < 0 {
			return 0, false
		}
		v = v<<4 | d
	}
	return rune(v), true
}

// CheckJSON returns an error when text is not one JSON value.
func CheckJSON(text []byte) error {
	_, err := parseJSON(text)
	return err
}
