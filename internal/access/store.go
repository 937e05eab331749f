package access

import (
	"cmp"
	"context"
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
	// ErrForbidden: who asks has not the permissions.
	ErrForbidden = errors.New("not permitted")
	// ErrExists: the name is taken.
	ErrExists = errors.New("exists already")
)

// maxDescription bounds a token's description, in bytes.
const maxDescription = 1000

// Open makes the tables if they are missing and loads them. On a back end that
// other servers stand in front of too (backend.Topology) the tables are shared:
// see Follow.
func Open(ctx context.Context, back backend.Backend) (*Store, error) {
	s := &Store{back: back, now: time.Now, passwords: map[uuid.UUID]time.Time{}, attempts: newAttempts(), following: make(chan struct{})}
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
	texts, last := definitions, []string{lastTable}
	if s.shared != nil {
		texts, last = s.shared.definitions(), []string{lastTable, lastSharedTable}
	}
	if slices.ContainsFunc(last, func(name string) bool { return s.back.Schema().Table(Keyspace, name) == nil }) {
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
