package jwt

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
)

// algorithms are those that a token may be signed with. None of them takes a key
// that both sides know, so a public key can't be used as one.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256}

// earliness is how far the provider's clock may be ahead for a token whose time
// (nbf) is to have come. A token's end is never put off.
const earliness = time.Minute

// The names in a token's claims.
const (
	stargateClaims = "stargate_claims"
	claimPrefix    = "x-stargate-"
	roleClaim      = claimPrefix + "role"
)

// The reasons, as Stargate has them (AuthnJwtService), and in them those of the
// library that it uses.
var (
	errTooLong   = invalid("JWT is longer than %d characters", MaxLength)
	errExpired   = invalid("Expired JWT")
	errNotYet    = invalid("JWT before use time")
	errNoExpiry  = invalid("JWT missing required claims: [exp]")
	errNoKey     = invalid("Signed JWT rejected: Another algorithm expected, or no matching key(s) found")
	errSignature = invalid("Signed JWT rejected: Invalid signature")
	errNoKeys    = &Error{"Failed to process JWT: the keys of the provider could not be read"}
	errMalformed = &Error{"Failed to process JWT: it can't be parsed"}
	errClaims    = &Error{"Failed to parse claim from JWT"}
	errNoRole    = &Error{"JWT must have a value for " + roleClaim}
)

func invalid(format string, args ...any) *Error {
	return &Error{"Invalid JWT: " + fmt.Sprintf(format, args...)}
}

// check reads a token that is not known, and returns the generation of the keys
// that it was checked with.
func (v *Verifier) check(ctx context.Context, token string) (*Token, uint64, error) {
	if n := strings.Count(token, ".") + 1; n != 3 {
		return nil, 0, &Error{fmt.Sprintf("Valid JWT should contain 3 parts but provided only contains %d", n)}
	}
	signed, err := josejwt.ParseSigned(token, algorithms)
	var other *jose.ErrUnexpectedSignatureAlgorithm
	switch {
	case errors.As(err, &other):
		return nil, 0, errNoKey
	case err != nil || len(signed.Headers) != 1:
		return nil, 0, errMalformed
	}
	set, err := v.keys.find(ctx, signed.Headers[0].KeyID, signed.Headers[0].Algorithm)
	if err != nil {
		return nil, 0, err
	}
	c, err := verified(signed, set.keys)
	if err != nil {
		return nil, 0, err
	}
	t, err := c.token(v.now())
	return t, set.generation, err
}

// claims are those that are looked at.
type claims struct {
	Expires   *josejwt.NumericDate `json:"exp"`
	NotBefore *josejwt.NumericDate `json:"nbf"`
	Stargate  json.RawMessage      `json:"stargate_claims"`
}

// verified returns the claims of a token that one of some keys has signed.
func verified(signed *josejwt.JSONWebToken, candidates []jose.JSONWebKey) (*claims, error) {
	for i := range candidates {
		var payload json.RawMessage
		err := signed.Claims(candidates[i].Key, &payload)
		if errors.Is(err, jose.ErrCryptoFailure) {
			continue
		}
		c := new(claims)
		if err != nil || json.Unmarshal(payload, c) != nil {
			return nil, errMalformed
		}
		return c, nil
	}
	return nil, errSignature
}

// token is what the claims say, if their time is now.
func (c *claims) token(now time.Time) (*Token, error) {
	switch {
	case c.Expires == nil:
		return nil, errNoExpiry
	case !now.Before(c.Expires.Time()):
		return nil, errExpired
	case c.NotBefore != nil && now.Add(earliness).Before(c.NotBefore.Time()):
		return nil, errNotYet
	}
	var own map[string]any
	if json.Unmarshal(c.Stargate, &own) != nil || own == nil {
		return nil, errClaims
	}
	t := &Token{Expires: c.Expires.Time()}
	for name, value := range own {
		if len(name) < len(claimPrefix) || !strings.EqualFold(name[:len(claimPrefix)], claimPrefix) {
			continue
		}
		// A restriction that can't be read must not fall away, whatever is wrong with it.
		text, ok := value.(string)
		if !ok || !strings.HasPrefix(name, claimPrefix) {
			return nil, errClaims
		}
		if name == roleClaim {
			t.Role = text
			continue
		}
		if t.Columns == nil {
			t.Columns = map[string]string{}
		}
		t.Columns[name[len(claimPrefix):]] = text
	}
	if t.Role == "" {
		return nil, errNoRole
	}
	return t, nil
}
