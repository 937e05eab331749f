package elide

import "bytes"

// keptPrefix is how much of a shortened string is kept before the mark, at most,
// for errors that repeat what they are about. Four characters of Base64 are three
// bytes: the mark has to begin where such a group does.
const keptPrefix = 64

// run is a string or literal that is being read: how long it is, and what of it
// was kept.
type run struct {
	shared *Shared
	limit  int64
	// start is where its content begins in what was kept.
	start int
	// length is its length in bytes without escapes, padding how many of them are
	// '=' at its end, and quotes those around Base64.
	length  int64
	padding int64
	quotes  int64
	// notation is what the string is read as; loose: it may be Base64 or
	// hexadecimal digits, as its beginning says.
	notation     notation
	loose        bool
	cut          bool
	number, kept int
	columns      int64 // see Cuts.Columns
}

// notation is how a string stands for a value.
type notation uint8

const (
	notKnown notation = iota
	text
	inBase64
	inHex // two digits a byte, behind 0x
)

// begin begins a string whose content comes next.
func (r *run) begin(out []byte) {
	*r = run{shared: r.shared, limit: r.limit, start: len(out)}
}

// add adds raw, which is length bytes without escapes, and keeps it, or shortens
// the string when it has become too long.
func (r *run) add(out, raw []byte, length int64) []byte {
	if length > 0 { // an escape sequence that has begun is nothing yet
		for _, c := range raw[max(0, len(raw)-3):] { // two '=', and a quote, at most
			r.pad(rune(c))
		}
	}
	return r.keep(out, raw, length)
}

// addEscaped is add of the end of an escape sequence, or all of it: raw stands for c.
func (r *run) addEscaped(out, raw []byte, c rune, length int64) []byte {
	r.pad(c)
	return r.keep(out, raw, length)
}

// pad counts the padding at the end of what has been read, c being the next.
func (r *run) pad(c rune) {
	switch c {
	case '=':
		r.padding = min(r.padding+1, 2)
	case '\'':
	default:
		r.padding = 0
	}
}

// keep adds raw to what is read and to out, or shortens the string.
func (r *run) keep(out, raw []byte, length int64) []byte {
	r.length += length
	if r.cut {
		r.columns += units(raw)
		return out
	}
	out = append(out, raw...)
	if r.length <= r.limit || r.size(out) <= r.limit {
		return out
	}
	return r.shorten(out)
}

// size is how large the value is, at least, of the string so far, which is longer
// than Least.
func (r *run) size(out []byte) int64 {
	if r.notation == notKnown {
		r.notation = text
		if head := out[r.start:min(len(out), r.start+Least)]; r.loose {
			r.notation = notationOf(head)
			if head[0] == '\'' || bytes.HasPrefix(head, []byte(`\u0027`)) {
				r.quotes = 2
			}
		}
	}
	switch r.notation {
	case inHex:
		return (r.length - 2) / 2
	case inBase64:
		return r.decoded()
	}
	return r.length
}

// decoded is how many bytes the string is as Base64; a quote or '=' may be to come.
func (r *run) decoded() int64 { return (r.length - r.padding - r.quotes) * 3 / 4 }

// notationOf is the notation of a string that begins with head; text may look like
// any.
func notationOf(head []byte) notation {
	switch {
	case hexDigits(head):
		return inHex
	case base64Digits(bytes.TrimPrefix(head, []byte{'\''})):
		return inBase64
	}
	return text
}

func (r *run) shorten(out []byte) []byte {
	kept := 0
	r.columns = units(out[r.start:])
	for content := out[r.start:]; kept < keptPrefix && plain(content[kept]); {
		kept++
	}
	out = out[:r.start+kept/4*4]
	r.number, out = r.shared.add(out)
	r.cut, r.kept = true, len(out)-r.start
	r.columns -= int64(r.kept)
	return out
}

// units are the UTF-16 units of a piece of text.
func units(p []byte) (n int64) {
	for _, c := range p {
		if c&0xC0 != 0x80 {
			n++
		}
		if c >= 0xF0 {
			n++
		}
	}
	return n
}

// plain reports whether a character stands for itself in every kind of string.
func plain(c byte) bool {
	return c >= ' ' && c < 0x80 && c != '\\' && c != '\'' && c != '"' && c != '$'
}

// end ends the string.
func (r *run) end() {
	if !r.cut {
		return
	}
	c := &r.shared.cuts.cuts[r.number]
	c.columns = r.columns
	kept, dropped := int64(r.kept), &c.dropped
	dropped[asText] = r.length - kept
	dropped[fromBase64] = r.decoded() - kept/4*3
	dropped[fromHex] = (r.length - kept) / 2
}

func hexDigits(b []byte) bool {
	if len(b) < 2 || b[0] != '0' || b[1] != 'x' {
		return false
	}
	for _, c := range b[2:] {
		if !hexDigit(c) {
			return false
		}
	}
	return true
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// base64Digits reports whether b may be Base64, of which JSON may write digits as
// escape sequences: some libraries do so with '/', '+' and '='.
func base64Digits(b []byte) bool {
	for _, c := range b {
		if !hexDigit(c) && (c < 'g' || c > 'z') && (c < 'G' || c > 'Z') && c != '+' && c != '/' && c != '=' && c != '\\' {
			return false
		}
	}
	return true
}
