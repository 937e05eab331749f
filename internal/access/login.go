package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// errInvalidToken refuses a token, whatever is wrong with it.
var errInvalidToken = cqlerr.New(cqlerr.BadCredentials, "Invalid token")

// Token authenticates an application token or a session token. The error is
// 0x0100 for a bad, unknown or expired one.
func (s *Store) Token(ctx context.Context, token string) (*Principal, error) {
	if len(token) == sessionTokenLength {
		return s.session(ctx, token)
	}
	id, ok := ClientID(token)
	if ok {
		if t := s.state.Load().tokens[id]; t != nil && matches(t.tokenHash, token) {
			return &Principal{store: s, clientID: id}, nil
		}
	}
	return nil, errInvalidToken
}

// Login authenticates a CQL login: user "token" with an application token, a
// client id with its secret (or with the token itself), or a role with its
// password. The errors have Cassandra's texts (PasswordAuthenticator).
func (s *Store) Login(ctx context.Context, user, password string) (*Principal, error) {
	st := s.state.Load()
	if user == "token" {
		if p, err := s.Token(ctx, password); err == nil {
			return p, s.mayUseCQL(p)
		}
	}
	if t := st.tokens[user]; t != nil {
		if matches(t.secretHash, password) || matches(t.tokenHash, password) {
			p := &Principal{store: s, clientID: user}
			return p, s.mayUseCQL(p)
		}
		return nil, wrongPassword(user)
	}
	r := st.byName[user]
	if r == nil || r.saltedHash == "" {
		// Who asks must not learn from the time it takes that there is no such role.
		checkPassword(nobodysHash, password)
		return nil, wrongPassword(user)
	}
	if !checkPassword(r.saltedHash, password) {
		return nil, wrongPassword(user)
	}
	if !r.CanLogin {
		return nil, cqlerr.Newf(cqlerr.BadCredentials, "%s is not permitted to log in", user)
	}
	return &Principal{store: s, roleID: r.ID, roleName: r.Name}, nil
}

func wrongPassword(user string) error {
	return cqlerr.Newf(cqlerr.BadCredentials, "Provided username %s and/or password are incorrect", user)
}

// mayUseCQL refuses the API-only roles, which Astra gives no CQL access.
func (s *Store) mayUseCQL(p *Principal) error {
	st := s.state.Load()
	r := p.role(st)
	if r == nil {
		return cqlerr.New(cqlerr.BadCredentials, "Invalid token")
	}
	if slices.ContainsFunc(st.lineage[r.ID], (*Role).usesCQL) {
		return nil
	}
	return cqlerr.Newf(cqlerr.BadCredentials, "Role %s has no %s permission", r.Name, CQL)
}

// How passwords are kept: bcrypt as Cassandra's PasswordAuthenticator does it,
// with jBCrypt, which looks at the first 72 bytes.
const (
	bcryptRounds = 10
	bcryptBytes  = 72
	// maxBcryptRounds bounds what a HASHED PASSWORD can make a login cost.
	maxBcryptRounds = 14
)

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
