package cqltype

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// jsonFault is a mistake in JSON, told as the parser that Cassandra uses tells
// it (Jackson's ReaderBasedJsonParser): clients are shown its words.
type jsonFault struct {
	class, what, where string
}

// Error is the message of Jackson's exception.
func (f *jsonFault) Error() string { return f.what + "\n at " + f.where }

// full is Error behind the name of the exception.
func (f *jsonFault) full() string { return f.class + ": " + f.Error() }

const (
	parseException    = "com.fasterxml.jackson.core.JsonParseException"
	eofException      = "com.fasterxml.jackson.core.io.JsonEOFException"
	mismatchException = "com.fasterxml.jackson.databind.exc.MismatchedInputException"

	jsonSource = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: "

	validValues     = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
	wantsValue      = "expected a valid value " + validValues
	wantsName       = "was expecting double-quote to start field name"
	wantsColon      = "was expecting a colon to separate field name and value"
	wantsComma      = "was expecting comma to separate %s entries"
	maybeComment    = "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)"
	nonStandard     = "Non-standard token '%s': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
	plusSign        = "JSON spec does not allow numbers to have plus signs: enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow"
	illegalBetween  = `Illegal character ((CTRL-CHAR, code %d)): only regular white space (\r, \n, \t) is allowed between tokens`
	illegalInString = "Illegal unquoted character (%s): has to be escaped using backslash to be included in string value"
)

// location is the place of the byte at pos: lines and columns count from 1,
// columns in UTF-16 units.
func (s *jsonScanner) location(pos int) string {
	line, column := 1, 1
	for i, r := range string(s.text[:pos]) {
		switch {
		case r == '\n' && i > 0 && s.text[i-1] == '\r':
		case r == '\n' || r == '\r':
			line, column = line+1, 1
		case r > 0xFFFF:
			column += 2
		default:
			column++
		}
	}
	return fmt.Sprintf("%s%d, column: %d]", jsonSource, line, column)
}

// failAt notes a mistake at pos, unless there is one already.
func (s *jsonScanner) failAt(pos int, class, format string, args ...any) {
	if s.fault == nil {
		s.fault = &jsonFault{class, fmt.Sprintf(format, args...), s.location(pos)}
	}
}

// ended is the fault of a text that stops too early.
func (s *jsonScanner) ended(what string) {
	s.pos = len(s.text)
	s.failAt(s.pos, eofException, "Unexpected end-of-input%s", what)
}

// unexpected is the fault of the character at pos, told at the place at.
func (s *jsonScanner) unexpected(pos, at int, what string) {
	r, _ := utf8.DecodeRune(s.text[pos:])
	s.failAt(at, parseException, "Unexpected character (%s)%s", JSONChar(r), what)
}

// JSONChar is a character as errors about JSON text show it
// (com.fasterxml.jackson.core.base.ParserMinimalBase._getCharDesc).
func JSONChar(r rune) string {
	switch {
	case unicode.IsControl(r):
		return fmt.Sprintf("(CTRL-CHAR, code %d)", r)
	case r > 255:
		return fmt.Sprintf("'%c' (code %d / 0x%x)", r, r, r)
	}
	return fmt.Sprintf("'%c' (code %d)", r, r)
}

// noValue is the fault of what is no value at pos: an odd character, or a word.
func (s *jsonScanner) noValue() {
	start := s.pos
	switch c := s.text[s.pos]; {
	case c == '+':
		s.signed(start)
		return
	case s.wordLength(start) == 0:
		s.unexpected(start, start, ": "+wantsValue)
		return
	}
	s.oddWord(start, start)
}

// signed is the fault of a sign and what is no digit behind it.
func (s *jsonScanner) signed(start int) {
	plus := s.text[start] == '+'
	switch {
	case start+1 == len(s.text) && plus:
		s.ended(" in a Number value")
	case start+1 == len(s.text):
		s.ended("No digit following sign")
	case s.text[start+1] == 'I':
		s.oddWord(start, start+1)
	case plus:
		s.unexpected(start, start+1, " in numeric value: "+plusSign)
	default:
		s.unexpected(start+1, start+1, " in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value")
	}
}

// oddWord is the fault of a word, which starts at start and has its letters
// from letters on.
func (s *jsonScanner) oddWord(start, letters int) {
	end := letters + s.wordLength(letters)
	word := string(s.text[start:end])
	switch word {
	case "NaN", "Infinity", "-Infinity", "+Infinity", "-INF", "+INF":
		s.failAt(end, parseException, nonStandard, word)
	}
	s.failAt(end, parseException, "Unrecognized token '%s': was expecting "+validValues, word)
}
