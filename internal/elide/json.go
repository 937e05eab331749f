package elide

import (
	"bytes"
	"unicode/utf8"
)

// JSON shortens the strings of a JSON text that are longer than a limit, piece by
// piece as it arrives. What is not JSON passes: the reader of it tells.
type JSON struct {
	run run
	// texts, if set, says of a member of the row whether its strings are always
	// text. Other strings may be Base64 or hexadecimal digits, which are longer
	// than what they stand for. A row is an object at depth.
	texts func(member []byte) bool
	depth int

	level     int
	inside    bool // of a string
	naming    bool // the string may be the name of a member
	escape    escape
	code      rune
	name      []byte
	member    bool // name is of the member whose value is read
	textsOnly bool // strings are text wherever they are
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
// bytes. texts says of a member of a row, an object in depth arrays and objects,
// whether its strings are always text; nil: nobody knows.
func NewJSON(s *Shared, limit int64, depth int, texts func(member []byte) bool) *JSON {
	return &JSON{run: run{shared: s, limit: max(limit, Least)}, depth: depth + 1, texts: texts}
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
		if piece := p[:min(len(p), pieceSize)]; j.inside {
			n, out = j.string(out, piece)
		} else {
			n, out = j.structure(out, piece)
		}
		p = p[n:]
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
	j.run.loose = !j.textsOnly && (j.texts == nil || !j.member || !j.texts(j.name))
}

// string reads a string up to its end, or the next escape sequence.
func (j *JSON) string(out, p []byte) (n int, kept []byte) {
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
		out = j.run.add(out, p[:n], int64(n))
		j.escape = backslash
		return n + 1, j.run.add(out, p[n:n+1], 0)
	}
	out = j.run.add(out, p[:n], int64(n))
	if !ends {
		return n, out
	}
	if j.naming && j.level == j.depth && !j.run.cut && len(out)-j.run.start <= longestName {
		j.name = append(j.name[:0], out[j.run.start:]...)
	}
	j.inside = false
	j.run.end()
	return n + 1, append(out, '"')
}

// escaped reads the next character of an escape sequence.
func (j *JSON) escaped(out, c []byte) []byte {
	switch {
	case j.escape == backslash && c[0] == 'u':
		j.escape, j.code = digits, 0
		return j.run.add(out, c, 0)
	case j.escape == backslash:
		j.escape = noEscape
		return j.run.add(out, c, 1)
	}
	j.escape--
	j.code = j.code<<4 | hexValue(c[0])
	if j.escape > 0 {
		return j.run.add(out, c, 0)
	}
	if j.code >= 0xD800 && j.code < 0xE000 { // a half of a character of four bytes
		return j.run.add(out, c, 2)
	}
	return j.run.add(out, c, int64(max(1, utf8.RuneLen(j.code))))
}

func hexValue(c byte) rune {
	switch {
	case c >= 'a':
		return rune(c-'a'+10) & 15
	case c >= 'A':
		return rune(c-'A'+10) & 15
	}
	return rune(c-'0') & 15
}
