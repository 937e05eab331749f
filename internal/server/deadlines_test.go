package server

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// counted counts how often the deadlines of a connection are set.
type counted struct {
	net.Conn
	reads, writes int
}

func (c *counted) SetReadDeadline(t time.Time) error {
	c.reads++
	return c.Conn.SetReadDeadline(t)
}

func (c *counted) SetWriteDeadline(t time.Time) error {
	c.writes++
	return c.Conn.SetWriteDeadline(t)
}

// pipe returns a lazyConn, what it stands on, and its other end.
func pipe(t *testing.T) (*lazyConn, *counted, net.Conn) {
	t.Helper()
	one, other := net.Pipe()
	t.Cleanup(func() { one.Close(); other.Close() })
	c := &counted{Conn: one}
	return &lazyConn{Conn: c}, c, other
}

// TestDeadlines: whatever deadlines are set one after the other, the last one is when
// a read and a write end. Time is that of a bubble.
func TestDeadlines(t *testing.T) {
	const none = 0
	for name, deadlines := range map[string][]time.Duration{
		"one":                  {time.Minute},
		"further":              {time.Second, time.Minute},
		"nearer":               {time.Minute, time.Second},
		"none between":         {time.Minute, none, 2 * time.Minute},
		"past":                 {time.Minute, -time.Second},
		"cut":                  {time.Minute, none, -1 << 40},
		"cut and lifted":       {time.Minute, -1 << 40, none, 2 * time.Minute},
		"cut, lifted, nearer":  {-1 << 40, none, time.Hour, time.Second},
		"cut, nearer at once":  {time.Minute, -1 << 40, time.Second},
		"beyond two horizons":  {-1 << 40, none, 3*horizon + time.Second},
		"two that pass before": {time.Second, 2 * time.Second, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _, _ := pipe(t)
				began := time.Now()
				for i, d := range deadlines {
					at := began.Add(d)
					switch {
					case d == none:
						at = time.Time{}
					case d <= -1<<40:
						at = time.Unix(1, 0) // as net/http ends a read
					}
					if err := c.SetDeadline(at); err != nil {
						t.Fatal(i, err)
					}
				}
				last := max(0, deadlines[len(deadlines)-1])
				if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != last {
					t.Errorf("a read ends after %v, not %v: %v", time.Since(began), last, err)
				}
				if n, err := c.Write([]byte("x")); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != last {
					t.Errorf("a write ends after %v, not %v: %v", time.Since(began), last, err)
				}
			})
		})
	}
}

// TestDeadlinesWhileWaiting: a read that waits ends by a deadline that is set
// meanwhile, and goes on when it is moved away.
func TestDeadlinesWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, _ := pipe(t)
		began := time.Now()
		_ = c.SetReadDeadline(began.Add(time.Minute))
		done := make(chan error)
		read := func() {
			_, err := c.Read(make([]byte, 1))
			done <- err
		}
		go read()
		time.Sleep(30 * time.Second)
		_ = c.SetReadDeadline(began.Add(time.Hour))
		time.Sleep(20 * time.Minute)
		_ = c.SetReadDeadline(time.Unix(1, 0))
		if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != 20*time.Minute+30*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		_ = c.SetReadDeadline(time.Time{})
		go read()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != 24*time.Hour+20*time.Minute+31*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

// TestWriteGoesOn: a write that a timer interrupts too early goes on behind what has
// been read of it.
func TestWriteGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, other := pipe(t)
		text := bytes.Repeat([]byte("0123456789"), 100)
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		_ = c.SetWriteDeadline(time.Now().Add(time.Hour))
		var got []byte
		done := make(chan struct{})
		go func() {
			defer close(done)
			for part := make([]byte, 7); ; time.Sleep(time.Second) {
				n, err := other.Read(part)
				if got = append(got, part[:n]...); err != nil {
					return
				}
			}
		}()
		if n, err := c.Write(text); n != len(text) || err != nil {
			t.Errorf("%d of %d written: %v", n, len(text), err)
		}
		c.Close()
		<-done
		if !bytes.Equal(got, text) {
			t.Errorf("%d bytes came, or others than the %d that were written", len(got), len(text))
		}
	})
}

// TestDeadlinesCostNothing: what net/http sets for one request after the other moves
// two timers, not seven.
func TestDeadlinesCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, under, other := pipe(t)
		go func() { _, _ = io.Copy(io.Discard, other) }()
		const requests = 20
		for range requests {
			for _, d := range []time.Duration{idleTimeout, 0, readHeaderTimeout, readTimeout, -1, 0} {
				at := time.Now().Add(d)
				if d == 0 {
					at = time.Time{}
				} else if d < 0 {
					at = time.Unix(1, 0)
				}
				_ = c.SetReadDeadline(at)
			}
			_ = c.SetWriteDeadline(time.Now().Add(writeTimeout))
			if _, err := c.Write([]byte("answer")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		if under.reads > 2*requests+2 || under.writes > 1 {
			t.Errorf("%d requests set the deadline of reads %d times, that of writes %d times", requests, under.reads, under.writes)
		}
		c.Close()
	})
}

// TestHalfClose: what net/http looks for, to say that an answer has ended while its
// client still sends, ends one direction alone.
func TestHalfClose(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	client, err := net.Dial("tcp", tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	c, err := lazyListener{tcp}.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	half, ok := c.(interface{ CloseWrite() error })
	if !ok {
		t.Fatal("there is no CloseWrite")
	}
	if err := half.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(client); len(rest) > 0 || err != nil {
		t.Errorf("the client reads %q, %v", rest, err)
	}
	if _, err := client.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(make([]byte, 1)); n != 1 {
		t.Errorf("the client is not read any more: %v", err)
	}
}
