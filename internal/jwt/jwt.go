// Package jwt checks JSON Web Tokens (RFC 7519) of an identity provider whose
// public keys are in a JSON Web Key Set (RFC 7517), and reads the claims in which
// Stargate's JWT mode (AuthJwtService) has the role and the rows of a client:
//
//	token --Verify--> Token{Role, Columns, Expires} or *Error
//
//	{"exp": 1790000000,
//	 "stargate_claims": {"x-stargate-role": "web_user", "x-stargate-userid": "9876"}}
//
// A token that was good is remembered until it ends, so that requests with it
// cost a look-up. It knows nothing of roles and tables: what the claims allow is
// for package access to say.
package jwt

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// MaxLength bounds a token, in characters (stargate.cql_token_max_length).
const MaxLength = 4096

// maxKnown bounds the tokens that are remembered. What is kept of one is less than
// its length.
const maxKnown = 20_000

// Token is what a good token says. It is immutable.
type Token struct {
	// Role is the name of a CQL role (claim x-stargate-role).
	Role string
	// Columns holds, by the name of a column, the value that every row must have
	// there (claims x-stargate-<column>); nil when rows are not restricted.
	Columns map[string]string
	// Expires is when it ends (claim exp).
	Expires time.Time
}

// Error refuses a token.
type Error struct {
	// Reason is in Stargate's words. It holds nothing of the token.
	Reason string
}

// Error is the reason.
func (e *Error) Error() string { return e.Reason }

// Options of Open.
type Options struct {
	// Keys is where the key set is: a URL (https://, or http:// for one that has no
	// other), or the path of a file.
	Keys string
	Log  *slog.Logger
	// Transport makes the requests, nil for the default one.
	Transport http.RoundTripper
	// Now is the clock, nil for time.Now.
	Now func() time.Time
}

// Verifier checks tokens. It is safe for concurrent use.
type Verifier struct {
	keys *keys
	now  func() time.Time

	mu    sync.RWMutex
	known map[[sha256.Size]byte]*Token
	// generation of the keys that the known tokens were checked with.
	generation uint64
}

// Open returns a verifier with the keys at o.Keys, and keeps reading them until
// Close. A provider that can't be reached is no error: its keys are asked for
// again. A file has to be there.
func Open(ctx context.Context, o Options) (*Verifier, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	source, err := newSource(&o)
	if err != nil {
		return nil, err
	}
	v := &Verifier{now: o.Now, known: map[[sha256.Size]byte]*Token{}}
	v.keys = newKeys(source, o.Log)
	if err := v.keys.start(ctx); err != nil {
		return nil, err
	}
	return v, nil
}

// Close ends the reading of keys.
func (v *Verifier) Close() { v.keys.close() }

// Verify returns what a token says: one that is signed with a key of the set, by
// RS256 or ES256, whose time has come and not ended, and whose claims name a role.
// The error is an *Error, or that of ctx.
func (v *Verifier) Verify(ctx context.Context, token string) (*Token, error) {
	if len(token) > MaxLength {
		return nil, errTooLong
	}
	var room [MaxLength]byte // so that nothing is allocated
	hash := sha256.Sum256(append(room[:0], token...))
	v.mu.RLock()
	t := v.known[hash]
	current := v.generation == v.keys.generation.Load()
	v.mu.RUnlock()
	if t != nil && current {
		if !v.now().Before(t.Expires) {
			return nil, errExpired
		}
		return t, nil
	}
	t, generation, err := v.check(ctx, token)
	if err != nil {
		return nil, err
	}
	v.remember(hash, t, generation)
	return t, nil
}

// remember keeps a good token. Those that were checked with other keys are
// forgotten: the provider may have taken theirs back. When there are too many the
// ended ones make room, or else all.
func (v *Verifier) remember(hash [sha256.Size]byte, t *Token, generation uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case generation < v.generation:
		return
	case generation > v.generation:
		clear(v.known)
		v.generation = generation
	case len(v.known) >= maxKnown:
		now := v.now()
		for h, old := range v.known {
			if !now.Before(old.Expires) {
				delete(v.known, h)
			}
		}
		if len(v.known) > maxKnown/2 { // else the next ones would look through them again
			clear(v.known)
		}
	}
	v.known[hash] = t
}
