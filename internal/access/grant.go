package access

import (
	"context"
	"fmt"
	"maps"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// grant grants permissions to a role, or revokes them, and returns a warning
// about those that change nothing (GrantPermissionsStatement,
// RevokePermissionsStatement).
func (s *Store) grant(ctx context.Context, c *decision, q *cql.Grant) (warnings []string, err error) {
	o, err := qualified(&q.Resource, c.keyspace)
	if err != nil {
		return nil, err
	}
	role := c.state.byName[q.Role]
	switch {
	case role == nil:
		return nil, cqlerr.Invalidf("Role %s doesn't exist", q.Role)
	case !o.exists(c.state, s.back.Schema()):
		return nil, cqlerr.Invalidf("Resource %s doesn't exist", o)
	}
	if _, err := s.existing(q.Role, false, ""); err != nil {
		return nil, err
	}
	permissions := granted(q, o)
	if !q.Revoke && o.limited() && permissions&^(SelectPermission|AlterPermission) != 0 {
		return nil, cqlerr.Unauthorizedf("Granting permissions on system keyspaces is strictly limited, this operation is not permitted")
	}
	idle, err := s.changePermissions(ctx, role.ID, o, permissions, q.Revoke)
	if err != nil || idle == 0 {
		return nil, err
	}
	already := "was already"
	if q.Revoke {
		already = "was not"
	}
	return []string{fmt.Sprintf("Role '%s' %s granted %s on %s", q.Role, already, idle, o)}, nil
}

// limited reports that little can be granted on o: what the server keeps itself.
func (o object) limited() bool {
	return o.isData() && schema.IsSystem(o.keyspace) && !schema.IsVirtual(o.keyspace)
}

// changePermissions grants or revokes and returns the permissions for which
// there was nothing to do.
func (s *Store) changePermissions(ctx context.Context, id uuid.UUID, o object, permissions Permission, revoke bool) (idle Permission, err error) {
	err = s.change(ctx, id, func(role *Role) (*Role, error) {
		has := role.permissions[o]
		idle = permissions & has
		if revoke {
			idle = permissions &^ has
		}
		if idle == permissions {
			return role, nil
		}
		if err := s.writePermissions(ctx, id, o, permissions&^idle, revoke); err != nil {
			return nil, err
		}
		if revoke {
			return role.with(o, has&^permissions), nil
		}
		return role.with(o, has|permissions), nil
	})
	return idle, err
}

// with returns r with just these permissions on o.
func (r *Role) with(o object, permissions Permission) *Role {
	changed := *r
	changed.permissions = maps.Clone(r.permissions)
	if permissions == 0 {
		delete(changed.permissions, o)
		return &changed
	}
	if changed.permissions == nil {
		changed.permissions = map[object]Permission{}
	}
	changed.permissions[o] = permissions
	return &changed
}

// grantCreator gives who made something all permissions on it
// (CassandraAuthorizer and its callers). Roles with policies have what their
// policies say.
func (s *Store) grantCreator(ctx context.Context, c *decision, made ...object) error {
	if c.role == nil || c.role.Grants != nil {
		return nil
	}
	for _, o := range made {
		// The lock is held by those who make roles.
		has := s.state.Load().roles[c.role.ID]
		if has == nil {
			return nil
		}
		if err := s.writePermissions(ctx, has.ID, o, o.applicable(), false); err != nil {
			return err
		}
		s.publish(func(st *state) { st.roles[has.ID] = has.with(o, o.applicable()) })
	}
	return nil
}

// revokeAll takes from all roles what they were granted on the objects that
// gone tells, for they are no more (AuthSchemaChangeListener).
func (s *Store) revokeAll(ctx context.Context, gone func(object) bool) error {
	s.write.Lock()
	defer s.write.Unlock()
	st := s.state.Load()
	changed := map[uuid.UUID]*Role{}
	for id, r := range st.roles {
		for o, permissions := range r.permissions {
			if !gone(o) {
				continue
			}
			if err := s.writePermissions(ctx, id, o, permissions, true); err != nil {
				return err
			}
			if changed[id] != nil {
				r = changed[id]
			}
			changed[id] = r.with(o, 0)
		}
	}
	if len(changed) > 0 {
		s.publish(func(st *state) { maps.Copy(st.roles, changed) })
	}
	return nil
}
