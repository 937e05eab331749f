package exec

import (
	"strings"
	"unicode/utf8"
)

// tokenAt returns the token at a place of a text that could not be parsed, and
// whether it is one at all. gqlparser's errors name kinds of tokens, where
// graphql-java's show them.
func tokenAt(text string, line, column int) (string, bool) {
	lines := strings.SplitAfter(text, "\n")
	if line < 1 || line > len(lines) {
		return "<EOF>", true
	}
	rest := strings.Join(lines[line-1:], "")
	for range column - 1 {
		_, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
	}
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
