package cell

import (
	"bytes"
	"cmp"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// MaxDepth is how deep arrays and objects of a request may nest.
const MaxDepth = 64

// SyntaxError says why a text is not JSON, with Jackson's words, because they
// are part of the API's answers.
type SyntaxError struct {
	Message string
	// TooDeep: arrays and objects nest deeper than the Options allow.
	TooDeep bool
}

// Error returns the message.
func (e *SyntaxError) Error() string { return e.Message }

// Options for Parse.
type Options struct {
	// UniqueNames refuses an object that has two members of one name.
	UniqueNames bool
	// Depth is how deep arrays and objects may nest, instead of MaxDepth.
	Depth int
	// Prefix lets anything stand behind the value, as Jackson's readTree does.
	Prefix bool
	// Missing, if set, says how many UTF-16 units a part of the text had beside
	// those that it has: errors tell places in the text as it was.
	Missing func(part []byte) int
}

// Parse checks that text is one JSON value and returns it. The checks are those
// of RFC 8259: UTF-8, no lone surrogates, nothing behind the value (but see
// Options.Prefix); and depth
// (MaxDepth) and length of numbers (MaxNumberLength). Errors are *SyntaxError.
// A blank text has Jackson's "No content to map due to end-of-input".
func Parse(text []byte, o Options) (Value, error) {
	c := checker{text: text, options: o}
	c.skipBlanks()
	if c.pos == len(text) {
		return nil, &SyntaxError{Message: "No content to map due to end-of-input" + source(c.lineOnly())}
	}
	start := c.pos
	if err := c.value(0); err != nil {
		return nil, err
	}
	end := c.pos
	c.skipBlanks()
	if c.pos < len(text) && !o.Prefix {
		return nil, c.unexpected("expected end-of-input after the value")
	}
	return text[start:end:end], nil
}

// source is the tail that Jackson puts behind each message.
func source(at string) string {
	return "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); " + at + "]"
}

// SourceAtStart is that tail for the beginning of a text.
func SourceAtStart() string { return source("line: 1, column: 1") }

// checker reads JSON once and finds the first mistake.
type checker struct {
	text    []byte
	pos     int
	options Options
}

// location returns the place of byte i as Jackson counts: lines from 1,
// columns from 1 in UTF-16 units.
func (c *checker) location(i int) string {
	line, column := 1, 1
	before := c.text[:min(i, len(c.text))]
	for _, r := range string(before) {
		switch {
		case r == '\n':
			line, column = line+1, 1
		case r > 0xffff:
			column += 2
		default:
			column++
		}
	}
	if c.options.Missing != nil {
		column += c.options.Missing(before[bytes.LastIndexByte(before, '\n')+1:])
	}
	return fmt.Sprintf("line: %d, column: %d", line, column)
}

func (c *checker) lineOnly() string {
	line := 1
	for _, b := range c.text {
		if b == '\n' {
			line++
		}
	}
	return fmt.Sprintf("line: %d", line)
}

// fail makes an error at byte i.
func (c *checker) fail(i int, format string, args ...any) *SyntaxError {
	return &SyntaxError{Message: fmt.Sprintf(format, args...) + source(c.location(i))}
}

// unexpected makes the error of the character at the current place.
func (c *checker) unexpected(comment string) error {
	r, _ := utf8.DecodeRune(c.text[c.pos:])
	return c.fail(c.pos, "Unexpected character (%s): %s", cqltype.JSONChar(r), comment)
}

func (c *checker) skipBlanks() {
	for c.pos < len(c.text) && isBlank(c.text[c.pos]) {
		c.pos++
	}
}

const validTokens = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

// value reads one value; the current place is its first byte.
func (c *checker) value(depth int) error {
	switch ch := c.text[c.pos]; {
	case ch == '"':
		return c.str("was expecting closing quote for a string value")
	case ch == '{':
		return c.container(depth+1, true)
	case ch == '[':
		return c.container(depth+1, false)
	case ch == '-' || ch >= '0' && ch <= '9':
		return c.number()
	}
	return c.literal()
}

func (c *checker) literal() error {
	end := c.pos
	for end < len(c.text) {
		r, size := utf8.DecodeRune(c.text[end:])
		if r == utf8.RuneError || !(unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '$') {
			break
		}
		end += size
	}
	switch token := string(c.text[c.pos:end]); token {
	case "true", "false", "null":
		c.pos = end
		return nil
	case "":
		return c.unexpected("expected a valid value " + validTokens)
	default:
		return c.fail(end, "Unrecognized token '%.256s': was expecting %s", token, validTokens)
	}
}

// container reads an array or object: items are separated by commas.
func (c *checker) container(depth int, object bool) error {
	closing, kind := byte(']'), "Array"
	if object {
		closing, kind = '}', "Object"
	}
	if most := cmp.Or(c.options.Depth, MaxDepth); depth > most {
		err := c.fail(c.pos, "Document nesting depth (%d) exceeds the maximum allowed (%d)", depth, most)
		err.TooDeep = true
		return err
	}
	start, first := c.pos, true
	var names map[string]bool
	c.pos++
	for {
		c.skipBlanks()
		if c.pos == len(c.text) {
			return c.fail(c.pos, "Unexpected end-of-input: expected close marker for %s (start marker at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); %s])", kind, c.location(start))
		}
		switch ch := c.text[c.pos]; {
		case ch == closing:
			c.pos++
			return nil
		case ch == ']' || ch == '}':
			return c.fail(c.pos, "Unexpected close marker '%c': expected '%c' (for %s starting at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); %s])", ch, closing, kind, c.location(start))
		case !first && ch != ',':
			return c.unexpected("was expecting comma to separate " + kind + " entries")
		case !first:
			c.pos++
			if err := c.next(kind); err != nil {
				return err
			}
		}
		first = false
		begin := c.pos
		if !object {
			if err := c.value(depth); err != nil {
				return err
			}
			continue
		}
		if err := c.member(depth); err != nil {
			return err
		}
		if c.options.UniqueNames {
			name := string(Value(c.text[begin : begin+stringLen(c.text[begin:])]).Text(nil))
			if names[name] {
				return c.fail(begin, "Duplicate field '%s'", name)
			}
			if names == nil {
				names = map[string]bool{}
			}
			names[name] = true
		}
	}
}

// next moves to the next token, which there must be.
func (c *checker) next(kind string) error {
	if c.skipBlanks(); c.pos == len(c.text) {
		return c.fail(c.pos, "Unexpected end-of-input within/between %s entries", kind)
	}
	return nil
}

// member reads one member of an object.
func (c *checker) member(depth int) error {
	if c.text[c.pos] != '"' {
		return c.unexpected("was expecting double-quote to start field name")
	}
	if err := c.str("in field name"); err != nil {
		return err
	}
	if err := c.next("Object"); err != nil {
		return err
	}
	if c.text[c.pos] != ':' {
		return c.unexpected("was expecting a colon to separate field name and value")
	}
	c.pos++
	if err := c.next("Object"); err != nil {
		return err
	}
	return c.value(depth)
}
