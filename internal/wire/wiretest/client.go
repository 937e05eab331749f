// Package wiretest is a small client of the native protocol for tests: it
// sends what it is told, well formed or not, and hands back what it is
// answered.
//
//	requests --Client--> server --Client--> Response
package wiretest

import (
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// Client is one connection. Sending is safe beside receiving; each of the two
// is for one goroutine.
type Client struct {
	Conn    net.Conn
	Version wire.Version
	// Flags and Payload are added to each request.
	Flags   wire.Flags
	Payload map[string][]byte

	mu   sync.Mutex
	out  wire.Output
	in   wire.Stream
	comp wire.Compression
}

// Response is one answer of the server, on its own memory.
type Response struct {
	wire.Header
	wire.Extras
	// Body is the message, without the extras.
	Body []byte
}

// Dial connects to addr without sending anything.
func Dial(addr string, v wire.Version) (*Client, error) {
	conn, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	return New(conn, v), nil
}

// New returns a client on an open connection.
func New(conn net.Conn, v wire.Version) *Client {
	return &Client{Conn: conn, Version: v, out: wire.NewOutput(), in: wire.Stream{Responses: true}}
}

// Close closes the connection.
func (c *Client) Close() error { return c.Conn.Close() }

// Segment switches to segments, as both sides do behind the answer to STARTUP
// in version 5.
func (c *Client) Segment(compressed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if compressed {
		c.out.Compress(wire.LZ4)
	}
	c.out.Segment()
	c.in.Segment(compressed)
}

// Compress turns on compression of bodies, as both sides do behind STARTUP in
// versions 3 and 4.
func (c *Client) Compress(comp wire.Compression) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.comp = comp
	c.out.Compress(comp)
}

// Put collects a request without sending it.
func (c *Client) Put(op wire.Opcode, stream int16, m wire.Body) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.Put(wire.Header{Version: c.Version, Flags: c.Flags, Opcode: op, Stream: stream}, &wire.Extras{CustomPayload: c.Payload}, m)
}

// Flush sends what was collected.
func (c *Client) Flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.Conn.Write(c.out.Take(nil))
	return err
}

// Send sends one request.
func (c *Client) Send(op wire.Opcode, stream int16, m wire.Body) error {
	c.Put(op, stream, m)
	return c.Flush()
}

// Receive waits for the next response.
func (c *Client) Receive() (*Response, error) {
	for {
		e, ok, fault := c.in.Next()
		switch {
		case fault != nil:
			return nil, fault.Err
		case ok:
			return c.response(e)
		}
		n, err := c.Conn.Read(c.in.Space())
		if err != nil {
			return nil, err
		}
		c.in.Filled(n)
	}
}

func (c *Client) response(e wire.Envelope) (*Response, error) {
	body := append([]byte(nil), e.Body...)
	if e.Flags&wire.FlagCompressed != 0 && !e.Version.Segmented() {
		var err *cqlerr.Error
		if body, err = c.comp.DecompressBody(body, nil); err != nil {
			return nil, err
		}
	}
	x, message, err := wire.SplitResponse(e.Header, body)
	if err != nil {
		return nil, err
	}
	return &Response{Header: e.Header, Extras: x, Body: message}, nil
}

// Do sends one request on stream 0 and waits for the response.
func (c *Client) Do(op wire.Opcode, m wire.Body) (*Response, error) {
	if err := c.Send(op, 0, m); err != nil {
		return nil, err
	}
	return c.Receive()
}

// Startup does the handshake with the given options beside CQL_VERSION, up to
// READY or AUTHENTICATE.
func (c *Client) Startup(options map[string]string) (*Response, error) {
	all := map[string]string{wire.OptionCQLVersion: "3.0.0"}
	for k, v := range options {
		all[k] = v
	}
	r, err := c.Do(wire.OpStartup, wire.Startup{Options: all})
	if err != nil {
		return nil, err
	}
	if r.Opcode == wire.OpError {
		return r, r.Err()
	}
	if c.Version.Segmented() {
		c.Segment(all[wire.OptionCompression] == "lz4")
	} else if name := all[wire.OptionCompression]; name != "" {
		comp, err := wire.ParseCompression(name, c.Version)
		if err != nil {
			return nil, err
		}
		c.Compress(comp)
	}
	return r, nil
}

// Login does the whole handshake with PLAIN credentials.
func (c *Client) Login(user, password string, options map[string]string) error {
	r, err := c.Startup(options)
	if err != nil || r.Opcode == wire.OpReady {
		return err
	}
	r, err = c.Do(wire.OpAuthResponse, wire.AuthToken{Token: []byte("\x00" + user + "\x00" + password)})
	if err != nil {
		return err
	}
	return r.Err()
}

// Err returns the error that r carries, or nil.
func (r *Response) Err() error {
	if r.Opcode != wire.OpError {
		return nil
	}
	e, err := wire.DecodeError(r.Body, r.Version)
	if err != nil {
		return err
	}
	return e
}

// Result decodes a RESULT; an ERROR is returned as an error.
func (r *Response) Result() (wire.Result, error) {
	if err := r.Err(); err != nil {
		return wire.Result{}, err
	}
	if r.Opcode != wire.OpResult {
		return wire.Result{}, fmt.Errorf("a %s where a RESULT was expected", r.Opcode)
	}
	m, err := wire.DecodeResult(r.Body, r.Version)
	if err != nil {
		return m, err
	}
	return m, nil
}
