package elide

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"iter"
	"strconv"
	"strings"
)

// A mark is nonceSize random bytes, the same for all marks of a request, and the
// number of the cut, all in lower-case hexadecimal digits: MarkSize of them. Such a
// text is at home in a string, in Base64 and in a hexadecimal constant; a request
// whose values are decoded has the mark in one of three forms then.
const (
	nonceSize  = 12
	numberSize = 4
	// MarkSize is the length of a mark in bytes.
	MarkSize = 2 * (nonceSize + numberSize)
)

// encoded is a form in which a value may have a mark.
type encoded uint8

const (
	asText encoded = iota
	fromBase64
	fromHex
	encodings
)

// numberLength is how many bytes the number of a cut has in each form.
var numberLength = [encodings]int{2 * numberSize, 2 * numberSize / 4 * 3, numberSize}

// Cuts are what was left out of one request. A nil *Cuts is nothing.
type Cuts struct {
	nonce   string // in hexadecimal digits
	needles [encodings][]byte
	cuts    []cut // by number
}

// cut is what was left out of one value.
type cut struct {
	// dropped is how many bytes of the value it stands for, by what the value was
	// decoded from.
	dropped [encodings]int64
	// columns is how many characters of the request's text it was, in the units in
	// which the text's language counts places.
	columns int64
}

// newCuts makes the cuts of a request from which something is to be left out.
func newCuts() *Cuts {
	var nonce [nonceSize]byte
	_, _ = rand.Read(nonce[:]) // never fails
	c := &Cuts{nonce: hex.EncodeToString(nonce[:])}
	c.needles[asText] = []byte(c.nonce)
	c.needles[fromBase64], _ = base64.StdEncoding.DecodeString(c.nonce) // its length divides by 4
	c.needles[fromHex] = nonce[:]
	return c
}

// add makes a cut and appends its mark to out.
func (c *Cuts) add(out []byte) (number int, marked []byte) {
	number = len(c.cuts)
	c.cuts = append(c.cuts, cut{})
	var n [numberSize]byte
	binary.BigEndian.PutUint32(n[:], uint32(number))
	return number, hex.AppendEncode(append(out, c.nonce...), n[:])
}

// Dropped is how many bytes a value had beside those in b.
func (c *Cuts) Dropped(b []byte) (n int64) {
	if c == nil {
		return 0
	}
	for form, needle := range c.needles {
		for rest := b; ; {
			at := bytes.Index(rest, needle)
			if at < 0 {
				break
			}
			rest = rest[at+len(needle):]
			if number, ok := readNumber(encoded(form), rest); ok && number < len(c.cuts) {
				n += c.cuts[number].dropped[form]
			}
		}
	}
	return n
}

// Columns is how many characters a part of the request's text had beside those that
// it has: UTF-16 units of JSON, characters of GraphQL.
func (c *Cuts) Columns(text []byte) (n int) {
	for _, columns := range c.Marks(text) {
		n += columns
	}
	return n
}

// Marks are the marks in a part of the request's text: where each ends, and how many
// characters it stands for beside its own, as in Columns.
func (c *Cuts) Marks(text []byte) iter.Seq2[int, int] {
	return func(yield func(end, columns int) bool) {
		if c == nil {
			return
		}
		for end := 0; ; {
			at := bytes.Index(text[end:], c.needles[asText])
			if at < 0 {
				return
			}
			end += at + len(c.needles[asText])
			number, ok := readNumber(asText, text[end:])
			if !ok || number >= len(c.cuts) {
				continue
			}
			if end += numberLength[asText]; !yield(end, int(c.cuts[number].columns)) {
				return
			}
		}
	}
}

// In reports whether something was left out of b.
func (c *Cuts) In(b []byte) bool {
	if c == nil {
		return false
	}
	for _, needle := range c.needles {
		if bytes.Contains(b, needle) {
			return true
		}
	}
	return false
}

// Hide returns text, which may repeat what something was left out of, with dots in
// the place of marks.
func (c *Cuts) Hide(text string) string {
	if c == nil {
		return text
	}
	var shown strings.Builder
	for {
		before, behind, found := strings.Cut(text, c.nonce)
		shown.WriteString(before)
		if !found {
			return shown.String()
		}
		shown.WriteString("…")
		text = behind[min(len(behind), MarkSize-len(c.nonce)):]
	}
}

// readNumber reads the number of a cut behind its nonce.
func readNumber(form encoded, b []byte) (number int, ok bool) {
	length := numberLength[form]
	if len(b) < length {
		return 0, false
	}
	b = b[:length]
	switch form {
	case fromHex:
		return int(binary.BigEndian.Uint32(b)), true
	case fromBase64:
		b = base64.StdEncoding.AppendEncode(nil, b)
	}
	n, err := strconv.ParseUint(string(b), 16, 8*numberSize)
	return int(n), err == nil
}

type contextKey struct{}

// Context returns ctx with the cuts of the request that it is of.
func Context(ctx context.Context, c *Cuts) context.Context {
	if c == nil {
		return ctx
	}
	return context.WithValue(ctx, contextKey{}, c)
}

// Of returns the cuts of the request that ctx is of, nil for none.
func Of(ctx context.Context) *Cuts {
	c, _ := ctx.Value(contextKey{}).(*Cuts)
	return c
}

// Shared makes the cuts of a request when the first is needed. What reads one
// request with several readers gives them the same.
type Shared struct{ cuts *Cuts }

// Cuts are those made so far, nil for none.
func (s *Shared) Cuts() *Cuts { return s.cuts }

func (s *Shared) add(out []byte) (number int, marked []byte) {
	if s.cuts == nil {
		s.cuts = newCuts()
	}
	return s.cuts.add(out)
}

// Bytes overwrites the last MarkSize bytes of kept, the beginning of a value of
// size bytes in the native protocol of which no more is kept.
func (s *Shared) Bytes(kept []byte, size int64) {
	number, _ := s.add(kept[:len(kept)-MarkSize])
	s.cuts.cuts[number].dropped[asText] = size - int64(len(kept))
}
