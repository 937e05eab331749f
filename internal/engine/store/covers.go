package store

import "encoding/binary"

// covers reports whether merging older into newer would give newer: both are
// plain writes of the same columns, newer at a later time. That is how a row
// that is written again and again looks, and much cheaper to see than to merge.
// It may miss cases, and does not look into what is malformed.
func covers(newer, older []byte) bool {
	const plain = flagLiveness | flagLong | flagFolded
	if len(newer) < 10 || len(older) < 10 || newer[0] != formatVersion || older[0] != formatVersion ||
		(newer[1]|older[1])&^plain != 0 || older[1]&^newer[1]&flagLiveness != 0 ||
		int64(binary.LittleEndian.Uint64(newer[2:])) <= int64(binary.LittleEndian.Uint64(older[2:])) {
		return false
	}
	a, b := newer[10:], older[10:]
	for len(a) > 0 && len(b) > 0 {
		// A column whose number does not fit into one byte is merged the long way.
		if a[0] != b[0] || a[0]&(0x80|cellPath|cellTime|cellKindMask) != byte(cellLive) {
			return false
		}
		if a, b = skipValue(a[1:]), skipValue(b[1:]); a == nil || b == nil {
			return false
		}
	}
	return len(a) == len(b)
}

// skipValue returns what follows a value of less than 128 bytes, or nil.
func skipValue(b []byte) []byte {
	if len(b) == 0 || b[0] >= 0x80 || int(b[0]) >= len(b) {
		return nil
	}
	return b[1+b[0]:]
}
