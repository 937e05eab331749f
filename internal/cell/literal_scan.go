package cell

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// scanner cuts the text of a literal into tokens. Places in its messages count
// bytes from 0.
type scanner struct {
	what string // of the literal, for messages
	text []byte
	pos  int
	// old: messages are those of the older profile, which name the field of a tuple
	// or user type that was read last.
	old   bool
	field string
}

func (s *scanner) blanks() {
	for s.pos < len(s.text) && (s.text[s.pos] == ' ' || s.text[s.pos] == '\t' || s.text[s.pos] == '\n') {
		s.pos++
	}
}

// wanted makes the error of something else than wanted at place at.
func (s *scanner) wanted(at int, wanted string) error {
	got := s.shown(s.pos)
	if s.field != "" {
		return fmt.Errorf("Invalid %s value '%s': at field %s (character %d) expecting %s, but got %s", s.what, s.text, s.field, at, wanted, got)
	}
	return fmt.Errorf("Invalid %s value '%s': at character %d expecting %s but got %s", s.what, s.text, at, wanted, got)
}

// shown is what is at a place, for messages.
func (s *scanner) shown(at int) string {
	if at >= len(s.text) {
		return "EOF"
	}
	r, _ := utf8.DecodeRune(s.text[at:])
	return "'" + string(r) + "'"
}

// expect reads one character, with blanks around it.
func (s *scanner) expect(c byte) error {
	s.blanks()
	if s.pos == len(s.text) || s.text[s.pos] != c {
		return s.wanted(s.pos, "'"+string(rune(c))+"'")
	}
	s.pos++
	s.blanks()
	return nil
}

// items reads opening, items separated by commas, closing and the end of the
// text.
func (s *scanner) items(opening, closing byte, item func() error) error {
	s.blanks()
	if s.pos == len(s.text) {
		return s.wanted(s.pos, "'"+string(rune(opening))+"'")
	}
	if s.text[s.pos] != opening && s.old { // what is behind it is shown, too
		return fmt.Errorf("Invalid %s value '%s': at character %d expecting '%c' but got %s", s.what, s.text, s.pos+1, opening, s.shown(s.pos+1))
	}
	if s.text[s.pos] != opening {
		return s.wanted(s.pos+1, "'"+string(rune(opening))+"'") // the reference counts from 1 here
	}
	s.pos++
	for first := true; ; first = false {
		s.blanks()
		switch {
		case s.pos == len(s.text) && first && s.old && s.what == "UDT":
			return fmt.Errorf("Invalid UDT value '%s': at character %d expecting CQL identifier or '}', got EOF", s.text, s.pos)
		case s.pos == len(s.text) && first:
			return s.wanted(s.pos, "element or '"+string(rune(closing))+"'")
		case s.pos == len(s.text):
			return s.wanted(s.pos, "',' or '"+string(rune(closing))+"'")
		case s.text[s.pos] == closing:
			s.pos++
			return s.end()
		case !first:
			if err := s.expect(','); err != nil {
				return err
			}
		}
		if err := item(); err != nil {
			return err
		}
	}
}

func (s *scanner) end() error {
	s.blanks()
	if s.pos < len(s.text) {
		return fmt.Errorf("Invalid %s value '%s': at character %d expecting EOF or blank, but got \"%s\"", s.what, s.text, s.pos, s.text[s.pos:])
	}
	return nil
}

// name reads a fixed name in single or double quotes.
func (s *scanner) name(name string) error {
	s.blanks()
	rest := s.text[s.pos:]
	for _, quote := range []string{"'", `"`} {
		if quoted := quote + name + quote; bytes.HasPrefix(rest, []byte(quoted)) {
			s.pos += len(quoted)
			return nil
		}
	}
	return s.wanted(s.pos, "'"+name+"'")
}

// token reads a quoted or bare token, or a nested literal whole. A bare token
// may be empty; the type then refuses it, or what follows does.
func (s *scanner) token() ([]byte, error) {
	start := s.pos
	if start == len(s.text) {
		return nil, fmt.Errorf("Invalid %s value '%s': invalid CQL value at character %d", s.what, s.text, start)
	}
	var nesting []byte // the closing brackets to come
	for ; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == '\'':
			n := quotedLen(s.text[s.pos:])
			if n == 0 {
				return nil, fmt.Errorf("Invalid %s value '%s': invalid CQL value at character %d", s.what, s.text, start)
			}
			s.pos += n - 1
			if len(nesting) == 0 {
				s.pos++
				return s.text[start:s.pos], nil
			}
		case c == '{':
			nesting = append(nesting, '}')
		case c == '[':
			nesting = append(nesting, ']')
		case c == '(':
			nesting = append(nesting, ')')
		case len(nesting) > 0 && c == nesting[len(nesting)-1]:
			if nesting = nesting[:len(nesting)-1]; len(nesting) == 0 {
				s.pos++
				return s.text[start:s.pos], nil
			}
		case len(nesting) == 0 && !isBare(c):
			return s.text[start:s.pos], nil
		}
	}
	if len(nesting) > 0 {
		return nil, fmt.Errorf("Invalid %s value '%s': invalid CQL value at character %d", s.what, s.text, start)
	}
	return s.text[start:s.pos], nil
}

// quotedLen returns the length of the quoted token that b starts with, 0 when
// it has no end.
func quotedLen(b []byte) int {
	for i := 1; i < len(b); i++ {
		if b[i] != '\'' {
			continue
		}
		if i+1 < len(b) && b[i+1] == '\'' {
			i++
			continue
		}
		return i + 1
	}
	return 0
}

func isBare(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.' || c == '_' || c == '&'
}
