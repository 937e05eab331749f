// Package path is about the places in a document: how a client writes them, in
// URLs and with dots, and how they are stored.
//
//	URL segments --FromURL, PatternOf--+
//	"a.[2].b\.c" --Dotted, Pattern-----+--> stored segments "a", "[000002]", "b.c"
//
// A stored segment is a member's name, or an array's index as [%06d]. Names that
// are stored never hold "[", so that the two can't be mixed up.
package path

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	// MaxDepth is how many segments a path may have: one column each.
	MaxDepth = 64
	// MaxArrayLength is how many elements an array may have.
	MaxArrayLength = 1_000_000
)

// ErrDepth says that a path, or a path and the document below it, is too deep.
var ErrDepth = fmt.Errorf("Max depth of %d exceeded.", MaxDepth)

// ErrArrayLength says that an index is too large, or an array too long.
var ErrArrayLength = fmt.Errorf("Max array length of %d exceeded.", MaxArrayLength)

// ErrEmptyName refuses members without a name.
var ErrEmptyName = errors.New("JSON objects containing empty field names are not supported at the moment.")

// indexDigits is how wide a stored index is.
const indexDigits = 6

// AppendIndex appends the stored form of an array's index.
func AppendIndex(dst []byte, n int) []byte {
	dst = append(dst, '[')
	var text [20]byte
	digits := strconv.AppendInt(text[:0], int64(n), 10)
	for i := len(digits); i < indexDigits; i++ {
		dst = append(dst, '0')
	}
	return append(append(dst, digits...), ']')
}

// Index returns the index that a stored segment is, if it is one.
func Index[T ~string | ~[]byte](segment T) (n int, ok bool) {
	if len(segment) < 3 || segment[0] != '[' || segment[len(segment)-1] != ']' || len(segment) > indexDigits+2 {
		return 0, false
	}
	for i := 1; i < len(segment)-1; i++ {
		c := segment[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// isArray reports whether a segment that a client wrote is in square brackets.
func isArray(segment string) bool {
	return len(segment) >= 2 && segment[0] == '[' && segment[len(segment)-1] == ']'
}

// stored returns the stored form of one segment without wildcards.
func stored(segment string) (string, error) {
	if !isArray(segment) {
		return Unescape(segment), nil
	}
	inner := segment[1 : len(segment)-1]
	if inner == "*" {
		return segment, nil
	}
	n, err := strconv.ParseUint(inner, 10, 31)
	if err != nil {
		return "", fmt.Errorf("Array path %s is not valid.", segment)
	}
	if n >= MaxArrayLength {
		return "", ErrArrayLength
	}
	return string(AppendIndex(nil, int(n))), nil
}

// Unescape resolves \. \, and \*.
func Unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && escapable(s[i+1]) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func escapable(c byte) bool { return c == '.' || c == ',' || c == '*' }

// CheckName refuses a member's name in a document that can't be stored.
func CheckName(name []byte) error {
	if len(name) == 0 {
		return ErrEmptyName
	}
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '\\' && i+1 < len(name) && escapable(name[i+1]):
			i++
		case c == '\\' || c == '\'' || c == '.' || c == '[':
			return fmt.Errorf("Array paths contained in square brackets, periods, single quotes, and backslash are not allowed in field names, invalid field %s", name)
		}
	}
	return nil
}

// FromURL returns the stored form of a URL path's segments, which are unescaped
// already as far as % is concerned. Wildcards have no meaning here: * is a name,
// and [*] stays as it is and finds nothing.
func FromURL(segments []string) ([]string, error) {
	if len(segments) > MaxDepth {
		return nil, ErrDepth
	}
	path := make([]string, len(segments))
	for i, segment := range segments {
		var err error
		if path[i], err = stored(segment); err != nil {
			return nil, err
		}
	}
	return path, nil
}

// CheckWritable refuses to write at a path that has [*] in it, which nothing
// could read again, or a bracket within a name: those are no names of documents.
func CheckWritable(path []string) error {
	for _, segment := range path {
		if segment == "[*]" || strings.IndexByte(segment, '[') > 0 {
			return fmt.Errorf("Array path %s is not valid.", segment)
		}
	}
	return nil
}

// split cuts at each separator that has no \ before it. As Java's split does, it
// drops empty parts at the end.
func split(s string, separator byte) []string {
	var parts []string
	start := 0
	for i := 0; i < len(s); i++ {
		if s[i] == separator && (i == 0 || s[i-1] != '\\') {
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	parts = append(parts, s[start:])
	for len(parts) > 1 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return parts
}

// Dotted returns the stored form of a path with dots: "a.[2].b\.c".
func Dotted(text string) ([]string, error) {
	if len(text) > maxText {
		return nil, ErrDepth
	}
	return FromURL(split(text, '.'))
}

// maxText bounds a path with dots, in bytes, before it is taken apart.
const maxText = 64 << 10
