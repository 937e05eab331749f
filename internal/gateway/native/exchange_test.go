package native

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

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
	b, err := x.bytes(group)
	if err != nil {
		return err
	}
	if len(b) == 0 {
		return nil
	}
	_, err = x.conn.Write(b)
	if err != nil {
		x.closed = true
	}
	return err
}

// bytes is what a group sends.
func (x *exchange) bytes(group []string) ([]byte, error) {
	if group[0] == "reply" {
		return nil, nil
	}
	var seg *segment
	var all []byte
	for i, line := range group {
		tokens, err := tokenize(line)
		if err != nil {
			return nil, err
		}
		if tokens[0] == "seg" {
			if i > 0 {
				return nil, errors.New("seg only in the first line of a group")
			}
			seg, tokens = parseSegment(tokens[1:])
		}
		b, err := x.encode(tokens)
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
	if seg != nil {
		all = seg.encode(all)
	}
	return all, nil
}

// receive waits for one answer; want tells how long it is worth waiting.
func (x *exchange) receive(want string) string {
	patience := testTimeout
	switch {
	case x.recording:
		patience = 5 * time.Second // DROP flushes tables
	case want == "silence" || want == "open":
		patience = 20 * time.Millisecond
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
