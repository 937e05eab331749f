package elide

import "bytes"

// Text shortens the literals of CQL's text that are longer than a limit, piece by
// piece as it arrives: strings, dollar-quoted strings and blobs. In a string that
// is a row or value in JSON those of JSON are. What is no CQL passes: its parser
// tells.
type Text struct {
	run   run
	json  *JSON // of the literal that is read, nil when it is not JSON
	limit int64

	state textState
	// previous is the character before, in states in which two stand together.
	previous byte
	// word is the last word, in lower case, while nothing but white space and
	// parentheses follow it, and ended that something does.
	word  []byte
	ended bool
}

// textState is what a character of the text is a part of.
type textState uint8

const (
	plainText textState = iota
	inWord
	inString
	inDollars
	inHexadecimal
	inName // a quoted one
	inLine // a comment to the end of it
	inComment
)

// longestWord is the length up to which words are told apart.
const longestWord = 12

// NewText returns a reader that leaves out what makes a literal's value larger than
// limit bytes.
func NewText(s *Shared, limit int64) *Text {
	limit = max(limit, Least)
	return &Text{run: run{shared: s, limit: limit}, limit: limit}
}

// Append appends to out, what was kept so far, what is kept of p, the next piece.
func (t *Text) Append(out, p []byte) []byte {
	for len(p) > 0 {
		var n int
		switch piece := p[:min(len(p), pieceSize)]; t.state {
		case inString:
			n, out = t.string(out, piece)
		case inDollars:
			n, out = t.dollars(out, piece)
		case inHexadecimal:
			n, out = t.hexadecimal(out, piece)
		default:
			n, out = t.character(out, p[0])
		}
		p = p[n:]
	}
	return out
}

// Finish appends what is left when nothing more comes.
func (t *Text) Finish(out []byte) []byte {
	switch {
	case t.state == inString && t.previous == '\'':
		return t.end(out, "'")
	case t.state == inDollars && t.previous == '$':
		t.previous = 0
		out = t.content(out, []byte("$"))
	}
	switch t.state {
	case inString, inDollars:
		return t.end(out, "")
	case inHexadecimal:
		t.run.end()
	}
	return out
}

// character reads a character outside of literals. It returns 0 for one that
// belongs to what follows.
func (t *Text) character(out []byte, c byte) (n int, kept []byte) {
	kept = append(out, c)
	before := t.previous
	t.previous = c
	switch t.state {
	case inName:
		if c == '"' { // a doubled one ends a name and begins another
			t.state = plainText
		}
	case inLine:
		if c == '\n' || c == '\r' {
			t.state = plainText
		}
	case inComment:
		if before == '*' && c == '/' {
			t.state, t.previous = plainText, 0
		}
	case inWord:
		if !wordCharacter(c) {
			t.state = plainText
			t.previous = 0
			return 0, out
		}
		t.inWord(kept, c)
	default:
		t.outside(kept, before, c)
	}
	return 1, kept
}

func (t *Text) inWord(kept []byte, c byte) {
	if len(t.word) < longestWord {
		t.word = append(t.word, lower(c))
	}
	if len(t.word) == 2 && string(t.word) == "0x" {
		t.run.begin(kept[:len(kept)-2])
		t.run.notation, t.run.length = inHex, 2
		t.state = inHexadecimal
	}
}

func (t *Text) outside(kept []byte, before, c byte) {
	switch {
	case wordCharacter(c):
		t.state, t.word, t.ended = inWord, append(t.word[:0], lower(c)), false
		return
	case c == '\'':
		t.beginString(kept, inString)
	case before == '$' && c == '$':
		t.beginString(kept, inDollars)
	case c == '"':
		t.state = inName
	case before == '-' && c == '-', before == '/' && c == '/':
		t.state = inLine
	case before == '/' && c == '*':
		t.state, t.previous = inComment, 0
	}
	if c > ' ' && c != '(' && c != '$' {
		t.ended = true
	}
}

func wordCharacter(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// beginString begins a literal. Behind JSON (of INSERT) and from_json( it is JSON.
func (t *Text) beginString(kept []byte, state textState) {
	t.state, t.previous, t.json = state, 0, nil
	t.run.begin(kept)
	if !t.ended {
		switch string(t.word) {
		case "json", "fromjson", "from_json":
			t.json = NewJSON(t.run.shared, t.limit, 0, nil)
		}
	}
}

// content reads a piece of a literal.
func (t *Text) content(out, p []byte) []byte {
	if t.json != nil {
		return t.json.Append(out, p)
	}
	return t.run.add(out, p, int64(len(p)))
}

// end ends a literal at its last quote, "" where there is none.
func (t *Text) end(out []byte, quote string) []byte {
	t.state, t.previous, t.ended = plainText, 0, true
	if t.json == nil {
		t.run.end()
	} else {
		out = t.json.Finish(out)
	}
	return append(out, quote...)
}

// string reads a string up to a quote, which may be its end or one of two that
// stand for one.
func (t *Text) string(out, p []byte) (n int, kept []byte) {
	if t.previous == '\'' { // not in out yet
		if p[0] != '\'' {
			return 0, t.end(out, "'")
		}
		t.previous = 0
		return 1, t.quote(out)
	}
	n = bytes.IndexByte(p, '\'')
	if n < 0 {
		return len(p), t.content(out, p)
	}
	t.previous = '\''
	return n + 1, t.content(out, p[:n])
}

// quote reads two quotes, which stand for one.
func (t *Text) quote(out []byte) []byte {
	const doubled = "''"
	if t.json == nil {
		return t.run.add(out, []byte(doubled), 1)
	}
	if !t.json.inside { // no JSON
		return append(out, doubled...)
	}
	return t.json.run.add(out, []byte(doubled), 1)
}

// dollars reads a string between $$, up to a dollar.
func (t *Text) dollars(out, p []byte) (n int, kept []byte) {
	if t.previous == '$' { // not in out yet
		if t.previous = 0; p[0] == '$' {
			return 1, t.end(out, "$$")
		}
		return 0, t.content(out, []byte("$"))
	}
	n = bytes.IndexByte(p, '$')
	if n < 0 {
		return len(p), t.content(out, p)
	}
	t.previous = '$'
	return n + 1, t.content(out, p[:n])
}

// hexadecimal reads a blob up to its end.
func (t *Text) hexadecimal(out, p []byte) (n int, kept []byte) {
	for n < len(p) && hexDigit(p[n]) {
		n++
	}
	out = t.run.add(out, p[:n], int64(n))
	if n < len(p) {
		t.run.end()
		t.state, t.previous, t.ended = plainText, 0, true
	}
	return n, out
}
