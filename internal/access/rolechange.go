package access

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The changes that statements about roles make. Each writes the tables first
// and then publishes the new copy; s.write is held all the while. The errors
// are the texts of validate() in org.apache.cassandra.cql3.statements and of
// CassandraRoleManager.

// checkOptions refuses options that this server, as a default Cassandra, does
// not have (RoleOptions.validate, DCPermissions, CIDRPermissions).
func checkOptions(o *cql.RoleOptions) error {
	switch {
	case o.Options != nil:
		return cqlerr.Invalidf("org.apache.cassandra.auth.CassandraRoleManager doesn't support OPTIONS")
	case o.HashedPassword != nil:
		if err := checkHash(*o.HashedPassword); err != nil {
			return err
		}
	}
	for _, dc := range o.AccessToDCs {
		if dc != schema.Datacenter {
			return cqlerr.Invalidf("Invalid value(s) for DATACENTERS '%s',All values must be valid datacenters", bracketed(o.AccessToDCs))
		}
	}
	if len(o.AccessFromCIDR) > 0 {
		return cqlerr.Invalidf("Invalid CIDR group(s): %s. Available CIDR Groups are: []", bracketed(o.AccessFromCIDR))
	}
	return nil
}

func emptyOptions(o *cql.RoleOptions) bool {
	return o.Password == nil && o.HashedPassword == nil && o.Superuser == nil && o.Login == nil && o.Options == nil &&
		o.AccessToDCs == nil && o.AccessFromCIDR == nil
}

// bracketed writes a set of names as Java does.
func bracketed(names []string) string {
	names = slices.Compact(sorted(slices.Clone(names)))
	text := "["
	for i, name := range names {
		if i > 0 {
			text += ", "
		}
		text += name
	}
	return text + "]"
}

// apply returns r with the options of a statement.
func (r *Role) apply(o *cql.RoleOptions) (*Role, error) {
	changed := *r
	if o.Superuser != nil {
		changed.Superuser = *o.Superuser
	}
	if o.Login != nil {
		changed.CanLogin = *o.Login
	}
	switch {
	case o.HashedPassword != nil:
		changed.saltedHash = *o.HashedPassword
	case o.Password != nil:
		hash, err := hashPassword(*o.Password)
		if err != nil {
			return nil, err
		}
		changed.saltedHash = hash
	}
	return &changed, nil
}

func (s *Store) createRole(ctx context.Context, c *decision, q *cql.CreateRole) error {
	if q.Name == "" {
		return cqlerr.Invalidf("Role name can't be an empty string")
	}
	if err := checkOptions(&q.Options); err != nil {
		return err
	}
	role, err := (&Role{ID: uuid.New(), Name: q.Name}).apply(&q.Options) // hashes: before the lock
	if err != nil {
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	st := s.state.Load()
	if st.byName[q.Name] != nil || st.tokens[q.Name] != nil {
		if q.IfNotExists {
			return nil
		}
		return cqlerr.Invalidf("%s already exists", q.Name)
	}
	if err := s.writeRole(ctx, role); err != nil {
		return err
	}
	if setsPassword(&q.Options) {
		s.passwordSet(role.ID)
	}
	s.publish(func(st *state) { st.roles[role.ID] = role })
	return s.grantCreator(ctx, c, roleObject(q.Name))
}

func (s *Store) alterRole(ctx context.Context, q *cql.AlterRole) error {
	if emptyOptions(&q.Options) {
		return cqlerr.Invalidf("ALTER [ROLE|USER] can't be empty")
	}
	if err := checkOptions(&q.Options); err != nil {
		return err
	}
	role, err := s.existing(q.Name, q.IfExists, "Role %s doesn't exist")
	if role == nil {
		return err
	}
	if q.Options.AccessToDCs != nil {
		return cqlerr.Invalidf("ACCESS TO DATACENTERS operations not supported by AllowAllNetworkAuthorizer")
	}
	if q.Options.Password != nil {
		if err := s.mayChangePassword(role); err != nil {
			return err
		}
	}
	return s.change(ctx, role.ID, func(role *Role) (*Role, error) {
		changed, err := role.apply(&q.Options)
		if err == nil {
			err = s.writeRole(ctx, changed)
		}
		if err == nil && setsPassword(&q.Options) {
			s.passwordSet(role.ID)
		}
		return changed, err
	})
}

// existing finds the role of a statement: nil, nil when it may be missing.
func (s *Store) existing(name string, ifExists bool, missing string) (*Role, error) {
	role := s.state.Load().byName[name]
	switch {
	case role == nil && ifExists:
		return nil, nil
	case role == nil:
		return nil, cqlerr.Invalidf(missing, name)
	case role.BuiltIn():
		return nil, cqlerr.Invalidf("Role %s is built in and can't be changed", name)
	}
	return role, nil
}

// change replaces a role by what edit makes of it as it is now.
func (s *Store) change(ctx context.Context, id uuid.UUID, edit func(*Role) (*Role, error)) error {
	s.write.Lock()
	defer s.write.Unlock()
	role := s.state.Load().roles[id]
	if role == nil { // dropped since
		return nil
	}
	changed, err := edit(role)
	if err != nil {
		return err
	}
	s.publish(func(st *state) { st.roles[id] = changed })
	return nil
}

func (s *Store) mayChangePassword(r *Role) error {
	s.write.Lock()
	defer s.write.Unlock()
	if at, ok := s.passwords[r.ID]; ok && s.now().Sub(at) < passwordPeriod {
		return cqlerr.Newf(cqlerr.Overloaded, "Password for role %s can only be changed every %dms.", r.Name, passwordPeriod.Milliseconds())
	}
	return nil
}

// setsPassword reports whether the options change a password: a hash does, and
// need not wait itself, as in Cassandra.
func setsPassword(o *cql.RoleOptions) bool { return o.Password != nil || o.HashedPassword != nil }

// passwordSet notes when a password was set, and forgets what is long ago. The
// caller holds s.write.
func (s *Store) passwordSet(role uuid.UUID) {
	now := s.now()
	maps.DeleteFunc(s.passwords, func(_ uuid.UUID, at time.Time) bool { return now.Sub(at) >= passwordPeriod })
	s.passwords[role] = now
}

func (s *Store) dropRole(ctx context.Context, c *decision, q *cql.DropRole) error {
	if c.role != nil && c.role.Name == q.Name {
		return cqlerr.Invalidf("Cannot DROP primary role for current login")
	}
	role, err := s.existing(q.Name, q.IfExists, "%s doesn't exist")
	if role == nil {
		return err
	}
	return s.removeRole(ctx, role)
}

// removeRole deletes a role, what it was granted, and what was granted on it.
// Tokens of it are good for nothing from then on. What the deletion is cut off
// before does no harm: ids of roles are never used again.
func (s *Store) removeRole(ctx context.Context, role *Role) error {
	if err := s.revokeAll(ctx, func(o object) bool { return o == roleObject(role.Name) }); err != nil {
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	for _, text := range []string{`DELETE FROM astrolabe.roles WHERE id = ?`, `DELETE FROM astrolabe.role_permissions WHERE role = ?`} {
		if _, err := s.run(ctx, text, role.ID[:]); err != nil {
			return err
		}
	}
	identities, members := s.belonging(role)
	for _, identity := range identities {
		if err := s.deleteIdentity(ctx, identity); err != nil {
			return err
		}
	}
	for _, m := range members {
		if err := s.writeMembership(ctx, m.ID, role.ID, true); err != nil {
			return err
		}
	}
	s.publish(func(st *state) {
		delete(st.roles, role.ID)
		for _, identity := range identities {
			delete(st.identities, identity)
		}
		for _, m := range members {
			st.roles[m.ID] = m.without(role.ID)
		}
	})
	return nil
}

// belonging returns the identities of a role and the roles it was granted to.
func (s *Store) belonging(role *Role) (identities []string, members []*Role) {
	st := s.state.Load()
	for identity, name := range st.identities {
		if name == role.Name {
			identities = append(identities, identity)
		}
	}
	for _, m := range st.roles {
		if slices.Contains(m.memberOf, role.ID) {
			members = append(members, m)
		}
	}
	return identities, members
}

// without returns r without a role that was granted to it.
func (r *Role) without(id uuid.UUID) *Role {
	changed := *r
	changed.memberOf = slices.DeleteFunc(slices.Clone(r.memberOf), func(m uuid.UUID) bool { return m == id })
	return &changed
}

// grantRole grants a role to another, or revokes it.
func (s *Store) grantRole(ctx context.Context, q *cql.GrantRole) error {
	st := s.state.Load()
	role := st.byName[q.Role]
	if role == nil {
		return cqlerr.Invalidf("%s doesn't exist", q.Role)
	}
	member, err := s.existing(q.From, false, "%s doesn't exist")
	if err != nil {
		return err
	}
	direct := slices.Contains(member.memberOf, role.ID)
	switch {
	case q.Revoke && !direct:
		return cqlerr.Invalidf("%s is not a member of %s", q.From, q.Role)
	case !q.Revoke && st.granted(member, role):
		return cqlerr.Invalidf("%s is a member of %s", q.From, q.Role)
	case !q.Revoke && st.granted(role, member):
		return cqlerr.Invalidf("%s is a member of %s", q.Role, q.From)
	}
	return s.change(ctx, member.ID, func(member *Role) (*Role, error) {
		if err := s.writeMembership(ctx, member.ID, role.ID, q.Revoke); err != nil {
			return nil, err
		}
		changed := member.without(role.ID)
		if !q.Revoke {
			changed.memberOf = append(changed.memberOf, role.ID)
		}
		return changed, nil
	})
}

func (s *Store) addIdentity(ctx context.Context, q *cql.AddIdentity) error {
	s.write.Lock()
	defer s.write.Unlock()
	st := s.state.Load()
	_, exists := st.identities[q.Identity]
	switch {
	case q.Identity == "":
		return cqlerr.Invalidf("Key may not be empty")
	case st.byName[q.Role] == nil:
		return cqlerr.Invalidf("Can not add identity for non-existent role '%s'", q.Role)
	case exists && q.IfNotExists:
		return nil
	case exists:
		return cqlerr.Invalidf("%s already exists", q.Identity)
	}
	if _, err := s.run(ctx, `INSERT INTO astrolabe.identities (identity, role) VALUES (?, ?)`, []byte(q.Identity), []byte(q.Role)); err != nil {
		return err
	}
	s.publish(func(st *state) { st.identities[q.Identity] = q.Role })
	return nil
}

func (s *Store) dropIdentity(ctx context.Context, q *cql.DropIdentity) error {
	s.write.Lock()
	defer s.write.Unlock()
	if _, exists := s.state.Load().identities[q.Identity]; !exists {
		if q.IfExists {
			return nil
		}
		return cqlerr.Invalidf("identity '%s' doesn't exist", q.Identity)
	}
	if err := s.deleteIdentity(ctx, q.Identity); err != nil {
		return err
	}
	s.publish(func(st *state) { delete(st.identities, q.Identity) })
	return nil
}

func (s *Store) deleteIdentity(ctx context.Context, identity string) error {
	_, err := s.run(ctx, `DELETE FROM astrolabe.identities WHERE identity = ?`, []byte(identity))
	return err
}
