package native

import (
	"bytes"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// authenticate answers AUTH_RESPONSE. The connection goes on after wrong
// credentials, until its handshake has taken too long.
func (c *conn) authenticate(e *wire.Envelope, h wire.Header) bool {
	r := c.inline
	defer r.reset()
	if !r.open(e) {
		return false
	}
	m, err := wire.DecodeAuthToken(r.body, e.Version)
	if err == nil && c.s.opts.Auth != nil {
		err = c.login(m.Token)
	}
	if err != nil {
		c.putError(h, err)
		return true
	}
	h.Opcode = wire.OpAuthSuccess
	c.put(h, &wire.Extras{}, wire.AuthToken{})
	if c.state != ready {
		c.becomeReady()
	}
	return true
}

// login checks a PLAIN token. Few run at a time: hashing passwords takes much
// of a processor.
func (c *conn) login(token []byte) *cqlerr.Error {
	user, password, plainErr := parsePlain(token)
	if plainErr != nil {
		return plainErr
	}
	select {
	case c.s.logins <- struct{}{}:
		defer func() { <-c.s.logins }()
	case <-c.ctx.Done():
		return cqlerr.From(c.ctx.Err())
	}
	session, err := c.s.opts.Auth.Login(c.ctx, user, password)
	if err != nil {
		return cqlerr.From(err)
	}
	c.session.Store(&session)
	return nil
}

// parsePlain splits a SASL PLAIN token (RFC 4616): authorization id, which is
// ignored, user and password, with NUL between them
// (PasswordAuthenticator.decodeCredentials).
func parsePlain(token []byte) (user, password string, err *cqlerr.Error) {
	parts := bytes.Split(token, []byte{0})
	n := len(parts)
	switch {
	case n > 3:
		return "", "", cqlerr.New(cqlerr.BadCredentials, `Credential format error: username or password is empty or contains NUL(\0) character`)
	case n < 2 || len(parts[n-1]) == 0:
		return "", "", cqlerr.New(cqlerr.BadCredentials, "Password must not be null")
	case n < 3 || len(parts[n-2]) == 0:
		return "", "", cqlerr.New(cqlerr.BadCredentials, "Authentication ID must not be null")
	}
	return string(parts[n-2]), string(parts[n-1]), nil
}
