package native

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// maxPrinted bounds the bytes printed of an answer's body.
const maxPrinted = 400

func (x *exchange) print(h wire.Header, body []byte) string {
	if x.starting {
		x.starting = false
		defer func() {
			if x.refused {
				return
			}
			x.segments = true
			x.stream.Segment(x.lz4)
		}()
	}
	if h.Flags&wire.FlagCompressed != 0 && h.Version < wire.V5 {
		// Cassandra compresses everything then, we what is worth it: compare contents.
		h.Flags &^= wire.FlagCompressed
		plain, err := x.comp.DecompressBody(body, nil)
		if err != nil {
			return "fault " + err.Message
		}
		body = plain
	}
	s := fmt.Sprintf("v%d %s stream=%d", h.Version, h.Opcode, h.Stream)
	if x.segments {
		s = "seg " + s
	}
	extras, body, err := wire.SplitResponse(h, body)
	if err != nil {
		return s + " fault " + err.Message
	}
	// Cassandra's limit hangs on its heap; the exchanges are not about it.
	extras.Warnings = slices.DeleteFunc(extras.Warnings, func(w string) bool {
		return strings.HasPrefix(w, "Request breached limit(s) on bytes in flight")
	})
	if h.Flags&wire.FlagWarning != 0 && len(extras.Warnings) == 0 {
		h.Flags &^= wire.FlagWarning
	}
	if h.Flags != 0 {
		s += fmt.Sprintf(" flags=%02x", uint8(h.Flags))
	}
	if len(extras.Warnings) > 0 {
		s += fmt.Sprintf(" warnings=%q", extras.Warnings)
	}
	switch h.Opcode {
	case wire.OpError:
		return s + printError(h, body)
	case wire.OpReady, wire.OpAuthenticate:
		return s + fmt.Sprintf(" %q", body)
	case wire.OpSupported:
		return s + printSupported(h, body)
	}
	if len(body) > maxPrinted {
		return s + fmt.Sprintf(" %x... %d bytes", body[:maxPrinted], len(body))
	}
	return s + fmt.Sprintf(" %x", body)
}

func printSupported(h wire.Header, body []byte) string {
	r := wire.NewReader(body, h.Version)
	var s string
	for n := r.Short(); n > 0; n-- {
		s += fmt.Sprintf(" %s=%v", r.String(), r.Strings())
	}
	return s
}

// connectionName is what Cassandra and we call a connection in CRC errors.
var connectionName = regexp.MustCompile(`^[0-9a-f]{8} invalid`)

// truncated is this server's error of a body that ends inside of a number.
// Cassandra answers the exception of its buffer class, which is not worth
// copying.
var truncated = regexp.MustCompile(`^Not enough bytes to read an? \[(byte|short|int|long)\]$`)

func printError(h wire.Header, body []byte) string {
	r := wire.NewReader(body, h.Version)
	code, text := r.Int(), r.String()
	text = connectionName.ReplaceAllString(text, "<connection> invalid")
	if code == int32(cqlerr.ServerError) && strings.HasPrefix(text, "java.lang.IndexOutOfBoundsException") ||
		code == int32(cqlerr.Protocol) && truncated.MatchString(text) {
		return " truncated body: 0x0000 with a Java exception by Cassandra, 0x000A here"
	}
	s := fmt.Sprintf(" 0x%04X %s", code, text)
	if code == int32(cqlerr.Unprepared) {
		s += fmt.Sprintf(" id=%x", r.ShortBytes())
	}
	if n := r.Remaining(); n > 0 {
		s += fmt.Sprintf(" and %d bytes", n)
	}
	return s
}
