// Package shred takes JSON documents apart into leaves, one for each row of a
// collection's table, and puts leaves together to JSON again.
//
//	JSON text --Shredder--> leaves --the door--> rows
//	rows --Reader--> leaves in the order of storage --Resolve--> leaves that
//	don't contradict each other --AppendJSON--> JSON text
//
// A leaf is a scalar, or an object or array without anything in it.
package shred

import (
	"bytes"
	"math"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
)

// The texts that stand for what no column can hold
// (io.stargate.sgv2.docsapi.config.constants.Constants).
const (
	EmptyObjectText = "EMPTYOBJ-bccbeee1-6173-4120-8492-7d7bafaefb1f"
	EmptyArrayText  = "EMPTYARRAY-9df4802a-c135-42d6-8be3-d23d9520a4e7"
	// RootLeaf in the column leaf marks rows that are no part of a document. Old
	// servers wrote one for each; all of them skip it.
	RootLeaf = "DOCROOT-a9fb1f04-0394-4c74-b77b-49b4e0ef7900"
)

// ExactSegment is the last segment of the row that keeps a value's exact text:
// the row below its leaf, with RootLeaf as its leaf, so that other servers skip
// it. It sorts among array elements, so that whatever replaces the leaf, in this
// server or another, deletes it, too. See docs/decisions.
const ExactSegment = "[000000]exact"

// exactSuffix makes of the last segment of a leaf at path.MaxDepth, below which
// there is no place, that of the row beside it that keeps its exact text. No name
// can have a bracket in it.
const exactSuffix = "[exact]"

// ExactPath returns the path of the row that keeps a leaf's exact text, as the
// segments of the leaf's and one more.
func ExactPath(leaf [][]byte) (above [][]byte, last []byte) {
	if len(leaf) < path.MaxDepth {
		return leaf, []byte(ExactSegment)
	}
	return leaf[:path.MaxDepth-1], []byte(ExactName(string(leaf[path.MaxDepth-1])))
}

// ExactName returns the last segment of the row beside a leaf of this one.
func ExactName(segment string) string { return segment + exactSuffix }

// Kind is the kind of a leaf.
type Kind uint8

// The kinds of leaf.
const (
	Null Kind = iota
	Text
	Number
	Bool
	EmptyObject
	EmptyArray
)

// Leaf is one value of a document.
type Leaf struct {
	// Path of the value, in stored segments.
	Path [][]byte
	Kind Kind
	// Text, Number and Bool are the values of these kinds.
	Text   []byte
	Number float64
	Bool   bool
	// Exact is the value's JSON text where the stored columns alone would come
	// back as something else: a number that no double is equal to, and the texts
	// that stand for empty objects and arrays. nil for most.
	Exact []byte
	// Time is the write time in microseconds; 0 for what is not stored yet.
	Time int64
}

// appendValue appends the leaf's value as JSON.
func (l *Leaf) appendValue(dst []byte) []byte {
	if l.Exact != nil {
		return append(dst, l.Exact...)
	}
	switch l.Kind {
	case Text:
		return cell.AppendString(dst, l.Text)
	case Number:
		return appendNumber(dst, l.Number)
	case Bool:
		return strconv.AppendBool(dst, l.Bool)
	case EmptyObject:
		return append(dst, "{}"...)
	case EmptyArray:
		return append(dst, "[]"...)
	}
	return append(dst, "null"...)
}

var doubleType = cqltype.TypeDouble

// appendNumber appends a double as the reference does: without a point when it
// is a whole number that a long holds, else as Java's Double.toString.
func appendNumber(dst []byte, f float64) []byte {
	if n, ok := wholeNumber(f); ok {
		return strconv.AppendInt(dst, n, 10)
	}
	bits := math.Float64bits(f)
	return cell.AppendJSON(dst, doubleType, []byte{byte(bits >> 56), byte(bits >> 48), byte(bits >> 40), byte(bits >> 32),
		byte(bits >> 24), byte(bits >> 16), byte(bits >> 8), byte(bits)}, false)
}

// wholeNumber returns f as an integer, if it is one of 64 bits.
func wholeNumber(f float64) (int64, bool) {
	if f >= 1<<63 || f < -1<<63 || f != math.Trunc(f) {
		return 0, false
	}
	return int64(f), true
}

// IsExact reports whether the JSON number text has the same value as what a
// double made of it comes back as.
func IsExact(text []byte, f float64) bool {
	if math.IsInf(f, 0) {
		return false
	}
	digits, exponent, negative := significant(text)
	if len(digits) == 0 {
		return f == 0
	}
	if _, whole := wholeNumber(f); len(digits) <= 15 && exponent > -300 && exponent < 300 && !(whole && math.Abs(f) > 1<<53) {
		return true // any decimal of 15 digits survives being a double; but large whole numbers come back with all theirs
	}
	var buffer [40]byte
	back, backExponent, backNegative := significant(appendNumber(buffer[:0], f))
	return negative == backNegative && exponent == backExponent && bytes.Equal(digits, back)
}

// significant returns the digits of a JSON number without zeros at either end,
// and the power of ten that they are multiplied with when a point is put before
// the first of them.
func significant(text []byte) (digits []byte, exponent int64, negative bool) {
	if text[0] == '-' {
		negative, text = true, text[1:]
	}
	point, seen := int64(0), false
	digits = make([]byte, 0, len(text))
	for i, c := range text {
		switch {
		case c == '.':
			seen = true
		case c|0x20 == 'e':
			written, err := strconv.ParseInt(string(text[i+1:]), 10, 32)
			if err != nil { // far beyond any double; only compared for equality
				written = math.MaxInt32
			}
			point += written
		case c >= '0' && c <= '9':
			if c == '0' && len(digits) == 0 {
				if seen {
					point--
				}
				continue
			}
			digits = append(digits, c)
			if !seen {
				point++
			}
			continue
		}
		if c|0x20 == 'e' {
			break
		}
	}
	return bytes.TrimRight(digits, "0"), point, negative
}
