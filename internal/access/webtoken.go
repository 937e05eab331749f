package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/jwt"
)

// JSON Web Tokens of an identity provider are tokens, too, where a server is told
// of the provider's keys (Stargate's AuthJwtService). Such a token names a role of
// CQL, which it stands for until it ends, and may keep it to some rows (rows.go).
// Nothing of it is kept in a table.

// UseWebTokens makes JSON Web Tokens tokens, beside the others.
func (s *Store) UseWebTokens(v *jwt.Verifier) { s.webTokens.Store(v) }

// WebTokenError refuses a JSON Web Token. To clients that know no better it is bad
// credentials.
type WebTokenError struct {
	refusal *cqlerr.Error
	reason  string
}

// Error is the text for clients that are told no more.
func (e *WebTokenError) Error() string { return e.refusal.Error() }

// Unwrap returns the CQL error, 0x0100.
func (e *WebTokenError) Unwrap() error { return e.refusal }

// TokenFault is what is wrong with the token, in Stargate's words.
func (e *WebTokenError) TokenFault() string { return e.reason }

// isWebToken reports whether a text is one that a JSON Web Token may be meant with.
func (s *Store) isWebToken(text string) bool {
	return s.webTokens.Load() != nil && len(text) <= jwt.MaxLength && strings.Contains(text, ".")
}

// checkWebToken finds out whom a JSON Web Token stands for: a role that may log in.
// The error is 0x0100 for anything else.
func (s *Store) checkWebToken(ctx context.Context, token string) (*Principal, error) {
	if !s.isWebToken(token) {
		return nil, errInvalidToken
	}
	t, err := s.webTokens.Load().Verify(ctx, token)
	if err != nil {
		return nil, refusedWebToken(err)
	}
	r := s.state.Load().byName[t.Role]
	if r == nil || !r.CanLogin {
		return nil, &WebTokenError{errInvalidToken, "Invalid JWT: its role is not permitted to log in"}
	}
	return &Principal{store: s, roleID: r.ID, roleName: r.Name, webToken: t}, nil
}

// refusedWebToken is the error of a token that is not good, or what kept it from
// being looked at.
func refusedWebToken(err error) error {
	var refusal *jwt.Error
	if errors.As(err, &refusal) {
		return &WebTokenError{errInvalidToken, refusal.Reason}
	}
	return err
}

// Ends is when the principal's JSON Web Token ends, zero for who came without one.
func (p *Principal) Ends() time.Time {
	if p.webToken == nil {
		return time.Time{}
	}
	return p.webToken.Expires
}

// ended reports whether the principal came with a JSON Web Token that has ended.
func (p *Principal) ended() bool {
	return p.webToken != nil && !p.store.now().Before(p.webToken.Expires)
}

// rows are the values that all rows which the principal reads and writes must
// have, by column; nil when it is kept to none.
func (p *Principal) rows() map[string]string {
	if p.webToken == nil {
		return nil
	}
	return p.webToken.Columns
}

// changesRoles reports whether stmt changes roles, or what they may do: with a
// password of its own a role could log in without its token.
func changesRoles(stmt cql.Statement) bool {
	switch stmt.(type) {
	case *cql.ListRoles, *cql.ListPermissions:
		return false
	}
	return aboutRoles(stmt)
}

var (
	errNotThisRow = cqlerr.New(cqlerr.Unauthorized, "Not allowed to access this resource")
	errNotText    = cqlerr.New(cqlerr.Unauthorized, "Column must be of type text to be used for authorization")
)
