package server

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// net/http moves the deadlines of a connection seven times a request, nearly always
// further away, and each time a timer of the runtime is moved. A lazyConn leaves the
// timer where it is then, and moves it when it has gone off too early.

// lazyListener makes lazyConns of the connections that it accepts.
type lazyListener struct{ net.Listener }

// Accept implements net.Listener.
func (l lazyListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &lazyConn{Conn: c}, nil
}

// lazyConn is a connection whose deadlines are as exact as any, and cost nothing as
// long as they are not reached.
type lazyConn struct {
	net.Conn
	reading, writing lazyDeadline
}

// Read implements net.Conn.
func (c *lazyConn) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if n > 0 || err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || !c.reading.early(c.Conn.SetReadDeadline) {
			return n, err
		}
	}
}

// Write implements net.Conn.
func (c *lazyConn) Write(p []byte) (int, error) {
	written := 0
	for {
		n, err := c.Conn.Write(p[written:])
		written += n
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || !c.writing.early(c.Conn.SetWriteDeadline) {
			return written, err
		}
	}
}

// SetReadDeadline implements net.Conn.
func (c *lazyConn) SetReadDeadline(t time.Time) error {
	return c.reading.set(t, c.Conn.SetReadDeadline)
}

// SetWriteDeadline implements net.Conn.
func (c *lazyConn) SetWriteDeadline(t time.Time) error {
	return c.writing.set(t, c.Conn.SetWriteDeadline)
}

// SetDeadline implements net.Conn.
func (c *lazyConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// CloseWrite says that nothing more comes. It is what net/http looks for to end an
// answer whose client still sends: closing at once would cut the answer off.
func (c *lazyConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

const (
	// horizon is how soon a timer goes off that is set for one that is later, or for
	// none: the deadlines that are set meanwhile are later still.
	horizon = readHeaderTimeout
	// longAgo is before every deadline but those by which net/http ends a read, to
	// look at the connection itself.
	longAgo = 1 << 29 // seconds since the epoch: 1987
)

// lazyDeadline is one deadline. The timer of the connection never goes off later
// than it; where it goes off earlier, who waits sets it again and goes on.
type lazyDeadline struct {
	mu sync.Mutex
	// wanted is the deadline, timer what the connection has been given for it; the
	// zero time is none.
	wanted, timer time.Time
	// cut: the timer is in the past, to end whatever waits. ahead: it was set for a
	// deadline that is further away than horizon.
	cut, ahead bool
}

// set wants t, by the connection's own set.
func (d *lazyDeadline) set(t time.Time, set func(time.Time) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = t
	switch {
	case !t.IsZero() && t.Unix() < longAgo:
		d.cut = true
		return d.arm(t, false, set)
	case d.cut:
		d.cut = false
		return d.armAhead(set)
	case d.timer.IsZero() && t.IsZero() || !d.timer.IsZero() && (t.IsZero() || !t.Before(d.timer)):
		return nil // the timer goes off before
	}
	return d.arm(t, false, set)
}

// early reports whether the timer that has gone off did so before the deadline. It
// is set anew then.
func (d *lazyDeadline) early(set func(time.Time) error) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cut || !d.wanted.IsZero() && !time.Now().Before(d.wanted) {
		return false
	}
	if d.ahead { // for long nothing has happened
		return d.arm(d.wanted, false, set) == nil
	}
	return d.armAhead(set) == nil
}

// armAhead sets the timer to what is wanted, but not further ahead than horizon.
func (d *lazyDeadline) armAhead(set func(time.Time) error) error {
	if soon := time.Now().Add(horizon); d.wanted.IsZero() || d.wanted.After(soon) {
		return d.arm(soon, true, set)
	}
	return d.arm(d.wanted, false, set)
}

func (d *lazyDeadline) arm(t time.Time, ahead bool, set func(time.Time) error) error {
	d.timer, d.ahead = t, ahead
	return set(t)
}
