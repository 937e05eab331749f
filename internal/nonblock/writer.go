package nonblock

import (
	"net"
	"syscall"
)

// Writer writes to one connection. One goroutine at a time may use it.
type Writer struct {
	raw syscall.RawConn // nil when the connection is not a plain socket
	// attempt is try as a function value, made once: RawConn's function would
	// otherwise be allocated for each write.
	attempt func(fd uintptr) bool
	b       []byte
	n       int
	err     error
}

// NewWriter returns a Writer on nc.
func NewWriter(nc net.Conn) *Writer {
	w := &Writer{}
	w.attempt = w.try
	if c, ok := nc.(syscall.Conn); ok {
		w.raw, _ = c.SyscallConn() // without it everything is left to others
	}
	return w
}

// Write writes as much of b as the socket takes at once and returns how much
// that was: all, a part, or nothing, without an error. On connections that are
// no plain sockets (TLS) it is always nothing.
func (w *Writer) Write(b []byte) (n int, err error) {
	if w.raw == nil {
		return 0, nil
	}
	w.b, w.n, w.err = b, 0, nil
	err = w.raw.Write(w.attempt)
	if err == nil {
		err = w.err
	}
	w.b = nil
	return w.n, err
}
