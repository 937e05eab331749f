package access

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

var (
	uuidSet = cqltype.NewSet(cqltype.TypeUuid, false)
	textSet = cqltype.NewSet(cqltype.TypeText, false)
)

func (s *Store) loadRoles(ctx context.Context, st *state) error {
	rows, err := s.run(ctx, `SELECT id, name, description, grants, can_login, is_superuser, salted_hash, member_of FROM astrolabe.roles`)
	if err != nil {
		return err
	}
	c := rows.Cursor()
	for range rows.RowCount {
		r := &Role{}
		if r.ID, err = uuid.FromBytes(c.Next()); err != nil {
			return fmt.Errorf("access: astrolabe.roles: %w", err)
		}
		r.Name, r.Description = string(c.Next()), string(c.Next())
		if grants := c.Next(); grants != nil {
			if err := json.Unmarshal(grants, &r.Grants); err != nil {
				return fmt.Errorf("access: grants of role %s: %w", r.Name, err)
			}
		}
		r.CanLogin, r.Superuser, r.saltedHash = isTrue(c.Next()), isTrue(c.Next()), string(c.Next())
		for it := uuidSet.Iter(c.Next()); it.Next(); {
			id, err := uuid.FromBytes(it.Elem())
			if err != nil {
				return fmt.Errorf("access: member_of of role %s: %w", r.Name, err)
			}
			r.memberOf = append(r.memberOf, id)
		}
		st.roles[r.ID] = r
	}
	return nil
}

// loadPermissions reads what GRANT gave. What a role that is gone had is passed
// over: its deletion was cut off.
func (s *Store) loadPermissions(ctx context.Context, st *state) error {
	rows, err := s.run(ctx, `SELECT role, resource, permissions FROM astrolabe.role_permissions`)
	if err != nil {
		return err
	}
	c := rows.Cursor()
	for range rows.RowCount {
		id, err := uuid.FromBytes(c.Next())
		if err != nil {
			return fmt.Errorf("access: astrolabe.role_permissions: %w", err)
		}
		o, err := parseObject(string(c.Next()))
		if err != nil {
			return fmt.Errorf("access: astrolabe.role_permissions: %w", err)
		}
		var set Permission
		for it := textSet.Iter(c.Next()); it.Next(); {
			set |= permissionOf(string(it.Elem()))
		}
		if r := st.roles[id]; r != nil && set != 0 {
			if r.permissions == nil {
				r.permissions = map[object]Permission{}
			}
			r.permissions[o] = set
		}
	}
	return nil
}

func (s *Store) loadIdentities(ctx context.Context, st *state) error {
	rows, err := s.run(ctx, `SELECT identity, role FROM astrolabe.identities`)
	if err != nil {
		return err
	}
	c := rows.Cursor()
	for range rows.RowCount {
		identity := string(c.Next())
		st.identities[identity] = string(c.Next())
	}
	return nil
}

// writeRole writes a role but for what it is a member of and its permissions.
func (s *Store) writeRole(ctx context.Context, r *Role) error {
	var grants []byte
	if r.Grants != nil {
		var err error
		if grants, err = json.Marshal(r.Grants); err != nil {
			return fmt.Errorf("access: %w", err)
		}
	}
	_, err := s.run(ctx, `INSERT INTO astrolabe.roles (id, name, description, grants, can_login, is_superuser, salted_hash) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		r.ID[:], []byte(r.Name), []byte(r.Description), grants, schema.Boolean(r.CanLogin), schema.Boolean(r.Superuser), textOrNull(r.saltedHash))
	return err
}

// writeMembership adds role to what member is a member of, or takes it out.
func (s *Store) writeMembership(ctx context.Context, member, role uuid.UUID, revoke bool) error {
	text := `UPDATE astrolabe.roles SET member_of = member_of + ? WHERE id = ?`
	if revoke {
		text = `UPDATE astrolabe.roles SET member_of = member_of - ? WHERE id = ?`
	}
	_, err := s.run(ctx, text, cqltype.AppendElement(cqltype.AppendCount(nil, 1), role[:]), member[:])
	return err
}

// writePermissions grants role permissions on o, or revokes them.
func (s *Store) writePermissions(ctx context.Context, role uuid.UUID, o object, permissions Permission, revoke bool) error {
	text := `UPDATE astrolabe.role_permissions SET permissions = permissions + ? WHERE role = ? AND resource = ?`
	if revoke {
		text = `UPDATE astrolabe.role_permissions SET permissions = permissions - ? WHERE role = ? AND resource = ?`
	}
	_, err := s.run(ctx, text, schema.TextList(sorted(permissions.names())...), role[:], []byte(o.path()))
	return err
}

// sorted returns the names in the order that sets have.
func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

func isTrue(cell []byte) bool { return len(cell) == 1 && cell[0] != 0 }

func textOrNull(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}
