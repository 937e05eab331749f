package access

import (
	"context"
	"crypto/sha256"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Session tokens are what /v1/auth gives for a name and password: a random
// UUID that stands for who logged in, until it was not used for SessionLifetime
// (Stargate's table-based tokens). They are kept, as hashes, in a table, so that
// they outlive a restart and count at every gateway of a cluster; a copy in
// memory answers for up to sessionRefresh without asking that table.

const (
	// SessionLifetime is how long a session token lasts without being used.
	SessionLifetime = 1800 * time.Second
	// sessionRefresh is how long the copy in memory is trusted, and how old the
	// table's time of last use may be.
	sessionRefresh = 60 * time.Second
	// maxSessions bounds the copies in memory; past it all are dropped, to be read
	// again when they are used.
	maxSessions = 100_000
	// sessionTokenLength is that of a UUID's text.
	sessionTokenLength = 36
)

const sessionTable = `CREATE TABLE IF NOT EXISTS astrolabe.sessions (token_hash blob PRIMARY KEY, principal text, expires timestamp)`

// sessions are the copies in memory, by the token's hash.
type sessions struct {
	mu    sync.RWMutex
	known map[[sha256.Size]byte]session
}

type session struct {
	principal string    // its Name
	checked   time.Time // against the table
}

// OpenSession logs in with a name and password (as Login) and returns a session
// token. The error of a login that fails is 0x0100. A JSON Web Token is no
// password here: a session would not end with it, nor keep to its rows.
func (d *Door) OpenSession(ctx context.Context, user, password string) (string, error) {
	p, err := d.Login(ctx, user, password)
	if err != nil {
		return "", err
	}
	if p.webToken != nil {
		return "", wrongPassword(user)
	}
	return d.store.newSession(ctx, p)
}

// OpenSessionFor returns a session token for a principal by its name alone. It
// is for callers that have found out by other means who asks. An unknown name is
// 0x0100.
func (d *Door) OpenSessionFor(ctx context.Context, name string) (string, error) {
	p := d.store.principal(name)
	if p == nil {
		return "", errInvalidToken
	}
	return d.store.newSession(ctx, p)
}

func (s *Store) newSession(ctx context.Context, p *Principal) (string, error) {
	if s.back.Schema().Table(Keyspace, "sessions") == nil {
		if _, err := s.run(ctx, sessionTable); err != nil {
			return "", err
		}
	}
	token := uuid.NewString()
	hash := sha256.Sum256([]byte(token))
	if err := s.extendSession(ctx, hash, p.Name()); err != nil {
		return "", err
	}
	return token, nil
}

// extendSession writes that a session was used now.
func (s *Store) extendSession(ctx context.Context, hash [sha256.Size]byte, principal string) error {
	now := s.now()
	_, err := s.run(ctx, `INSERT INTO astrolabe.sessions (token_hash, principal, expires) VALUES (?, ?, ?) USING TTL `+strconv.Itoa(int(SessionLifetime/time.Second)),
		hash[:], []byte(principal), timestamp(now.Add(SessionLifetime)))
	if err != nil {
		return err
	}
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	if s.sessions.known == nil || len(s.sessions.known) >= maxSessions {
		s.sessions.known = map[[sha256.Size]byte]session{}
	}
	s.sessions.known[hash] = session{principal, now}
	return nil
}

// session returns whom a session token stands for, and makes it last longer.
// The error is 0x0100 for one that is unknown or has expired.
func (s *Store) session(ctx context.Context, token string) (*Principal, error) {
	hash := sha256.Sum256([]byte(token))
	s.sessions.mu.RLock()
	known, ok := s.sessions.known[hash]
	s.sessions.mu.RUnlock()
	if ok && s.now().Sub(known.checked) < sessionRefresh {
		return s.mustPrincipal(known.principal)
	}
	if s.back.Schema().Table(Keyspace, "sessions") == nil {
		return nil, errInvalidToken
	}
	rows, err := s.run(ctx, `SELECT principal, expires FROM astrolabe.sessions WHERE token_hash = ?`, hash[:])
	if err != nil {
		return nil, err
	}
	if rows.RowCount == 0 {
		s.forgetSession(hash)
		return nil, errInvalidToken
	}
	c := rows.Cursor()
	name, expires := string(c.Next()), timeOf(c.Next())
	if !s.now().Before(expires) {
		s.forgetSession(hash)
		return nil, errInvalidToken
	}
	p, err := s.mustPrincipal(name)
	if err != nil {
		return nil, err
	}
	return p, s.extendSession(ctx, hash, name)
}

func (s *Store) forgetSession(hash [sha256.Size]byte) {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	delete(s.sessions.known, hash)
}

func (s *Store) mustPrincipal(name string) (*Principal, error) {
	if p := s.principal(name); p != nil {
		return p, nil
	}
	return nil, errInvalidToken
}

// principal returns who has a name (of Principal.Name), or nil.
func (s *Store) principal(name string) *Principal {
	st := s.state.Load()
	if t := st.tokens[name]; t != nil {
		return s.ofToken(t)
	}
	if r := st.byName[name]; r != nil && r.CanLogin {
		return &Principal{store: s, roleID: r.ID, roleName: r.Name}
	}
	return nil
}
