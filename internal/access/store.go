package access

import (
	"cmp"
	"context"
	"crypto/sha256"
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

// Open makes the tables if they are missing and loads them.
func Open(ctx context.Context, back backend.Backend) (*Store, error) {
	s := &Store{back: back, now: time.Now, passwords: map[uuid.UUID]time.Time{}}
	if back.Schema().Table(Keyspace, lastTable) == nil {
		for _, text := range definitions {
			if _, err := s.run(ctx, text); err != nil {
				return nil, err
			}
		}
	}
	st, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	s.state.Store(st)
	return s, nil
}

// First is what a first start made.
type First struct {
	Organization Organization
	Database     Database
	// Administrator is the secret of the first administrator token.
	Administrator Secret
}

// Bootstrap makes the organization, the database and an administrator token of
// a server that has none. It returns nil, nil when they are there already.
//
// It can be cut at any step: the database is recorded last, after the token was
// handed to keep, so a start that was killed half-way is begun anew. Tokens that
// such a start left behind were shown to nobody and are deleted.
func (s *Store) Bootstrap(ctx context.Context, name, region string, keep func(Secret) error) (*First, error) {
	if s.Database().ID != uuid.Nil {
		return nil, nil
	}
	for _, left := range s.Tokens() {
		if err := s.RevokeToken(ctx, left.ClientID); err != nil {
			return nil, err
		}
	}
	first := &First{
		Organization: Organization{ID: uuid.New(), Name: "local"},
		Database:     Database{ID: uuid.New(), Name: name, Region: region},
	}
	secret, err := s.CreateToken(ctx, OrganizationAdministrator.Name, "first administrator")
	if err != nil {
		return nil, err
	}
	first.Administrator = *secret
	if err := keep(*secret); err != nil {
		return nil, err
	}
	if err := s.insertDatabase(ctx, first.Organization, first.Database); err != nil {
		return nil, err
	}
	s.write.Lock()
	defer s.write.Unlock()
	s.publish(func(st *state) { st.organization, st.database = first.Organization, first.Database })
	return first, nil
}

// publish replaces the state by an edited copy. The caller holds s.write and
// has written the tables.
func (s *Store) publish(edit func(*state)) {
	st := s.state.Load().clone()
	edit(st)
	st.link()
	s.state.Store(st)
}

// CreateRole adds a custom role. A role of that name must not exist.
func (s *Store) CreateRole(ctx context.Context, r *Role) error {
	s.write.Lock()
	defer s.write.Unlock()
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

// RevokeToken deletes a token by its client id. From its return on no door
// accepts it.
func (s *Store) RevokeToken(ctx context.Context, clientID string) error {
	s.write.Lock()
	defer s.write.Unlock()
	if s.state.Load().tokens[clientID] == nil {
		return fmt.Errorf("token %q: %w", clientID, ErrNotFound)
	}
	if _, err := s.run(ctx, `DELETE FROM astrolabe.tokens WHERE client_id = ?`, []byte(clientID)); err != nil {
		return err
	}
	s.publish(func(st *state) { delete(st.tokens, clientID) })
	return nil
}
