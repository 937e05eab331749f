package native

import (
	"regexp"
	"strconv"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// supportedMessage is the answer to OPTIONS.
type supportedMessage = *wire.Supported

// supportedNow is the answer to OPTIONS, without the versions that the servers
// behind a Forwarder don't speak.
func (s *Server) supportedNow() supportedMessage {
	newest := s.newest()
	if newest >= wire.Current {
		return s.supported
	}
	m := *s.supported
	m.ProtocolVersions = wire.UpTo(newest)
	return &m
}

func newSupported(cqlVersion, productType string) supportedMessage {
	m := &wire.Supported{
		ProtocolVersions: wire.SupportedVersions,
		Compression:      wire.SupportedCompression,
		CQLVersion:       []string{cqlVersion},
	}
	if productType != "" {
		m.ProductType = []string{productType}
	}
	return m
}

// handshake handles a request of a connection that is not ready yet
// (InitialConnectionHandler, ServerConnection.validateNewMessage).
func (c *conn) handshake(e *wire.Envelope) bool {
	h := responseHeader(e.Version, wire.OpError, e.Stream) // each may try another version
	newest := c.s.newest()
	switch {
	case min(e.Version, wire.Current) > newest:
		c.putError(responseHeader(newest, wire.OpError, e.Stream), wire.InvalidVersion(e.Version, wire.UpTo(newest)))
		return true
	case c.state == authenticating && e.Opcode == wire.OpAuthResponse:
		return c.authenticate(e, h)
	case c.state == authenticating:
		c.putError(h, cqlerr.Newf(cqlerr.Protocol, "Unexpected message %s, expecting SASL_RESPONSE", e.Opcode))
		return true
	case e.Opcode == wire.OpOptions:
		h.Opcode = wire.OpSupported
		c.put(h, &wire.Extras{}, c.s.supportedNow())
		return true
	case e.Opcode == wire.OpStartup:
		return c.startup(e, h)
	default:
		c.putError(h, cqlerr.Newf(cqlerr.Protocol, "Unexpected message %s, expecting STARTUP or OPTIONS", e.Opcode))
		return c.negotiated
	}
}

// newest is the highest stable version that is served.
func (s *Server) newest() wire.Version {
	if s.forwarder == nil {
		return wire.Current
	}
	return s.forwarder.Newest()
}

// startup answers STARTUP. A body that can't be read is not answered; the
// connection is closed, as by Cassandra.
func (c *conn) startup(e *wire.Envelope, h wire.Header) bool {
	m, err := wire.DecodeStartup(e.Body, e.Version)
	if err != nil {
		return false
	}
	if !c.negotiated {
		c.negotiated = true
		c.version = e.Version
		c.in.Negotiated(e.Version)
	}
	err = checkCQLVersion(m)
	comp := wire.NoCompression
	if name, ok := m.Options[wire.OptionCompression]; ok && err == nil {
		if comp, err = wire.ParseCompression(name, c.version); err != nil {
			c.putError(h, err)
			return true
		}
	}
	c.started.Store(newStarted(m.Options, uint8(c.version)))
	c.throw = m.Options[wire.OptionThrowOnOverload] == "1"
	switch {
	case err != nil:
		c.putError(h, err)
	case c.s.opts.Auth == nil:
		var everybody Session = anonymous{}
		c.session.Store(&everybody)
		h.Opcode = wire.OpReady
		c.put(h, &wire.Extras{}, wire.Empty{})
		c.becomeReady()
	default:
		h.Opcode = wire.OpAuthenticate
		c.put(h, &wire.Extras{}, wire.Authenticate{Class: passwordAuthenticatorFQN})
		c.enter(authenticating)
	}
	c.setFraming(comp)
	return true
}

// setFraming applies what STARTUP agreed on, behind its answer.
func (c *conn) setFraming(comp wire.Compression) {
	c.comp = comp
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.out.Compress(comp)
	if c.version.Segmented() {
		c.w.out.Segment()
		c.in.Segment(comp == wire.LZ4)
	}
}

// becomeReady ends the handshake.
func (c *conn) becomeReady() {
	c.enter(ready)
	c.in.Handshake = false
	c.setReadDeadline(time.Time{})
}

// cqlVersionPattern is what CassandraVersion takes.
var cqlVersionPattern = regexp.MustCompile(`^(\d+)\.(\d+)(\.\d+)?(\.\w+)?([-~+][.\w~+-]*)?$`)

// checkCQLVersion checks STARTUP's CQL_VERSION: any from 3.0.0 on is served.
func checkCQLVersion(m wire.Startup) *cqlerr.Error {
	version, ok := m.Options[wire.OptionCQLVersion]
	if !ok {
		return cqlerr.New(cqlerr.Protocol, "Missing value CQL_VERSION in STARTUP message")
	}
	parts := cqlVersionPattern.FindStringSubmatch(version)
	if parts == nil {
		return cqlerr.Newf(cqlerr.Protocol, "Invalid version value: %s", version)
	}
	major, err := strconv.Atoi(parts[1])
	minor, _ := strconv.Atoi(parts[2])
	if err == nil && (major < 2 || major == 2 && minor < 99) {
		return cqlerr.Newf(cqlerr.Protocol, "CQL version %s is not supported by the binary protocol (supported version are >= 3.0.0)", version)
	}
	return nil
}
