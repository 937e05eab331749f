package elide

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf8"
)

// Strings says of a member of a row how its strings stand for its value. 0: as
// text, or as Base64 or hexadecimal digits, which are longer than what they stand
// for.
type Strings uint8

const (
	// Texts are text and nothing else.
	Texts Strings = 1 << iota
	// Literal: a string that is the member's whole value is a collection's, with
	// its elements in single quotes or bare: each of them is a value.
	Literal
	// Literals: those in arrays and objects are, too.
	Literals
	// Document: they are GraphQL, whose strings are values.
	Document
	// Whole: they are no values, and as long as they are.
	Whole
)

// JSON shortens the strings of a JSON text that are longer than a limit, piece by
// piece as it arrives. What is not JSON passes: the reader of it tells.
type JSON struct {
	run   run
	limit int64
	// of, if set, says how the strings of a member of the row are values. A row is
	// an object at depth.
	of    func(member []byte) Strings
	depth int
	// namedBy, if set, is the member of the row whose string is the name that of is
	// asked for, whatever the member is called.
	namedBy string

	level     int
	inside    bool // of a string
	naming    bool // the string may be the name of a member
	escape    escape
	code      rune
	name      []byte
	member    bool   // name is of the member whose value is read
	column    []byte // what namedBy has in this row
	literal   bool   // the string is a literal
	nested    bool   // it is one in JSON
	unread    bool   // whether it is one its first character tells
	quoted    bool   // an element of it in quotes is read
	slash     bool   // a backslash of a nested string was the last character
	textsOnly bool   // strings are text wherever they are
	document  bool   // the string is one of GraphQL
	graphQL   *GraphQL
	raw       []byte // of an escape sequence in it
}

// escape is where in an escape sequence a string is: none, behind the backslash,
// or how many of its hexadecimal digits are missing.
type escape uint8

const (
	noEscape  escape = 0
	digits    escape = 4 // and 3 to 1
	backslash escape = 5
)

// longestName is the length of the longest name of a member that is looked up.
const longestName = 256

// NewJSON returns a reader that leaves out what makes a value larger than limit
// bytes. of says of a member of a row, an object in depth arrays and objects, how
// its strings are values; nil: nobody knows, and a string may be a collection in JSON
// itself, as in CQL's INSERT JSON.
func NewJSON(s *Shared, limit int64, depth int, of func(member []byte) Strings) *JSON {
	limit = max(limit, Least)
	return &JSON{run: run{shared: s, limit: limit}, limit: limit, depth: depth + 1, of: of}
}

// NewJSONNamedBy is NewJSON for rows that have the name of a column as the string
// of the member namedBy, and the value in another.
func NewJSONNamedBy(s *Shared, limit int64, depth int, namedBy string, of func(column []byte) Strings) *JSON {
	j := NewJSON(s, limit, depth, of)
	j.namedBy = namedBy
	return j
}

// NewJSONOfTexts returns a reader of JSON whose strings are all text.
func NewJSONOfTexts(s *Shared, limit int64) *JSON {
	j := NewJSON(s, limit, 0, nil)
	j.textsOnly = true
	return j
}

// Append appends to out, what was kept so far, what is kept of p, the next piece.
func (j *JSON) Append(out, p []byte) []byte {
	for len(p) > 0 {
		var n int
		switch piece := p[:min(len(p), pieceSize)]; {
		case j.inside && j.document:
			n, out = j.documentPiece(out, piece)
		case j.inside:
			n, out = j.string(out, piece)
		default:
			n, out = j.structure(out, piece)
		}
		p = p[n:]
	}
	return out
}

// Finish returns out when nothing more comes.
func (j *JSON) Finish(out []byte) []byte {
	switch {
	case j.inside && j.document:
		return j.graphQL.Finish(append(out, j.raw...))
	case j.inside:
		j.run.end()
	}
	return out
}

// pieceSize bounds how far the end of a string is searched for, again behind each
// escape sequence.
const pieceSize = 512

// structure reads what stands outside of strings, up to where one begins.
func (j *JSON) structure(out, p []byte) (n int, kept []byte) {
	for n < len(p) && !j.inside {
		switch c := p[n]; c {
		case '{', '[':
			j.level++
			j.naming = c == '{'
			if j.level == j.depth {
				j.column = j.column[:0]
			}
		case '}', ']':
			j.level--
			j.naming = false
		case ',':
			j.naming = true
		case ':':
			j.naming = false
			j.member = j.level == j.depth || j.member
		case '"':
			j.inside = true
		}
		n++
	}
	out = append(out, p[:n]...)
	if j.inside {
		j.beginString(out)
	}
	return n, out
}

func (j *JSON) beginString(out []byte) {
	j.run.begin(out)
	named := j.naming && j.level == j.depth
	if named {
		j.name, j.member = j.name[:0], false
	}
	how := j.how()
	j.run.loose = !j.textsOnly && how&Texts == 0
	j.literal, j.quoted = how&Literal != 0 && j.level == j.depth || how&Literals != 0, false
	j.nested, j.unread, j.slash = false, j.of == nil && !j.textsOnly, false
	if j.document = how&Document != 0; j.document {
		j.graphQL, j.raw = NewGraphQL(j.run.shared, j.limit), j.raw[:0]
	}
	if j.run.limit = j.limit; how&Whole != 0 {
		j.run.limit = math.MaxInt64
	}
}

// how is how a string that begins is a value; of names nobody asks.
func (j *JSON) how() Strings {
	switch {
	case !j.member || j.of == nil:
		return 0
	case j.namedBy == "":
		return j.of(j.name)
	case string(j.name) == j.namedBy:
		return 0
	}
	return j.of(j.column)
}

// string reads a string up to its end, the next escape sequence or, in a literal,
// the end of an element.
func (j *JSON) string(out, p []byte) (n int, kept []byte) {
	if j.unread {
		j.unread, j.nested = false, p[0] == '[' || p[0] == '{'
		j.literal = j.nested
	}
	if j.escape != noEscape {
		return 1, j.escaped(out, p[:1])
	}
	n = bytes.IndexByte(p, '"')
	ends := n >= 0
	if !ends {
		n = len(p)
	}
	if at := bytes.IndexByte(p[:n], '\\'); at >= 0 {
		n, ends = at, false
	}
	if j.literal {
		if at := j.elementEnd(p[:n]); at >= 0 {
			return at + 1, j.boundary(j.run.add(out, p[:at], int64(at)), p[at:at+1])
		}
	}
	out = j.run.add(out, p[:n], int64(n))
	j.slash = j.slash && n == 0
	if n == len(p) {
		return n, out
	}
	if !ends {
		j.escape = backslash
		return n + 1, j.run.add(out, p[n:n+1], 0)
	}
	j.endString(out)
	return n + 1, append(out, '"')
}

func (j *JSON) endString(out []byte) {
	if j.level == j.depth && !j.run.cut && len(out)-j.run.start <= longestName {
		switch content := out[j.run.start:]; {
		case j.naming:
			j.name = append(j.name[:0], content...)
		case j.namedBy != "" && string(j.name) == j.namedBy:
			j.column = append(j.column[:0], content...)
		}
	}
	j.inside = false
	j.run.end()
}

// elementEnd is where in a piece of a literal an element may begin or end: at a
// quote, and outside of quotes at whatever no bare element has. -1: nowhere.
func (j *JSON) elementEnd(p []byte) int {
	switch {
	case j.quoted && j.nested: // its end is an escape sequence
		return -1
	case j.quoted:
		return bytes.IndexByte(p, '\'')
	}
	return bytes.IndexFunc(p, func(r rune) bool {
		return r >= utf8.RuneSelf || !wordCharacter(byte(r)) && r != '-' && r != '+' && r != '.' && r != '&'
	})
}

// boundary reads the first character of p, which stands between elements.
func (j *JSON) boundary(out, p []byte) []byte {
	if p[0] == '\'' && !j.nested {
		j.quoted = !j.quoted
	}
	return j.apart(append(out, p...))
}

// apart ends an element and begins another.
func (j *JSON) apart(out []byte) []byte {
	j.run.end()
	loose := j.run.loose
	j.run.begin(out)
	j.run.loose = loose
	return out
}

// documentPiece reads a string that is a document up to its end or the next escape
// sequence.
func (j *JSON) documentPiece(out, p []byte) (n int, kept []byte) {
	if j.escape != noEscape {
		j.raw = append(j.raw, p[0])
		if code, _, done := j.unescape(p[0]); done {
			out = j.graphQL.character(out, j.raw, code)
			j.raw = j.raw[:0]
		}
		return 1, out
	}
	n = bytes.IndexAny(p, `"\\`)
	if n < 0 {
		return len(p), j.graphQL.Append(out, p)
	}
	out = j.graphQL.Append(out, p[:n])
	if p[n] == '\\' {
		j.escape, j.raw = backslash, append(j.raw, '\\')
		return n + 1, out
	}
	j.inside = false
	return n + 1, append(j.graphQL.Finish(out), '"')
}

// escaped reads the next character of an escape sequence.
func (j *JSON) escaped(out, c []byte) []byte {
	code, length, done := j.unescape(c[0])
	if !done {
		return j.run.add(out, c, length)
	}
	return j.unescaped(j.run.addEscaped(out, c, code, length), code)
}

// unescape reads the next character of an escape sequence: when it is done, what it
// stands for and how many bytes that has.
func (j *JSON) unescape(c byte) (code rune, length int64, done bool) {
	switch {
	case j.escape == backslash && c == 'u':
		j.escape, j.code = digits, 0
		return 0, 0, false
	case j.escape == backslash:
		j.escape = noEscape
		if at := strings.IndexByte("bfnrt", c); at >= 0 {
			c = "\b\f\n\r\t"[at]
		}
		return rune(c), 1, true
	}
	j.escape--
	j.code = j.code<<4 | hexValue(c)
	if j.escape != noEscape {
		return 0, 0, false
	}
	return j.code, lengthOf(j.code), true
}

// unescaped reads the end of an escape sequence, which may be that of an element.
func (j *JSON) unescaped(out []byte, code rune) []byte {
	quote, raw := '\'', `\u0027`
	if j.nested {
		quote, raw = '"', `\"`
	}
	behindSlash := j.slash
	j.slash = false
	switch {
	case !j.literal:
		return out
	case j.nested && j.quoted && behindSlash:
		return out
	case j.nested && j.quoted && code == '\\':
		// The element is shorter than it looks.
		if j.slash = true; !j.run.cut {
			j.run.limit = math.MaxInt64
		}
		return out
	case code == quote:
		j.quoted = !j.quoted
		if j.run.cut { // what ends the element stays
			j.run.length--
			j.run.columns -= int64(len(raw))
			out = append(out, raw...)
		}
	case j.quoted:
		return out
	}
	out = j.apart(out)
	j.run.limit = j.limit
	return out
}

// hexValue is the value of a hexadecimal digit; of another character it is anything.
func hexValue(c byte) rune {
	switch {
	case c >= 'a':
		return rune(c-'a'+10) & 15
	case c >= 'A':
		return rune(c-'A'+10) & 15
	}
	return rune(c-'0') & 15
}
