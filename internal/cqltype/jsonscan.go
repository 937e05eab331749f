package cqltype

import (
	"bytes"
	"fmt"
	"unicode"

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

// parseJSON reads the JSON value that text begins with; what stands behind it
// is of no interest, as to Jackson.
func parseJSON(text []byte) (jsonValue, error) {
	s := jsonScanner{text: text}
	v := s.root()
	if s.fault != nil {
		return jsonValue{}, cqlerr.Invalidf("Error decoding JSON string: %s", s.fault)
	}
	return v, nil
}

// CheckJSON returns an error when text does not begin with a JSON value. Its
// text is the name of Jackson's exception and its message.
func CheckJSON(text []byte) error {
	s := jsonScanner{text: text}
	if s.root(); s.fault != nil {
		return cqlerr.Invalidf("%s", s.fault.full())
	}
	return nil
}

// JSONObject returns the members of a JSON object in order, names as written
// and values as JSON text; a repeated name has its last value. It is how INSERT
// JSON takes a row apart: FoldJSONName and FromJSON do the rest. JSON null
// gives nil; anything else is an error, as CheckJSON's.
func JSONObject(text []byte) (names []string, values [][]byte, err error) {
	s := jsonScanner{text: text}
	s.blanks()
	start := s.pos
	if s.fault == nil && start < len(text) && text[start] == '[' {
		s.mismatch(start, '[', nil) // what is in it does not matter
	}
	v := s.root()
	if s.fault == nil && v.kind != 'n' && v.kind != '{' {
		s.mismatch(start, v.kind, &v)
	}
	switch {
	case s.fault != nil:
		return nil, nil, cqlerr.Invalidf("%s", s.fault.full())
	case v.kind == 'n':
		return nil, nil, nil
	}
	names, values = []string{}, [][]byte{}
	for _, m := range v.members() {
		names = append(names, m.name)
		values = append(values, m.value.raw)
	}
	return names, values, nil
}

// mismatch is the fault of a value that is no object where one is read
// (StdDeserializer's words).
func (s *jsonScanner) mismatch(start int, kind byte, v *jsonValue) {
	const from = "Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.Object,java.lang.Object>` from %s value (token `JsonToken.%s`)"
	switch kind {
	case '"':
		s.failAt(start, mismatchException, "Cannot construct instance of `java.util.LinkedHashMap` (although at least one Creator exists): "+
			"no String-argument constructor/factory method to deserialize from String value ('%s')", v.text())
	case '[':
		s.failAt(start, mismatchException, from, "Array", "START_ARRAY")
	case 't':
		s.failAt(start, mismatchException, from, "Boolean", "VALUE_TRUE")
	case 'f':
		s.failAt(start, mismatchException, from, "Boolean", "VALUE_FALSE")
	}
	if v != nil && v.isInteger() {
		s.failAt(start, mismatchException, from, "Integer", "VALUE_NUMBER_INT")
	}
	s.failAt(start, mismatchException, from, "Floating-point", "VALUE_NUMBER_FLOAT")
}

type jsonScanner struct {
	text  []byte
	pos   int
	fault *jsonFault
}

// root reads the value that the text begins with.
func (s *jsonScanner) root() jsonValue {
	s.blanks()
	if s.fault == nil && s.pos == len(s.text) {
		s.fault = &jsonFault{mismatchException, "No content to map due to end-of-input", jsonSource + "1]"}
	}
	v := s.value(0)
	if v.kind == '0' && s.fault == nil && s.pos < len(s.text) && s.text[s.pos] > ' ' {
		s.unexpected(s.pos, s.pos, ": Expected space separating root-level values")
	}
	return v
}

// blanks passes white space; a fault is what can't stand between tokens.
func (s *jsonScanner) blanks() {
	for s.fault == nil && s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			s.pos++
		case c < ' ':
			s.failAt(s.pos+1, parseException, illegalBetween, c)
		case c == '/':
			s.unexpected(s.pos, s.pos, ": "+maybeComment)
		default:
			return
		}
	}
}

// next takes c, blanks before it skipped.
func (s *jsonScanner) next(c byte) bool {
	s.blanks()
	if s.fault == nil && s.pos < len(s.text) && s.text[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// value reads the value at pos, white space before it skipped; at the end of
// the text there is none.
func (s *jsonScanner) value(depth int) jsonValue {
	if depth > MaxJSONDepth {
		s.failAt(s.pos, parseException, "Document nesting depth exceeds the maximum allowed (%d)", MaxJSONDepth)
	}
	if s.blanks(); s.fault != nil || s.pos == len(s.text) {
		return jsonValue{}
	}
	start, kind := s.pos, s.text[s.pos]
	switch kind {
	case '{':
		s.members(depth)
	case '[':
		s.elements(depth)
	case '"':
		s.string(": was expecting closing quote for a string value")
	case 't':
		s.word("true")
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	case ']', '}':
		if depth == 0 {
			s.failAt(start, parseException, "Unexpected close marker '%c': no open %s to close", kind, map[byte]string{']': "Array", '}': "Object"}[kind])
		}
		s.noValue()
	default:
		if kind != '-' && (kind < '0' || kind > '9') {
			s.noValue()
			break
		}
		kind = '0'
		s.number()
	}
	return jsonValue{kind, s.text[start:s.pos]}
}

func (s *jsonScanner) word(w string) {
	n := s.wordLength(s.pos)
	if string(s.text[s.pos:s.pos+n]) != w {
		s.oddWord(s.pos, s.pos)
		return
	}
	s.pos += n
}

// wordLength returns the length of the letters, digits and such at pos.
func (s *jsonScanner) wordLength(pos int) int {
	n := bytes.IndexFunc(s.text[pos:], func(r rune) bool {
		return r != '_' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if n < 0 {
		n = len(s.text) - pos
	}
	return n
}

// more passes over what stands between two entries of an array or object that
// started at start, and reports whether another follows.
func (s *jsonScanner) more(start int, first bool) bool {
	what, closing := "Array", byte(']')
	if s.text[start] == '{' {
		what, closing = "Object", '}'
	}
	s.blanks()
	switch {
	case s.fault != nil:
		return false
	case s.pos == len(s.text):
		s.ended(fmt.Sprintf(": expected close marker for %s (start marker at %s)", what, s.location(start)))
		return false
	case s.text[s.pos] == closing:
		s.pos++
		return false
	case s.text[s.pos] == ']' || s.text[s.pos] == '}':
		s.failAt(s.pos, parseException, "Unexpected close marker '%c': expected '%c' (for %s starting at %s)",
			s.text[s.pos], closing, what, s.location(start))
		return false
	case first:
		return true
	case !s.next(','):
		s.unexpected(s.pos, s.pos, ": "+fmt.Sprintf(wantsComma, what))
		return false
	}
	if s.blanks(); s.fault == nil && s.pos == len(s.text) {
		s.failAt(s.pos, parseException, "Unexpected end-of-input within/between %s entries", what)
	}
	return s.fault == nil
}

func (s *jsonScanner) elements(depth int) {
	start := s.pos
	s.pos++
	for first := true; s.more(start, first); first = false {
		if s.text[s.pos] == '}' {
			s.unexpected(s.pos, s.pos, ": expected a value")
			return
		}
		s.value(depth + 1)
	}
}

func (s *jsonScanner) members(depth int) {
	start := s.pos
	s.pos++
	for first := true; s.more(start, first); first = false {
		if s.text[s.pos] != '"' {
			s.unexpected(s.pos, s.pos, ": "+wantsName)
			return
		}
		s.string(" in field name")
		s.entry(s.next(':'))
		if s.blanks(); s.fault == nil && s.pos == len(s.text) {
			s.entry(false)
		}
		s.value(depth + 1)
	}
}

// entry notes a fault between name and value, unless all is ok.
func (s *jsonScanner) entry(ok bool) {
	switch {
	case ok || s.fault != nil:
	case s.pos == len(s.text):
		s.ended(" within/between Object entries")
	default:
		s.unexpected(s.pos, s.pos, ": "+wantsColon)
	}
}

// string reads a string; unclosed is what the fault of one without end says.
func (s *jsonScanner) string(unclosed string) {
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			return
		case c < ' ':
			s.failAt(s.pos, parseException, illegalInString, JSONChar(rune(c)))
			return
		case c == '\\':
			if s.pos++; !s.escape() {
				return
			}
		}
	}
	s.ended(unclosed)
}

// escape passes over what stands behind a backslash, but for its last byte.
func (s *jsonScanner) escape() bool {
	if s.pos == len(s.text) {
		s.ended(" in character escape sequence")
		return false
	}
	c := s.text[s.pos]
	if bytes.IndexByte([]byte(`"\/bfnrtu`), c) < 0 {
		r := bytes.Runes(s.text[s.pos:])[0]
		s.failAt(s.pos, parseException, "Unrecognized character escape %s", JSONChar(r))
		return false
	}
	for i := 0; c == 'u' && i < 4; i++ {
		s.pos++
		switch {
		case s.pos == len(s.text):
			s.ended(" in character escape sequence")
			return false
		case hexDigit(s.text[s.pos]) < 0:
			s.unexpected(s.pos, s.pos, ": expected a hex-digit for character escape sequence")
			return false
		}
	}
	return true
}

// digits passes over digits and returns how many there were.
func (s *jsonScanner) digits() int {
	start := s.pos
	for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
		s.pos++
	}
	return s.pos - start
}

func (s *jsonScanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *jsonScanner) number() {
	start := s.pos
	if s.peek() == '-' {
		s.pos++
	}
	first := s.pos
	switch n := s.digits(); {
	case n == 0:
		s.signed(start)
		return
	case n > 1 && s.text[first] == '0':
		s.failAt(first+1, parseException, "Invalid numeric value: Leading zeroes not allowed")
		return
	}
	whole := s.pos
	if s.peek() == '.' {
		s.pos++
		if s.digits() == 0 {
			// At the end of the text it is the point that is unexpected.
			s.unexpected(min(s.pos, len(s.text)-1), whole, " in numeric value: Decimal point not followed by a digit")
			return
		}
	}
	if c := s.peek(); c != 'e' && c != 'E' {
		return
	}
	s.pos++
	if c := s.peek(); c == '+' || c == '-' {
		s.pos++
	}
	switch {
	case s.digits() > 0:
	case s.pos == len(s.text):
		s.ended("expected a digit for number exponent")
	default:
		s.unexpected(s.pos, whole, " in numeric value: Exponent indicator not followed by a digit")
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
