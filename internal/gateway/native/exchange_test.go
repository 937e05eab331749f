package native

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// An exchange is a conversation over one connection, written as text: what the
// client sends, line by line, and what it is answered. The answers in testdata
// are recorded from Apache Cassandra 5.0.9.
//
//	v4 OPTIONS                        an envelope; stream=N flags=XX len=N change its header
//	v4 QUERY l"USE k" 0001 00         body: hex, "raw", s"[string]", l"[long string]", b"[bytes]", zero*N, 00*N
//	seg v5 OPTIONS                    in a segment; lz4, uncontained, badheader, badbody change it
//	+ v5 OPTIONS                      together with the line before, in one segment or write
//	raw 47 45 54 "abc"                bytes as they are
//	reply                             wait for one more answer without sending
//
// An answer is printed as "v4 ERROR stream=0 0x000A text" and the like;
// "silence" when there is none, "closed" when the connection is.
type exchange struct {
	conn      net.Conn
	segments  bool // answers come in segments
	lz4       bool
	comp      wire.Compression // of answers in versions 3 and 4
	stream    wire.Stream
	in        []byte
	recording bool
	closed    bool
	// starting: STARTUP of a version with segments was sent, so that behind the
	// next answer segments follow.
	starting bool
	refused  bool // STARTUP asked for a compression that there is not
}

// run plays the lines against addr. want are the answers recorded, used only to
// know how long to wait.
func runExchange(t testing.TB, addr, script string, want []string, recording bool) string {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	x := &exchange{conn: conn, recording: recording, stream: wire.Stream{Responses: true}}
	var out strings.Builder
	next := func() string {
		if len(want) == 0 {
			return ""
		}
		w := want[0]
		want = want[1:]
		return w
	}
	for _, group := range groups(script) {
		if err := x.send(group); err != nil {
			if x.closed { // reset while sending: seen below
				break
			}
			t.Fatalf("%q: %v", group, err)
		}
		answer := x.receive(next())
		fmt.Fprintln(&out, answer)
		if answer == "closed" || strings.HasPrefix(answer, "fault") {
			return out.String()
		}
	}
	expected := next()
	if expected == "" {
		expected = "open"
	}
	n := 100
	for {
		answer := x.receive(expected)
		if n--; n == 0 {
			t.Fatalf("no end of answers: %s", answer)
		}
		if answer == "silence" {
			answer = "open"
		}
		fmt.Fprintln(&out, answer)
		if answer == "open" || answer == "closed" || strings.HasPrefix(answer, "fault") {
			return out.String()
		}
		if expected = next(); expected == "" {
			expected = "open"
		}
	}
}

// groups splits a script in what is sent at once.
func groups(script string) [][]string {
	var all [][]string
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "+ "):
			all[len(all)-1] = append(all[len(all)-1], line[2:])
		default:
			all = append(all, []string{line})
		}
	}
	return all
}

func (x *exchange) send(group []string) error {
	if group[0] == "reply" {
		return nil
	}
	var seg *segment
	var bytes []byte
	for i, line := range group {
		tokens, err := tokenize(line)
		if err != nil {
			return err
		}
		if tokens[0] == "seg" {
			if i > 0 {
				return errors.New("seg only in the first line of a group")
			}
			seg, tokens = parseSegment(tokens[1:])
		}
		b, err := x.encode(tokens)
		if err != nil {
			return err
		}
		bytes = append(bytes, b...)
	}
	if seg != nil {
		bytes = seg.encode(bytes)
	}
	_, err := x.conn.Write(bytes)
	if err != nil {
		x.closed = true
	}
	return err
}

// tokenize splits at blanks outside of quotes.
func tokenize(line string) ([]string, error) {
	var tokens []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if i := strings.IndexByte(line, '"'); i >= 0 && i <= 1 {
			end := strings.IndexByte(line[i+1:], '"')
			if end < 0 {
				return nil, fmt.Errorf("quote not closed: %s", line)
			}
			tokens = append(tokens, line[:i+end+2])
			line = line[i+end+2:]
			continue
		}
		token, rest, _ := strings.Cut(line, " ")
		tokens = append(tokens, token)
		line = rest
	}
	return tokens, nil
}

// encode turns the tokens of one line into bytes.
func (x *exchange) encode(tokens []string) ([]byte, error) {
	if tokens[0] == "raw" {
		return items(tokens[1:])
	}
	v, err := strconv.Atoi(strings.TrimPrefix(tokens[0], "v"))
	if err != nil {
		return nil, err
	}
	h := wire.Header{Version: wire.Version(v)}
	op, err := opcode(tokens[1])
	if err != nil {
		return nil, err
	}
	h.Opcode = op
	if op == wire.OpStartup && h.Version >= wire.V5 && !x.segments {
		x.starting = true
	}
	length := -1
	rest := tokens[2:]
	for len(rest) > 0 {
		name, value, ok := strings.Cut(rest[0], "=")
		if !ok || strings.Contains(name, `"`) {
			break
		}
		base := 10
		if name == "flags" {
			base = 16
		}
		n, err := strconv.ParseInt(value, base, 64)
		if err != nil {
			return nil, err
		}
		switch name {
		case "stream":
			h.Stream = int16(n)
		case "flags":
			h.Flags = wire.Flags(n)
		case "len":
			length = int(uint32(n))
		}
		rest = rest[1:]
	}
	body, err := items(rest)
	if err != nil {
		return nil, err
	}
	if op == wire.OpStartup {
		if m, err := wire.DecodeStartup(body, h.Version); err == nil {
			if name, ok := m.Options[wire.OptionCompression]; ok {
				var err *cqlerr.Error
				x.comp, err = wire.ParseCompression(name, h.Version)
				x.refused = err != nil
			}
			x.lz4 = x.comp == wire.LZ4
		}
	}
	h.Length = uint32(len(body))
	if length >= 0 {
		h.Length = uint32(length)
	}
	return append(h.Append(nil), body...), nil
}

func opcode(name string) (wire.Opcode, error) {
	for op := range wire.Opcode(wire.OpcodeCount) {
		if op.String() == name {
			return op, nil
		}
	}
	n, err := strconv.ParseUint(name, 16, 8)
	return wire.Opcode(n), err
}

func items(tokens []string) ([]byte, error) {
	var b []byte
	for _, token := range tokens {
		kind, text, quoted := strings.Cut(token, `"`)
		text = strings.TrimSuffix(text, `"`)
		if !quoted {
			digits, count, repeated := strings.Cut(strings.Replace(token, "zero*", "00*", 1), "*")
			bytes, err := hex.DecodeString(digits)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", token, err)
			}
			n := 1
			if repeated {
				if n, err = strconv.Atoi(count); err != nil {
					return nil, err
				}
			}
			b = append(b, slices.Repeat(bytes, n)...)
			continue
		}
		switch kind {
		case "":
			b = append(b, text...)
		case "s":
			b = wire.AppendString(b, text)
		case "l", "b":
			b = wire.AppendLongString(b, text)
		default:
			return nil, fmt.Errorf("item %s", token)
		}
	}
	return b, nil
}

// segment is how the bytes of a group are wrapped.
type segment struct{ lz4, uncontained, badHeader, badBody bool }

func parseSegment(tokens []string) (*segment, []string) {
	s := &segment{}
	for i, token := range tokens {
		switch token {
		case "lz4":
			s.lz4 = true
		case "uncontained":
			s.uncontained = true
		case "badheader":
			s.badHeader = true
		case "badbody":
			s.badBody = true
		default:
			return s, tokens[i:]
		}
	}
	return s, nil
}

// encode is written apart from package wire, so that the two check each other.
func (s *segment) encode(payload []byte) []byte {
	bits, n := uint64(len(payload)), 3
	bit := uint64(1) << 17
	if s.lz4 { // stored as it is: uncompressed length 0
		n, bit = 5, 1<<34
	}
	if !s.uncontained {
		bits |= bit
	}
	header := make([]byte, 8)
	binary.LittleEndian.PutUint64(header, bits)
	b := slices.Clone(header[:n])
	crc := bitwiseCRC24(b)
	if s.badHeader {
		crc ^= 1
	}
	b = append(b, byte(crc), byte(crc>>8), byte(crc>>16))
	b = append(b, payload...)
	sum := plainCRC32(append([]byte{0xFA, 0x2D, 0x55, 0xCA}, payload...))
	if s.badBody {
		sum ^= 1
	}
	return binary.LittleEndian.AppendUint32(b, sum)
}

func bitwiseCRC24(b []byte) uint32 {
	crc := uint32(0x875060)
	for _, c := range b {
		crc ^= uint32(c) << 16
		for range 8 {
			if crc <<= 1; crc&0x1000000 != 0 {
				crc ^= 0x1974F0B
			}
		}
	}
	return crc
}

func plainCRC32(b []byte) uint32 {
	crc := ^uint32(0)
	for _, c := range b {
		crc ^= uint32(c)
		for range 8 {
			crc = crc>>1 ^ 0xEDB88320&-(crc&1)
		}
	}
	return ^crc
}

// receive waits for one answer; want tells how long it is worth waiting.
func (x *exchange) receive(want string) string {
	patience := 10 * time.Second
	switch {
	case x.recording:
		patience = 1500 * time.Millisecond
	case want == "silence" || want == "open":
		patience = 50 * time.Millisecond
	}
	deadline := time.Now().Add(patience)
	for {
		if answer, ok := x.parse(); ok {
			return answer
		}
		if err := x.conn.SetReadDeadline(deadline); err != nil {
			return err.Error()
		}
		buf := make([]byte, 64<<10)
		n, err := x.conn.Read(buf)
		x.in = append(x.in, buf[:n]...)
		if errors.Is(err, os.ErrDeadlineExceeded) && n == 0 {
			return "silence"
		}
		if err != nil && n == 0 {
			if len(x.in) > 0 {
				rest := x.in
				x.in = nil
				return fmt.Sprintf("closed behind %x", rest)
			}
			if !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "reset") {
				return err.Error()
			}
			return "closed"
		}
	}
}

// parse takes one answer from what was received.
func (x *exchange) parse() (string, bool) {
	if x.segments {
		for len(x.in) > 0 {
			x.in = x.in[x.fill():]
		}
		e, ok, fault := x.stream.Next()
		if fault != nil {
			return "fault " + fault.Err.Message, true
		}
		if !ok {
			return "", false
		}
		return x.print(e.Header, e.Body), true
	}
	size := wire.HeaderSize
	if len(x.in) > 0 && x.in[0]&0x7F < 3 {
		size-- // versions 1 and 2
	}
	if len(x.in) < size {
		return "", false
	}
	h := wire.Header{Version: wire.Version(x.in[0] & 0x7F), Flags: wire.Flags(x.in[1]), Opcode: wire.Opcode(x.in[size-5])}
	h.Stream = int16(int8(x.in[2]))
	if size == wire.HeaderSize {
		h.Stream = int16(binary.BigEndian.Uint16(x.in[2:]))
	}
	h.Length = binary.BigEndian.Uint32(x.in[size-4:])
	if len(x.in)-size < int(h.Length) {
		return "", false
	}
	body := x.in[size : size+int(h.Length)]
	x.in = x.in[size+int(h.Length):]
	return x.print(h, body), true
}

func (x *exchange) fill() int {
	n := copy(x.stream.Space(), x.in)
	x.stream.Filled(n)
	return n
}

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
