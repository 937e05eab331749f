package cqltype

import (
	"encoding/hex"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// AppendUUIDText appends a UUID in its usual form, lower case.
func AppendUUIDText(dst, wire []byte) []byte {
	if len(wire) != 16 {
		return dst
	}
	dst = hex.AppendEncode(dst, wire[:4])
	for _, part := range [...][]byte{wire[4:6], wire[6:8], wire[8:10], wire[10:]} {
		dst = append(dst, '-')
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// ParseUUID returns the 16 bytes of a UUID in its usual form, and whether text
// is one (UUIDType.regexPattern).
func ParseUUID(text string) (b [16]byte, ok bool) {
	if len(text) != 36 {
		return b, false
	}
	n := 0
	for i := 0; i < len(text); {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if text[i] != '-' {
				return b, false
			}
			i++
			continue
		}
		high, low := hexDigit(text[i]), hexDigit(text[i+1])
		if high < 0 || low < 0 {
			return b, false
		}
		b[n] = byte(high<<4 | low)
		n++
		i += 2
	}
	return b, true
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (t *Type) uuidFromString(text string) ([]byte, error) {
	b, ok := ParseUUID(text)
	switch {
	case !ok && t.Kind == Timeuuid:
		return nil, cqlerr.Invalidf("Unknown timeuuid representation: %s", text)
	case !ok:
		return nil, cqlerr.Invalidf("Unable to make UUID from '%s'", text)
	case t.Kind == Timeuuid && b[6]>>4 != 1:
		return nil, cqlerr.Invalidf("TimeUUID supports only version 1 UUIDs")
	}
	return b[:], nil
}
