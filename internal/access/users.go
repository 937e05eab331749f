package access

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// Users are the roles that log in with a name and a password: in Astra's terms
// the members of the organization. Their own roles are those that were granted
// to them.
func (s *Store) Users() []*Role {
	return slices.DeleteFunc(s.Roles(), func(r *Role) bool { return !r.CanLogin })
}

// User finds a user by name or id.
func (s *Store) User(nameOrID string) (*Role, error) {
	r, err := s.Role(nameOrID)
	if err == nil && !r.CanLogin {
		err = fmt.Errorf("user %q: %w", nameOrID, ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// HasPassword reports whether r can log in: one without a password is invited only.
func (r *Role) HasPassword() bool { return r.saltedHash != "" }

// RolesOf returns the roles granted to r directly, by name.
func (s *Store) RolesOf(r *Role) []*Role {
	st := s.state.Load()
	var all []*Role
	for _, name := range st.names(r) {
		all = append(all, st.byName[name])
	}
	return all
}

// CreateUser makes a user with roles (by name or id); password "" lets it wait
// for one.
func (s *Store) CreateUser(ctx context.Context, name, password string, roles []string, by *Principal) (*Role, error) {
	for _, role := range roles {
		r, err := s.Role(role)
		if err != nil {
			return nil, err
		}
		if err := by.mayGive(r); err != nil {
			return nil, err
		}
	}
	login := true
	q := &cql.CreateRole{Name: name, Options: cql.RoleOptions{Login: &login}}
	if password != "" {
		q.Options.Password = &password
	}
	if err := s.catchUpAlone(ctx); err != nil {
		return nil, err
	}
	if _, err := s.Role(name); err == nil {
		return nil, fmt.Errorf("user %q %w: %w", name, ErrExists, ErrInvalid)
	}
	if err := s.createRole(ctx, &decision{state: s.state.Load(), back: s.back}, q); err != nil {
		return nil, err
	}
	if err := s.SetUserRoles(ctx, name, roles, by); err != nil {
		return nil, err
	}
	return s.User(name)
}

// SetUserRoles grants a user just these roles (by name or id).
func (s *Store) SetUserRoles(ctx context.Context, user string, roles []string, by *Principal) error {
	u, err := s.User(user)
	if err != nil {
		return err
	}
	wanted := map[uuid.UUID]*Role{}
	for _, role := range roles {
		r, err := s.Role(role)
		if err != nil {
			return err
		}
		if err := by.mayGive(r); err != nil {
			return err
		}
		wanted[r.ID] = r
	}
	if err := by.mayGive(u); err != nil {
		return err
	}
	for _, has := range s.RolesOf(u) {
		if wanted[has.ID] != nil {
			delete(wanted, has.ID)
			continue
		}
		if err := s.grantRole(ctx, &cql.GrantRole{Role: has.Name, From: u.Name, Revoke: true}); err != nil {
			return err
		}
	}
	for _, r := range wanted {
		if err := s.grantRole(ctx, &cql.GrantRole{Role: r.Name, From: u.Name}); err != nil {
			return err
		}
	}
	return nil
}

// SetPassword sets a user's password.
func (s *Store) SetPassword(ctx context.Context, user, password string, by *Principal) error {
	u, err := s.User(user)
	if err != nil {
		return err
	}
	if err := by.mayGive(u); err != nil {
		return err
	}
	return s.alterRole(ctx, &cql.AlterRole{Name: u.Name, Options: cql.RoleOptions{Password: &password}})
}
