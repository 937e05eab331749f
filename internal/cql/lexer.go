package cql

import "unicode/utf8"

// lexer cuts a statement into tokens, on demand. It follows the predictions of
// Cassandra's generated lexer (Lexer.g), which settles on a rule after a few
// characters and does not go back: 'a -name' is an error there ('-n' can only
// start -NaN), and so it is here.
type lexer struct {
	text string
	pos  int
	// err is the first lexical error; nothing is lexed behind it.
	err *lexError
}

// Character classes.
const (
	charLetter = 1 << iota
	charDigit
	charHex
	charUnderscore
	charSpace
	charWord = charLetter | charDigit | charUnderscore
)

var charClasses = func() (t [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		t[c] |= charLetter
		t[c-'a'+'A'] |= charLetter
	}
	for c := 'a'; c <= 'f'; c++ {
		t[c] |= charHex
		t[c-'a'+'A'] |= charHex
	}
	for c := '0'; c <= '9'; c++ {
		t[c] |= charDigit | charHex
	}
	t['_'] |= charUnderscore
	for _, c := range " \t\n\r" {
		t[c] |= charSpace
	}
	return t
}()

func isClass(c byte, class uint8) bool { return charClasses[c]&class != 0 }

// at returns the byte at i, 0 behind the end of the text.
func (l *lexer) at(i int) byte {
	if i < len(l.text) {
		return l.text[i]
	}
	return 0
}

// skipClass returns the first position from i on whose byte is not of class.
func (l *lexer) skipClass(i int, class uint8) int {
	for i < len(l.text) && charClasses[l.text[i]]&class != 0 {
		i++
	}
	return i
}

// next returns the next visible token; after an error tokFailed, forever.
func (l *lexer) next() token {
	for {
		start := l.pos
		k, end := l.scan(start)
		if l.err != nil {
			return token{kind: tokFailed, start: uint32(start), end: uint32(start)}
		}
		l.pos = end
		if k != tokHidden {
			return token{kind: k, start: uint32(start), end: uint32(end)}
		}
	}
}

// tokHidden is white space or a comment; the parser never sees it, but error
// snippets count it.
const tokHidden kind = 255

// scan finds the token at i: its kind and end, hidden ones too.
func (l *lexer) scan(i int) (kind, int) {
	if i >= len(l.text) {
		return tokEOF, i
	}
	c := l.text[i]
	switch {
	case isClass(c, charSpace):
		return tokHidden, l.skipClass(i, charSpace)
	case isClass(c, charLetter):
		return l.word(i)
	case isClass(c, charDigit):
		return l.number(i)
	}
	switch c {
	case '\'':
		return tokString, l.quoted(i, '\'')
	case '"':
		if l.at(i+1) == '"' && l.at(i+2) != '"' {
			return tokEmptyQuotedName, i + 2
		}
		if i+1 == len(l.text) {
			return l.noViable(i + 1)
		}
		return tokQuotedName, l.quoted(i, '"')
	case '$':
		return tokString, l.dollarQuoted(i)
	case '-':
		return l.minus(i)
	case '/':
		switch l.at(i + 1) {
		case '/':
			return tokHidden, l.lineComment(i)
		case '*':
			return tokHidden, l.blockComment(i)
		}
		return tokSlash, i + 1
	}
	return l.symbol(i, c)
}

// symbol scans the operators and punctuation that nothing else starts with.
func (l *lexer) symbol(i int, c byte) (kind, int) {
	next := l.at(i + 1)
	switch c {
	case '(':
		return tokLParen, i + 1
	case ')':
		return tokRParen, i + 1
	case ',':
		return tokComma, i + 1
	case '=':
		return tokEq, i + 1
	case '?':
		return tokQMark, i + 1
	case '.':
		if next == '.' {
			return tokRange, i + 2
		}
		return tokDot, i + 1
	case '*':
		return tokStar, i + 1
	case ':':
		return tokColon, i + 1
	case ';':
		return tokSemicolon, i + 1
	case '[':
		return tokLBracket, i + 1
	case ']':
		return tokRBracket, i + 1
	case '{':
		return tokLBrace, i + 1
	case '}':
		return tokRBrace, i + 1
	case '%':
		return tokPercent, i + 1
	case '+':
		if next == '=' {
			return tokPlusAssign, i + 2
		}
		return tokPlus, i + 1
	case '<':
		if next == '=' {
			return tokLte, i + 2
		}
		return tokLt, i + 1
	case '>':
		if next == '=' {
			return tokGte, i + 2
		}
		return tokGt, i + 1
	case '!':
		if next == '=' {
			return tokNeq, i + 2
		}
		return l.mismatch(i+1, "'='")
	}
	return l.noViable(i)
}

// minus scans what starts with '-': a comment, a number, a duration, -NaN,
// -Infinity, -= or the operator.
func (l *lexer) minus(i int) (kind, int) {
	c := l.at(i + 1)
	switch {
	case c == '-':
		return tokHidden, l.lineComment(i)
	case c == '=':
		return tokMinusAssign, i + 2
	case isClass(c, charDigit):
		return l.number(i)
	case c == 'P':
		return l.duration(i)
	case c == 'n' || c == 'N':
		return tokNegativeNaN, l.exactWord(i+1, "nan")
	case c == 'i' || c == 'I':
		return tokNegativeInfinity, l.exactWord(i+1, "infinity")
	}
	return tokMinus, i + 1
}

// exactWord matches word at i in any case and returns its end.
func (l *lexer) exactWord(i int, word string) int {
	for j := 0; j < len(word); j++ {
		if lower(l.at(i+j)) != word[j] {
			_, end := l.mismatchSet(i + j)
			return end
		}
	}
	return i + len(word)
}

// word scans an identifier or keyword, or the UUIDs and durations that start
// with a letter.
func (l *lexer) word(i int) (kind, int) {
	end := l.skipClass(i, charWord)
	switch c := l.text[i]; {
	case c == 'P' && l.isDuration(i):
		return l.duration(i)
	case end-i == 8 && l.at(end) == '-' && l.skipClass(i, charHex) == end:
		return l.uuid(i)
	case c == 'e' && end-i == 4 && l.at(end) == '(' && l.text[i:end] == "expr":
		return tokExprOpen, end + 1
	}
	return lookupWord(l.text[i:end]), end
}

// quoted scans a '...' or "..." token and returns its end.
func (l *lexer) quoted(i int, quote byte) int {
	for i++; i < len(l.text); i++ {
		if l.text[i] != quote {
			continue
		}
		if l.at(i+1) != quote {
			return i + 1
		}
		i++
	}
	_, end := l.mismatch(len(l.text), "'"+string(quote)+"'")
	return end
}

// dollarQuoted scans a $$...$$ string and returns its end.
func (l *lexer) dollarQuoted(i int) int {
	if l.at(i+1) != '$' {
		_, end := l.mismatch(i+1, "'$'")
		return end
	}
	body := i + 2
	for i = body; i+1 < len(l.text); i++ {
		if l.text[i] == '$' && l.text[i+1] == '$' {
			return i + 2
		}
	}
	// Cassandra's lexer stops one character before the end of the text.
	i = len(l.text)
	if _, size := utf8.DecodeLastRuneInString(l.text); i-size >= body && l.text[i-size] != '$' {
		i -= size
	}
	_, end := l.mismatch(i, "'$'")
	return end
}

// lineComment scans a -- or // comment; like Cassandra's it must end in a line end.
func (l *lexer) lineComment(i int) int {
	for ; i < len(l.text); i++ {
		if l.text[i] == '\n' || l.text[i] == '\r' {
			return i + 1
		}
	}
	_, end := l.mismatchSet(i)
	return end
}

// blockComment scans a /* */ comment.
func (l *lexer) blockComment(i int) int {
	for i += 2; i+1 < len(l.text); i++ {
		if l.text[i] == '*' && l.text[i+1] == '/' {
			return i + 2
		}
	}
	expected := "'*'"
	if i < len(l.text) && l.text[i] == '*' {
		expected = "'/'"
	}
	_, end := l.mismatch(len(l.text), expected)
	return end
}
