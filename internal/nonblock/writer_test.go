package nonblock

import (
	"io"
	"net"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// pair returns both ends of a TCP connection.
func pair(t *testing.T) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// TestWrite checks that writing stops when the peer does not read, that all
// that was taken arrives, and that a closed connection is an error.
func TestWrite(t *testing.T) {
	a, b := pair(t)
	w := NewWriter(a)
	chunk := make([]byte, 1<<20)
	sent := 0
	for {
		n, err := w.Write(chunk)
		if err != nil {
			t.Fatal(err)
		}
		sent += n
		if n < len(chunk) {
			break
		}
		if sent > 1<<30 {
			t.Fatal("a gigabyte went into a socket that nobody reads")
		}
	}
	// The system may still move what was sent to the peer's side, and so make room.
	steady.Until(t, "the socket takes nothing more", func() bool {
		n, err := w.Write(chunk)
		if err != nil {
			t.Fatal(err)
		}
		sent += n
		return n == 0
	})
	if _, err := io.CopyN(io.Discard, b, int64(sent)); err != nil {
		t.Fatal(err)
	}
	a.Close()
	if _, err := w.Write(chunk); err == nil {
		t.Error("no error on a closed connection")
	}
}

// TestNoSocket checks that what is no socket takes nothing.
func TestNoSocket(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if n, err := NewWriter(a).Write([]byte("x")); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// TestAllocations checks that a write allocates nothing.
func TestAllocations(t *testing.T) {
	a, b := pair(t)
	go io.Copy(io.Discard, b)
	w, chunk := NewWriter(a), make([]byte, 64)
	if n := steady.Allocs(0, 100, func() { _, _ = w.Write(chunk) }); n > 0 {
		t.Errorf("%v allocations a write", n)
	}
}
