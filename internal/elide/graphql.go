package elide

import "unicode/utf8"

// GraphQL shortens the strings of a GraphQL document that are longer than a limit,
// piece by piece as it arrives. Block strings pass: how long their values are shows
// when they end. What is no GraphQL passes: its parser tells.
type GraphQL struct {
	run    run
	state  graphQLState
	escape graphQLEscape
	code   rune
	// characters are those of the string so far, as they are in the document.
	characters int64
	// quotes are those in a row in a block string, after a backslash or not.
	quotes  int
	escaped bool
	before  rune
}

// graphQLState is what a character is a part of.
type graphQLState uint8

const (
	outside graphQLState = iota
	inHash               // a comment to the end of the line
	opened               // behind the first quote of a string or block string
	emptied              // behind two, which are an empty string or begin a block
	inQuotes
	inBlock
	behindBlock // more quotes may follow those that end it
)

// graphQLEscape is where in an escape sequence a string is: none, or how many of its
// digits are missing, or…
type graphQLEscape uint8

const (
	noGraphQLEscape    graphQLEscape = 0
	fourDigits         graphQLEscape = 4 // and 3 to 1
	behindBackslash    graphQLEscape = 5
	behindU            graphQLEscape = 6
	inBracesOfAnEscape graphQLEscape = 7
)

// NewGraphQL returns a reader that leaves out what makes a string's value larger than
// limit bytes.
func NewGraphQL(s *Shared, limit int64) *GraphQL {
	return &GraphQL{run: run{shared: s, limit: max(limit, Least)}}
}

// Append appends to out, what was kept so far, what is kept of p, the next piece.
func (g *GraphQL) Append(out, p []byte) []byte {
	for len(p) > 0 {
		n := 0
		if g.state == inQuotes && g.escape == noGraphQLEscape {
			for n < min(len(p), pieceSize) && p[n] != '"' && p[n] != '\\' && p[n] != '\n' && p[n] != '\r' {
				n++
			}
			out = g.run.add(out, p[:n], int64(n))
			g.characters += charactersOf(p[:n])
		}
		if n == 0 {
			n, out = 1, g.character(out, p[:1], rune(p[0]))
		}
		p = p[n:]
	}
	return out
}

// charactersOf counts the characters that begin in p.
func charactersOf(p []byte) (n int64) {
	for _, c := range p {
		if c&0xC0 != 0x80 {
			n++
		}
	}
	return n
}

// Finish returns out when nothing more comes.
func (g *GraphQL) Finish(out []byte) []byte {
	if g.state == inQuotes {
		g.endString()
	}
	return out
}

// character reads one character, or a byte of one, that is written as raw.
func (g *GraphQL) character(out, raw []byte, c rune) []byte {
	switch g.state {
	case opened:
		if c != '"' {
			g.state = inQuotes
			return g.inQuotes(out, raw, c)
		}
		g.state = emptied
	case inQuotes:
		return g.inQuotes(out, raw, c)
	case inBlock:
		g.inBlock(c)
	default:
		return g.outside(append(out, raw...), c)
	}
	return append(out, raw...)
}

// outside reads a character, which is kept, outside of strings.
func (g *GraphQL) outside(kept []byte, c rune) []byte {
	switch {
	case g.state == inHash:
		if c == '\n' || c == '\r' {
			g.state = outside
		}
	case g.state == emptied && c == '"':
		g.state, g.quotes, g.escaped, g.before = inBlock, 0, false, 0
	case g.state == behindBlock && c == '"':
	case c == '"':
		g.state, g.characters = opened, 0
		g.run.begin(kept)
		g.run.loose = true
	case c == '#':
		g.state = inHash
	default:
		g.state = outside
	}
	return kept
}

func (g *GraphQL) inQuotes(out, raw []byte, c rune) []byte {
	if c < 0xDC00 || c >= 0xE000 { // no second half of one
		g.characters++
	}
	length, value := int64(0), c
	switch {
	case g.escape == behindBackslash && c == 'u':
		g.escape, g.code = behindU, 0
	case g.escape == behindBackslash:
		g.escape, length = noGraphQLEscape, 1
	case g.escape == behindU && c == '{':
		g.escape = inBracesOfAnEscape
	case g.escape == inBracesOfAnEscape && c == '}':
		g.escape, length, value = noGraphQLEscape, lengthOf(g.code), g.code
	case g.escape != noGraphQLEscape:
		length = g.digit(c)
		value = g.code
	case c == '\\':
		g.escape = behindBackslash
	case c == '"' || c == '\n' || c == '\r': // its end, or a mistake
		g.characters--
		g.endString()
		return append(out, raw...)
	case c < utf8.RuneSelf || len(raw) > 1:
		length = lengthOf(c)
	default: // a byte
		length = 1
		g.characters += charactersOf(raw) - 1
	}
	if length == 0 {
		return g.run.add(out, raw, 0)
	}
	return g.run.addEscaped(out, raw, value, length)
}

// digit reads a digit of an escape sequence, and returns the length of the character
// when it is the last.
func (g *GraphQL) digit(c rune) int64 {
	g.code = g.code<<4 | hexValue(byte(c))
	switch g.escape {
	case inBracesOfAnEscape:
		return 0
	case behindU:
		g.escape = fourDigits
	}
	if g.escape--; g.escape != noGraphQLEscape {
		return 0
	}
	return lengthOf(g.code)
}

// lengthOf is how many bytes a character has, or half of one of four bytes.
func lengthOf(c rune) int64 {
	if c >= 0xD800 && c < 0xE000 {
		return 2
	}
	return int64(max(1, utf8.RuneLen(c)))
}

func (g *GraphQL) endString() {
	g.state, g.escape = outside, noGraphQLEscape
	g.run.end()
	if g.run.cut {
		g.run.shared.cuts.cuts[g.run.number].columns = g.characters - int64(g.run.kept)
	}
}

// inBlock looks for the end of a block string: three quotes without a backslash
// before them.
func (g *GraphQL) inBlock(c rune) {
	switch {
	case c != '"':
		g.quotes = 0
	case g.quotes == 0:
		g.quotes, g.escaped = 1, g.before == '\\'
	case g.quotes == 1:
		g.quotes = 2
	case g.escaped:
		g.quotes = 0
	default:
		g.state = behindBlock
	}
	g.before = c
}
