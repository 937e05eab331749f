package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Custom roles, as the DevOps API, the console and the command line make them.

// The limits of a custom role: its name and description in bytes.
const (
	maxRoleName = 200
	maxGrants   = 1000
)

// CreateRole adds a custom role, made by the server itself. A role of that name
// must not exist.
func (s *Store) CreateRole(ctx context.Context, r *Role) error { return s.AddRole(ctx, r, nil) }

// AddRole adds a custom role that by makes, who can't give more than it has
// itself; nil for the server. The errors are ErrExists, ErrInvalid and ErrForbidden.
func (s *Store) AddRole(ctx context.Context, r *Role, by *Principal) error {
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	if err := checkCustom(r); err != nil {
		return err
	}
	if other, err := s.Role(r.Name); err == nil || s.state.Load().tokens[r.Name] != nil {
		if other == nil {
			other = r
		}
		return fmt.Errorf("role %q %w: %w", other.Name, ErrExists, ErrInvalid)
	}
	if err := by.mayGive(r); err != nil {
		return err
	}
	return s.putRole(ctx, r)
}

// ChangeRole replaces the name, description and policies of a custom role. The
// errors are those of AddRole, and ErrNotFound.
func (s *Store) ChangeRole(ctx context.Context, changed *Role, by *Principal) error {
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	role, err := s.custom(changed.ID.String())
	if err != nil {
		return err
	}
	if role.Grants == nil {
		return fmt.Errorf("role %q is one of CQL, with GRANT and REVOKE; a policy for it is %w", role.Name, ErrInvalid)
	}
	if err := checkCustom(changed); err != nil {
		return err
	}
	if role.Name != changed.Name {
		return fmt.Errorf("the name of a role can't be changed: that is %w", ErrInvalid)
	}
	now := *role
	now.Description, now.Grants = changed.Description, changed.Grants
	// Neither can somebody take from a role what they could not give it.
	for _, r := range []*Role{role, &now} {
		if err := by.mayGive(r); err != nil {
			return err
		}
	}
	return s.putRole(ctx, &now)
}

// DeleteRole deletes a role by its name or id, whoever made it. Its tokens are
// good for nothing from then on.
func (s *Store) DeleteRole(ctx context.Context, nameOrID string, by *Principal) error {
	if err := s.catchUpAlone(ctx); err != nil {
		return err
	}
	role, err := s.custom(nameOrID)
	if err != nil {
		return err
	}
	if err := by.mayGive(role); err != nil {
		return err
	}
	return s.removeRole(ctx, role)
}

// custom finds a role that can be changed.
func (s *Store) custom(nameOrID string) (*Role, error) {
	role, err := s.Role(nameOrID)
	if err != nil {
		return nil, err
	}
	if role.BuiltIn() {
		return nil, fmt.Errorf("role %q is built in; to change it is %w", role.Name, ErrInvalid)
	}
	return role, nil
}

// putRole writes a role and publishes it. The caller holds s.write.
func (s *Store) putRole(ctx context.Context, r *Role) error {
	if err := s.writeRole(ctx, r); err != nil {
		return err
	}
	s.publish(func(st *state) { st.roles[r.ID] = r })
	return nil
}

// checkCustom refuses what is no custom role.
func checkCustom(r *Role) error {
	switch {
	case strings.TrimSpace(r.Name) == "":
		return fmt.Errorf("a role without a name is %w", ErrInvalid)
	case len(r.Name) > maxRoleName:
		return fmt.Errorf("a name of %d bytes is %w: the limit is %d", len(r.Name), ErrInvalid, maxRoleName)
	case len(r.Description) > maxDescription:
		return fmt.Errorf("a description of %d bytes is %w: the limit is %d", len(r.Description), ErrInvalid, maxDescription)
	case len(r.Grants) == 0:
		return fmt.Errorf("a role without resources is %w", ErrInvalid)
	case len(r.Grants) > maxGrants:
		return fmt.Errorf("%d resources in a role are %w: the limit is %d", len(r.Grants), ErrInvalid, maxGrants)
	}
	known := Actions()
	for _, g := range r.Grants {
		for _, a := range g.Actions {
			if !slices.Contains(known, a) {
				return fmt.Errorf("the action %q is %w: it is not known", a, ErrInvalid)
			}
		}
	}
	return nil
}

// mayGive is an error when r may do anything that p may not itself: nobody can
// make tokens and roles that are more than their own. A nil p is the server.
func (p *Principal) mayGive(r *Role) error {
	if p == nil {
		return nil
	}
	st := p.store.state.Load()
	own := p.role(st)
	if own == nil {
		return fmt.Errorf("the token has been revoked: %w", ErrForbidden)
	}
	if st.superuser(own) {
		return nil
	}
	lineage := st.lineage[r.ID]
	if !slices.Contains(lineage, r) { // r is new
		lineage = append(slices.Clone(lineage), r)
	}
	for _, m := range lineage {
		if err := st.covered(own, m); err != nil {
			return err
		}
	}
	return nil
}

// covered is an error when m itself may do what own may not.
func (st *state) covered(own, m *Role) error {
	lacks := func(what string) error {
		return fmt.Errorf("role %q has %s, which yours lacks: to give it is %w", m.Name, what, ErrForbidden)
	}
	if m.Superuser {
		return lacks("everything")
	}
	for _, g := range m.Grants {
		for _, a := range g.Actions {
			if !st.may(own, a, g.Resource.Keyspace, g.Resource.Table) {
				return lacks(fmt.Sprintf("%s on %s", a, &g.Resource))
			}
		}
	}
	for o, permissions := range m.permissions {
		for _, p := range permissions.each() {
			if !st.allows(own, p, o) {
				return lacks(fmt.Sprintf("%s on %s", p, o))
			}
		}
	}
	return nil
}

// String is "keyspace", "keyspace.table", with * for all.
func (r *Resource) String() string {
	if r.Table == "" {
		return r.Keyspace
	}
	return r.Keyspace + "." + r.Table
}
