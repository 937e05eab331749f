package exec

import (
	"strings"
	"unicode/utf8"
)

// tokenAt returns the token at a place of a text that could not be parsed, and
// whether it is one at all. gqlparser's errors name kinds of tokens, where
// graphql-java's show them.
func tokenAt(text string, line, column int) (string, bool) {
	rest, ok := fromLine(text, line)
	if !ok {
		return "<EOF>", true
	}
	rest = rest[charactersIn(rest, column-1):]
	rest = strings.TrimLeft(rest, " \t\r\n,\ufeff")
	switch {
	case rest == "":
		return "<EOF>", true
	case rest[0] == '"':
		if end := strings.IndexAny(rest[1:], "\"\n"); end >= 0 && rest[1+end] == '"' {
			return rest[:end+2], true
		}
		return clipped(rest), false
	case strings.HasPrefix(rest, "..."):
		return "...", true
	case strings.ContainsRune("!$&()[]{}:=@|", rune(rest[0])):
		return rest[:1], true
	}
	end := 0
	for end < len(rest) && isNameByte(rest[end]) {
		end++
	}
	if end == 0 {
		return clipped(rest), false
	}
	return rest[:end], true
}

// fromLine is a text from a line on, counted from 1; false when there is none.
func fromLine(text string, line int) (rest string, ok bool) {
	lines := strings.SplitAfter(text, "\n")
	if line < 1 || line > len(lines) {
		return "", false
	}
	return strings.Join(lines[line-1:], ""), true
}

// charactersIn is how many bytes the first n characters of a text have.
func charactersIn(text string, n int) (size int) {
	for range n {
		_, width := utf8.DecodeRuneInString(text[size:])
		size += width
	}
	return size
}

// beforeIn is what stands before a place in its line.
func beforeIn(text string, line, column int) []byte {
	rest, _ := fromLine(text, line)
	return []byte(rest[:charactersIn(rest, column-1)])
}

func clipped(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if len(text) > 100 {
		text = strings.ToValidUTF8(text[:100], "")
	}
	return text
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
