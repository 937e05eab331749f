package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// errInvalidToken refuses a token, whatever is wrong with it.
var errInvalidToken = cqlerr.New(cqlerr.BadCredentials, "Invalid token")

// check finds out whom an application token, a session token or a JSON Web Token
// stands for. The error is 0x0100 for a bad, unknown or expired one.
func (s *Store) check(ctx context.Context, token string) (*Principal, error) {
	if len(token) == sessionTokenLength {
		return s.session(ctx, token)
	}
	id, ok := ClientID(token)
	if !ok {
		return s.checkWebToken(ctx, token)
	}
	t := s.state.Load().tokens[id]
	if t == nil {
		t = &noToken // it is compared all the same: the time tells nothing
	}
	if !matches(t.tokenHash, token) || t == &noToken {
		return nil, errInvalidToken
	}
	if p := s.ofToken(t); p != nil {
		return p, nil
	}
	return nil, errInvalidToken
}

// ofToken is who uses a token now, nil when it has expired.
func (s *Store) ofToken(t *Token) *Principal {
	now := s.now()
	if t.ended(now) {
		return nil
	}
	t.use.note(now)
	return &Principal{store: s, clientID: t.ClientID}
}

// noToken is compared with when a client id is not known.
var noToken Token

// checkSecret authenticates a login by what nobody guesses: user "token" with a token,
// or a client id with its secret or with the token itself. p is nil for any other,
// fault what is wrong with a JSON Web Token.
func (s *Store) checkSecret(ctx context.Context, user, password string) (p *Principal, fault *WebTokenError) {
	if user == "token" {
		p, err := s.check(ctx, password)
		if err == nil {
			return p, nil
		}
		errors.As(err, &fault)
	}
	if t := s.state.Load().tokens[user]; t != nil && (matches(t.secretHash, password) || matches(t.tokenHash, password)) {
		return s.ofToken(t), nil
	}
	return nil, fault
}

// checkRole authenticates a role by its password. The errors have Cassandra's texts
// (PasswordAuthenticator). Each name that is refused costs one password, client ids
// too: who asks must not learn from the time it takes whether there is such a role
// or client id.
func (s *Store) checkRole(user, password string) (*Principal, error) {
	r, hash := s.state.Load().passwordOf(user)
	if !checkPassword(hash, password) || r == nil {
		return nil, wrongPassword(user)
	}
	if !r.CanLogin {
		return nil, cqlerr.Newf(cqlerr.BadCredentials, "%s is not permitted to log in", user)
	}
	return &Principal{store: s, roleID: r.ID, roleName: r.Name, sawAll: !s.state.Load().hasPolicies(r)}, nil
}

func wrongPassword(user string) *cqlerr.Error {
	return cqlerr.Newf(cqlerr.BadCredentials, "Provided username %s and/or password are incorrect", user)
}

// How passwords are kept: bcrypt as Cassandra's PasswordAuthenticator does it,
// with jBCrypt, which looks at the first 72 bytes.
const (
	bcryptRounds = 10
	bcryptBytes  = 72
	// maxBcryptRounds bounds what a HASHED PASSWORD can make a login cost.
	maxBcryptRounds = 14
)

// passwordOf is the role that logs in under a name, and the hash that its
// password is compared with: for a name without a password that of nobody, which
// takes as long.
func (st *state) passwordOf(name string) (*Role, string) {
	if r := st.byName[name]; r != nil && r.saltedHash != "" {
		return r, r.saltedHash
	}
	return nil, nobodysHash
}

// nobodysHash is compared with when there is no role to log in as.
const nobodysHash = "$2a$10$JSJEMFm6GeaW9XxT5JIheuEtPvat6i7uKbnTcxX3c1wshIIsGyUtG"

func cutPassword(password string) []byte {
	return []byte(password[:min(len(password), bcryptBytes)])
}

func hashPassword(password string) (string, error) {
	hash, err := bcrypt.GenerateFromPassword(cutPassword(password), bcryptRounds)
	return string(hash), err
}

func checkPassword(hash, password string) bool {
	return bcrypt.CompareHashAndPassword([]byte(hash), cutPassword(password)) == nil
}

// checkHash refuses what is not a hash that this server, and Cassandra, can
// check a password with.
func checkHash(hash string) error {
	rounds, err := bcrypt.Cost([]byte(hash))
	if err != nil || !strings.HasPrefix(hash, "$2a$") || len(hash) != len(nobodysHash) {
		return cqlerr.Invalidf("Invalid hashed password value. Please use jBcrypt.")
	}
	if rounds > maxBcryptRounds {
		return cqlerr.Invalidf("A hashed password of %d rounds is too costly to check: the limit is %d", rounds, maxBcryptRounds)
	}
	return nil
}

// passwordPeriod is how long a password lasts at least (Cassandra's
// CassandraRoleManager).
const passwordPeriod = 5 * time.Second
