package cql

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// How many tokens before and behind the marked one a snippet shows, white
// space counted (ErrorCollector.FIRST_TOKEN_OFFSET, LAST_TOKEN_OFFSET).
const (
	snippetBefore = 10
	snippetBehind = 2
)

// snippetToken is a token as ErrorCollector sees it: line from 0, column and
// length in UTF-16 units, the length being that of the text without quotes.
type snippetToken struct{ line, column, length int }

func (t snippetToken) end() int { return t.column + t.length }

// snippet renders the part of the statement around the token at index marked,
// in parentheses. It is "" when the snippet would reach the end of the input.
// Java's version computes with the unquoted length of strings and can step over
// the end of a line; fault then is the text of its exception.
func (p *parser) snippet(marked int) (snippet, fault string) {
	all, marks := p.allTokens(marked)
	from, to := max(0, marks-snippetBefore), min(len(all)-1, marks+snippetBehind)
	if all[from].kind == tokEOF || all[to].kind == tokEOF || all[marks].kind == tokEOF {
		return "", ""
	}
	return p.renderSnippet(p.snippetToken(all[from]), p.snippetToken(all[to]), p.snippetToken(all[marks]))
}

// allTokens lexes the statement again, white space and comments included, as
// far as the parser looked. It returns the index of the visible token marked.
func (p *parser) allTokens(marked int) (all []token, index int) {
	last := p.tokens[len(p.tokens)-1]
	l := lexer{text: p.lex.text}
	for i := 0; ; {
		k, end := l.scan(i)
		t := token{kind: k, start: uint32(i), end: uint32(end)}
		if t.start == p.tokens[marked].start && k == p.tokens[marked].kind {
			index = len(all)
		}
		all = append(all, t)
		if k == tokEOF || t.start == last.start || l.err != nil {
			return all, index
		}
		i = end
	}
}

func (p *parser) snippetToken(t token) snippetToken {
	line, column := position(p.lex.text, int(t.start))
	return snippetToken{line: line - 1, column: column, length: utf16Len(tokenText(p.lex.text, t))}
}

// renderSnippet is ErrorCollector.appendSnippet.
func (p *parser) renderSnippet(from, to, marked snippetToken) (snippet, fault string) {
	lines := splitLines(p.lex.text)
	wholeStart := from.line == 0 && from.column == 0
	wholeEnd := to.line == len(lines)-1 && to.end() == len(lines[len(lines)-1])

	lines[to.line] = lines[to.line][:min(to.end(), len(lines[to.line]))]
	line, end := lines[marked.line], marked.end()
	if end > len(line) {
		return "", outOfBounds(0, end, len(line))
	}
	line = slices.Insert(slices.Insert(line, end, ']'), marked.column, '[')
	lines[marked.line] = line
	if line = lines[from.line]; from.column > len(line) {
		return "", outOfBounds(from.column, len(line), len(line))
	}
	lines[from.line] = line[from.column:]

	var b strings.Builder
	b.WriteString(" (")
	if !wholeStart {
		b.WriteString("...")
	}
	for _, line := range lines[from.line : to.line+1] {
		b.WriteString(string(utf16.Decode(line)))
	}
	if !wholeEnd {
		b.WriteString("...")
	}
	b.WriteString(")")
	return b.String(), ""
}

// outOfBounds is the message of Java's StringIndexOutOfBoundsException.
func outOfBounds(begin, end, length int) string {
	return fmt.Sprintf("begin %d, end %d, length %d", begin, end, length)
}

// splitLines is Java's String.split("\n"): trailing empty lines are dropped.
func splitLines(text string) [][]uint16 {
	var lines [][]uint16
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		lines = append(lines, utf16.Encode([]rune(line)))
	}
	return lines
}
