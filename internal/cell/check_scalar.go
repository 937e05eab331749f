package cell

import (
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// str reads a string. atEnd is what the message says when the text ends in it.
func (c *checker) str(atEnd string) error {
	c.pos++
	for c.pos < len(c.text) {
		switch ch := c.text[c.pos]; {
		case ch == '"':
			c.pos++
			return nil
		case ch == '\\':
			if err := c.escape(); err != nil {
				return err
			}
		case ch < ' ':
			return c.fail(c.pos, "Illegal unquoted character (%s): has to be escaped using backslash to be included in string value", cqltype.JSONChar(rune(ch)))
		case ch < utf8.RuneSelf:
			c.pos++
		default:
			r, size := utf8.DecodeRune(c.text[c.pos:])
			if r == utf8.RuneError && size == 1 {
				return c.fail(c.pos, "Invalid UTF-8 byte 0x%x", ch)
			}
			c.pos += size
		}
	}
	if atEnd == "in field name" {
		return c.fail(c.pos, "Unexpected end-of-input %s", atEnd)
	}
	return c.fail(c.pos, "Unexpected end-of-input: %s", atEnd)
}

func (c *checker) escape() error {
	c.pos++
	if c.pos == len(c.text) {
		return c.fail(c.pos, "Unexpected end-of-input in character escape sequence")
	}
	ch := c.text[c.pos]
	c.pos++
	switch ch {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return nil
	case 'u':
	default:
		r, _ := utf8.DecodeRune(c.text[c.pos-1:])
		return c.fail(c.pos-1, "Unrecognized character escape %s", cqltype.JSONChar(r))
	}
	r, err := c.unicodeEscape()
	if err != nil || !utf16.IsSurrogate(r) {
		return err
	}
	// Java would keep half a character and lose it when it is stored.
	if c.pos+1 < len(c.text) && c.text[c.pos] == '\\' && c.text[c.pos+1] == 'u' {
		c.pos += 2
		low, err := c.unicodeEscape()
		if err != nil {
			return err
		}
		if utf16.DecodeRune(r, low) != unicode.ReplacementChar {
			return nil
		}
	}
	return c.fail(c.pos, "Unpaired surrogate \\u%04x in character escape sequence", r)
}

// unicodeEscape reads the four digits behind \u.
func (c *checker) unicodeEscape() (rune, error) {
	for i := range 4 {
		if c.pos+i >= len(c.text) {
			return 0, c.fail(len(c.text), "Unexpected end-of-input in character escape sequence")
		}
		if hexDigit(c.text[c.pos+i]) < 0 {
			c.pos += i
			return 0, c.unexpected("expected a hex-digit for character escape sequence")
		}
	}
	c.pos += 4
	return hex4(c.text[c.pos-4:]), nil
}

// number reads a number by RFC 8259 §6.
func (c *checker) number() error {
	start := c.pos
	if c.text[c.pos] == '-' {
		c.pos++
	}
	leading := c.pos
	if c.digits() == 0 {
		return c.badNumber("expected digit (0-9) to follow minus sign, for valid numeric value")
	}
	if c.text[leading] == '0' && c.pos > leading+1 {
		return c.fail(leading+1, "Invalid numeric value: Leading zeroes not allowed")
	}
	if c.pos < len(c.text) && c.text[c.pos] == '.' {
		c.pos++
		if c.digits() == 0 {
			return c.badNumber("Decimal point not followed by a digit")
		}
	}
	if c.pos < len(c.text) && c.text[c.pos]|0x20 == 'e' {
		c.pos++
		if c.pos < len(c.text) && (c.text[c.pos] == '+' || c.text[c.pos] == '-') {
			c.pos++
		}
		if c.digits() == 0 {
			return c.badNumber("Exponent indicator not followed by a digit")
		}
	}
	if n := c.pos - start; n > MaxNumberLength {
		return c.fail(start, "Number value length (%d) exceeds the maximum allowed (%d)", n, MaxNumberLength)
	}
	if c.pos < len(c.text) && !isBlank(c.text[c.pos]) && c.text[c.pos] != ',' && c.text[c.pos] != ']' && c.text[c.pos] != '}' {
		return c.unexpected("expected end of the numeric value")
	}
	return nil
}

// digits skips decimal digits and returns how many there were.
func (c *checker) digits() int {
	start := c.pos
	for c.pos < len(c.text) && c.text[c.pos] >= '0' && c.text[c.pos] <= '9' {
		c.pos++
	}
	return c.pos - start
}

func (c *checker) badNumber(comment string) error {
	if c.pos == len(c.text) {
		return c.fail(c.pos, "Unexpected end-of-input in numeric value: %s", comment)
	}
	r, _ := utf8.DecodeRune(c.text[c.pos:])
	return c.fail(c.pos, "Unexpected character (%s) in numeric value: %s", cqltype.JSONChar(r), comment)
}
