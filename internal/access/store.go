package access

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
)

// The mistakes of who asks; any other error is the back end's.
var (
	// ErrNotFound: no token or role of that name.
	ErrNotFound = errors.New("not found")
	// ErrInvalid: a value that is not allowed.
	ErrInvalid = errors.New("not allowed")
)

// maxDescription bounds a token's description, in bytes.
const maxDescription = 1000

// Open makes the tables if they are missing and loads them. On a back end that
// other servers stand in front of too (backend.Topology) the tables are shared:
// see Follow.
func Open(ctx context.Context, back backend.Backend) (*Store, error) {
	s := &Store{back: back, now: time.Now, passwords: map[uuid.UUID]time.Time{}, following: make(chan struct{})}
	close(s.following) // nobody follows yet
	if topology, ok := backend.As[backend.Topology](back); ok {
		s.shared = newShared(topology)
	}
	if err := s.define(ctx); err != nil {
		return nil, err
	}
	if _, err := s.reload(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// define makes the tables that are missing.
func (s *Store) define(ctx context.Context) error {
	texts, last := definitions, lastTable
	if s.shared != nil {
		texts, last = s.shared.definitions(), lastSharedTable
	}
	if s.back.Schema().Table(Keyspace, last) == nil {
		for _, text := range texts {
			if _, err := s.run(ctx, text); err != nil {
				return err
			}
		}
	}
	if s.shared != nil {
		return s.reach(ctx)
	}
	return nil
}

// publish replaces the state by an edited copy. The caller holds s.write and
// has written the tables.
func (s *Store) publish(edit func(*state)) {
	st := s.state.Load().clone()
	edit(st)
	st.link()
	s.state.Store(st)
	s.announce()
}

// CreateRole adds a custom role. A role of that name must not exist.
func (s *Store) CreateRole(ctx context.Context, r *Role) error {
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	if _, err := s.Role(r.Name); err == nil {
		return fmt.Errorf("role %q exists already: %w", r.Name, ErrInvalid)
	}
	if err := s.writeRole(ctx, r); err != nil {
		return err
	}
	s.publish(func(st *state) { st.roles[r.ID] = r })
	return nil
}

// Role finds a role by its name or id. Names in another case are found too,
// unless a role has just that name.
func (s *Store) Role(nameOrID string) (*Role, error) {
	if r := s.state.Load().byName[nameOrID]; r != nil {
		return r, nil
	}
	for _, r := range s.state.Load().roles {
		if strings.EqualFold(r.Name, nameOrID) || r.ID.String() == strings.ToLower(nameOrID) {
			return r, nil
		}
	}
	return nil, fmt.Errorf("role %q: %w", nameOrID, ErrNotFound)
}

// Roles lists all roles by name.
func (s *Store) Roles() []*Role {
	var all []*Role
	for _, r := range s.state.Load().roles {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *Role) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// CreateToken makes an application token of a role (by name or id). The secret
// is returned once and kept nowhere.
func (s *Store) CreateToken(ctx context.Context, role, description string) (*Secret, error) {
	s.write.Lock()
	defer s.write.Unlock()
	if len(description) > maxDescription {
		return nil, fmt.Errorf("a description of %d bytes is %w: the limit is %d", len(description), ErrInvalid, maxDescription)
	}
	if err := s.catchUp(ctx); err != nil {
		return nil, err
	}
	r, err := s.Role(role)
	if err != nil {
		return nil, err
	}
	secret := newSecret()
	t := &Token{ClientID: secret.ClientID, Role: r.ID, Description: description, Created: s.now().UTC(),
		tokenHash: sha256.Sum256([]byte(secret.Token)), secretHash: sha256.Sum256([]byte(secret.ClientSecret))}
	if err := s.insertToken(ctx, t); err != nil {
		return nil, err
	}
	s.publish(func(st *state) { st.tokens[t.ClientID] = t })
	return &secret, nil
}

// Tokens lists all tokens, oldest first.
func (s *Store) Tokens() []*Token {
	var all []*Token
	for _, t := range s.state.Load().tokens {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *Token) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ClientID, b.ClientID))
	})
	return all
}

// revocationAhead is how far in the future a revocation is written, so that it
// wins over the making of the token whatever the clocks of the nodes say; a
// client id is never used again.
const revocationAhead = 24 * time.Hour

// RevokeToken deletes a token by its client id. From its return on no door of
// this server accepts it; those of other servers in front of the same back end
// within a second.
func (s *Store) RevokeToken(ctx context.Context, clientID string) error {
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	if s.state.Load().tokens[clientID] == nil {
		return fmt.Errorf("token %q: %w", clientID, ErrNotFound)
	}
	at := binary.BigEndian.AppendUint64(nil, uint64(s.now().Add(revocationAhead).UnixMicro()))
	if _, err := s.run(ctx, `DELETE FROM astrolabe.tokens USING TIMESTAMP ? WHERE client_id = ?`, at, []byte(clientID)); err != nil {
		return err
	}
	s.publish(func(st *state) { delete(st.tokens, clientID) })
	return nil
}
