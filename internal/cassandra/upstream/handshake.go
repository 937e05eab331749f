package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// ErrCredentials: the nodes refuse the user or the password.
var ErrCredentials = errors.New("the cluster refuses the credentials")

// ErrVersion: the nodes don't speak the version of the native protocol.
var ErrVersion = errors.New("the cluster does not speak this version of the native protocol")

// keepAlive is how often the kernel checks quiet connections.
const keepAlive = 30 * time.Second

// driverName is what the nodes' system_views.clients shows.
const driverName = "astrolabe"

// dial opens a connection to a node and makes it ready for requests.
func (p *pool) dial(ctx context.Context) (*conn, error) {
	o := &p.node.cluster.opts
	ctx, cancel := context.WithTimeout(ctx, o.ConnectTimeout)
	defer cancel()
	d := net.Dialer{KeepAlive: keepAlive}
	nc, err := d.DialContext(ctx, "tcp", p.node.addr)
	if err != nil {
		return nil, err
	}
	if o.TLS != nil {
		t := tls.Client(nc, tlsFor(o.TLS, p.node.addr))
		if err := t.HandshakeContext(ctx); err != nil {
			_ = nc.Close()
			return nil, err
		}
		nc = t
	}
	deadline, _ := ctx.Deadline()
	if err := nc.SetDeadline(deadline); err != nil {
		_ = nc.Close()
		return nil, err
	}
	c, err := p.handshake(nc)
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	return c, nc.SetDeadline(time.Time{})
}

// tlsFor names the node, for the check of its certificate, unless that is
// configured.
func tlsFor(c *tls.Config, addr string) *tls.Config {
	if c.ServerName != "" || c.InsecureSkipVerify {
		return c
	}
	named := c.Clone()
	named.ServerName, _, _ = net.SplitHostPort(addr)
	return named
}

// shake is a handshake under way.
type shake struct {
	nc  net.Conn
	in  wire.Stream
	out wire.Output
	v   wire.Version
}

// handshake speaks STARTUP and, if asked, authenticates
// (native_protocol_v5.spec §4.1.1, §4.1.2).
func (p *pool) handshake(nc net.Conn) (*conn, error) {
	o := &p.node.cluster.opts
	s := shake{nc: nc, out: wire.NewOutput(), v: p.version}
	s.in = wire.Stream{Responses: true, Handshake: true, Name: p.node.addr}
	startup := wire.Startup{Options: map[string]string{wire.OptionCQLVersion: "3.0.0", wire.OptionDriverName: driverName}}
	comp := wire.NoCompression
	if o.Compress {
		comp = wire.LZ4
		startup.Options[wire.OptionCompression] = "lz4"
	}
	op, body, err := s.ask(wire.OpStartup, startup)
	if err != nil {
		return nil, err
	}
	s.in.Negotiated(s.v)
	s.out.Compress(comp)
	if s.v.Segmented() {
		s.out.Segment()
		s.in.Segment(comp == wire.LZ4)
	}
	switch op {
	case wire.OpReady:
	case wire.OpAuthenticate:
		if err := s.authenticate(body, o.Username, o.Password); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("STARTUP was answered by %s", op)
	}
	s.in.Handshake = false
	s.in.MaxEnvelope = o.MaxAnswer
	c := newConn(p, nc, s.in, s.out, comp)
	c.in.Admit = c.admit
	return c, nil
}

func (s *shake) authenticate(body []byte, user, password string) error {
	if user == "" {
		return fmt.Errorf("%w: it asks for some (%s), and none were given", ErrCredentials, className(body, s.v))
	}
	op, _, err := s.ask(wire.OpAuthResponse, wire.AuthToken{Token: []byte("\x00" + user + "\x00" + password)})
	switch {
	case err != nil:
		return err
	case op != wire.OpAuthSuccess:
		return fmt.Errorf("%w: PLAIN is answered by %s", ErrCredentials, op)
	}
	return nil
}

// ask sends one message and waits for its answer.
func (s *shake) ask(op wire.Opcode, m wire.Body) (answer wire.Opcode, body []byte, err error) {
	s.out.Put(wire.Header{Version: s.v, Opcode: op}, &wire.Extras{}, m)
	if _, err := s.nc.Write(s.out.Take(nil)); err != nil {
		return 0, nil, err
	}
	for {
		e, ok, fault := s.in.Next()
		switch {
		case fault != nil:
			return 0, nil, fault.Err
		case ok && e.Opcode == wire.OpError:
			return 0, nil, s.refusal(&e)
		case ok:
			return e.Opcode, e.Body, nil
		}
		n, err := s.nc.Read(s.in.Space())
		s.in.Filled(n)
		if err != nil && n == 0 {
			return 0, nil, err
		}
	}
}

// refusal is the error that a node answered in a handshake.
func (s *shake) refusal(e *wire.Envelope) error {
	_, message, err := wire.SplitResponse(e.Header, e.Body)
	if err != nil {
		return err
	}
	answer, err := wire.DecodeError(message, e.Version)
	switch {
	case err != nil:
		return err
	case answer.Code == cqlerr.BadCredentials:
		return fmt.Errorf("%w: %s", ErrCredentials, answer.Message)
	case answer.Code == cqlerr.Protocol:
		return fmt.Errorf("%w: %s", ErrVersion, answer.Message)
	}
	return answer
}

// className is the authenticator that AUTHENTICATE names.
func className(body []byte, v wire.Version) string {
	r := wire.NewReader(body, v)
	return r.String()
}
